"""Opening a PDF as readers do, who forgive much, and knowing where they may not agree on what it shows."""

from __future__ import annotations

import io
import os
import re
from datetime import datetime
from typing import BinaryIO

from pyhanko.pdf_utils.generic import Reference, parse_pdf_date
from pyhanko.pdf_utils.misc import PdfError, PdfReadError
from pyhanko.pdf_utils.reader import PdfFileReader, process_data_at_eof
from pyhanko.sign.validation import EmbeddedPdfSignature, SignatureCoverageLevel

from .byte_ranges import BLANKS, end_of_words
from .faults import HOSTILE
from .integrity import call_ecdsa_so

# Readers look for the last words of a file in its last 1,024 bytes.
_MOST_BLANK = 1000
# A date as programs write it: "Z'", "Z00'00'", "+07:00", "+0700"; what stands behind it is passed over.
_DATE = re.compile(r"\s*(?:D:)?(\d{4,14})(?:Z|([+-]\d\d)[':]?(\d\d)?)?")


def open_tolerantly(stream: BinaryIO) -> PdfFileReader:
    """Return a reader of the PDF in `stream`, opened with the empty password where none is needed for reading.

    Raises what the library raises, see `faults.HOSTILE`.
    """
    reader = PdfFileReader(_without_filling(stream), strict=False)
    reader.stream = stream
    _forgive_dangling(reader)
    if reader.encrypted:
        reader.decrypt("")
    return reader


def is_filled_up(stream: BinaryIO) -> bool:
    """Tell whether so much white space stands at the end that not all readers look for the end before it."""
    return stream.seek(0, os.SEEK_END) - end_of_words(stream) > _MOST_BLANK


def _without_filling(stream: BinaryIO) -> BinaryIO:
    if not is_filled_up(stream):
        return stream
    end = end_of_words(stream)
    stream.seek(max(0, end - 1))
    if stream.read(1) in BLANKS:
        # The library would go through all of it byte by byte.
        raise PdfReadError("more white space than anything fills up a file with")
    stream.seek(0)
    return io.BytesIO(stream.read(end))


def _forgive_dangling(reader: PdfFileReader) -> None:
    """Let a reference to what the file does not hold mean nothing, as it does for every reader, and not a KeyError."""
    introducing_revision = reader.xrefs.get_introducing_revision

    def _tolerant(reference: Reference) -> int:
        try:
            return introducing_revision(reference)
        except KeyError:
            return 0

    reader.xrefs.get_introducing_revision = _tolerant


class Signature(EmbeddedPdfSignature):
    """A signature that knows how much of the file it signed: the file as it was when it ended with the signed bytes.

    The library takes the section of the file that brought the signature. In a file that is written for the web
    (linearised), or was signed as it was written, further sections belong to the signed bytes.
    """

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        call_ecdsa_so(self.signed_data)

    @property
    def end(self) -> int:
        """Where the signed bytes end."""
        return int(self.byte_range[2]) + int(self.byte_range[3])

    @property
    def self_reported_timestamp(self) -> datetime | None:
        """When it says that it was made; None where that cannot be told, which takes nothing from the signature."""
        try:
            return super().self_reported_timestamp
        except HOSTILE:
            return _noted_date(self)

    def settle(self) -> None:
        """Find the revision; `byte_range` is known to be right, see `byte_ranges.fault_of`."""
        self.signed_revision = max(self.signed_revision, revision_at(self.reader, self.end))

    def evaluate_signature_coverage(self) -> SignatureCoverageLevel:
        """Return the same as the library, which counts digits: blanks may stand among them."""
        if self.end == self.reader.stream.seek(0, os.SEEK_END):
            return SignatureCoverageLevel.ENTIRE_FILE
        if revision_at(self.reader, self.end) == self.signed_revision:
            return SignatureCoverageLevel.ENTIRE_REVISION
        return SignatureCoverageLevel.CONTIGUOUS_BLOCK_FROM_START


def _noted_date(signature: EmbeddedPdfSignature) -> datetime | None:
    """Return the date beside a signature, None where there is none that anybody could read."""
    try:
        day, hours, minutes = _DATE.match(signature.sig_object["/M"]).groups()
        return parse_pdf_date(f"D:{day}{hours}'{minutes or '00'}'" if hours else f"D:{day}Z")
    except HOSTILE:
        return None


def revision_at(reader: PdfFileReader, end: int) -> int:
    """Return which revision the file was whole with when it ended at `end`; -1 for none."""
    xrefs, found = reader.xrefs, -1
    # The library reads backwards, and begins with the byte that it stands before.
    reader.stream.seek(max(0, end - 1))
    try:
        table = process_data_at_eof(reader.stream)
    except (PdfError, ValueError):
        return -1
    for revision in range(xrefs.total_revisions):
        if xrefs.get_xref_container_info(revision).end_location > end:
            break
        if xrefs.get_startxref_for_revision(revision) == table:
            found = revision
    return found


def _names_another_list(reader: PdfFileReader, revision: int) -> bool:
    """Tell whether a list that is a stream names one beside it, which only some readers look up."""
    try:
        return reader.trailer.raw_get("/XRefStm", revision=revision) is not None
    except KeyError:
        return False


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
            if _names_another_list(reader, revision):
                return True
            continue
        beside = section.hybrid.xref_data
        hidden = {number: offset for number, (_generation, offset) in beside.standard_xrefs.items()}
        hidden |= beside.xrefs_in_objstm
        known = hidden if revision > signed_revision else hidden.keys() & tables.keys()
        if any(tables.get(number) != hidden[number] for number in known):
            return True
    return False
