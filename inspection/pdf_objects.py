"""The objects of a PDF: found where its list misses them, and searched where nobody walks through them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pypdf import PdfReader
from pypdf.generic import IndirectObject, PdfObject, StreamObject

from .byte_ranges import blocks_of

_OBJECT = re.compile(rb"(?<![0-9])([0-9]{1,10})[\0\s]{1,9}([0-9]{1,5})[\0\s]{1,9}obj")
# In a picture such bytes are met by chance: once in some megabytes, and nothing is lost by that.
_HAS_ESCAPED = re.compile(rb"/[A-Za-z0-9]{0,20}#[0-9A-Fa-f]{2}")
_ESCAPED = re.compile(rb"#([0-9A-Fa-f]{2})")


class Reader(PdfReader):
    """Looks at most once for objects that are not where the list of the file has them, or that it does not list.

    The library goes through the whole file for each, and a page with links to pages that were taken out has many.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._places: dict[tuple[int, int], int] | None = None
        self._is_open = False
        super().__init__(stream)
        self._is_open = True

    def get_object(self, indirect_reference: int | IndirectObject) -> PdfObject | None:
        """Return the object, None where there is none."""
        reference = indirect_reference
        if isinstance(reference, int):
            reference = IndirectObject(reference, 0, self)
        if self._is_open and not self._lists(reference.idnum, reference.generation):
            reference = self._found(reference)
        return super().get_object(reference) if reference else None

    def _lists(self, number: int, generation: int) -> bool:
        return number in self.xref.get(generation, ()) or (generation == 0 and number in self.xref_objStm)

    def _found(self, reference: IndirectObject) -> IndirectObject | None:
        """Return `reference` as it leads somewhere, None where it does not."""
        number = reference.idnum
        for generation in (0, *self.xref):
            if self._lists(number, generation):
                # Browsers do not look at the generation.
                return IndirectObject(number, generation, self)
        if self._places is None:
            self._places = {
                (int(found[1]), int(found[2])): start + found.start()
                for start, block in blocks_of(self.stream)
                for found in _OBJECT.finditer(block)
                # What begins with the piece began before it.
                if found.start() or not start
            }
        place = self._places.get((number, reference.generation))
        if place is None:
            return None
        self.xref.setdefault(reference.generation, {})[number] = place
        return reference


def searched(reader: Reader, pattern: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """Yield what `pattern` finds in the bytes of the file and in its streams of objects, reached or not.

    A pattern must be too long to be met by chance in a picture, and shorter than what the blocks of a file overlap by.
    """
    for _start, block in blocks_of(reader.stream):
        yield from pattern.finditer(_plain(block))
    for number in sorted({number for number, _index in reader.xref_objStm.values()}):
        held = reader.get_object(number)
        if isinstance(held, StreamObject):
            yield from pattern.finditer(_plain(held.get_data()))
            # Kept by the library else, as it was and as it is read.
            reader.resolved_objects.pop((0, number), None)


def _plain(text: bytes) -> bytes:
    """Return `text` with its names as they are meant: /J#53 is /JS."""
    if not _HAS_ESCAPED.search(text):
        return text
    return _ESCAPED.sub(lambda found: bytes.fromhex(found[1].decode()), text)
