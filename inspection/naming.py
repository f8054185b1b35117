"""Whom a paper names beside its owner, in the paper's own letters: for the eyes of who has to decide about it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from .identity import MOST_CHARACTERS, comparable, may_be_same, owner_words
from .labels import LabelledName, Role, folded, labelled

MOST_NAMES = 5
_MOST_LETTERS = 80
_WORD = re.compile(r"[^\W_]+")


def others_named(owner_name: str, owner_number: str, texts: Iterable[str | None]) -> tuple[str, ...]:
    """Return the names that `texts` label as those of people or organisations other than the owner, each once, in order.

    As `identity.find_owner` reads them: holders and their family, no officials; of each text the first MOST_CHARACTERS, at
    most MOST_NAMES names. Never raises for what a text holds.
    """
    owner = owner_words(owner_name, owner_number)
    found: dict[tuple[str, ...], str] = {}
    for text in texts:
        if not text:
            continue
        text = text[:MOST_CHARACTERS]
        for name in labelled(folded(text)):
            if not isinstance(name, LabelledName) or name.role is Role.OTHER or name.words in found:
                continue
            if owner and may_be_same(owner, comparable(name.words, is_organisation=name.is_organisation)):
                continue
            found[name.words] = _as_written(name.words, text)
            if len(found) == MOST_NAMES:
                return tuple(found.values())
    return tuple(found.values())


def _as_written(words: tuple[str, ...], text: str) -> str:
    """Return the first place of `text` that says these folded `words`, as it says them; in capitals where none is found."""
    written = _WORD.findall(unicodedata.normalize("NFC", text))
    plain = [folded(word).strip() for word in written]
    for start, word in enumerate(plain):
        if word == words[0] and tuple(plain[start : start + len(words)]) == words:
            return " ".join(written[start : start + len(words)])[:_MOST_LETTERS]
    return " ".join(words).upper()[:_MOST_LETTERS]
