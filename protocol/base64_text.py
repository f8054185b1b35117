"""Text in base64 made into the bytes of a file, as it stands in JSON, in XML or alone; a block at a time."""

from __future__ import annotations

import base64
import binascii
import mmap
import re
from collections.abc import Iterator
from typing import BinaryIO

from .errors import FileFault, FileNotAsClaimed

_ESCAPE = re.compile(rb"\\(?:u00([0-9a-fA-F]{2})|(.))|&#(?:1[03]|[xX]0?[aAdD]);", re.DOTALL)
LONGEST_ESCAPE = 6
_FROM_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_FROM_FORM = bytes.maketrans(b"-_ ", b"+/+")
# How long the lines are into which programs fold such a text, and what ends them, also in JSON and XML.
_FOLDS = frozenset({60, 64, 72, 76})
_BREAKS = (b"\r", b"\n", b"\t", b"\\r", b"\\n", b"\\t", b"&")
_BLOCK = 64 * 1024


def decoded_blocks(body: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    """Yield the bytes that the text from `start` to `end` means. Raises FileNotAsClaimed (CUT_OFF) where it breaks off."""
    table, left_out = (_FROM_FORM, b"\t\r\n") if _is_from_form(body, start, end) else (_FROM_URL_SAFE, b" \t\r\n")
    body.seek(start)
    left, held = end - start, b""
    while left > 0:
        block = body.read(min(_BLOCK, left))
        left -= len(block)
        text, half_escape = _split_escape(held + block) if left else (held + block, b"")
        text = _ESCAPE.sub(_unescaped, text).translate(table, left_out)
        whole = len(text) // 4 * 4 if left else len(text)
        held = text[whole:] + half_escape
        padding = b"" if left else b"=" * (-len(text) % 4)
        try:
            yield base64.b64decode(text[:whole] + padding, validate=True)
        except binascii.Error:
            raise FileNotAsClaimed(FileFault.CUT_OFF, "base64 text that breaks off") from None


def _is_from_form(body: BinaryIO, start: int, end: int) -> bool:
    """Tell whether each plus became a blank, as where a text is taken for what a form sends."""
    if start == end:
        return False
    with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as content:
        # Blanks around the text, in place of line breaks or beside them, stand for nothing.
        first = content.find(b" ", start, end) - start
        if first <= 0 or first in _FOLDS or content[end - 1] == ord(" "):
            return False
        return not any(content.find(each, start, end) >= 0 for each in (b"+", *_BREAKS))


def _split_escape(text: bytes) -> tuple[bytes, bytes]:
    """Return `text` without an escape at its end that the next block may complete, and that escape."""
    near = max(0, len(text) - LONGEST_ESCAPE)
    at = max(text.rfind(b"\\", near), text.rfind(b"&", near))
    return (text[:at], text[at:]) if at >= 0 else (text, b"")


def _unescaped(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes.fromhex(match[1].decode())
    return b"" if (match[2] or b"n") in b"nrt" else match[2]
