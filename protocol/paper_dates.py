"""Dates of papers, as people and systems write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from .answers import text
from .office_time import OFFICE_TIME

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-]?(\d{2})[/.-]?(\d{2})(?:\D|\d{6}|$)")
# A moment with its zone, the seconds as exact as may be.
_MOMENT = re.compile(
    r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)? ?(Z|[+-]\d{2}:?\d{2})", re.ASCII
)
# Milliseconds since 1970: bare, 2001 and later, where nothing else has 13 digits; and as older .NET writes them.
_MILLISECONDS = re.compile(r"([1-9]\d{12})|\\?/Date\((-?\d{1,14})(?:[+-]\d{4})?\)\\?/", re.ASCII)
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# What platforms and databases write for no date at all: of the years 1, 1753 and 1900.
_FIRST = date(1900, 1, 2)


def paper_date(value: object) -> str:
    """Return a date from outside as yyyy-mm-dd in Vietnam; "" for what is none, or could be two."""
    words = text(value, 40)
    try:
        day = _day_of_moment(words) or _day_written(words)
    except (ValueError, OverflowError):
        return ""
    return day.isoformat() if day and day >= _FIRST else ""


def _day_of_moment(words: str) -> date | None:
    """Return the day in Vietnam of a moment that is certain, which elsewhere may still be the day before."""
    if match := _MILLISECONDS.fullmatch(words):
        moment = _EPOCH + timedelta(milliseconds=int(match[1] or match[2]))
    elif match := _MOMENT.fullmatch(words):
        day, minute, second, zone = match.groups()
        zone = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[-2:]}"
        moment = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}{zone}")
    else:
        return None
    return moment.astimezone(OFFICE_TIME).date()


def _day_written(words: str) -> date | None:
    if match := _DAY_FIRST.match(words):
        day, month, year = match.groups()
    elif match := _YEAR_FIRST.match(words):
        year, month, day = match.groups()
    else:
        return None
    return date(int(year), int(month), int(day))
