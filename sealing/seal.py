"""The agency's electronic seal over a whole PDF (PAdES), with the key of a PKCS#12 file."""

from __future__ import annotations

import io
from datetime import datetime

from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter, enumerate_sig_fields
from pyhanko.sign.general import SigningError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from .faults import CertificateNotForSigning, CertificateOver, KeyUnusable, PasswordWrong, SignedScan, UnreadableScan

_FIELD, _MOST_SEALS = "Seal", 100
_DIGEST = "sha256"


class SealKey:
    """The agency's certificate with its key; `subject` is whom it names, `valid_from`, `valid_until` are aware."""

    def __init__(self, content: bytes, password: str) -> None:
        """Open the PKCS#12 file `content`. Raises PasswordWrong, KeyUnusable."""
        try:
            key, certificate, others = pkcs12.load_key_and_certificates(content, password.encode())
        except ValueError as error:
            # The library tells a wrong password from a broken file in words only.
            wrong = "password" in str(error).lower()
            raise (PasswordWrong if wrong else KeyUnusable)("the key file cannot be opened") from None
        if key is None or certificate is None:
            raise KeyUnusable("no certificate with its key")
        self._certificate, self._key, self._others = certificate, key, others
        names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        self.subject = str(names[0].value) if names else certificate.subject.rfc4514_string()
        self.valid_from, self.valid_until = certificate.not_valid_before_utc, certificate.not_valid_after_utc

    def check(self, now: datetime) -> None:
        """Raise CertificateOver or CertificateNotForSigning where nothing should be sealed with it at `now`."""
        if not self.valid_from <= now <= self.valid_until:
            raise CertificateOver(self.valid_until)
        try:
            usage = self._certificate.extensions.get_extension_for_class(x509.KeyUsage).value
        except x509.ExtensionNotFound:
            return
        if not (usage.digital_signature or usage.content_commitment):
            raise CertificateNotForSigning("the key usage forbids it")

    def seal(self, content: bytes, now: datetime, reason: str, location: str = "") -> bytes:
        """Return the PDF `content` sealed as a whole; nothing of the seal shows on its pages.

        `now` is only what the certificate is checked against: the time in the seal is the machine's. Signatures that
        are there stay right: the seal is added behind them. Raises what `check` raises, UnreadableScan, and SignedScan
        where a signature forbids any further one.
        """
        self.check(now)
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(content), strict=False)
            taken = {name for name, _value, _field in enumerate_sig_fields(writer)}
            return signers.sign_pdf(writer, self._metadata(taken, reason, location), self._signer()).getvalue()
        except PdfError as error:
            raise UnreadableScan(type(error).__name__) from None
        except SigningError:
            raise SignedScan("a signature in it allows no seal") from None

    def _metadata(self, taken: set[str], reason: str, location: str) -> signers.PdfSignatureMetadata:
        """Return what the seal says of itself, in a field of its own beside those of the names `taken`."""
        names = (_FIELD, *(f"{_FIELD}{number}" for number in range(2, _MOST_SEALS)))
        return signers.PdfSignatureMetadata(
            field_name=next(name for name in names if name not in taken),
            md_algorithm=_DIGEST,
            subfilter=SigSeedSubFilter.PADES,
            reason=reason,
            location=location or None,
            name=self.subject,
        )

    def _signer(self) -> signers.SimpleSigner:
        chain = SimpleCertificateStore()
        chain.register_multiple([_asn1(other) for other in self._others])
        private = self._key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return signers.SimpleSigner(
            signing_cert=_asn1(self._certificate),
            signing_key=keys.PrivateKeyInfo.load(private),
            cert_registry=chain,
        )


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))
