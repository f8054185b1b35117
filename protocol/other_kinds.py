"""Kinds of files that are known by their bytes and not taken: what to call what came, in words of an office, by its extension."""

from __future__ import annotations

import re

from . import compound

RTF = rb"{\rtf"
# Archives that nobody unpacks here.
ARCHIVES = {b"Rar!\x1a\7": ".rar", b"7z\xbc\xaf\x27\x1c": ".7z"}
_BY_START = {
    re.compile(start, re.DOTALL): extension
    for start, extension in (
        (rb"....ftyp(?:hei|hev|mif1|msf1)", ".heic"),
        (rb"....ftypavi", ".avif"),
        (rb"RIFF....WEBP", ".webp"),
        (rb"\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51", ".jp2"),
        *((re.escape(magic), extension) for magic, extension in ARCHIVES.items()),
        (re.escape(RTF), ".rtf"),
        (rb"GIF8", ".gif"),
        (rb"BM....\0{4}", ".bmp"),
    )
}
# What the older kinds of Office call their main stream.
STREAMS = {"WordDocument": ".doc", "Workbook": ".xls", "PowerPoint Document": ".ppt"}


def extension_of(content: bytes) -> str:
    """Return the extension that files like one of this `content`, its first and last bytes, have; "" where that cannot be told."""
    if content.startswith(compound.MAGIC):
        return next((each for name, each in STREAMS.items() if name.encode("utf-16-le") in content), "")
    return next((extension for start, extension in _BY_START.items() if start.match(content)), "")
