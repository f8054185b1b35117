"""Names that an update adds to the resources of a page or a form, which nothing signed could draw by.

Signing tools add what their own picture needs to the resources of the form, and programs of an office give the form the
same resources as each page.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver

from .faults import HOSTILE

_KINDS = ("/XObject", "/Font")
# Where resources are held, and nothing else; and what they hold.
_AS_RESOURCES, _IN_ARRAY, _CONTENTS, _GLYPHS = {"/Resources", "/DR"}, "[]", "/Contents", "/CharProcs"
_UNREFERRED = ("/ObjStm", "/XRef")
# As signing tools name what they add: no escapes, no letters that some read otherwise.
_PLAIN = re.compile(r"/[A-Za-z0-9_.+-]{1,100}\Z")
_WORD = re.compile(rb"/([^\0-\x20()<>\[\]{}/%]{0,400})")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_PARTS = 500_000


class SharedNames:
    """Knows what the signed file draws with; it is gone through at most once, and only where something was added."""

    def __init__(self, signed: HistoricalResolver) -> None:
        self._signed = signed
        self._held: dict[generic.Reference, set[str]] = defaultdict(set)
        self._streams: list[tuple[generic.Reference, generic.StreamObject]] = []
        self._glyphs: set[generic.Reference] = set()
        self._drawn: dict[generic.Reference, set[bytes]] = {}
        self._is_known: bool | None = None

    def take_out(self, reference: generic.Reference, then: generic.PdfObject, now: generic.PdfObject) -> None:
        """Take the names out of `now` that `then` does not have, where nothing signed could mean them."""
        if type(then) is not generic.DictionaryObject or type(now) is not generic.DictionaryObject:
            return
        for kind in _KINDS:
            self._take_out_of_kind(reference, kind, then, now)
            after = now[kind] if kind in now else None
            if type(after) is not generic.DictionaryObject or not self._is_held(reference, _AS_RESOURCES):
                continue
            before = then[kind] if kind in then else generic.DictionaryObject()
            if type(before) is not generic.DictionaryObject:
                continue
            if kind in then or not self._are_unused(kind, after.keys()):
                self._take_out_of(kind, before, now.raw_get(kind))
            else:
                del now[kind]

    def _take_out_of_kind(
        self, reference: generic.Reference, kind: str, then: generic.DictionaryObject, now: generic.DictionaryObject
    ) -> None:
        added = [now[name] for name in now.keys() - then.keys()]
        # Cheap first: many dictionaries grow, and few are lists of names.
        is_list = bool(added) and all(isinstance(each, generic.DictionaryObject) for each in added)
        if is_list and self._is_held(reference, {kind}):
            self._take_out_of(kind, then, now)

    def _take_out_of(self, kind: str, then: generic.DictionaryObject, now: generic.PdfObject) -> None:
        added = now.keys() - then.keys() if type(now) is generic.DictionaryObject else set()
        if self._are_unused(kind, added):
            for name in added:
                del now[name]

    def _is_held(self, reference: generic.Reference, keys: set[str]) -> bool:
        return self._look() and bool(self._held.get(reference)) and self._held[reference] <= keys

    def _are_unused(self, kind: str, names: set[str]) -> bool:
        return self._look() and all(_PLAIN.match(name) and not self._is_used(kind, name) for name in names)

    def _is_used(self, kind: str, name: str) -> bool:
        return any(
            name[1:].encode() in self._words(reference, stream) and not self._has_own(reference, stream, kind, name)
            for reference, stream in self._streams
        )

    def _words(self, reference: generic.Reference, stream: generic.StreamObject) -> set[bytes]:
        """Return the names in `stream`, as something that draws."""
        if reference not in self._drawn:
            found = set(_WORD.findall(stream.data))
            self._drawn[reference] = found | {_ESCAPED.sub(_meant, each) for each in found if b"#" in each}
        return self._drawn[reference]

    def _has_own(self, reference: generic.Reference, stream: generic.StreamObject, kind: str, name: str) -> bool:
        """Tell whether `stream` means something of its own by `name`, in whichever way it is drawn."""
        if self._is_part(reference) or stream.get("/Subtype") != "/Form" or "/Resources" not in stream:
            return False
        own = stream["/Resources"]
        named = own[kind] if type(own) is generic.DictionaryObject and kind in own else None
        return type(named) is generic.DictionaryObject and name in named

    def _is_part(self, reference: generic.Reference) -> bool:
        """Tell whether a stream may be drawn with the resources of what it is a part of."""
        return reference in self._glyphs or bool(self._held[reference] & {_IN_ARRAY, _CONTENTS})

    def _look(self) -> bool:
        """Go through the signed file; False where it cannot be gone through."""
        if self._is_known is None:
            try:
                self._go_through()
                self._is_known = True
            except HOSTILE:
                self._is_known = False
        return self._is_known

    def _go_through(self) -> None:
        brought = self._signed.reader.xrefs.explicit_refs_in_revision
        every = set().union(*(brought(revision) for revision in range(self._signed.revision + 1)))
        waiting: list[generic.PdfObject] = [self._signed.trailer_view]
        for reference in every:
            value = self._signed(reference)
            if isinstance(value, generic.StreamObject):
                self._streams.append((reference, value))
            waiting.append(value)
        for _count in range(_MOST_PARTS):
            if not waiting:
                break
            value = waiting.pop()
            if isinstance(value, dict) and _GLYPHS in value:
                glyphs = value[_GLYPHS]
                self._glyphs |= {each.reference for _key, each in _parts(glyphs) if _is_reference(each)}
            for key, part in _parts(value):
                if _is_reference(part):
                    self._held[part.reference].add(key)
                else:
                    waiting.append(part)
        else:
            raise ValueError("too much to look through")
        self._streams = [(reference, each) for reference, each in self._streams if self._may_draw(reference, each)]

    def _may_draw(self, reference: generic.Reference, stream: generic.StreamObject) -> bool:
        if self._is_part(reference):
            return True
        is_list = stream.get("/Type") in _UNREFERRED and not self._held[reference]
        return not is_list and stream.get("/Subtype") != "/Image"


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, generic.DictionaryObject):
        yield from ((key, value.raw_get(key)) for key in value)
    elif isinstance(value, generic.ArrayObject):
        yield from ((_IN_ARRAY, value.raw_get(at)) for at in range(len(value)))


def _meant(escaped: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escaped[1].decode())


def _is_reference(value: object) -> bool:
    return isinstance(value, generic.IndirectObject)
