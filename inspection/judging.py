"""What pyHanko says of one signature that can be read: whose is it, is it known here, was the file changed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import partial

from asn1crypto import x509
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.general import CMSStructuralError
from pyhanko.sign.validation import (
    EmbeddedPdfSignature,
    PdfSignatureStatus,
    SignatureCoverageLevel,
    validate_pdf_signature,
    validate_pdf_timestamp,
)
from pyhanko.sign.validation.errors import DisallowedAlgorithmError
from pyhanko.sign.validation.generic_cms import cms_basic_validation
from pyhanko.sign.validation.status import TimestampSignatureStatus
from pyhanko_certvalidator import ValidationContext

from .changes import POLICY
from .evidence import ANY_ALGORITHM, KEY_USAGE, Evidence, context, searching_context, untrusting_context
from .integrity import digest_of, is_forged
from .reports import NOT_KNOWN_ALGORITHM, WEAK_ALGORITHM, Change, SignatureReport, SignatureState
from .trust import Trust

_REASONS = {
    SignatureState.VALID: "",
    SignatureState.UNKNOWN_SIGNER: "no chain to a trusted root, or a certificate that is not for signing",
    SignatureState.EXPIRED: "a certificate of the chain was no longer valid",
    SignatureState.REVOKED: "a certificate of the chain is revoked",
    SignatureState.BROKEN: "the signed bytes or the signature over them were changed",
    SignatureState.UNVERIFIED: NOT_KNOWN_ALGORITHM,
}
# The signed bytes' SHA-1 is what is signed, in place of the bytes (ISO 32000-1, 12.8.3.3.1).
_OF_SHA1 = "/adbe.pkcs7.sha1"
_KINDS = {_OF_SHA1, "/adbe.pkcs7.detached", "/ETSI.CAdES.detached", "/PBAD.PAdES"}


class UnknownKind(ValueError):
    """A signature of a kind (/SubFilter) that is not known here."""


def judge(signature: EmbeddedPdfSignature, trust: Trust, evidence: Evidence, at: datetime) -> SignatureReport:
    """Return what can be said of `signature` at the time `at`. Raises what the library raises, see `faults.HOSTILE`."""
    status, is_weak = _status(signature, trust, evidence, at, at)
    stamp = status.timestamp_validity
    is_stamped = stamp is not None and stamp.intact and stamp.valid
    is_time_proven = is_stamped and stamp.trusted
    signed_on = stamp.timestamp if is_stamped else signature.self_reported_timestamp
    moment = min(stamp.timestamp, at) if is_time_proven else at
    if is_time_proven:
        status, is_weak = _status(signature, trust, evidence, moment, at)
    is_expired = _expiry(status) < moment
    if is_expired and status.validation_path is not None:
        # The library stops at the date: whether it was revoked, or good at all, shows just before.
        moment = _expiry(status) - timedelta(seconds=1)
        status, is_weak = _status(signature, trust, evidence, moment, at)
    if status.trusted and evidence.tells_of_revocation:
        found, _is_weak = _status(signature, trust, evidence, moment, at, searching_context)
        status = found if found.revoked else status
    state, reason = _state(signature, status, is_expired, is_weak)
    return SignatureReport(
        signature.field_name,
        state,
        reason,
        signed_on=_iso(signed_on),
        is_time_proven=is_time_proven,
        is_trusted=state is SignatureState.VALID,
        is_expired=is_expired,
        is_revoked=status.revoked,
        **_facts(status),
    )


def judge_timestamp(signature: EmbeddedPdfSignature, trust: Trust, evidence: Evidence, at: datetime) -> SignatureReport:
    """Return the same of a time stamp over the whole file."""
    status, is_weak = _leniently(
        lambda own: _first_of(
            lambda stamp: validate_pdf_timestamp(signature, stamp, diff_policy=POLICY),
            (own,),
            (untrusting_context(at),),
        ),
        context,
        trust,
        evidence,
        at,
    )
    state, reason = _state(signature, status, is_expired=False, is_weak=is_weak)
    return SignatureReport(
        signature.field_name,
        state,
        reason,
        signed_on=_iso(status.timestamp),
        is_time_proven=state is SignatureState.VALID,
        is_trusted=state is SignatureState.VALID,
        is_expired=status.signing_cert.not_valid_after < at,
        is_revoked=status.revoked,
        is_timestamp=True,
        **_facts(status),
    )


def _status(
    signature: EmbeddedPdfSignature,
    trust: Trust,
    evidence: Evidence,
    moment: datetime,
    at: datetime,
    context_of_signer: Callable[..., ValidationContext] = context,
) -> tuple[PdfSignatureStatus, bool]:
    """Return pyHanko's findings with the signer's certificates judged at `moment`, those of time stamps at `at`.

    And whether they are those of `_leniently`.
    """
    kind = signature.sig_object.get("/SubFilter")
    if kind not in _KINDS:
        raise UnknownKind
    stamp, weak = context(trust, evidence, at), untrusting_context(at)
    return _leniently(
        lambda signer: _first_of(partial(_full_status, signature), (signer, stamp), (signer, weak), (weak, weak)),
        context_of_signer,
        trust,
        evidence,
        moment,
    )


def _leniently(
    status: Callable[..., PdfSignatureStatus],
    context_of: Callable[..., ValidationContext],
    trust: Trust,
    evidence: Evidence,
    moment: datetime,
):
    """Return `status` in a context of `moment`, and whether it is that of one which takes any algorithm.

    The library gives up at what is too weak today: who signed is told all the same, where their issuer is trusted.
    """
    found = status(context_of(trust, evidence, moment))
    # Where nobody is trusted, no other look finds an issuer who is.
    if found.validation_path is None and trust.roots:
        lenient = status(context_of(trust, evidence, moment, ANY_ALGORITHM))
        if lenient.validation_path is not None:
            return lenient, True
    return found, False


def _first_of(status: Callable[..., PdfSignatureStatus], *contexts: tuple[ValidationContext, ...]):
    """Return `status` in the first of `contexts` in which it can be told.

    An older pyHanko raises for algorithms that are too weak, a newer one says that the signer is not trusted.
    """
    for each in contexts[:-1]:
        with contextlib.suppress(DisallowedAlgorithmError):
            return status(*each)
    return status(*contexts[-1])


def _full_status(
    signature: EmbeddedPdfSignature, signer: ValidationContext, stamp: ValidationContext
) -> PdfSignatureStatus:
    # What was added does not depend on the time, and takes long to go through.
    options = {"diff_policy": POLICY, "skip_diff": signature.diff_result is not None}
    if signature.sig_object["/SubFilter"] != _OF_SHA1:
        try:
            return validate_pdf_signature(signature, signer, stamp, key_usage_settings=KEY_USAGE, **options)
        except CMSStructuralError:
            # An odd time stamp takes nothing from the signature itself. Whoever finds a digest looks no further.
            signature.tst_signature_digest = signature.tst_signature_digest or b"-"
    signature.compute_integrity_info(**options)
    return asyncio.run(_bare_status(signature, signer))


async def _bare_status(signature: EmbeddedPdfSignature, signer: ValidationContext) -> PdfSignatureStatus:
    """Return pyHanko's findings without time stamps."""
    digest, is_of_this = signature.compute_digest(), True
    if signature.sig_object["/SubFilter"] == _OF_SHA1:
        held = signature.signed_data["encap_content_info"]["content"].native
        is_of_this = held == digest_of(signature.reader.stream, signature.byte_range, "sha1")
        # The library takes that of what is inside.
        digest = None
    kept = signature.summarise_integrity_info()
    found = await cms_basic_validation(signature.signed_data, digest, signer, kept, key_usage_settings=KEY_USAGE)
    return PdfSignatureStatus(**{**found, "intact": found["intact"] and is_of_this}, has_seed_values=False)


