"""Dates of papers, as people and systems write them."""

from __future__ import annotations

import re
from datetime import date

from .answers import text

_DAY_FIRST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})\b")
_YEAR_FIRST = re.compile(r"(\d{4})[/.-]?(\d{2})[/.-]?(\d{2})(?:\D|\d{6}|$)")


def paper_date(value: object) -> str:
    """Return a date from outside as yyyy-mm-dd; "" for what is none, or could be two."""
    words = text(value, 40)
    if match := _DAY_FIRST.match(words):
        day, month, year = match.groups()
    elif match := _YEAR_FIRST.match(words):
        year, month, day = match.groups()
    else:
        return ""
    try:
        return date(int(year), int(month), int(day)).isoformat()
    except ValueError:
        return ""
