"""Whether a file has its end, by what each kind ends with: where a length does not tell, nothing else does."""

from __future__ import annotations

from .filenames import JPEG, PDF, PNG, XML, ZIP
from .markup import behind_root
from .zips import KINDS, behind_zip

_MARKS = {PDF: b"%%EOF", PNG: b"IEND\xaeB`\x82", JPEG: b"\xff\xd9"}
_ZIP_KINDS = (ZIP, *KINDS)
_BLANKS = b"\0 \t\r\n\f"
# Of which no more than this is looked for in vain.
_PDF_END_WITHIN = 2048
# Behind a picture of a camera may be a film.
_HAVE_THEIR_END = {PDF, PNG, XML, *_ZIP_KINDS}


def has_end(kind: str, head: bytes, tail: bytes) -> bool:
    """Tell whether a file of `kind` that begins with `head` and ends with `tail` has its end there, whatever stands behind it.

    True for a kind of which that cannot be told.
    """
    if kind == PDF:
        tail = tail[-_PDF_END_WITHIN:]
    return kind not in _HAVE_THEIR_END or _behind(kind, head, tail) is not None


def ends_with_end(kind: str, head: bytes, tail: bytes) -> bool:
    """Tell whether nothing stands behind the end of such a file; False for a kind of which that cannot be told."""
    behind = _behind(kind, head, tail)
    return behind is not None and not behind.strip(_BLANKS)


def _behind(kind: str, head: bytes, tail: bytes) -> bytes | None:
    """Return what stands behind the end of a file, None where it has none within `tail`."""
    if kind == XML:
        return behind_root(head, tail)
    if kind in _MARKS:
        _file, mark, behind = tail.rpartition(_MARKS[kind])
        return behind if mark else None
    return behind_zip(tail) if kind in _ZIP_KINDS else None
