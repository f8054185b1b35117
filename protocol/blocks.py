"""A file that is searched as a whole, and never in memory as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

_BLOCK = 1024 * 1024
# A sector of a compound file: what is shorter is in one of the blocks, and each begins where a sector begins.
OVERLAP = 512


def overlapping_blocks(file: BinaryIO) -> Iterator[bytes]:
    """Yield all of `file`, about 1 MiB at a time; the last OVERLAP bytes of a block are the next one's first."""
    file.seek(0)
    block = b""
    while read := file.read(_BLOCK):
        block = block[-OVERLAP:] + read
        yield block
