"""Which bytes of a file a signature signs, judged on the bytes alone, before any library interprets them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO

_MARK = b"/ByteRange"
_BLOCK = 1024 * 1024
_LARGEST_HOLE = 4 * 1024 * 1024
_NOT_BRACKETED = "the hole in the signed range is not the signature alone"


def mentions_signature(stream: BinaryIO) -> bool:
    """Tell whether the raw bytes name a signed range anywhere."""
    stream.seek(0)
    held = b""
    while block := stream.read(_BLOCK):
        if _MARK in held + block:
            return True
        held = block[1 - len(_MARK) :]
    return False


def fault_of(stream: BinaryIO, byte_range: Sequence[object], contents: bytes) -> str:
    """Return what is wrong with a signed range, in technical words; empty when all is as it must be.

    It must start with the file, stay in it, and leave out exactly the hexadecimal text of `contents` in its brackets:
    anything else leaves bytes unsigned that a viewer may show.
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
        held = bytes.fromhex(hole[1:-1].decode("ascii"))
    except ValueError:
        return _NOT_BRACKETED
    return "" if held == contents else "the hole in the signed range holds another signature"
