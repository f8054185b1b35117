"""Which bytes of a file a signature signs, judged on the bytes alone, before any library interprets them."""

from __future__ import annotations

import operator
import os
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

_MARK = b"/ByteRange"
RANGE = re.compile(rb"/ByteRange\s{0,20}\[\s{0,20}(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s{0,80}\]")
_LONGEST = 250
_BEGINNING, _END, _END_WITHIN = b"%PDF-", b"%%EOF", 1024
_MOST_RANGES = 200
_BLOCK = _MOST_FILLING = 1024 * 1024
BLANKS = b"\0\t\n\f\r "
LARGEST_HOLE = 4 * 1024 * 1024
# A signature (CMS) as it stands in a file, and has no end there.
_BEGUN_LAST = re.compile(rb"<\s{0,9}30\s{0,2}8[0-4][0-9A-Fa-f\s\0]*")
_DIGITS = re.compile(rb"[0-9A-Fa-f\s\0]{8}\Z")
_NOT_BRACKETED = "the hole in the signed range is not the signature alone"


def mentions_signature(stream: BinaryIO) -> bool:
    """Tell whether the raw bytes name a signed range anywhere."""
    return any(_MARK in block for _start, block in blocks_of(stream))


def begins_as_pdf(stream: BinaryIO) -> bool:
    """Tell whether the file was a PDF once, one or two bytes of its beginning aside."""
    stream.seek(0)
    start = stream.read(_END_WITHIN)
    return _BEGINNING in start or sum(map(operator.eq, start, _BEGINNING)) >= len(_BEGINNING) - 2


def end_of_words(stream: BinaryIO) -> int:
    """Return where the file ends but for white space and zeros, as far as some programs and disks fill up files."""
    size = stream.seek(0, os.SEEK_END)
    start = max(0, size - _MOST_FILLING)
    stream.seek(start)
    return start + len(stream.read().rstrip(BLANKS))


def is_cut_off(stream: BinaryIO) -> bool:
    """Tell whether the file has no end, and a signature signed more than is there."""
    if ends_within_signature(stream):
        return True
    size = stream.seek(0, os.SEEK_END)
    end = end_of_words(stream)
    stream.seek(max(0, end - len(_END)))
    if stream.read(len(_END)) == _END:
        return False
    return any(start == 0 < before < after and after + rest > size for start, before, after, rest in _ranges(stream))


def ends_within_signature(stream: BinaryIO) -> bool:
    """Tell whether the file ends among the digits of a signature: of whatever it signed, something stood behind it."""
    end = end_of_words(stream)
    stream.seek(max(0, end - _LONGEST))
    if not _DIGITS.search(stream.read(min(end, _LONGEST))):
        # As nearly always.
        return False
    stream.seek(max(0, end - LARGEST_HOLE))
    return bool(_BEGUN_LAST.fullmatch(b"<" + stream.read(LARGEST_HOLE).rpartition(b"<")[2]))


def whole_ranges(stream: BinaryIO) -> list[tuple[int, ...]]:
    """Return the signed ranges in the raw bytes that stand around a signature as they must."""
    return [each for each in dict.fromkeys(_ranges(stream)) if not fault_of(stream, each)]


def contents_in(stream: BinaryIO, byte_range: Sequence[int]) -> bytes:
    """Return the signature in the hole of a range without a fault."""
    _start, before, after, _rest = byte_range
    stream.seek(before + 1)
    # A digit that is missing at the end is a zero (ISO 32000-1, 7.3.4.3).
    digits = b"".join(stream.read(after - before - 2).translate(None, b"\0").split()).decode("ascii")
    return bytes.fromhex(digits + "0" * (len(digits) % 2))


def _ranges(stream: BinaryIO) -> list[tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for start, block in blocks_of(stream):
        for match in RANGE.finditer(block):
            found[start + match.start()] = tuple(map(int, match.groups()))
            if len(found) == _MOST_RANGES:
                return list(found.values())
    return list(found.values())


def fault_of(stream: BinaryIO, byte_range: Sequence[object], contents: bytes | None = None) -> str:
    """Return what is wrong with a signed range, in technical words; empty when all is as it must be.

    It must start with the file, stay in it, and leave out exactly the hexadecimal text of `contents` in its brackets:
    anything else leaves bytes unsigned that a viewer may show. Without `contents`, any signature will do.
    """
    if len(byte_range) != 4 or not all(type(part) is not bool and isinstance(part, int) for part in byte_range):
        return "the signed range is not four numbers"
    start, before, after, rest = (int(part) for part in byte_range)
    if start != 0 or min(before, after, rest) < 0:
        return "the signed range does not start with the file"
    if after + rest > stream.seek(0, os.SEEK_END):
        return "the signed range ends behind the file"
    if not 2 <= after - before <= LARGEST_HOLE:
        return _NOT_BRACKETED
    stream.seek(before)
    hole = stream.read(after - before)
    if hole[:1] != b"<" or hole[-1:] != b">":
        return _NOT_BRACKETED
    try:
        held = contents_in(stream, tuple(map(int, byte_range)))
    except ValueError:
        return _NOT_BRACKETED
    return "" if contents is None or held == contents else "the hole in the signed range holds another signature"


def blocks_of(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (position, bytes) of the pieces of a file, which overlap by as much as a range may take."""
    stream.seek(0)
    held, position = b"", 0
    while block := stream.read(_BLOCK):
        yield position - len(held), held + block
        position += len(block)
        held = (held + block)[-_LONGEST:]
