"""The signatures of a PDF: who signed, is it whole, was it changed, is the signer known (offline, with pyHanko)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import BinaryIO

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import enumerate_sig_fields
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko_certvalidator import ValidationContext

from .afterwards import shows_otherwise
from .byte_ranges import fault_of, mentions_signature
from .evidence import KEY_USAGE, Evidence, context, evidence_of, searching_context
from .faults import HOSTILE
from .reports import Change, SignatureReport, SignatureState, broken
from .trust import Trust

_MOST_SIGNATURES = 50
_MOST_NAME = 200
_TIMESTAMP = "/DocTimeStamp"
_EXPIRED = "a certificate of the chain was no longer valid"
_REASONS = {
    SignatureState.VALID: "",
    SignatureState.UNKNOWN_SIGNER: "no chain to a trusted root, or a certificate that is not for signing",
    SignatureState.EXPIRED: _EXPIRED,
    SignatureState.REVOKED: "a certificate of the chain is revoked",
}


def check_signatures(stream: BinaryIO, trust: Trust, at: datetime) -> tuple[SignatureReport, ...]:
    """Return a report for each signature of the PDF in `stream`, in the order of its fields; none when it has none.

    `at` (with a time zone) is now, or the time for which the answer is wanted; a signature with a proven time is judged
    at that time. Whatever the file holds, this returns: what cannot be understood is BROKEN. Raises OSError where
    `stream` cannot be read.
    """
    if not mentions_signature(stream):
        return ()
    try:
        reader = PdfFileReader(stream)
        if reader.encrypted:
            # Where no password is needed for reading, the empty one opens.
            reader.decrypt("")
        reports = tuple(_reports(reader, trust, at))
    except HOSTILE:
        return (broken("", "the file holds a signature, but is not a PDF that can be read without doubt"),)
    return reports or (broken("", "the file holds a signed range that belongs to no signature field"),)


def _reports(reader: PdfFileReader, trust: Trust, at: datetime) -> Iterator[SignatureReport]:
    seen = set()
    for count, (name, _value, field) in enumerate(enumerate_sig_fields(reader, filled_status=True)):
        if count == _MOST_SIGNATURES:
            yield broken("", f"more than {_MOST_SIGNATURES} signatures")
            return
        # Not the library's own string, which holds on to the file; and no longer than a name.
        name = str(name)[:_MOST_NAME]
        try:
            signature = EmbeddedPdfSignature(reader, field, name)
            signed_range = tuple(signature.byte_range)
            if signed_range in seen:
                yield broken(name, "two fields claim the same signed range")
                continue
            seen.add(signed_range)
            yield _report(reader, signature, trust, at)
        except HOSTILE:
            yield broken(name, "the signature cannot be understood")


def _report(reader: PdfFileReader, signature: EmbeddedPdfSignature, trust: Trust, at: datetime) -> SignatureReport:
    is_timestamp = signature.sig_object_type == _TIMESTAMP
    fault = fault_of(reader.stream, signature.byte_range, signature.pkcs7_content)
    if fault:
        return broken(signature.field_name, fault, is_timestamp=is_timestamp)
    evidence = _evidence(reader, signature)
    judge = _judge_timestamp if is_timestamp else _judge
    report = judge(signature, trust, evidence, at)
    if report.changed_afterwards is Change.ALLOWED and shows_otherwise(reader, signature):
        report = replace(report, changed_afterwards=Change.FILLED)
    if not report.is_intact:
        return _as_broken(report, "the signed bytes or the signature over them were changed")
    if report.changed_afterwards is Change.FORBIDDEN:
        return _as_broken(report, "the file was changed after signing in a way that the signature does not allow")
    return report


def _evidence(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> Evidence:
    try:
        return evidence_of(reader, signature)
    except HOSTILE:
        # Spoilt extras take nothing from a signature; what they could have told stays unknown.
        return Evidence()


def _judge(signature: EmbeddedPdfSignature, trust: Trust, evidence: Evidence, at: datetime) -> SignatureReport:
    status = _status(signature, trust, evidence, at, at)
    stamp = status.timestamp_validity
    is_stamped = stamp is not None and stamp.intact and stamp.valid
    is_time_proven = is_stamped and stamp.trusted
    signed_on = stamp.timestamp if is_stamped else signature.self_reported_timestamp
    moment = min(stamp.timestamp, at) if is_time_proven else at
    if is_time_proven:
        status = _status(signature, trust, evidence, moment, at)
    is_expired = _expiry(status) < moment
    if is_expired and status.validation_path is not None:
        # The library stops at the date: whether it was revoked, or good at all, shows just before.
        moment = _expiry(status) - timedelta(seconds=1)
        status = _status(signature, trust, evidence, moment, at)
    if status.trusted and evidence.tells_of_revocation:
        found = _status(signature, trust, evidence, moment, at, searching_context)
        status = found if found.revoked else status
    state = _state(status, is_expired)
    return SignatureReport(
        signature.field_name,
        state,
        _REASONS[state],
        signed_on=_iso(signed_on),
        is_time_proven=is_time_proven,
        is_trusted=state is SignatureState.VALID,
        is_expired=is_expired,
        is_revoked=status.revoked,
        **_facts(status),
    )


def _status(
    signature: EmbeddedPdfSignature,
    trust: Trust,
    evidence: Evidence,
    moment: datetime,
    at: datetime,
    context_of_signer: Callable[[Trust, Evidence, datetime], ValidationContext] = context,
) -> PdfSignatureStatus:
    """Return pyHanko's findings with the signer's certificates judged at `moment`, those of time stamps at `at`."""
    return validate_pdf_signature(
        signature,
        signer_validation_context=context_of_signer(trust, evidence, moment),
        ts_validation_context=context(trust, evidence, at),
        key_usage_settings=KEY_USAGE,
    )


def _state(status: PdfSignatureStatus, is_expired: bool) -> SignatureState:
    if status.revoked:
        return SignatureState.REVOKED
    if not status.trusted:
        return SignatureState.UNKNOWN_SIGNER
    return SignatureState.EXPIRED if is_expired else SignatureState.VALID


def _expiry(status: PdfSignatureStatus) -> datetime:
    certificates = [status.signing_cert]
    if status.validation_path is not None:
        # A root is trusted because somebody says so, not by its dates.
        certificates += status.validation_path.iter_certs(include_root=False)
    return min(certificate.not_valid_after for certificate in certificates)


def _judge_timestamp(
    signature: EmbeddedPdfSignature, trust: Trust, evidence: Evidence, at: datetime
) -> SignatureReport:
    status = validate_pdf_timestamp(signature, validation_context=context(trust, evidence, at))
    state = _state(status, is_expired=False)
    return SignatureReport(
        signature.field_name,
        state,
        _REASONS[state],
        signed_on=_iso(status.timestamp),
        is_time_proven=status.trusted,
        is_trusted=status.trusted,
        is_expired=status.signing_cert.not_valid_after < at,
        is_revoked=status.revoked,
        is_timestamp=True,
        **_facts(status),
    )


def _facts(status: PdfSignatureStatus) -> dict[str, object]:
    """Return the fields of a report that do not depend on the time."""
    return {
        "signer": _name(status.signing_cert.subject),
        "issuer": _name(status.signing_cert.issuer),
        "is_intact": status.intact and status.valid,
        "covers_whole_file": status.coverage is SignatureCoverageLevel.ENTIRE_FILE,
        "changed_afterwards": _change(status),
    }


def _change(status: PdfSignatureStatus) -> Change:
    if status.modification_level is ModificationLevel.NONE:
        return Change.NO
    # Time stamps know no permissions: what the general policy does not know is OTHER.
    is_known = status.modification_level not in (None, ModificationLevel.OTHER)
    is_allowed = is_known and getattr(status, "docmdp_ok", None) is not False
    return Change.ALLOWED if is_allowed else Change.FORBIDDEN


def _as_broken(report: SignatureReport, reason: str) -> SignatureReport:
    return replace(report, state=SignatureState.BROKEN, reason=reason, is_trusted=False)


def _name(name: x509.Name) -> str:
    """Return the common name, or else the organisation; other parts may hold the person's number."""
    parts = name.native
    found = parts.get("common_name") or parts.get("organization_name") or ""
    return str(found[0] if isinstance(found, list) else found)[:200]


def _iso(moment: datetime | None) -> str | None:
    if moment is None:
        return None
    # Some writers leave the zone out.
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc).isoformat()
