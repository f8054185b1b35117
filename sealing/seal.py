"""The agency's electronic seal over a whole PDF (PAdES), with the key of a PKCS#12 file."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID

from .faults import CertificateNotForSigning, CertificateOver, KeyUnusable, PasswordWrong


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
        # Here alone: it takes longer to load than all of an Odoo with the add-on, and few processes seal.
        from .pades import sealed

        return sealed(content, self.subject, (self._key, self._certificate, self._others), reason, location)
