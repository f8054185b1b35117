"""What stands behind the signed bytes of a file, byte for byte: what the file lists, and what only some readers see.

Readers that find a file damaged look for its objects themselves, and show the last one that they find.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyhanko.pdf_utils import generic, misc
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.xref import XRefSectionMetaInfo, XRefSectionType, read_object_header

from .faults import HOSTILE
from .numbers import sections_of

_BLANK = rb"[\0\t\n\f\r ]"
BLANK_OR_COMMENT = rb"(?:" + _BLANK + rb"|%[^\r\n]{0,200}[\r\n])"
_SPACE = BLANK_OR_COMMENT + rb"{1,40}"
HEADER = re.compile(rb"(?<![0-9])0{0,40}(\d{1,10})" + _SPACE + rb"0{0,40}(\d{1,10})" + _SPACE + rb"obj(?![A-Za-z0-9])")
# Tables of sloppy writers point at the white space before an object.
_LISTED = re.compile(_BLANK + rb"{0,4}0{0,9}(\d{1,10})" + _BLANK + rb"{1,4}0{0,4}(\d{1,5})" + _BLANK + rb"{1,4}obj")
_LONGEST_HEADER = 60
_WHERE = re.compile(rb"startxref" + _BLANK + rb"{1,9}\d{1,10}(?!" + rb"[^\0\t\n\f\r ])")
_MEANT = re.compile(rb"obj|xref|trailer")
_NUMBERS = re.compile(rb"/(Size|Prev|XRefStm)(?![A-Za-z0-9])" + _BLANK + rb"{0,9}([^\0\t\n\f\r /<>\[\]()]{0,40})")
_PLAIN = re.compile(rb"\d{1,10}\Z")


class Unaccounted(ValueError):
    """Something behind the signed bytes is not what the file lists."""


def is_accounted_for(reader: PdfFileReader, end: int) -> bool:
    """Tell whether all behind `end`, where the signed bytes end, is listed by the file and read by all in one way."""
    try:
        gaps = unlisted(reader, end)
    except HOSTILE:
        return False
    return not any(_MEANT.search(_WHERE.sub(b" ", text)) for _start, text in gaps)


def unlisted(reader: PdfFileReader, end: int) -> list[tuple[int, bytes]]:
    """Return (position, bytes) of what no part of the file's lists covers behind `end`.

    Raises Unaccounted where a list is wrong, or what `faults.HOSTILE` names.
    """
    gaps, at = [], end
    reader.stream.seek(end)
    text = reader.stream.read()
    for start, stop in sorted(_spans(reader, end)):
        if start > at:
            gaps.append((at, text[at - end : start - end]))
        at = max(at, stop)
    gaps.append((at, text[at - end :]))
    return gaps


def objects_behind(reader: PdfFileReader, end: int) -> Iterator[tuple[int, int, int]]:
    """Yield (number, start, stop) of the objects behind `end` that the file lists outside of object streams.

    Raises what `unlisted` raises.
    """
    for revision in range(reader.xrefs.total_revisions):
        if reader.xrefs.get_xref_container_info(revision).end_location <= end:
            continue
        for section in sections_of(reader, revision):
            for number, (generation, position) in section.standard_xrefs.items():
                start, stop = _object_at(reader, number, generation, position)
                if start >= end:
                    yield number, start, stop


def _spans(reader: PdfFileReader, end: int) -> Iterator[tuple[int, int]]:
    xrefs = reader.xrefs
    for _number, start, stop in objects_behind(reader, end):
        yield start, stop
    for revision in range(xrefs.total_revisions):
        section, size = xrefs.get_xref_data(revision), xrefs.get_xref_container_info(revision).size
        is_later = xrefs.get_xref_container_info(revision).end_location > end
        if is_later and max((*section.standard_xrefs, *section.xrefs_in_objstm), default=-1) >= size:
            raise Unaccounted("objects beyond the size that is told")
        for meta in (xrefs.get_xref_container_info(revision), *([section.hybrid.meta_info] if section.hybrid else ())):
            if meta.end_location > end:
                yield _list_at(reader, meta)


def _object_at(reader: PdfFileReader, number: int, generation: int, position: int) -> tuple[int, int]:
    stream = reader.stream
    stream.seek(position)
    header = _LISTED.match(stream.read(_LONGEST_HEADER))
    if not header or (int(header[1]), int(header[2])) != (number, generation):
        raise Unaccounted("another object than is listed")
    stream.seek(position + header.end())
    misc.read_non_whitespace(stream, seek_back=True)
    generic.read_object(stream, generic.Reference(number, generation, reader))
    return position, _behind_end_of_object(reader)


def _behind_end_of_object(reader: PdfFileReader) -> int:
    at = reader.stream.tell()
    following = re.match(_BLANK + rb"{0,9}endobj", reader.stream.read(20))
    return at + following.end() if following else at


def _list_at(reader: PdfFileReader, meta: XRefSectionMetaInfo) -> tuple[int, int]:
    """Return where a list of objects begins and ends. Raises Unaccounted where it is not told plainly."""
    stream, start = reader.stream, meta.start_location
    is_table = meta.xref_section_type in (XRefSectionType.STANDARD, XRefSectionType.HYBRID_MAIN)
    stream.seek(meta.end_location if is_table else start)
    if not is_table:
        read_object_header(stream, strict=False)
    keys = list(_keys(reader))
    behind = stream.tell()
    if is_table:
        # It begins behind its first word.
        start, told_from, stop = start - len(b"xref\r\n"), meta.end_location, behind
    else:
        stream.seek(meta.end_location)
        told_from, stop = start, _behind_end_of_object(reader)
    stream.seek(told_from)
    told = stream.read(behind - told_from)
    numbers = _NUMBERS.findall(told)
    plain = all(_PLAIN.match(value) and int(value) <= max(2**31, stop) for _key, value in numbers)
    # What a key is written as, or stands twice, is read in more than one way; so is a second list beside a stream.
    is_spelt_plainly = not any(b"#" in key for key in keys) and len(set(keys)) == len(keys)
    is_one_list = is_table or b"/XRefStm" not in keys
    if not (plain and is_spelt_plainly and is_one_list and {b"/Size", b"/Root"} <= set(keys)):
        raise Unaccounted("the file's list of objects is not told plainly")
    return start, stop


def _keys(reader: PdfFileReader) -> Iterator[bytes]:
    """Yield the keys of the dictionary that the reader's stream stands before, as they are written."""
    stream = reader.stream
    misc.read_non_whitespace(stream)
    stream.read(1)
    while misc.read_non_whitespace(stream) != b">":
        start = stream.tell() - 1
        stream.seek(start)
        generic.NameObject.read_from_stream(stream)
        stop = stream.tell()
        stream.seek(start)
        yield stream.read(stop - start)
        misc.read_non_whitespace(stream, seek_back=True)
        generic.read_object(stream, generic.TrailerReference(reader))
    stream.read(1)
