"""An invented certification authority, and PDFs signed by people that it certifies; imports nothing of ours."""

import asyncio
import io
from datetime import datetime, timedelta, timezone
from functools import cached_property

from asn1crypto import crl as asn1_crl
from asn1crypto import keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigFieldSpec, append_signature_field
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko.sign.validation import DocumentSecurityStore
from pyhanko.stamp import TextStampStyle
from pyhanko_certvalidator.registry import SimpleCertificateStore
from reportlab.pdfgen.canvas import Canvas

NOW = datetime(2026, 6, 1, tzinfo=timezone.utc)
YEAR = timedelta(days=365)
OFFICE = "So Tu phap Thu nghiem"


class Holder:
    """A certificate and its key."""

    def __init__(self, certificate, key):
        self.certificate, self.key = certificate, key
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.asn1 = asn1_x509.Certificate.load(self.der)

    @property
    def pem(self):
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    @property
    def asn1_key(self):
        private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        return keys.PrivateKeyInfo.load(self.key.private_bytes(serialization.Encoding.DER, *private))


class Authority:
    """Root and intermediate, and whom they certify: office, expired, revoked, time stamps."""

    def __init__(self, root="Test Root CA"):
        self.root = certified(root, None, is_authority=True)
        self.middle = certified("Test Issuing CA", self.root, is_authority=True)
        self.office = certified(OFFICE, self.middle)
        self.expired = certified("Can bo Het han", self.middle, until=NOW - 30 * timedelta(days=1))
        self.revoked = certified("Can bo Thu hoi", self.middle)
        self.server = certified("Khong duoc ky", self.middle, may_sign=False)

    @cached_property
    def stamping(self):
        """Who stamps the time; only made where somebody does, as its key takes long."""
        return certified("Test TSA", self.middle, is_stamping=True)

    def stamper(self, when):
        """Return who stamps `when` as the time."""
        return DummyTimeStamper(
            self.stamping.asn1, self.stamping.asn1_key, self._store(), fixed_dt=when, include_nonce=False
        )

    def crl(self, *holders, issued=NOW - timedelta(days=2), since=NOW - timedelta(days=10)):
        """Return the issuing authority's list that revokes `holders`."""
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.middle.certificate.subject)
        builder = builder.last_update(issued).next_update(issued + timedelta(days=1))
        for holder in holders:
            entry = x509.RevokedCertificateBuilder().serial_number(holder.certificate.serial_number)
            reason = x509.CRLReason(x509.ReasonFlags.key_compromise)
            entry = entry.revocation_date(since).add_extension(reason, critical=False)
            builder = builder.add_revoked_certificate(entry.build())
        key_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.middle.key.public_key())
        builder = builder.add_extension(key_id, critical=False).add_extension(x509.CRLNumber(1), critical=False)
        signed = builder.sign(self.middle.key, hashes.SHA256())
        return asn1_crl.CertificateList.load(signed.public_bytes(serialization.Encoding.DER))

    def sign(self, content, holder=None, field="Ky1", **options):
        """Return `content` with a signature of `holder` (the office) appended."""
        return self.sign_with(IncrementalPdfFileWriter(io.BytesIO(content)), holder, field, **options)

    def sign_with(self, writer, holder=None, field="Ky1", **options):
        """Return what `writer` writes with a signature in it."""
        holder = holder or self.office
        stamped = options.pop("stamped", None)
        signer = signers.SimpleSigner(holder.asn1, holder.asn1_key, self._store())
        return signers.sign_pdf(
            writer,
            signers.PdfSignatureMetadata(field_name=field, **{"md_algorithm": "sha256", **options}),
            signer,
            timestamper=self.stamper(stamped) if stamped else None,
        ).getvalue()

    def enclose(self, content, digest="sha256", detached=False):
        """Return a signature of the office around `content`, as a file of the kind .p7m; with `detached` beside it."""
        signer = signers.SimpleSigner(self.office.asn1, self.office.asn1_key, self._store())
        return asyncio.run(signer.async_sign_general_data(content, digest, detached=detached)).dump()

    def sign_visibly(self, content, box=None, field="Ky2", page=0):
        """Return `content` with a signature that shows something, in a new field where a `box` is given."""
        writer = IncrementalPdfFileWriter(io.BytesIO(content))
        if box:
            append_signature_field(writer, SigFieldSpec(field, box=box, on_page=page))
        signer = signers.SimpleSigner(self.office.asn1, self.office.asn1_key, self._store())
        meta = signers.PdfSignatureMetadata(field_name=field, md_algorithm="sha256")
        style = TextStampStyle(stamp_text="Da ky")
        return signers.PdfSigner(meta, signer, stamp_style=style).sign_pdf(writer).getvalue()

    def stamp(self, content, when, digest="sha256"):
        """Return `content` with a time stamp over the whole file appended."""
        stamper = signers.PdfTimeStamper(self.stamper(when))
        return stamper.timestamp_pdf(IncrementalPdfFileWriter(io.BytesIO(content)), digest).getvalue()

    def with_crl(self, content, crl):
        """Return `content` with `crl` in its security store, as an incremental update."""
        output = io.BytesIO(content)
        DocumentSecurityStore.add_dss(output, None, crls=[crl])
        return output.getvalue()

    def _store(self):
        return SimpleCertificateStore.from_certs([self.middle.asn1])


def pdf(*lines, **options):
    """Return a PDF of one page with a text layer."""
    output = io.BytesIO()
    canvas = Canvas(output, invariant=1, **options)
    for number, line in enumerate(lines or ("Giay khai sinh",)):
        canvas.drawString(72, 700 - 20 * number, line)
    canvas.save()
    return output.getvalue()


def certified(name, issuer, *, is_authority=False, is_stamping=False, may_sign=True, until=NOW + 5 * YEAR, key=None):
    """Return a holder of that `name`, with a new key where no `key` is given, whom `issuer` certifies."""
    # pyHanko's test stamper only knows RSA.
    key = key or (rsa.generate_private_key(65537, 2048) if is_stamping else ec.generate_private_key(ec.SECP256R1()))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).public_key(key.public_key())
    builder = builder.issuer_name(issuer.certificate.subject if issuer else subject)
    builder = builder.serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(NOW - 5 * YEAR).not_valid_after(until)
    builder = builder.add_extension(x509.BasicConstraints(is_authority, None), critical=True)
    key_id = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    builder = builder.add_extension(key_id, critical=False)
    issuing_key = issuer.key if issuer else key
    issuer_id = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuing_key.public_key())
    builder = builder.add_extension(issuer_id, critical=False)
    builder = builder.add_extension(_usage(is_authority, may_sign), critical=True)
    if is_stamping:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return Holder(builder.sign(issuing_key, hashes.SHA256()), key)


def _usage(is_authority, may_sign):
    is_signing = may_sign and not is_authority
    return x509.KeyUsage(
        digital_signature=is_signing,
        content_commitment=is_signing,
        key_encipherment=not may_sign,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        encipher_only=False,
        decipher_only=False,
    )
