"""Whether a document of Office holds macros: programs that run where it is opened."""

from __future__ import annotations

import html
import os
import re
import struct
import zipfile
import zlib
from typing import BinaryIO

from .zips import END, STARTS, behind_zip

# The end of a zip tells the size and the place of its directory; that of one of more than 4 GB stands in front of it, with a
# locator of its own between them, by which the library goes wherever it is.
_TOLD, _TOLD_LARGE, _LARGE_END, _LOCATOR = (
    struct.Struct("<12xII2x"),
    struct.Struct("<40xQQ"),
    b"PK\x06\x06",
    b"PK\x06\x07",
)
_LOCATOR_SIZE = 20
_END_WITHIN = _TOLD_LARGE.size + _LOCATOR_SIZE + _TOLD.size + 2**16
# More is no document's list of parts, nor a directory that is worth the memory.
_LONGEST = 4 * 1024 * 1024
# The list of a document's parts, by which Office goes, whatever their names are.
_TYPES = "[content_types].xml"
_IN_NAME = re.compile(r"(?:^|/)(?:vbaProject\.bin$|macrosheets/)|^Basic/", re.IGNORECASE)
# A binary workbook is called so with macros and without.
_IN_LIST = re.compile(r"(?<!sheet\.binary\.)macroEnabled|vbaProject|macrosheet", re.IGNORECASE)
# What an archive that is damaged, or made to do harm, raises in the library. OSError is not among them: a disk that fails is
# not the file's fault.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, RuntimeError)


def macros_in(file: BinaryIO) -> bool | None:
    """Tell whether `file` is a document of Office with macros, whatever its name says; None where nobody can tell."""
    file.seek(0)
    if not file.read(len(STARTS[0])).startswith(STARTS):
        return False
    place = _place_of_directory(file)
    if place is None:
        return None
    try:
        with zipfile.ZipFile(file) as archive:
            # Where the end tells of another directory, other programs see another document.
            if archive.start_dir != place or not archive.filelist:
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
    """Return where the directory of a zip begins; None where it is not in front of the end of the file, or too long to read."""
    begin = max(0, file.seek(0, os.SEEK_END) - _END_WITHIN)
    file.seek(begin)
    tail = file.read()
    if behind_zip(tail) != b"":
        return None
    at, told = tail.rindex(END), _TOLD
    if tail.startswith(_LOCATOR, max(0, at - _LOCATOR_SIZE)):
        at, told = at - _LOCATOR_SIZE - _TOLD_LARGE.size, _TOLD_LARGE
        if at < 0 or not tail.startswith(_LARGE_END, at):
            return None
    size, place = told.unpack_from(tail, at)
    return place if size <= _LONGEST and place + size <= begin + at else None


def _text_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> str:
    """Return what a list of parts says; raises one of `_BROKEN` where it cannot be read, or is none."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Office knows no other, and others unpack what they like.
        raise zipfile.BadZipFile
    with archive.open(part) as opened:
        content = opened.read(_LONGEST + 1)
    if len(content) > _LONGEST or len(content) != part.file_size:
        raise zipfile.BadZipFile
    return html.unescape(content.replace(b"\0", b"").decode("latin-1"))
