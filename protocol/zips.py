"""What kind of document a zip is, by its ends, whether it wants a password, and whether it holds macros."""

from __future__ import annotations

import html
import os
import re
import struct
import zlib
from typing import BinaryIO, NamedTuple

from .filenames import ASICE, ASICS, DOCX, XLSX, ZIP

# The header of the first member, as far as it is wanted: magic, flags, method, length of name and of extra.
_MEMBER = struct.Struct("<4s2xHH16xHH")
# An entry of the directory at the end: its flags, method and size, the lengths of its name, of extra and of its comment, and
# where the member stands; its name behind them.
_ENTRY = struct.Struct("<8xHH8xI4xHHH8xI")
_ENTRY_START = b"PK\x01\x02"
# What stands behind the directory: its size, and how long a comment follows.
_END, _SIZE, _COMMENT = b"PK\x05\x06", struct.Struct("<12xI"), struct.Struct("<20xH")
STARTS = (b"PK\x03\x04", _END)
_ENCRYPTED_FLAG = 1
_ASIC_STARTS = (ASICE.encode(), ASICS.encode())  # of one length
KINDS = (DOCX, XLSX, ASICE, ASICS)
_DOCUMENT, _WORKBOOK = b"word/document", b"xl/workbook"
_LAST = 64 * 1024 + 22
_STORED, _DEFLATED = 0, 8
# The list of a document's parts, by which Office goes, whatever their names are.
_TYPES = b"[content_types].xml"
# Longer is no such list, nor any directory that is worth the memory.
_LONGEST_LIST = 4 * 1024 * 1024
_MACROS = re.compile("macroEnabled|vbaProject|macrosheet", re.IGNORECASE)
_SIGNATURES = re.compile(rb"META-INF/[^/]{0,100}signature[^/]{0,100}\.(?:xml|p7s)", re.IGNORECASE)


class _Entry(NamedTuple):
    """What the directory at the end tells of a member."""

    name: bytes
    method: int
    size: int
    place: int


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
    at = tail.rfind(_END)
    if at < 0 or at + _COMMENT.size > len(tail):
        return None
    end = at + _COMMENT.size + _COMMENT.unpack_from(tail, at)[0]
    return tail[end:] if end <= len(tail) else None


def macros_in(file: BinaryIO) -> bool | None:
    """Tell whether `file` is a document of Office with macros, whatever its name says; None where nobody can tell."""
    file.seek(0)
    if not file.read(len(STARTS[0])).startswith(STARTS):
        return False
    entries = _entries(_whole_directory(file))
    if entries is None:
        return None
    if any(_MACROS.search(entry.name.decode("latin-1")) for entry in entries):
        return True
    lists = [entry for entry in entries if entry.name.lower() == _TYPES]
    if not lists:
        return False
    types = _content_of(file, lists[0])
    if types and _MACROS.search(html.unescape(types.replace(b"\0", b"").decode("latin-1"))):
        return True
    # Of several, nobody knows which one counts, and each would cost time.
    return None if types is None or len(lists) > 1 else False


def _whole_directory(file: BinaryIO) -> bytes:
    """Return the end of a zip from where its directory begins; less where it has none, or one that is too long."""
    start = max(0, file.seek(0, os.SEEK_END) - _LAST)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    length = _SIZE.unpack_from(tail, at)[0] if 0 <= at <= len(tail) - _SIZE.size else 0
    if at < length <= _LONGEST_LIST:
        file.seek(max(0, start + at - length))
        tail = file.read()
    return tail


def _content_of(file: BinaryIO, entry: _Entry) -> bytes | None:
    """Return what the member of `entry` holds, None where it cannot be read or is longer than any list of parts."""
    file.seek(entry.place)
    header = file.read(_MEMBER.size)
    if entry.size > _LONGEST_LIST or len(header) < _MEMBER.size or not header.startswith(STARTS[0]):
        return None
    file.seek(sum(_MEMBER.unpack(header)[3:]), os.SEEK_CUR)
    content = file.read(entry.size)
    if entry.method == _STORED:
        return content
    if entry.method != _DEFLATED:
        return None
    try:
        content = zlib.decompressobj(-zlib.MAX_WBITS).decompress(content, _LONGEST_LIST)
    except zlib.error:
        return None
    return content if len(content) < _LONGEST_LIST else None


def _first_member(head: bytes) -> _Member | None:
    if len(head) < _MEMBER.size or not head.startswith(STARTS[0]):
        return None
    _magic, flags, method, name_length, extra_length = _MEMBER.unpack_from(head)
    name_end = _MEMBER.size + name_length
    start = head[name_end + extra_length :][: len(ASICE)]
    return _Member(flags, method == 0, head[_MEMBER.size : name_end], start)


def _names(tail: bytes) -> list[bytes] | None:
    """Return the names in the directory at the end, None where it is not there as a whole: a zip may hold other documents."""
    entries = _entries(tail)
    return None if entries is None else [entry.name for entry in entries]


def _entries(tail: bytes) -> list[_Entry] | None:
    end = tail.rfind(_END)
    if end < 0 or len(tail) < end + _SIZE.size:
        return None
    start = at = end - _SIZE.unpack_from(tail, end)[0]
    if start < 0:
        return None
    entries = []
    while tail.startswith(_ENTRY_START, at) and at + _ENTRY.size <= end:
        _flags, method, size, name_length, extra_length, comment_length, place = _ENTRY.unpack_from(tail, at)
        at += _ENTRY.size + name_length
        entries.append(_Entry(tail[at - name_length : at].lstrip(b"/"), method, size, place))
        at += extra_length + comment_length
    return entries if at == end else None
