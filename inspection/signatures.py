"""The signatures of a PDF: who signed, is it whole, was it changed, is the signer known (offline, with pyHanko)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from pyhanko.pdf_utils.generic import EncryptedObjAccess
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import EmbeddedPdfSignature

from .afterwards import shows_otherwise
from .byte_ranges import fault_of, holds_signature_beside, is_cut_off, mentions_signature
from .evidence import Evidence, evidence_of
from .faults import HOSTILE
from .integrity import is_another_files
from .judging import UnknownKind, judge, judge_timestamp
from .reading import holds_objects_beside, open_tolerantly, reads_two_ways, settle_revision
from .reports import (
    NO_CERTIFICATE,
    NOT_A_CLEAR_PDF,
    NOT_KNOWN_KIND,
    NOT_UNDERSTOOD,
    TOO_MANY,
    TWO_READINGS,
    Change,
    SignatureReport,
    SignatureState,
    broken,
    unverified,
)
from .trust import Trust

_MOST_SIGNATURES = 50
_MOST_NAME = 200
_TIMESTAMP = "/DocTimeStamp"
_CHANGED = "the signed bytes or the signature over them were changed"
_FAILED = (SignatureState.BROKEN, SignatureState.REVOKED)
# What the library says in words only.
_SAID_NO_CERTIFICATE = "signer certificate not included"


@dataclass(frozen=True, slots=True)
class _Raw:
    """A signature as its dictionary has it."""

    signed_range: tuple[int, ...] = ()
    contents: bytes = b""
    is_timestamp: bool = False


def check_signatures(stream: BinaryIO, trust: Trust, at: datetime) -> tuple[SignatureReport, ...]:
    """Return a report for each signature of the PDF in `stream`, in the order of its fields; none when it has none.

    `at` (with a time zone) is now, or the time for which the answer is wanted; a signature with a proven time is judged
    at that time. Whatever the file holds, this returns: what cannot be understood is UNVERIFIED, and BROKEN only what
    is shown to be. Raises OSError where `stream` cannot be read.
    """
    if not mentions_signature(stream):
        return ()
    known: set[tuple[int, ...]] = set()
    try:
        reports = tuple(_reports(open_tolerantly(stream), trust, at, known))
    except HOSTILE:
        if is_cut_off(stream):
            return (broken("", "bytes at the end are missing that were signed"),)
        return (unverified("", NOT_A_CLEAR_PDF),)
    # Somebody took a signature out of its field, and nothing else vouches for the file.
    is_told = any(report.is_intact or report.state in _FAILED for report in reports)
    if not is_told and holds_signature_beside(stream, known):
        reports += (broken("", "the file holds a signed range that belongs to no signature field"),)
    return reports


def _reports(
    reader: PdfFileReader, trust: Trust, at: datetime, known: set[tuple[int, ...]]
) -> Iterator[SignatureReport]:
    """Yield the reports; `known` gets the signed ranges that belong to a field."""
    known.add(_usage_rights(reader).signed_range)
    for count, (name, _value, field) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if count == _MOST_SIGNATURES:
            yield unverified("", TOO_MANY)
            return
        # Not the library's own string, which holds on to the file; and no longer than a name.
        name = str(name)[:_MOST_NAME]
        raw = _raw_of(field.get_object(), "/V")
        if raw.signed_range and raw.signed_range in known:
            yield broken(name, "two fields claim the same signed range")
            continue
        known.add(raw.signed_range)
        try:
            yield _report(reader, EmbeddedPdfSignature(reader, field, name), trust, at)
        except HOSTILE as error:
            yield _not_understood(reader, name, raw, error)


def _usage_rights(reader: PdfFileReader) -> _Raw:
    """Return Adobe's own signature, which lets its free reader fill a form; it signs for nobody."""
    return _raw_of(reader.root["/Perms"], "/UR3") if "/Perms" in reader.root else _Raw()


def _raw_of(holder: object, key: str) -> _Raw:
    """Return the signature at `key` as it stands there; empty where there is nothing like it."""
    try:
        value = holder[key]
        signed_range = tuple(int(part) for part in value["/ByteRange"])
        contents = value.raw_get("/Contents", decrypt=EncryptedObjAccess.RAW).original_bytes
        return _Raw(signed_range, contents, "/Type" in value and value["/Type"] == _TIMESTAMP)
    except HOSTILE:
        return _Raw()


def _not_understood(reader: PdfFileReader, name: str, raw: _Raw, error: Exception) -> SignatureReport:
    """Return what the bytes prove all the same."""
    if raw.signed_range:
        fault = fault_of(reader.stream, raw.signed_range, raw.contents)
        if not fault and is_another_files(reader.stream, raw.signed_range, raw.contents):
            fault = _CHANGED
        if fault:
            return broken(name, fault, is_timestamp=raw.is_timestamp)
    reason = NOT_UNDERSTOOD
    if isinstance(error, UnknownKind):
        reason = NOT_KNOWN_KIND
    elif _SAID_NO_CERTIFICATE in str(error):
        reason = NO_CERTIFICATE
    return unverified(name, reason, is_timestamp=raw.is_timestamp)


def _report(reader: PdfFileReader, signature: EmbeddedPdfSignature, trust: Trust, at: datetime) -> SignatureReport:
    is_timestamp = signature.sig_object_type == _TIMESTAMP
    fault = fault_of(reader.stream, signature.byte_range, signature.pkcs7_content)
    if fault:
        return broken(signature.field_name, fault, is_timestamp=is_timestamp)
    settle_revision(signature)
    evidence = _evidence(reader, signature)
    report = (judge_timestamp if is_timestamp else judge)(signature, trust, evidence, at)
    if report.changed_afterwards is Change.ALLOWED and shows_otherwise(reader, signature):
        report = replace(report, changed_afterwards=Change.FILLED)
    if report.state in _FAILED or not report.is_intact:
        return report
    if report.changed_afterwards is Change.FORBIDDEN:
        reason = "the file was changed after signing in a way that the signature does not allow"
        return replace(report, state=SignatureState.BROKEN, reason=reason, is_trusted=False)
    if _reads_two_ways(reader, signature, report):
        return replace(report, state=SignatureState.UNVERIFIED, reason=TWO_READINGS, is_trusted=False)
    return report


def _reads_two_ways(reader: PdfFileReader, signature: EmbeddedPdfSignature, report: SignatureReport) -> bool:
    """Tell whether something was added that not all readers show alike, or see at all."""
    if report.covers_whole_file:
        return False
    if report.changed_afterwards is not Change.NO and reads_two_ways(reader, signature.signed_revision):
        return True
    return holds_objects_beside(reader, signature.byte_range[2] + signature.byte_range[3])


def _evidence(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> Evidence:
    try:
        return evidence_of(reader, signature)
    except HOSTILE:
        # Spoilt extras take nothing from a signature; what they could have told stays unknown.
        return Evidence()
