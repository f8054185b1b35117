"""What kind of document a zip is, by its ends, and whether it wants a password."""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from .filenames import ASICE, ASICS, DOCX, XLSX, ZIP

# The header of the first member, as far as it is wanted: magic, flags, method, length of name and of extra.
_MEMBER = struct.Struct("<4s2xHH16xHH")
# An entry of the directory at the end: its flags, the lengths of its name, of extra and of its comment, its name behind them.
_ENTRY = struct.Struct("<8xH18xHHH12x")
_ENTRY_START = b"PK\x01\x02"
# What stands behind the directory: its size, and how long a comment follows.
END, _SIZE, _COMMENT = b"PK\x05\x06", struct.Struct("<12xI"), struct.Struct("<20xH")
STARTS = (b"PK\x03\x04", END)
_ENCRYPTED_FLAG = 1
_ASIC_STARTS = (ASICE.encode(), ASICS.encode())  # of one length
KINDS = (DOCX, XLSX, ASICE, ASICS)
_DOCUMENT, _WORKBOOK = b"word/document", b"xl/workbook"
_SIGNATURES = re.compile(rb"META-INF/[^/]{0,100}signature[^/]{0,100}\.(?:xml|p7s)", re.IGNORECASE)


class _Member(NamedTuple):
    """The first member of a zip: general purpose `flags`, and its name with the first bytes of what it holds."""

    flags: int
    is_stored: bool
    name: bytes
    start: bytes


def kind_of_zip(head: bytes, tail: bytes, claimed: str | None = None) -> str:
    """Return the mimetype of a zip that begins with `head` and ends with `tail`; its name may claim a kind."""
    member, names = _first_member(head), _names(tail)
    if member and member.is_stored and member.name == b"mimetype":
        if member.start in _ASIC_STARTS:
            return member.start.decode()
    elif claimed in (ASICE, ASICS) and any(map(_SIGNATURES.fullmatch, names or ())):
        # What kind it is stands there as a rule, and need not (ETSI EN 319 162-1).
        return claimed
    if names is None:
        # Names stand bare in front of each member, too.
        content = head + tail
        names = [name for name in (_DOCUMENT, _WORKBOOK) if name in content]
    if any(name.startswith(_DOCUMENT) for name in names):
        return DOCX
    return XLSX if any(name.startswith(_WORKBOOK) for name in names) else ZIP


def is_encrypted_zip(head: bytes, tail: bytes = b"") -> bool:
    """Tell whether a file that begins with `head` and ends with `tail` is a zip of which a member wants a password.

    Looks at the first member, and at those whose entries of the directory stand in `tail`.
    """
    member = _first_member(head)
    if member is None:
        return False
    entries = (tail[match.start() :][: _ENTRY.size] for match in re.finditer(_ENTRY_START, tail))
    flags = (_ENTRY.unpack(entry)[0] for entry in entries if len(entry) == _ENTRY.size)
    return any(found & _ENCRYPTED_FLAG for found in (member.flags, *flags))


def behind_zip(tail: bytes) -> bytes | None:
    """Return what stands behind the end of a zip that ends with `tail`, None where its end is not there."""
    at = tail.rfind(END)
    if at < 0 or at + _COMMENT.size > len(tail):
        return None
    end = at + _COMMENT.size + _COMMENT.unpack_from(tail, at)[0]
    return tail[end:] if end <= len(tail) else None


def _first_member(head: bytes) -> _Member | None:
    if len(head) < _MEMBER.size or not head.startswith(STARTS[0]):
        return None
    _magic, flags, method, name_length, extra_length = _MEMBER.unpack_from(head)
    name_end = _MEMBER.size + name_length
    start = head[name_end + extra_length :][: len(ASICE)]
    return _Member(flags, method == 0, head[_MEMBER.size : name_end], start)


def _names(tail: bytes) -> list[bytes] | None:
    """Return the names in the directory at the end, None where it is not there as a whole: a zip may hold other documents."""
    end = tail.rfind(END)
    if end < 0 or len(tail) < end + _SIZE.size:
        return None
    start = at = end - _SIZE.unpack_from(tail, end)[0]
    if start < 0:
        return None
    names = []
    while tail.startswith(_ENTRY_START, at) and at + _ENTRY.size <= end:
        _flags, name_length, extra_length, comment_length = _ENTRY.unpack_from(tail, at)
        names.append(tail[at + _ENTRY.size :][:name_length].lstrip(b"/"))
        at += _ENTRY.size + name_length + extra_length + comment_length
    return names if at == end else None
