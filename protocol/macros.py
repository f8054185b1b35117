"""Whether a document of Office holds macros: programs that run where it is opened."""

from __future__ import annotations

import html
import os
import re
import struct
import zipfile
import zlib
from typing import BinaryIO

from .zips import STARTS

# The end of a zip: how many entries its directory has, its size and place, and how long a comment follows.
_END, _TOLD = b"PK\x05\x06", struct.Struct("<10xHIIH")
_LONGEST_COMMENT = 2**16
# More is no document's list of parts, nor a directory that is worth the memory.
_LONGEST = 4 * 1024 * 1024
# The list of a document's parts, by which Office goes, whatever their names are.
_TYPES = "[content_types].xml"
_IN_NAME = re.compile(r"(?:^|/)(?:vbaProject\.bin$|macrosheets/)|^Basic/", re.IGNORECASE)
# A binary workbook is called so with macros and without.
_IN_LIST = re.compile(r"(?<!sheet\.binary\.)macroEnabled|vbaProject|macrosheet", re.IGNORECASE)
# What an archive that is damaged, or made to do harm, raises in the library, or in whoever reads on.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, RuntimeError, NotImplementedError)


def macros_in(file: BinaryIO) -> bool | None:
    """Tell whether `file` is a document of Office with macros, whatever its name says; None where nobody can tell."""
    file.seek(0)
    if not file.read(len(STARTS[0])).startswith(STARTS):
        return False
    try:
        place = _place_of_directory(file)
        with zipfile.ZipFile(file) as archive:
            # Where the end tells of another directory, other programs see another document.
            if place is None or archive.start_dir != place or not archive.filelist:
                return None
            if any(map(_IN_NAME.search, archive.namelist())):
                return True
            lists = [part for part in archive.filelist if part.filename.lower() == _TYPES]
            if len(lists) > 1:
                return None
            return any(_IN_LIST.search(_text_of(archive, part)) for part in lists)
    except _BROKEN:
        return None


def _place_of_directory(file: BinaryIO) -> int | None:
    """Return where the directory of a zip begins; None where its end is not that of the file, or it is too long to read."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _LONGEST_COMMENT - _TOLD.size))
    tail = file.read()
    # As the library looks for it.
    at = len(tail) - _TOLD.size
    if tail[at : at + len(_END)] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if not 0 <= at <= len(tail) - _TOLD.size:
        return None
    _count, size, place, comment = _TOLD.unpack_from(tail, at)
    return place if size <= _LONGEST and at + _TOLD.size + comment == len(tail) else None


def _text_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """Return what a list of parts says; raises one of `_BROKEN` where it cannot be read, or is none."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Office knows no other, and others unpack what they like.
        raise NotImplementedError
    with archive.open(part) as opened:
        content = opened.read(_LONGEST + 1)
    if len(content) > _LONGEST or len(content) != part.file_size:
        raise EOFError
    return html.unescape(content.replace(b"\0", b"").decode("latin-1"))
