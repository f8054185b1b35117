"""What a compound file holds: the form of the older documents of Office, and of those that want a password (MS-CFB)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from .blocks import OVERLAP, overlapping_blocks

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACROS, EMBEDDED_FILES, REMOTE_LINK, ENCRYPTED = "macros", "embedded_files", "remote_link", "encrypted"
LAUNCH = "launch"
# An entry of the directory: a name of 64 bytes, its length, what it is, and more. All begin at multiples of their size, so that
# all are found wherever the directory lies, without the ways to it, which whoever made the file may have spoilt.
_ENTRY, _NAME = 128, 64
# What Word and Excel keep macros in, a file that somebody dropped into a document, a document encrypted as a whole.
_ENTRIES = {
    "_VBA_PROJECT": MACROS,
    "_VBA_PROJECT_CUR": MACROS,
    "Macros": MACROS,
    "\x01Ole10Native": EMBEDDED_FILES,
    "EncryptedPackage": ENCRYPTED,
}
# The sheet of a workbook that is a macro of before VBA: the length, the place, the state, the kind and the name.
_SHEET = re.compile(rb"\x85\0(?=(.)\0.{4}[\0-\2]\x01(.)([\0\1]))", re.DOTALL)
# Slides of before 2007 that say that they have macros (MS-PPT, 2.4.10): those lie packed among them, and under no name.
_SLIDES = re.compile(
    re.escape(bytes.fromhex("1f00ff0314000000020000040c000000")) + rb".{4}\x01\x00{3}\x02\x00{3}", re.DOTALL
)
# How the text of Word begins, whatever its version, and where it says that it wants a password.
_WORD = re.compile(rb"\xec\xa5[\xc0-\xc2]\0(?=.{7}(.))", re.DOTALL)


def contents_of(file: BinaryIO) -> set[str]:
    """Return which of MACROS, EMBEDDED_FILES and ENCRYPTED are in the compound `file`."""
    return {kind for block in overlapping_blocks(file) for kind in _in_block(block)}


def _in_block(block: bytes) -> Iterator[str]:
    for pattern, kind in _NAMED:
        if any(match.start() % _ENTRY == 0 for match in pattern.finditer(block)):
            yield kind
    if any(length[0] == 8 + size[0] * (1 + wide[0]) for length, size, wide in _SHEET.findall(block)):
        yield MACROS
    if _SLIDES.search(block):
        yield MACROS
    if any(match.start() % OVERLAP == 0 and match[1][0] & 1 for match in _WORD.finditer(block)):
        yield ENCRYPTED


def _named(name: str) -> re.Pattern[bytes]:
    """Return what the entry of a stream, or of a storage, of this name looks like."""
    raw = name.encode("utf-16-le") + b"\0\0"
    rest = rb".{%d}%s[\1\2]" % (_NAME - len(raw), re.escape(len(raw).to_bytes(2, "little")))
    return re.compile(re.escape(raw) + b"(?=" + rest + b")", re.DOTALL)


_NAMED = tuple((_named(name), kind) for name, kind in _ENTRIES.items())
