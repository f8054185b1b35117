"""How long the texts of a message may be (wire §7, field practice)."""

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


def cut_keys(texts: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Return the keys of `texts`, pairs of key and words, under which `shortened` cuts something, each once."""
    return tuple(dict.fromkeys(key for key, words in texts if len(words) > LENGTHS[key]))
