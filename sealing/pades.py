"""Sealing a PDF as a whole (PAdES), for `seal`."""

from __future__ import annotations

import io

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .faults import SignedScan, UnreadableScan

_FIELD, _MOST_SEALS = "Seal", 100
_DIGEST = "sha256"


def sealed(content: bytes, subject: str, holder: tuple, reason: str, location: str) -> bytes:
    """Return the PDF `content` sealed by `holder`, a key, its certificate, and those above it; see `SealKey.seal`."""
    try:
        writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
        taken = {name for name, _value, _field in enumerate_sig_fields(writer)}
        metadata = _metadata(taken, subject, reason, location)
        return signers.sign_pdf(writer, metadata, _signer(*holder)).getvalue()
    except PdfError as error:
        raise UnreadableScan(type(error).__name__) from None
    except SigningError:
        raise SignedScan("a signature in it allows no seal") from None


def _metadata(taken: set[str], subject: str, reason: str, location: str) -> signers.PdfSignatureMetadata:
    """Return what the seal says of itself, in a field of its own beside those of the names `taken`."""
    names = (_FIELD, *(f"{_FIELD}{number}" for number in range(2, _MOST_SEALS)))
    return signers.PdfSignatureMetadata(
        field_name=next(name for name in names if name not in taken),
        md_algorithm=_DIGEST,
        subfilter=SigSeedSubFilter.PADES,
        reason=reason,
        location=location or None,
        name=subject,
    )


def _signer(key, certificate: x509.Certificate, others: list[x509.Certificate]) -> signers.SimpleSigner:
    chain = SimpleCertificateStore()
    chain.register_multiple([_asn1(other) for other in others])
    private = key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return signers.SimpleSigner(
        signing_cert=_asn1(certificate),
        signing_key=keys.PrivateKeyInfo.load(private),
        cert_registry=chain,
    )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
