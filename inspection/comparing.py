"""Whether two readings of a file show other pages, part for part, as far as the parts can be read."""

from __future__ import annotations

from collections.abc import Container, Iterable

from pyhanko.pdf_utils import generic

from .faults import HOSTILE
from .printing import UNSEEN

_MOST_PARTS = 300_000
# What forms and notes add to a page; whether they may is not said here.
OF_NOTES = UNSEEN | {"/Annots"}

_Pair = tuple[object, object]


def differs(then: object, now: object, skipped: Container[str] = UNSEEN) -> bool:
    """Tell whether `now` holds something else than `then`, references followed, but for the `skipped` keys.

    A part that could be read then, and cannot any more, is another one. Of a picture nobody knows what it shows in such
    a state: it counts as the same, like all that could not be read even then, or is too much to compare.
    """
    waiting: list[_Pair] = [(then, now)]
    seen: set[tuple[tuple[int, int], ...]] = set()
    for _count in range(_MOST_PARTS):
        if not waiting:
            return False
        pair = waiting.pop()
        names = tuple((each.idnum, each.generation) for each in pair if isinstance(each, generic.IndirectObject))
        if len(names) == 2:
            if names in seen:
                continue
            seen.add(names)
        try:
            before = _resolved(pair[0])
        except HOSTILE:
            continue
        try:
            after = _resolved(pair[1])
            inner = _inner(before, after, skipped)
        except HOSTILE:
            if _is_picture(before):
                continue
            return True
        if inner is None:
            return True
        waiting.extend(inner)
    return False


def _resolved(value: object) -> object:
    return value.get_object() if isinstance(value, generic.IndirectObject) else value


def _is_picture(value: object) -> bool:
    return isinstance(value, generic.StreamObject) and "/Subtype" in value


def _inner(before: object, after: object, skipped: Container[str]) -> Iterable[_Pair] | None:
    """Return what the two hold, in pairs; None where they differ by themselves."""
    if type(before) is not type(after):
        return None
    if isinstance(before, generic.ArrayObject):
        places = range(len(before))
        return [(before.raw_get(at), after.raw_get(at)) for at in places] if len(before) == len(after) else None
    if isinstance(before, generic.DictionaryObject):
        if isinstance(before, generic.StreamObject) and before.encoded_data != after.encoded_data:
            return None
        keys, now = ({key for key in each if key not in skipped} for each in (before, after))
        return [(before.raw_get(key), after.raw_get(key)) for key in keys] if keys == now else None
    return () if before == after else None
