"""Opening a PDF as readers do, who forgive much, and knowing where they may not agree on what it shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pyhanko.pdf_utils.generic import Reference
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.sign.validation import EmbeddedPdfSignature

_OBJECT = re.compile(rb"(?<!\d)\d{1,10}\s{1,4}\d{1,5}\s{1,4}obj\b")
_LONGEST, _BLOCK = 40, 1024 * 1024
# Tables of sloppy writers point at the white space before an object.
_OFF_BY = 4


def open_tolerantly(stream: BinaryIO) -> PdfFileReader:
    """Return a reader of the PDF in `stream`, opened with the empty password where none is needed for reading.

    Raises what the library raises, see `faults.HOSTILE`.
    """
    reader = PdfFileReader(stream, strict=False)
    _forgive_dangling(reader)
    if reader.encrypted:
        reader.decrypt("")
    return reader


def _forgive_dangling(reader: PdfFileReader) -> None:
    """Let a reference to what the file does not hold mean nothing, as it does for every reader, and not a KeyError."""
    introducing_revision = reader.xrefs.get_introducing_revision

    def _tolerant(reference: Reference) -> int:
        try:
            return introducing_revision(reference)
        except KeyError:
            return 0

    reader.xrefs.get_introducing_revision = _tolerant


def settle_revision(signature: EmbeddedPdfSignature) -> None:
    """Let `signature` know how much of the file it signed: the file as it was when it ended with the signed bytes.

    The library takes the section of the file that brought the signature. In a file that is written for the web
    (linearised), or was signed as it was written, further sections belong to the signed bytes.
    """
    xrefs, stream = signature.reader.xrefs, signature.reader.stream
    end = signature.byte_range[2] + signature.byte_range[3]
    stream.seek(end)
    try:
        table = process_data_at_eof(stream)
    except PdfError:
        # Judged as what it is: signed bytes that are no whole file.
        return
    for revision in range(xrefs.total_revisions):
        if xrefs.get_xref_container_info(revision).end_location > end:
            return
        if revision > signature.signed_revision and xrefs.get_startxref_for_revision(revision) == table:
            signature.signed_revision = revision


def holds_objects_beside(reader: PdfFileReader, end: int) -> bool:
    """Tell whether behind `end`, where the signed bytes end, stands an object that no table of the file lists.

    Readers that find a file damaged look for its objects themselves, and show the last one that they find.
    """
    xrefs, listed = reader.xrefs, set()
    for revision in range(xrefs.total_revisions):
        section = xrefs.get_xref_data(revision)
        listed.add(xrefs.get_xref_container_info(revision).start_location)
        for data in (section, *([section.hybrid.xref_data] if section.hybrid else ())):
            listed |= {offset for _generation, offset in data.standard_xrefs.values()}
        if section.hybrid:
            listed.add(section.hybrid.meta_info.start_location)
    return any(not listed.intersection(range(at - _OFF_BY, at + 1)) for at in _objects_behind(reader.stream, end))


def _objects_behind(stream: BinaryIO, end: int) -> Iterator[int]:
    """Yield where objects begin behind `end`."""
    stream.seek(end)
    held, position = b"", end
    while block := stream.read(_BLOCK):
        for match in _OBJECT.finditer(held + block):
            yield position - len(held) + match.start()
        position += len(block)
        held = (held + block)[-_LONGEST:]


def reads_two_ways(reader: PdfFileReader, signed_revision: int) -> bool:
    """Tell whether readers can differ on the file, by its hybrid cross-references (ISO 32000-2, 7.5.8.4).

    Some readers look only in the tables, others also in the streams beside them. Where a table says that an object is
    somewhere else than the stream says, or an update after `signed_revision` brings such a stream, they see two files.
    """
    tables: dict[int, object] = {}
    for revision in range(reader.xrefs.total_revisions):
        section = reader.xrefs.get_xref_data(revision)
        if revision > signed_revision:
            # What an update hides from some readers, it hides whatever stood there before.
            tables = {}
        tables |= {number: offset for number, (_generation, offset) in section.standard_xrefs.items()}
        if section.hybrid is None:
            continue
        beside = section.hybrid.xref_data
        hidden = {number: offset for number, (_generation, offset) in beside.standard_xrefs.items()}
        hidden |= beside.xrefs_in_objstm
        known = hidden if revision > signed_revision else hidden.keys() & tables.keys()
        if any(tables.get(number) != hidden[number] for number in known):
            return True
    return False
