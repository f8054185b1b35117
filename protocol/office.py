"""What a document of Office does where it is opened, beside showing itself: macros, what it fetches, files that it carries."""

from __future__ import annotations

import html
import io
import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO

from . import compound, rich_text
from .compound import EMBEDDED_FILES, ENCRYPTED, LAUNCH, MACROS, REMOTE_LINK
from .office_markup import ON_NETWORK, is_markup, kinds_in, tells_more
from .other_kinds import ARCHIVES
from .zips import END, STARTS, behind_zip

UNCLEAR = "unclear"
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
# The first part of an OpenDocument and of a signed container, by which they go.
_KIND = "mimetype"
_WITH_PASSWORD = 1
_IN_NAME = re.compile(r"(?:^|/)(?:vbaProject\.bin$|macrosheets/)", re.IGNORECASE)
# In an OpenDocument, which has one of these parts; elsewhere they are folders as any.
_MANIFEST = "META-INF/manifest.xml"
_IN_OPEN_DOCUMENT, _OF_OPEN_DOCUMENT = re.compile("(?:Basic|Scripts)/", re.IGNORECASE), {_KIND, _MANIFEST}
# How it says that its parts are encrypted: as a zip they want no password.
_ENCRYPTION = re.compile(r"[<:]encryption-data\b")
# A binary workbook is called so with macros and without.
_IN_LIST = re.compile(r"(?<!sheet\.binary\.)macroEnabled|vbaProject|macrosheet", re.IGNORECASE)
# A part's list of what belongs to it, within the document and elsewhere.
_RELATIONS = re.compile(r"(?:^|/)_rels/[^/]*\.rels$", re.IGNORECASE)
_RELATION = re.compile(r"<(?:[\w.-]+:)?Relationship\s([^<]*)")
_ATTRIBUTE = re.compile(r"""(?<![\w.:-])([\w.:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_LONGEST_RELATION = 10_000
# What is fetched only where somebody clicks on it.
_LINK = "hyperlink"
# As of archives that lie within another one, nobody looks into these.
_ARCHIVES = tuple(ARCHIVES)
# What Windows runs when it is opened, by its name; blanks and dots behind it do not count there.
_PROGRAM = re.compile(
    r"\.(?:exe|com|scr|pif|msi|bat|cmd|ps1|vb[es]|jse?|ws[fh]|hta|lnk|cpl|jar|reg|chm)[. ]*$", re.IGNORECASE
)
_STARTS = (compound.MAGIC, rich_text.START, *STARTS, *_ARCHIVES)
# Readers look for it so far.
_PDF, _START_WITHIN = b"%PDF-", 1024
# So many parts, and so many bytes of documents, are looked into: of all that lies within one file, since a zip of a few MB may
# hold thousands of documents that each unpack into as much. Lists take longer to read than documents.
_MOST_PARTS, _MOST_WITHIN, _LIST_WEIGHS = 4000, 64 * 1024 * 1024, 4
# A document in a zip, and what was put into that document.
_MOST_LEVELS = 2
# What an archive that is damaged, or made to do harm, raises in the library. OSError is not among them: a disk that fails is
# not the file's fault.
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, ValueError, OverflowError, RuntimeError)


LookAtPdf = Callable[[BinaryIO], Iterable[str]]


class _Room:
    """How much more is looked into, and by what PDFs are."""

    def __init__(self, look_at_pdf: LookAtPdf | None) -> None:
        self._parts, self._bytes = _MOST_PARTS, _MOST_WITHIN
        self.look_at_pdf = look_at_pdf

    def take(self, size: int) -> None:
        """Note that a part is opened and `size` bytes of it are read; raises one of `_BROKEN` where there is no more room."""
        self._parts -= 1
        self._bytes -= size
        if min(self._parts, self._bytes) < 0:
            raise zipfile.BadZipFile


def active_content(file: BinaryIO, look_at_pdf: LookAtPdf | None = None) -> tuple[str, ...]:
    """Return the kinds of active content in `file`, sorted; () for what is neither a document nor a zip.

    They are MACROS, REMOTE_LINK, EMBEDDED_FILES, LAUNCH, and what `look_at_pdf` returns of each PDF within; UNCLEAR where not all of
    it can be looked through; ENCRYPTED of `compound`.
    Documents in a zip, or in a document, are looked into, too, `_MOST_LEVELS` deep. What a name says counts for nothing.
    """
    return tuple(sorted(_contents(file, _Room(look_at_pdf))))


def _contents(file: BinaryIO, room: _Room, level: int = 0) -> set[str]:
    file.seek(0)
    start = file.read(_START_WITHIN)
    if start.startswith(compound.MAGIC):
        return compound.contents_of(file)
    if start.startswith(rich_text.START):
        return rich_text.contents_of(file)
    if start.startswith(_ARCHIVES):
        return {EMBEDDED_FILES}
    if is_markup(start):
        return kinds_in(file)
    if not start.startswith(STARTS):
        return set()
    place = _place_of_directory(file)
    if place is None:
        return {UNCLEAR}
    found: set[str] = set()
    try:
        with zipfile.ZipFile(file) as archive:
            # Where the end tells of another directory, other programs see another document.
            if archive.start_dir != place or not archive.filelist:
                return {UNCLEAR}
            # One by one: what was found before the archive turns out to be broken counts.
            found.update(_in_archive(archive, room, level))
    except _BROKEN:
        found.add(UNCLEAR)
    return found


def _in_archive(archive: zipfile.ZipFile, room: _Room, level: int) -> Iterator[str]:
    names = archive.namelist()
    is_open = not _OF_OPEN_DOCUMENT.isdisjoint(names)
    if any(map(_IN_NAME.search, names)) or is_open and any(map(_IN_OPEN_DOCUMENT.match, names)):
        yield MACROS
    if any(map(_PROGRAM.search, names)):
        yield LAUNCH
    lists = [part for part in archive.filelist if part.filename.lower() == _TYPES]
    if len(lists) > 1:
        yield UNCLEAR
    elif lists:
        if _IN_LIST.search(html.unescape(_text_of(archive, lists[0], room))):
            yield MACROS
        if any(map(_fetches, _relations_in(archive, room))):
            yield REMOTE_LINK
    if level and not lists and archive.filelist[0].filename != _KIND:
        # An archive within one, which nobody unpacks here.
        yield EMBEDDED_FILES
    elif level < _MOST_LEVELS:
        yield from _in_parts(archive, room, level + 1, bool(lists))
    # Last: where it cannot be read, nothing behind it is seen.
    if any(
        _ENCRYPTION.search(_text_of(archive, part, room)) for part in archive.filelist if part.filename == _MANIFEST
    ):
        yield ENCRYPTED


def _in_parts(archive: zipfile.ZipFile, room: _Room, level: int, is_office: bool) -> Iterator[str]:
    """Yield the kinds of active content in what `archive` holds; what it holds as a document of Office is markup, nearly all."""
    for part in archive.filelist:
        if part.flag_bits & _WITH_PASSWORD:
            continue
        room.take(0)
        with _opened(archive, part) as opened:
            start = opened.read(_START_WITHIN)
        if start.startswith(_STARTS):
            yield from _contents(_taken(archive, part, room), room, level)
            continue
        if tells_more(part.filename) or not is_office and is_markup(start):
            yield from kinds_in(_taken(archive, part, room))
        # Also behind what looks like markup: readers of PDFs pass over that.
        if room.look_at_pdf and _PDF in start:
            yield from room.look_at_pdf(_taken(archive, part, room))


def _relations_in(archive: zipfile.ZipFile, room: _Room) -> Iterator[dict[str, str]]:
    """Yield what the parts of a document say of what belongs to them, by the names that it has there."""
    for part in archive.filelist:
        text = _text_of(archive, part, room) if _RELATIONS.search(part.filename) else ""
        for match in _RELATION.finditer(text):
            if len(match[1]) > _LONGEST_RELATION:
                raise zipfile.BadZipFile
            found = _ATTRIBUTE.findall(match[1])
            yield {name: html.unescape(double or single) for name, double, single in found}


def _fetches(relation: dict[str, str]) -> bool:
    """Tell whether what is told of so is fetched from elsewhere when the document is opened."""
    is_link = relation.get("Type", "").rpartition("/")[2] == _LINK
    is_outside = relation.get("TargetMode", "").strip().lower() == "external"
    return is_outside and not is_link and bool(ON_NETWORK.match(relation.get("Target", "")))


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


def _opened(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> zipfile.ZipExtFile:
    """Return a part, open; raises one of `_BROKEN` where it cannot be read."""
    if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        # Office knows no other, and others unpack what they like.
        raise zipfile.BadZipFile
    return archive.open(part)


def _content_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Return what a part holds; raises one of `_BROKEN` where it cannot be read, or is not as long as it says."""
    with _opened(archive, part) as opened:
        # By its length: where none is asked for, the library first unpacks all there is, whatever length was told.
        content = opened.read(part.file_size)
    if len(content) != part.file_size:
        raise zipfile.BadZipFile
    return content


def _taken(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: _Room) -> BinaryIO:
    """Return what a part holds, as a file; raises one of `_BROKEN` where there is no more room, or it cannot be read."""
    room.take(part.file_size)
    return io.BytesIO(_content_of(archive, part))


def _text_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo, room: _Room) -> str:
    """Return what a list of parts or relations says; raises one of `_BROKEN` where it cannot be read, or is none."""
    room.take(_LIST_WEIGHS * part.file_size)
    if part.file_size > _LONGEST:
        raise zipfile.BadZipFile
    return _content_of(archive, part).replace(b"\0", b"").decode("latin-1")
