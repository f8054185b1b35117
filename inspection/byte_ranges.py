"""Which bytes of a file a signature signs, judged on the bytes alone, before any library interprets them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import BinaryIO

_MARK = b"/ByteRange"
_RANGE = re.compile(rb"/ByteRange\s{0,20}\[\s{0,20}(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s{0,80}\]")
_LONGEST = 250
_END, _END_WITHIN = b"%%EOF", 1024
_MOST_RANGES = 200
_BLOCK = 1024 * 1024
_LARGEST_HOLE = 4 * 1024 * 1024
_NOT_BRACKETED = "the hole in the signed range is not the signature alone"


def mentions_signature(stream: BinaryIO) -> bool:
    """Tell whether the raw bytes name a signed range anywhere."""
    return any(_MARK in block for _start, block in _blocks(stream))


def is_cut_off(stream: BinaryIO) -> bool:
    """Tell whether the file has no end, and a signature signed more than is there."""
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - _END_WITHIN))
    if stream.read().rstrip().endswith(_END):
        return False
    return any(start == 0 < before < after and after + rest > size for start, before, after, rest in _ranges(stream))


def holds_signature_beside(stream: BinaryIO, known: set[tuple[int, ...]]) -> bool:
    """Tell whether the raw bytes hold a signed range around a signature that is none of the `known` ones."""
    return any(not fault_of(stream, each) for each in _ranges(stream) if each not in known)


def _ranges(stream: BinaryIO) -> list[tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {}
    for start, block in _blocks(stream):
        for match in _RANGE.finditer(block):
            found[start + match.start()] = tuple(map(int, match.groups()))
            if len(found) == _MOST_RANGES:
                return list(found.values())
    return list(found.values())


def _blocks(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield (position, bytes) of pieces that overlap by as much as a range may take."""
    stream.seek(0)
    held, position = b"", 0
    while block := stream.read(_BLOCK):
        yield position - len(held), held + block
        position += len(block)
        held = (held + block)[-_LONGEST:]


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
    if not 2 <= after - before <= _LARGEST_HOLE:
        return _NOT_BRACKETED
    stream.seek(before)
    hole = stream.read(after - before)
    if hole[:1] != b"<" or hole[-1:] != b">":
        return _NOT_BRACKETED
    try:
        digits = "".join(hole[1:-1].decode("ascii").split())
        # A digit that is missing at the end is a zero (ISO 32000-1, 7.3.4.3).
        held = bytes.fromhex(digits + "0" * (len(digits) % 2))
    except ValueError:
        return _NOT_BRACKETED
    return "" if contents is None or held == contents else "the hole in the signed range holds another signature"
