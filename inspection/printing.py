"""One text for what a part of a PDF holds, references followed, so that two parts can be compared."""

from __future__ import annotations

import hashlib
from collections.abc import Container

from pyhanko.pdf_utils import generic

_MOST_PARTS, _MOST_DEPTH = 100_000, 60
# The way back up, and what no reader shows.
UNSEEN = frozenset({"/Parent", "/P", "/StructParent", "/StructParents", "/PieceInfo", "/Metadata", "/LastModified"})


def printed(value: object, skipped: Container[str] = UNSEEN) -> str:
    """Return a digest of `value` without the `skipped` keys.

    Raises ValueError where that is too much, and what the library raises, see `faults.HOSTILE`.
    """
    return _Printer(skipped).print(value, 0)


class _Printer:
    def __init__(self, skipped: Container[str]) -> None:
        self._skipped, self._seen, self._count = skipped, set(), 0

    def print(self, value: object, depth: int) -> str:
        self._count += 1
        if self._count > _MOST_PARTS or depth > _MOST_DEPTH:
            raise ValueError("too much to compare")
        if isinstance(value, generic.IndirectObject):
            place = f"@{value.idnum}"
            if place in self._seen:
                return place
            self._seen.add(place)
            return self.print(value.get_object(), depth + 1)
        if isinstance(value, generic.ArrayObject):
            parts = [self.print(value.raw_get(number), depth + 1) for number in range(len(value))]
        elif isinstance(value, generic.DictionaryObject):
            kept = sorted(key for key in value if key not in self._skipped)
            parts = [f"{key} {self.print(value.raw_get(key), depth + 1)}" for key in kept]
            if isinstance(value, generic.StreamObject):
                parts.append(hashlib.sha256(value.encoded_data).hexdigest())
        else:
            parts = [repr(value)]
        text = "\n".join([type(value).__name__, *parts])
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
