"""What a platform leaves around a PDF on its way: a byte order mark, a warning of its own, the parts of a form.

Whoever signed the PDF counted its bytes from its first one: with anything in front no signature is right any more.
"""

from __future__ import annotations

import mmap
import re

_START = b"%PDF-"
_LAST_TABLE = b"startxref"
_PLACE = re.compile(rb"startxref\s{1,9}(\d{1,12})\s")
_TABLE = re.compile(rb"\s{0,3}(?:xref\b|\d{1,10}\s\d{1,5}\sobj\b)")


def span_of_pdf(content: mmap.mmap, head: bytes) -> tuple[int, int] | None:
    """Return (start, end) of the PDF in `content` that begins within `head`, where something else was put around it.

    The PDF itself tells, by the place where its last table stands: it is counted from the start, wherever that was as it was
    written. None where it is all there is, or where that cannot be told.
    """
    start, last = head.find(_START), content.rfind(_LAST_TABLE)
    place = _PLACE.match(content, last) if start > 0 and last > start else None
    if place is None or _TABLE.match(content, int(place[1])) or not _TABLE.match(content, int(place[1]) + start):
        return None
    line = head[:start].strip().partition(b"\n")[0].rstrip()
    end = content.find(b"\n" + line, last) if line.startswith(b"--") else -1
    if end < 0:
        return start, len(content)
    return start, end - (content[end - 1 : end] == b"\r")
