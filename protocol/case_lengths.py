"""How the texts of a message are written, and how long they may be (wire §7, field practice)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

# How many characters the portal takes; real systems cut to that.
LENGTHS = {"TrichYeuHoSo": 1000, "NguoiXuLy": 50, "TenTepDinhKem": 4000, "TenGiayTo": 2000}


def shortened(key: str, words: str) -> str:
    """Return `words` as long as the portal takes them under `key`, cut between whole characters (field practice)."""
    most = LENGTHS[key]
    if len(words) <= most:
        return words
    while unicodedata.combining(words[most]):
        most -= 1
    return words[:most]


def composed(entry: object) -> object:
    """Return `entry`, anything of JSON, with the marks of letters in them.

    Some keyboards and files write them apart, and who compares names does not know them so.
    """
    if isinstance(entry, dict):
        return {key: composed(value) for key, value in entry.items()}
    if isinstance(entry, list):
        return [composed(value) for value in entry]
    return unicodedata.normalize("NFC", entry) if isinstance(entry, str) else entry


def cut_keys(texts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the keys of `texts`, pairs of key and words, under which `shortened` cuts something, each once."""
    return tuple(dict.fromkeys(key for key, words in texts if len(words) > LENGTHS[key]))
