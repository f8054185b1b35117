"""Whether a file shows something else than its signed bytes, whatever its lists say: as readers see it that mend files.

The signed bytes alone are a file. What stands behind them is read as such readers do, object for object, the last one
of a number counts; what comes out is compared with the signed file.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import BinaryIO

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import SuspiciousModification

from .accounting import BLANK_OR_COMMENT, HEADER, objects_behind, unlisted
from .byte_ranges import BLANKS
from .changes import POLICY
from .comparing import OF_NOTES, differs
from .faults import HOSTILE
from .numbers import HIGHEST
from .reading import open_tolerantly, revision_at

_MOST_OBJECTS, _MOST_ROOTS = 20_000, 5
_SPACE = BLANK_OR_COMMENT + rb"{0,40}"
# The key may be spelt with escapes (ISO 32000-1, 7.3.5); then a reference, or the beginning of a dictionary.
_KEY = b"/" + b"".join(b"(?:%c|#%x|#%X)" % (each, each, each) for each in b"Root")
_ROOT = re.compile(_KEY + _SPACE + rb"(?:(\d{1,10}\s{1,20}\d{1,5}\s{1,20}R)|(?=<<))")


def shows_another_file(stream: BinaryIO, end: int) -> bool:
    """Tell whether what stands behind `end`, where the signed bytes end, changes the pages in a forbidden way.

    False also where that cannot be found out.
    """
    stream.seek(0)
    content = stream.read()
    if not content[end:].strip(BLANKS):
        return False
    try:
        then = open_tolerantly(io.BytesIO(content[:end]))
        last = then.xrefs.total_revisions - 1
        pages = then.root.raw_get("/Pages")
    except HOSTILE:
        # The signed bytes are no whole file, or one that nobody can read.
        return False
    return any(_is_changed(now, last, pages) for now in _readings(content, end, then))


def _readings(content: bytes, end: int, then: PdfFileReader) -> Iterator[PdfFileReader]:
    """Yield the file as it can be read, as far as it can."""
    bodies = None
    try:
        reader = open_tolerantly(io.BytesIO(content))
        if revision_at(reader, end) == then.xrefs.total_revisions - 1:
            yield reader
        bodies = _listed_and_beside(reader, content, end)
    except HOSTILE:
        bodies = None
    # What only looks like an object, inside of one that is listed, is none.
    found = list(_bodies(content[end:])) if bodies is None else bodies
    if then.encrypted:
        return
    for root, more in _roots(content[end:], then, found):
        with contextlib.suppress(*HOSTILE):
            yield _rebuilt(content, end, then, found + more, root)


def _roots(
    text: bytes, then: PdfFileReader, bodies: list[tuple[int, bytes]]
) -> Iterator[tuple[bytes, list[tuple[int, bytes]]]]:
    """Yield (reference, objects) of what may be the catalogue behind the signed bytes; `objects` hold it where needed.

    Readers that mend files take the last catalogue that they find, or the one that the last of the lists names. The
    name may be spelt with escapes, and what stands there be the catalogue itself.
    """
    catalogues = [number for number, body in bodies if b"/Catalog" in body]
    own = then.root_ref
    known = [b"%d 0 R" % catalogues[-1] if catalogues else b"%d %d R" % (own.idnum, own.generation)] if bodies else []
    named = [b" ".join(found[1].split()) if found[1] else found.end() for found in _ROOT.finditer(text)]
    for value in dict.fromkeys(known + named[-_MOST_ROOTS:]):
        if isinstance(value, bytes):
            yield value, []
            continue
        held = io.BytesIO(text[value:])
        with contextlib.suppress(*HOSTILE):
            generic.DictionaryObject.read_from_stream(held, generic.TrailerReference(then))
            yield b"%d 0 R" % HIGHEST, [(HIGHEST, held.getvalue()[: held.tell()])]


def _is_changed(now: PdfFileReader, revision: int, before: generic.PdfObject) -> bool:
    try:
        pages = now.root.raw_get("/Pages")
    except HOSTILE:
        # Nobody shows anything of that.
        return False
    if not differs(before, pages):
        return False
    try:
        return isinstance(POLICY.review_file(now, revision), SuspiciousModification)
    except HOSTILE:
        return differs(before, pages, OF_NOTES)


def _listed_and_beside(reader: PdfFileReader, content: bytes, end: int) -> list[tuple[int, bytes]]:
    """Return the objects that the file lists behind `end` and those between them, in the order of the bytes."""
    found = [(start, *_bodies(content[start:stop], 1)) for _number, start, stop in objects_behind(reader, end)]
    for start, text in unlisted(reader, end):
        found += [(start, each) for each in _bodies(text)]
    return [body for _position, body in sorted(found, key=lambda each: each[0])]


def _bodies(text: bytes, most: int = _MOST_OBJECTS) -> Iterator[tuple[int, bytes]]:
    """Yield (number, body) of what looks like an object, each to the next one, the last to the end."""
    heads = HEADER.finditer(text)
    head = next(heads, None)
    for count in range(1, most + 1):
        if head is None:
            return
        following = next(heads, None) if count < most else None
        body = text[head.end() : following.start() if following else None]
        stop = body.rfind(b"endobj")
        yield int(head[1]), body[:stop] if stop >= 0 else body
        head = following


def _rebuilt(
    content: bytes, end: int, then: PdfFileReader, bodies: list[tuple[int, bytes]], root: bytes
) -> PdfFileReader:
    """Return a reader of the signed file with an update of `bodies`, in which `root` is the catalogue."""
    reader = _with_update(content, end, then, bodies, root)
    unpacked = []
    for number, body in bodies:
        unpacked.append((number, body))
        if b"ObjStm" in body:
            unpacked += _packed(reader.get_object(generic.Reference(number, 0, reader)))
    return _with_update(content, end, then, unpacked, root) if len(unpacked) > len(bodies) else reader


def _packed(held: generic.StreamObject) -> Iterator[tuple[int, bytes]]:
    data, first = held.data, int(held["/First"])
    numbers = list(map(int, data[:first].split()))
    places = sorted(zip(numbers[1::2], numbers[::2], strict=False))
    for (place, number), following in zip_longest(places, places[1:]):
        yield number, data[first + place : first + following[0] if following else None]


def _with_update(
    content: bytes, end: int, then: PdfFileReader, bodies: list[tuple[int, bytes]], root: bytes
) -> PdfFileReader:
    written = bytearray(content[:end] + b"\n")
    rows = {}
    for number, body in dict(bodies).items():
        rows[number] = len(written)
        written += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(written)
    written += b"xref\n0 0\n" + b"".join(b"%d 1\n%010d 00000 n \n" % row for row in rows.items())
    previous = then.xrefs.get_startxref_for_revision(then.xrefs.total_revisions - 1)
    written += b"trailer\n<</Size 9999999/Root %s/Prev %d>>\n" % (root, previous)
    written += b"startxref\n%d\n%%%%EOF\n" % start
    return open_tolerantly(io.BytesIO(written))
