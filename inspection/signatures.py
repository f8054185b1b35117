"""The signatures of a PDF: who signed, is it whole, was it changed, is the signer known (offline, with pyHanko)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import BinaryIO

from pyhanko.pdf_utils.generic import EncryptedObjAccess
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import enumerate_sig_fields

from .accounting import is_accounted_for
from .afterwards import covers_unsigned, lays_over, shows_otherwise
from .byte_ranges import (
    contents_in,
    ends_within_signature,
    fault_of,
    is_cut_off,
    mentions_signature,
    whole_ranges,
)
from .evidence import Evidence, evidence_of
from .faults import HOSTILE
from .integrity import is_another_files, is_forged_by_itself
from .judging import UnknownKind, judge, judge_timestamp
from .reading import Signature, is_filled_up, open_tolerantly, reads_two_ways, revision_at
from .rebuilding import shows_another_file
from .remains import has_lost_its_range, signed_something_else, with_beginning
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
from .unlisted import unlisted_fields

_MOST_SIGNATURES = 50
_MOST_NAME = 200
_TIMESTAMP = "/DocTimeStamp"
_CHANGED = "the signed bytes or the signature over them were changed"
_FORBIDDEN = "the file was changed after signing in a way that the signature does not allow"
_CUT_OFF = "bytes at the end are missing that were signed"
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
    if not mentions_signature(stream) and not has_lost_its_range(stream):
        return (broken("", _CUT_OFF),) if ends_within_signature(stream) else ()
    known: set[tuple[int, ...]] = set()
    reports: list[SignatureReport] = []
    try:
        in_bytes = set(whole_ranges(stream))
        reports.extend(_reports(open_tolerantly(stream), trust, at, known, in_bytes))
    except _Interrupted as interrupted:
        reports = [*interrupted.reports, _unreadable(stream)]
    except HOSTILE:
        reports = [_unreadable(stream)]
    else:
        # Somebody took a signature out of its field.
        is_told = len(reports) > _MOST_SIGNATURES or any(report.state in _FAILED for report in reports)
        if not is_told and in_bytes - known:
            reports.append(broken("", "the file holds a signed range that belongs to no signature field"))
        elif not is_told and signed_something_else(stream, _places(known)):
            reports.append(broken("", _CHANGED))
    return tuple(reports)


def _places(known: set[tuple[int, ...]]) -> set[int]:
    """Return where the signatures of the ranges `known` begin."""
    return {each[1] for each in known if len(each) == 4}


class _Interrupted(Exception):
    """Further fields cannot be read; `reports` tells of those before."""

    def __init__(self, reports: list[SignatureReport]) -> None:
        super().__init__()
        self.reports = reports


def _unreadable(stream: BinaryIO) -> SignatureReport:
    """Return what the bytes of a file prove that cannot be read, or not all of it."""
    if is_cut_off(stream):
        return broken("", _CUT_OFF)
    fault = ""
    for each in with_beginning(stream):
        fault = _any_proof(each)
        if not fault:
            return unverified("", NOT_A_CLEAR_PDF)
    return broken("", fault)


def _any_proof(stream: BinaryIO) -> str:
    """Return what the bytes prove against any of the signatures in a file that nobody can read."""
    for each in whole_ranges(stream):
        if fault := _proof(stream, each, contents_in(stream, each)):
            return fault
    return _CHANGED if signed_something_else(stream, set()) else ""


def _proof(stream: BinaryIO, signed_range: Sequence[int], contents: bytes) -> str:
    """Return what the bytes prove against a signature, whatever a library makes of it; "" for nothing."""
    if is_another_files(stream, signed_range, contents) or is_forged_by_itself(contents, stream, signed_range):
        return _CHANGED
    return _FORBIDDEN if shows_another_file(stream, signed_range[2] + signed_range[3]) else ""


def _reports(
    reader: PdfFileReader, trust: Trust, at: datetime, known: set[tuple[int, ...]], in_bytes: set[tuple[int, ...]]
) -> list[SignatureReport]:
    """Return the reports; `known` gets the signed ranges that belong to a field, of those `in_bytes`. Raises _Interrupted."""
    reports: list[SignatureReport] = []
    try:
        known.add(_usage_rights(reader))
        for name, field in _fields(reader, known, in_bytes):
            if len(reports) == _MOST_SIGNATURES:
                reports.append(unverified("", TOO_MANY))
                break
            # Not the library's own string, which holds on to the file; and no longer than a name.
            reports.append(_report_of(reader, str(name)[:_MOST_NAME], field, known, trust, at))
    except HOSTILE as error:
        raise _Interrupted(reports) from error
    return reports


def _fields(
    reader: PdfFileReader, known: set[tuple[int, ...]], in_bytes: set[tuple[int, ...]]
) -> Iterator[tuple[str, object]]:
    """Yield (name, field) of the signatures; `known` grows by their ranges meanwhile."""
    for name, _value, field in enumerate_sig_fields(reader, filled_status=True):
        yield name, field
    if in_bytes - known:
        yield from unlisted_fields(reader)


def _report_of(
    reader: PdfFileReader, name: str, field: object, known: set[tuple[int, ...]], trust: Trust, at: datetime
) -> SignatureReport:
    raw = _raw_of(field.get_object(), "/V")
    if raw.signed_range and raw.signed_range in known:
        return broken(name, "two fields claim the same signed range")
    known.add(raw.signed_range)
    try:
        report = _report(reader, Signature(reader, field, name), trust, at)
    except HOSTILE as error:
        report = _not_understood(reader, name, raw, error)
    if report.state is SignatureState.UNVERIFIED and raw.signed_range:
        fault = _proof(reader.stream, raw.signed_range, raw.contents)
        return broken(name, fault, is_timestamp=raw.is_timestamp) if fault else report
    return report


def _usage_rights(reader: PdfFileReader) -> tuple[int, ...]:
    """Return the range of Adobe's own signature, which lets its free reader fill a form; it signs for nobody.

    Empty where it did not stand there when its range was signed, or where a field holds or held it.
    """
    found = _rights_in(reader)
    if not found:
        return ()
    signed_in = revision_at(reader, found[2] + found[3])
    if signed_in < 0 or _rights_in(reader.get_historical_resolver(signed_in)) != found:
        return ()
    for revision in range(max(0, reader.xrefs.total_revisions - _MOST_SIGNATURES), reader.xrefs.total_revisions):
        fields = enumerate_sig_fields(reader.get_historical_resolver(revision), filled_status=True)
        if any(_raw_of(field.get_object(), "/V").signed_range == found for _name, _value, field in fields):
            return ()
    return found


def _rights_in(handler: PdfHandler) -> tuple[int, ...]:
    root = handler.trailer_view["/Root"]
    found = _raw_of(root["/Perms"], "/UR3").signed_range if "/Perms" in root else ()
    return found if len(found) == 4 else ()


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
    """Return that nothing is known, or what is wrong with the range."""
    fault = raw.signed_range and fault_of(reader.stream, raw.signed_range, raw.contents)
    if fault:
        return broken(name, fault, is_timestamp=raw.is_timestamp)
    reason = NOT_UNDERSTOOD
    if isinstance(error, UnknownKind):
        reason = NOT_KNOWN_KIND
    elif _SAID_NO_CERTIFICATE in str(error):
        reason = NO_CERTIFICATE
    return unverified(name, reason, is_timestamp=raw.is_timestamp)


def _report(reader: PdfFileReader, signature: Signature, trust: Trust, at: datetime) -> SignatureReport:
    is_timestamp = signature.sig_object_type == _TIMESTAMP
    fault = fault_of(reader.stream, signature.byte_range, signature.pkcs7_content)
    if fault:
        return broken(signature.field_name, fault, is_timestamp=is_timestamp)
    signature.settle()
    evidence = _evidence(reader, signature)
    report = (judge_timestamp if is_timestamp else judge)(signature, trust, evidence, at)
    if report.changed_afterwards is Change.ALLOWED:
        report = replace(report, changed_afterwards=_allowed_change(reader, signature))
    if report.state in _FAILED:
        return report
    if report.changed_afterwards is Change.FORBIDDEN:
        return replace(report, state=SignatureState.BROKEN, reason=_FORBIDDEN, is_trusted=False)
    if report.is_intact and _reads_two_ways(reader, signature, report):
        return replace(report, state=SignatureState.UNVERIFIED, reason=TWO_READINGS, is_trusted=False)
    return report


def _allowed_change(reader: PdfFileReader, signature: Signature) -> Change:
    """Return what it was that the policy allows."""
    if covers_unsigned(reader, signature):
        return Change.FORBIDDEN
    if shows_otherwise(reader, signature):
        return Change.FILLED
    return Change.LAID_OVER if lays_over(reader, signature) else Change.ALLOWED


def _reads_two_ways(reader: PdfFileReader, signature: Signature, report: SignatureReport) -> bool:
    """Tell whether something was added that not all readers show alike, or see at all."""
    if report.covers_whole_file:
        return False
    if report.changed_afterwards is not Change.NO and reads_two_ways(reader, signature.signed_revision):
        return True
    # Behind much white space some readers do not find the end, and go by all objects, the signed ones, too.
    return not is_accounted_for(reader, 0 if is_filled_up(reader.stream) else signature.end)


def _evidence(reader: PdfFileReader, signature: Signature) -> Evidence:
    try:
        return evidence_of(reader, signature)
    except HOSTILE:
        # Spoilt extras take nothing from a signature; what they could have told stays unknown.
        return Evidence()
