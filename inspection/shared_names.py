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

_KINDS = _PICTURES, _FONTS = "/XObject", "/Font"
# Where resources are held, and nothing else; and what they hold.
_AS_RESOURCES, _IN_ARRAY, _CONTENTS, _GLYPHS = {"/Resources", "/DR"}, "[]", "/Contents", "/CharProcs"
_DRAWN_BY, _DRAWN_IN = {"/N", "/R", "/D", "/G", "/I", "/RI", "/IX"}, {"/N", "/R", "/D", "/Pattern"}
_SIMPLE_FONTS, _WIDE = ("/Type1", "/MMType1", "/TrueType"), ("/Identity-H", "/Identity-V")
_UNREFERRED = ("/ObjStm", "/XRef")
# As signing tools name what they add: no escapes, no letters that some read otherwise.
_PLAIN = re.compile(r"/[A-Za-z0-9_.+-]{1,100}\Z")
_WORD = re.compile(rb"/([^\0-\x20()<>\[\]{}/%]{0,400})")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")
_MOST_PARTS = 500_000

# By which key, and in what: an object, or what stands in one by that other key.
_Place = tuple[str, generic.Reference | str]


class SharedNames:
    """Knows what the signed file draws with; it is gone through at most once, and only where something was added."""

    def __init__(self, signed: HistoricalResolver) -> None:
        self._signed = signed
        self._held: dict[generic.Reference, set[_Place]] = defaultdict(set)
        self._streams: list[tuple[generic.Reference, generic.StreamObject]] = []
        self._glyphs: set[generic.Reference] = set()
        self._drawn: dict[bytes, list[tuple[generic.Reference, generic.StreamObject]]] | None = None
        self._is_known: bool | None = None

    def take_out(self, reference: generic.Reference, then: generic.PdfObject, now: generic.PdfObject) -> None:
        """Take the names out of `now` that `then` does not have, where nothing signed could mean them."""
        if type(then) is not generic.DictionaryObject or type(now) is not generic.DictionaryObject:
            return
        for kind in _KINDS:
            self._take_out_of_kind(reference, kind, then, now)
            after = now[kind] if kind in now else None
            if type(after) is not generic.DictionaryObject or not self.is_held(reference, _AS_RESOURCES):
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
        if is_list and self._is_list(reference, kind):
            self._take_out_of(kind, then, now)

    def _take_out_of(self, kind: str, then: generic.DictionaryObject, now: generic.PdfObject) -> None:
        added = now.keys() - then.keys() if type(now) is generic.DictionaryObject else set()
        if self._are_unused(kind, added):
            for name in added:
                del now[name]

    def is_held(self, reference: generic.Reference, keys: set[str]) -> bool:
        """Tell whether the signed file holds the object by `keys`, and by nothing else."""
        return (
            self._look() and bool(self._held.get(reference)) and all(key in keys for key, _in in self._held[reference])
        )

    def _is_list(self, reference: generic.Reference, kind: str) -> bool:
        """Tell whether the object is the `kind` of some resources, and no font or picture that is called so."""
        return self.is_held(reference, {kind}) and all(
            holder in _AS_RESOURCES if isinstance(holder, str) else self.is_held(holder, _AS_RESOURCES)
            for _key, holder in self._held[reference]
        )

    def _are_unused(self, kind: str, names: set[str]) -> bool:
        return self._look() and all(_PLAIN.match(name) and not self._is_used(kind, name) for name in names)

    def _is_used(self, kind: str, name: str) -> bool:
        if self._drawn is None:
            self._drawn = defaultdict(list)
            for drawing in self._streams:
                for word in _words(drawing[1].data) if self._may_draw(*drawing) else ():
                    self._drawn[word].append(drawing)
        return any(not self._has_own(*drawing, kind, name) for drawing in self._drawn.get(name[1:].encode(), ()))

    def _has_own(self, reference: generic.Reference, stream: generic.StreamObject, kind: str, name: str) -> bool:
        """Tell whether `stream` means something of its own by `name`, in whichever way it is drawn."""
        if self._is_part(reference) or stream.get("/Subtype") != "/Form" or "/Resources" not in stream:
            return False
        own = stream["/Resources"]
        named = own[kind] if type(own) is generic.DictionaryObject and kind in own else None
        meant = named[name] if type(named) is generic.DictionaryObject and name in named else None
        # For what means nothing, or is no font that they can read, some readers look further.
        return isinstance(meant, generic.DictionaryObject) and (kind != _FONTS or _is_font(meant))

    def _is_part(self, reference: generic.Reference) -> bool:
        """Tell whether a stream may be drawn with the resources of what it is a part of."""
        return reference in self._glyphs or any(key in (_IN_ARRAY, _CONTENTS) for key, _in in self._held[reference])

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
        waiting: list[tuple[generic.PdfObject, generic.Reference | str]] = [(self._signed.trailer_view, "")]
        for reference in every:
            value = self._signed(reference)
            if isinstance(value, generic.StreamObject):
                self._streams.append((reference, value))
            waiting.append((value, reference))
        for _count in range(_MOST_PARTS):
            if not waiting:
                break
            value, holder = waiting.pop()
            if isinstance(value, dict) and _GLYPHS in value:
                glyphs = value[_GLYPHS]
                self._glyphs |= {each.reference for _key, each in _parts(glyphs) if _is_reference(each)}
            for key, part in _parts(value):
                if _is_reference(part):
                    self._held[part.reference].add((key, holder))
                else:
                    waiting.append((part, key))
        else:
            raise ValueError("too much to look through")

    def _may_draw(self, reference: generic.Reference, stream: generic.StreamObject) -> bool:
        if self._is_part(reference):
            return True
        is_list = stream.get("/Type") in _UNREFERRED and not self._held[reference]
        return not is_list and (stream.get("/Subtype") != "/Image" or self._is_drawn(reference))

    def _is_drawn(self, reference: generic.Reference) -> bool:
        """Tell whether it is a pattern, or what a note looks like, whatever it says that it is."""
        for key, holder in self._held[reference]:
            around = {holder} if isinstance(holder, str) else {each for each, _in in self._held.get(holder, ())}
            if around != {_PICTURES} and (key in _DRAWN_BY or around & _DRAWN_IN):
                return True
        return False


def _parts(value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, generic.DictionaryObject):
        yield from ((key, value.raw_get(key)) for key in value)
    elif isinstance(value, generic.ArrayObject):
        yield from ((_IN_ARRAY, value.raw_get(at)) for at in range(len(value)))


def _is_font(value: generic.DictionaryObject) -> bool:
    if value.get("/Subtype") in _SIMPLE_FONTS:
        return True
    inner = value["/DescendantFonts"] if "/DescendantFonts" in value else None
    is_wide = (
        value.get("/Subtype") == "/Type0" and value.get("/Encoding") in _WIDE and isinstance(inner, generic.ArrayObject)
    )
    return is_wide and len(inner) == 1 and type(inner[0]) is generic.DictionaryObject and "/CIDSystemInfo" in inner[0]


def _words(drawing: bytes) -> set[bytes]:
    """Return the names in `drawing`, in each way of reading them: for some, a name ends with a zero in it."""
    found = set(_WORD.findall(drawing))
    meant = {_ESCAPED.sub(_meant, each) for each in found if b"#" in each}
    return found | meant | {each.split(b"\0")[0] for each in meant}


def _meant(escaped: re.Match[bytes]) -> bytes:
    return bytes.fromhex(escaped[1].decode())


def _is_reference(value: object) -> bool:
    return isinstance(value, generic.IndirectObject)