def _state(
    signature: EmbeddedPdfSignature,
    status: PdfSignatureStatus | TimestampSignatureStatus,
    is_expired: bool,
    is_weak: bool,
) -> tuple[SignatureState, str]:
    """Return what the signature is worth, and why."""
    if not status.valid:
        # The library calls what it does not know "not valid", too.
        forged = is_forged(signature.pkcs7_content, status.signing_cert, signature.compute_digest())
        state = SignatureState.BROKEN if forged else SignatureState.UNVERIFIED
    elif not status.intact:
        state = SignatureState.BROKEN
    elif status.revoked:
        state = SignatureState.REVOKED
    elif not status.trusted:
        state = SignatureState.UNKNOWN_SIGNER
    elif is_weak:
        return SignatureState.UNVERIFIED, WEAK_ALGORITHM
    else:
        state = SignatureState.EXPIRED if is_expired else SignatureState.VALID
    return state, _REASONS[state]


def _expiry(status: PdfSignatureStatus) -> datetime:
    certificates = [status.signing_cert]
    if status.validation_path is not None:
        # A root is trusted because somebody says so, not by its dates.
        certificates += status.validation_path.iter_certs(include_root=False)
    return min(certificate.not_valid_after for certificate in certificates)


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


def _name(name: x509.Name) -> str:
    """Return the common name, or else the organisation; other parts may hold the person's number."""
    parts = name.native
    found = parts.get("common_name") or parts.get("organization_name") or ""
    return str(found[0] if isinstance(found, list) else found)[:200]


def _iso(moment: datetime | None) -> str | None:
    # At the ends of the calendar there are times that other time zones do not have.
    if moment is None or not 1 < moment.year < 9999:
        return None
    # Some writers leave the zone out.
    return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).astimezone(timezone.utc).isoformat()
