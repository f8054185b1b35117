"""Dates of papers, as people and systems write them."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta, timezone

from .answers import text, without_marks
from .office_time import OFFICE_TIME

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-]?(\d{2})[/.-]?(\d{2})(?:\D|\d{6}|$)")
_YEAR_FIRST_APART = re.compile(r"(\d{4})[/.-](\d{1,2})[/.-](\d{1,2})(?!\d)")
# As papers print it: "Ngày 5 tháng 6 năm 2024".
_IN_WORDS = re.compile(r"(\d{1,2}) thang (\d{1,2}),? nam (\d{4})\b")
# What may stand in front of the day: its word, and the time, as "08:30 25/12/2024" has it.
_BEFORE_DAY = re.compile(r"(?:\d{1,2}(?::| ?h| gio )\d{2}(?::\d{2}| phut)?,? )?(?:ngay )?")
# A moment with its zone, the seconds as exact as may be; none is the end of a day, by which the day itself is meant.
_MOMENT = re.compile(
    r"(\d{4}-\d{1,2}-\d{1,2})[T ](?!23:59|24:00)(\d{2}:\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)? ?(Z|[+-]\d{2}(?::?\d{2})?)",
    re.ASCII,
)
# Milliseconds since 1970: bare, 2001 and later, where nothing else has 13 digits; and as older .NET writes them.
_MILLISECONDS = re.compile(r"([1-9]\d{12})|\\?/Date\((-?\d{1,14})(?:[+-]\d{4})?\)\\?/", re.ASCII)
_END_OF_DAY = 23, 59
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# What platforms and databases write for no date at all, some of them at midnight of the local time of before 1906; and years
# that are none, as 1 and 24.
_FILLERS = frozenset(
    map(date.fromisoformat, ("1601-01-01", "1752-12-31", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01"))
)
_FIRST_YEAR = 1000


def paper_date(value: object) -> str:
    """Return a date from outside as yyyy-mm-dd in Vietnam; "" for what is none, or could be two."""
    words = text(value, 60)
    try:
        day = _day_of_moment(words) or _day_written(words)
    except (ValueError, OverflowError):
        return ""
    return day.isoformat() if day and day.year >= _FIRST_YEAR and day not in _FILLERS else ""


def _day_of_moment(words: str) -> date | None:
    """Return the day in Vietnam of a moment that is certain, which elsewhere may still be the day before."""
    if match := _MILLISECONDS.fullmatch(words):
        moment = _EPOCH + timedelta(milliseconds=int(match[1] or match[2]))
        if (moment.hour, moment.minute) == _END_OF_DAY:
            return moment.date()
    elif match := _MOMENT.fullmatch(words):
        day, minute, second, zone = match.groups()
        day = "-".join(part.zfill(2) for part in day.split("-"))
        zone = "+00:00" if zone == "Z" else f"{zone[:3]}:{zone[3:].lstrip(':') or '00'}"
        moment = datetime.fromisoformat(f"{day}T{minute}:{second or '00'}{zone}")
    else:
        return None
    return moment.astimezone(OFFICE_TIME).date()


def _day_written(words: str) -> date | None:
    words = without_marks(words)
    words = words[_BEFORE_DAY.match(words).end() :]
    if match := _DAY_FIRST.match(words) or _IN_WORDS.match(words):
        day, month, year = match.groups()
    elif match := _YEAR_FIRST.match(words) or _YEAR_FIRST_APART.match(words):
        year, month, day = match.groups()
    else:
        return None
    return date(int(year), int(month), int(day))
