"""Text from outside for people to read, as it was meant where that is certain."""

from __future__ import annotations

from . import answers
from .legacy_text import repaired, start_of

# Of one letter, with its marks.
_MOST_BYTES = 4


def readable(value: object, limit: int = 300) -> str:
    """Return `value` as `answers.text` does, repaired; as it came where nobody can tell how it was meant: to who reads, that is
    better than nothing.
    """
    if isinstance(value, str):
        # Before it is cleaned: half of a letter may look like a control character.
        value = repaired(start_of(value, limit * _MOST_BYTES)) or value
    return answers.text(value, limit)
