"""The certification authority of the simulated country, and its offices' signatures on PDFs.

Its key follows from words that anybody can read here, so that one certificate (`authority.pem`) fits every run. Who
trusts it outside of training trusts everybody.
"""

import hashlib
import io
import threading
from datetime import datetime, timezone
from functools import lru_cache
from pathlib import Path

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore

NAME = "CA mô phỏng (chỉ để thử nghiệm)"
ROOT_FILE = Path(__file__).with_name("authority.pem")
_SINCE, _UNTIL = datetime(2020, 1, 1, tzinfo=timezone.utc), datetime(2045, 1, 1, tzinfo=timezone.utc)
# pyHanko's signing runs an event loop of its own; and two requests for one paper sign it once.
_signing = threading.RLock()


def signed(content: bytes, office: str) -> bytes:
    """Return the PDF `content` with the signature of `office`; the same bytes for as long as the process lives."""
    with _signing:
        return _signed(content, office)


def root() -> x509.Certificate:
    """Return a certificate of the authority itself, as `authority.pem` holds one."""
    return _certificate(NAME, _key(NAME).public_key(), is_authority=True)


@lru_cache(maxsize=256)
def _signed(content: bytes, office: str) -> bytes:
    key = _key(office)
    certificate = _certificate(office, key.public_key(), is_authority=False)
    signer = signers.SimpleSigner(_asn1(certificate), _asn1_key(key), SimpleCertificateStore())
    metadata = signers.PdfSignatureMetadata(field_name="ChuKy", md_algorithm="sha256")
    writer = IncrementalPdfFileWriter(io.BytesIO(content))
    return signers.sign_pdf(writer, metadata, signer).getvalue()


@lru_cache(maxsize=64)
def _key(name: str) -> ec.EllipticCurvePrivateKey:
    seed = hashlib.sha256(f"kho_dl simulator {name}".encode()).digest()
    return ec.derive_private_key(int.from_bytes(seed), ec.SECP256R1())


def _certificate(name: str, public_key: ec.EllipticCurvePublicKey, is_authority: bool) -> x509.Certificate:
    usage = dict.fromkeys(
        ("key_encipherment", "data_encipherment", "key_agreement", "encipher_only", "decipher_only"), False
    )
    signs = {"digital_signature": not is_authority, "content_commitment": not is_authority}
    builder = (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name(NAME))
        .public_key(public_key)
        .serial_number(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))
        .not_valid_before(_SINCE)
        .not_valid_after(_UNTIL)
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
        .add_extension(
            x509.KeyUsage(key_cert_sign=is_authority, crl_sign=is_authority, **signs, **usage), critical=True
        )
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(_key(NAME).public_key()), critical=False)
    )
    return builder.sign(_key(NAME), hashes.SHA256())


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name[:64])])


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(serialization.Encoding.DER))


def _asn1_key(key: ec.EllipticCurvePrivateKey) -> asn1_keys.PrivateKeyInfo:
    private = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return asn1_keys.PrivateKeyInfo.load(key.private_bytes(serialization.Encoding.DER, *private))
