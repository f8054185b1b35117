"""A file of which each byte is written as a number: in a list of JSON, as libraries of Java and scripts have it, or in two digits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from .errors import FileFault, FileNotAsClaimed

LISTED = re.compile(rb"\[([0-9,\s-]{32,})\]")
HEXADECIMAL = re.compile(rb"(?<![0-9A-Za-z+/=_-])(?:0x)?([0-9A-Fa-f]{32,})(?![0-9A-Za-z+/=_-])")
_LOWEST, _BYTES = -128, 256


def listed_bytes(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes that `blocks` of text between commas tell, those of Java below zero. Raises FileNotAsClaimed (CUT_OFF)."""
    held = b""
    for block in blocks:
        text, comma, rest = (held + block).rpartition(b",")
        held = rest
        if comma:
            yield _told(text)
    if held.strip():
        yield _told(held)


def hexadecimal_bytes(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the bytes that `blocks` of digits tell, each of an even length but the last. Raises FileNotAsClaimed (CUT_OFF)."""
    for block in blocks:
        try:
            yield bytes.fromhex(block.decode())
        except ValueError:
            raise _cut_off() from None


def _told(text: bytes) -> bytes:
    try:
        numbers = [int(number) for number in text.split(b",")]
        if min(numbers) < _LOWEST:
            raise ValueError
        return bytes(number % _BYTES if number < 0 else number for number in numbers)
    except ValueError:
        raise _cut_off() from None


def _cut_off() -> FileNotAsClaimed:
    return FileNotAsClaimed(FileFault.CUT_OFF, "numbers that are no bytes")
