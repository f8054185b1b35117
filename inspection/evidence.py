"""What a file itself brings along about its certificates, and the contexts in which pyHanko judges them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from asn1crypto import crl, ocsp, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.general import MultivaluedAttributeError, NonexistentAttributeError, find_unique_cms_attribute
from pyhanko.sign.validation import DocumentSecurityStore, EmbeddedPdfSignature, KeyUsageConstraints
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    AlgorithmUsagePolicy,
    CertRevTrustPolicy,
    FreshnessReqType,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)

from .trust import Trust

# Offices sign with certificates for either use.
KEY_USAGE = KeyUsageConstraints(key_usage={"non_repudiation", "digital_signature"})
# In place of what the library holds for strong enough today.
ANY_ALGORITHM = AcceptAllAlgorithms()
_SOFT = RevocationCheckingRule.CHECK_IF_DECLARED_SOFT
_REQUIRED = RevocationCheckingRule.CRL_OR_OCSP_REQUIRED


@dataclass(frozen=True, slots=True)
class Evidence:
    """Certificates and revocation data that a file holds for its own signatures; each is signed by its issuer."""

    certificates: tuple[x509.Certificate, ...] = ()
    crls: tuple[crl.CertificateList, ...] = ()
    ocsps: tuple[ocsp.OCSPResponse, ...] = ()

    @property
    def tells_of_revocation(self) -> bool:
        """Tell whether there is anything to look the signer up in."""
        return bool(self.crls or self.ocsps)


def evidence_of(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> Evidence:
    """Return what stands in the file's security store (PAdES), and in `signature` itself (Adobe's attribute)."""
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        certificates, lists, answers = (), [], []
    else:
        certificates = tuple(store.load_certs())
        lists = [crl.CertificateList.load(reference.get_object().data) for reference in store.crls]
        answers = [ocsp.OCSPResponse.load(reference.get_object().data) for reference in store.ocsps]
    try:
        archive = find_unique_cms_attribute(signature.signer_info["signed_attrs"], "adobe_revocation_info_archival")
    except (NonexistentAttributeError, MultivaluedAttributeError):  # pylint: disable=except-pass
        pass
    else:
        lists += list(archive["crl"] or ())
        answers += list(archive["ocsp"] or ())
    return Evidence(certificates, tuple(lists), tuple(answers))


def context(
    trust: Trust, evidence: Evidence, at: datetime, algorithms: AlgorithmUsagePolicy | None = None
) -> ValidationContext:
    """Return what pyHanko needs to judge certificates at the time `at`, without any network.

    Without evidence that covers a certificate, nothing is concluded about its revocation.
    """
    return _context(trust, evidence, at, _SOFT, algorithms)


def searching_context(
    trust: Trust, evidence: Evidence, at: datetime, algorithms: AlgorithmUsagePolicy | None = None
) -> ValidationContext:
    """Return a context that looks the signer up in all `evidence`, and fails for who is not found there.

    The soft one skips lists when the certificate does not say where its lists are. Only a finding that the certificate
    is revoked means anything here.
    """
    return _context(trust, evidence, at, _REQUIRED, algorithms)


def untrusting_context(at: datetime) -> ValidationContext:
    """Return a context that knows nobody, and takes any algorithm: only whether something fits is told in it."""
    return ValidationContext(trust_roots=[], moment=at, allow_fetching=False, algorithm_usage_policy=ANY_ALGORITHM)


def _context(
    trust: Trust,
    evidence: Evidence,
    at: datetime,
    signer_rule: RevocationCheckingRule,
    algorithms: AlgorithmUsagePolicy | None,
) -> ValidationContext:
    known = _certificates(trust.intermediates)
    return ValidationContext(
        # A list even when empty: with None, pyHanko would trust what the operating system trusts for web sites.
        trust_roots=_certificates(trust.roots),
        other_certs=[*known, *evidence.certificates],
        moment=at,
        allow_fetching=False,
        crls=list(evidence.crls),
        ocsps=list(evidence.ocsps),
        algorithm_usage_policy=algorithms,
        revinfo_policy=CertRevTrustPolicy(
            RevocationCheckingPolicy(signer_rule, _SOFT),
            # Lists in a file are as old as the file; one that names the certificate tells as much today.
            freshness=timedelta(days=36500),
            freshness_req_type=FreshnessReqType.MAX_DIFF_REVOCATION_VALIDATION,
        ),
    )


def _certificates(ders: Iterable[bytes]) -> list[x509.Certificate]:
    return list(map(partial(x509.Certificate.load, strict=True), ders))
