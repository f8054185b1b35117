"""Where markup begins in bytes from outside, and what stands behind its end."""

from __future__ import annotations

import codecs
import re

_BOM = b"\xef\xbb\xbf"
# With its mark, or bare, as .NET turns text into bytes.
_ENCODINGS = {
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}
# What may stand in front of the root element: which elements there may be, and what stands for what.
_DOCUMENT_TYPE = re.compile(rb"<![^\[>]*(?:\[.*?\]\s*)?>", re.DOTALL)
_ANY_NAME = rb"[^\s!?/<>]{1,200}"
# The root element: its name, and a mark of its own end where it holds nothing.
_ROOT = re.compile(rb"<(" + _ANY_NAME + rb")(?:[^<>]*?(/)>)?")


def text_start(head: bytes) -> bytes:
    """Return `head` without what may stand in front of text; what is markup in UTF-16 as UTF-8."""
    if encoding := _ENCODINGS.get(head[:2]):
        # As programs for Windows write XML; anything else that begins so is no text that is wanted.
        markup = head.decode(encoding, "ignore").removeprefix("\ufeff").encode("utf-8", "ignore").lstrip()
        return markup if markup.startswith(b"<") else head
    return head.removeprefix(_BOM).lstrip()


def markup_start(head: bytes) -> bytes:
    """Return `head` without what may stand in front of the first element: declarations and comments that have their end."""
    start = text_start(head)
    while start.startswith((b"<?", b"<!--")):
        _before, end, behind = start.partition(b"-->" if start.startswith(b"<!--") else b"?>")
        if not end:
            break
        start = behind.lstrip()
    return start


def behind_root(head: bytes, tail: bytes) -> bytes | None:
    """Return what stands behind the root element of the XML that begins with `head` and ends with `tail`, save for comments.

    None where it has no end there. Where no root is seen, for what stands in front of it is long, any end will do that is the last.
    """
    start = markup_start(head)
    if kinds := _DOCUMENT_TYPE.match(start):
        start = markup_start(start[kinds.end() :])
    root = _ROOT.match(start)
    if root and root[2]:
        return markup_start(start[root.end() :])
    if encoding := _ENCODINGS.get(head[:2]):
        tail = tail.decode(encoding, "ignore").encode("utf-8", "ignore")
    name = re.escape(root[1]) if root else _ANY_NAME
    ends = [match.end() for match in re.finditer(rb"</" + name + rb"\s*>", tail)]
    behind = markup_start(tail[ends[-1] :]) if ends else None
    return behind if root or not behind else None
