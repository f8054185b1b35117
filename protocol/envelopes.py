"""What a platform leaves around a PDF on its way: a byte order mark, a warning of its own, the parts of a form.

Whoever signed the PDF counted its bytes from its first one: with anything in front no signature is right any more.
"""

from __future__ import annotations

import itertools
import mmap
import os
import re
from typing import BinaryIO

_START, _END = b"%PDF-", b"%%EOF"
_LAST_TABLE = b"startxref"
_PLACE = re.compile(rb"startxref\s{1,9}(\d{1,12})\s")
_TABLE = re.compile(rb"xref\b|\d{1,10}\s\d{1,5}\sobj\b")
# Some writers count the blanks in front of it to their table.
_NEAR_TABLE = re.compile(rb"\s{0,3}(?:xref\b|\d{1,10}\s\d{1,5}\sobj\b)")
# More signatures has no paper, and each is kept.
_MOST_SIGNED = 200
_SIGNED = re.compile(rb"/ByteRange\s{0,9}\[\s{0,9}0\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})\s{1,9}(\d{1,12})")

# What a signature around a file (.p7m: CMS, RFC 5652) begins with, and what each of its signers is told with behind it: their
# digest, SHA-1 or one of NIST's, or what RSA's own standards name, MD5 and what a signer attests among it.
_SIGNED_DATA = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
_OF_SIGNERS = (
    b"\x06\x05\x2b\x0e\x03\x02\x1a",
    b"\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02",
    b"\x2a\x86\x48\x86\xf7\x0d",
)
_FRONT_WITHIN = 4096
# How far from the end of the file a PDF may end. Signers stand behind all certificates, and behind the lists of those that
# were revoked, which are long.
_ENDS_WITHIN = (64 * 1024, 1024 * 1024, 16 * 1024 * 1024)
_UPDATE = re.compile(rb"\s{0,9}\d{1,10}\s\d{1,5}\sobj\b")


def span_of_pdf(content: mmap.mmap, head: bytes) -> tuple[int, int] | None:
    """Return (start, end) of the PDF in `content` that begins within `head`, where something else was put around it.

    The PDF itself tells, by what was counted from its start, wherever that was as it was written: the ranges of its signatures,
    and the place where its last table stands. None where it is all there is, or where that cannot be told.
    """
    start, last = head.find(_START), content.rfind(_LAST_TABLE)
    place = _PLACE.match(content, last) if start > 0 and last > start else None
    if place is None or not _is_counted_from(content, start, int(place[1])):
        return None
    line = head[:start].strip().partition(b"\n")[0].rstrip()
    end = content.find(b"\n" + line, last) if line.startswith(b"--") else -1
    if end < 0:
        return start, len(content)
    return start, end - (content[end - 1 : end] == b"\r")


def is_enclosed(file: BinaryIO) -> bool:
    """Tell whether a signature lies, or lay, around the PDF in `file`.

    Where the PDF was taken out of it, its beginning is gone, and its end still stands behind the PDF.
    """
    file.seek(0)
    if _SIGNED_DATA in file.read(_FRONT_WITHIN).partition(_START)[0]:
        return True
    behind = _behind_pdf(file)
    return not _UPDATE.match(behind) and any(each in behind for each in _OF_SIGNERS)


def _behind_pdf(file: BinaryIO) -> bytes:
    """Return what stands behind the last end of a PDF in `file`, b"" where none is found."""
    size = file.seek(0, os.SEEK_END)
    for within in _ENDS_WITHIN:
        file.seek(max(0, size - within))
        _pdf, end, behind = file.read().rpartition(_END)
        if end:
            return behind
    return b""


def _is_counted_from(content: mmap.mmap, start: int, place: int) -> bool:
    """Tell whether the PDF in `content` was counted from `start`, and not from the first byte that there is now."""
    ranges = (tuple(map(int, match.groups())) for match in itertools.islice(_SIGNED.finditer(content), _MOST_SIGNED))
    signed = [(gap, rest + length) for gap, rest, length in ranges if gap < rest]
    if signed:
        # Where neither fits, nobody knows what was meant, and nothing is changed.
        return _is_signed_from(content, start, signed) and not _is_signed_from(content, 0, signed)
    for table in (_TABLE, _NEAR_TABLE):
        is_here, is_there = (bool(table.match(content, origin + place)) for origin in (0, start))
        if is_here or is_there:
            return is_there and not is_here
    return False


def _is_signed_from(content: mmap.mmap, origin: int, signed: list[tuple[int, int]]) -> bool:
    """Tell whether a signature begins in the gap of one of the ranges `signed`, (gap, end), counted from `origin`."""
    return any(content[origin + gap : origin + gap + 1] == b"<" and origin + end <= len(content) for gap, end in signed)
