"""What is left of a signed file whose own words about it were spoilt: its beginning, or those that tell what is signed."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import BinaryIO

from .byte_ranges import LARGEST_HOLE, RANGE, begins_as_pdf, blocks_of
from .integrity import is_another_files, names_a_digest

_VERSIONS = (*(b"%%PDF-1.%d" % minor for minor in range(8)), b"%PDF-2.0")
# The beginning of a signature (CMS) as it stands in a file.
_BEGUN = re.compile(rb"<\s{0,9}30\s{0,2}8[0-4]")
_END = re.compile(rb"%%EOF(\r\n|[\r\n])?")
_AROUND, _MOST_SIGNATURES, _MOST_ENDS = 20_000, 50, 20

Range = tuple[int, int, int, int]


def with_beginning(stream: BinaryIO) -> Iterator[BinaryIO]:
    """Yield the file in `stream`, or, where it does not begin as a PDF, what it can have been."""
    if begins_as_pdf(stream):
        yield stream
        return
    stream.seek(0)
    content = stream.read()
    yield from (io.BytesIO(version + content[len(version) :]) for version in _VERSIONS)


def has_lost_its_range(stream: BinaryIO, known: set[int] = frozenset()) -> bool:
    """Tell whether the file holds a signature beside which no range is told; `known` are the places of others."""
    return any(True for _each in _lost(stream, known))


def signed_something_else(stream: BinaryIO, known: set[int]) -> bool:
    """Tell whether such a signature is of none of the ranges that it can have signed.

    Those begin with the file, leave out the signature alone, and reach to an end of the file, the present one or one
    that it had before. The words that are missing belong to what was signed.
    """
    for place, contents in _lost(stream, known):
        ranges = list(_ranges_around(stream, *place))
        if ranges and all(is_another_files(stream, each, contents) for each in ranges):
            return True
    return False


def _lost(stream: BinaryIO, known: set[int]) -> Iterator[tuple[tuple[int, int], bytes]]:
    """Yield (place, contents) of the signatures beside which no range is told."""
    places = {start + found.start() for start, block in blocks_of(stream) for found in _BEGUN.finditer(block)}
    for start in sorted(places - known)[:_MOST_SIGNATURES]:
        stream.seek(start)
        text = stream.read(LARGEST_HOLE).partition(b">")[0]
        stop = start + len(text) + 1
        try:
            contents = bytes.fromhex(text[1:].decode("ascii"))
        except ValueError:
            continue
        if names_a_digest(contents) and not _tells_its_range(stream, start, stop):
            yield (start, stop), contents


def _tells_its_range(stream: BinaryIO, start: int, stop: int) -> bool:
    """Tell whether a range stands there; in a file that lies in another one it counts from some other place."""
    stream.seek(max(0, start - _AROUND))
    before = stream.read(min(start, _AROUND)).rpartition(b"obj")[2]
    stream.seek(stop)
    beside = before + stream.read(_AROUND).partition(b"endobj")[0]
    return any(0 < int(length) < int(after) for _zero, length, after, _rest in RANGE.findall(beside))


def _ranges_around(stream: BinaryIO, start: int, stop: int) -> Iterator[Range]:
    stream.seek(stop)
    behind = stream.read()
    ends = {len(behind)}
    for count, found in enumerate(_END.finditer(behind)):
        if count == _MOST_ENDS:
            break
        ends |= {found.end(), found.start() + len(b"%%EOF"), found.start() + len(b"%%EOF\n")}
    yield from ((0, start, stop, end) for end in sorted(ends) if end <= len(behind))
