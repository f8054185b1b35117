"""What bytes prove without the library: each kind of key, and that nothing is proven where it is not."""

import hashlib
import io
from types import SimpleNamespace

import attacks
import pytest
from authority import NOW, Authority, pdf
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from inspection import integrity
from inspection.integrity import digest_of, is_another_files, is_forged

RSA = rsa.generate_private_key(65537, 2048)
DIGEST = hashlib.sha256(b"x").digest()
SHA256 = hashes.SHA256()


def _cms(content):
    _start, before, after, _rest = attacks.signed_range(content)
    return bytes.fromhex(content[before + 1 : after - 1].decode())


class _Algorithm(dict):
    def __init__(self, kind):
        super().__init__()
        self.signature_algo = kind
        name = SimpleNamespace(native="sha256")
        self["parameters"] = {"mask_gen_algorithm": {"parameters": {"algorithm": name}}}


@pytest.mark.parametrize(
    ("kind", "key", "sign"),
    [
        ("rsassa_pkcs1v15", RSA, (padding.PKCS1v15(), Prehashed(SHA256))),
        (
            "rsassa_pss",
            RSA,
            (padding.PSS(padding.MGF1(SHA256), 32), Prehashed(SHA256)),
        ),
        ("ecdsa", ec.generate_private_key(ec.SECP256R1()), (ec.ECDSA(Prehashed(SHA256)),)),
        ("dsa", dsa.generate_private_key(1024), (Prehashed(SHA256),)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_kind_of_key(kind, key, sign):
    signature = key.sign(DIGEST, *sign)
    integrity._verify(key.public_key(), _Algorithm(kind), signature, DIGEST, SHA256)
    with pytest.raises(InvalidSignature):
        integrity._verify(key.public_key(), _Algorithm(kind), signature, hashlib.sha256(b"y").digest(), SHA256)
    with pytest.raises(ValueError, match="unknown"):
        other = ed25519.Ed25519PrivateKey.generate().public_key()
        integrity._verify(other, _Algorithm(kind), signature, DIGEST, SHA256)


def test_a_signature_of_another_key_is_forged(authority):
    content = _cms(authority.sign(pdf()))
    assert not is_forged(content, authority.office.asn1, DIGEST)
    assert is_forged(content, Authority().office.asn1, DIGEST)
    assert not is_forged(content, authority.stamping.asn1, DIGEST), "a key of another kind proves nothing"
    assert not is_forged(b"nothing", authority.office.asn1, DIGEST)


def test_a_digest_of_another_file(authority):
    signed = authority.sign(pdf())
    span = attacks.signed_range(signed)
    assert not is_another_files(io.BytesIO(signed), span, _cms(signed))
    assert is_another_files(io.BytesIO(attacks.changed_byte(signed, 100)), span, _cms(signed))
    assert not is_another_files(io.BytesIO(signed), span, b"nothing")


def test_a_time_stamp_of_another_file(authority):
    stamped = authority.stamp(pdf(), NOW)
    span = attacks.signed_range(stamped)
    assert not is_another_files(io.BytesIO(stamped), span, _cms(stamped))
    assert is_another_files(io.BytesIO(attacks.changed_byte(stamped, 100)), span, _cms(stamped))


def test_only_known_digests():
    with pytest.raises(ValueError, match="unknown"):
        digest_of(io.BytesIO(b"x"), (0, 1), "sm3")
    assert digest_of(io.BytesIO(b"abc"), (0, 1, 2, 9), "sha1") == hashlib.sha1(b"ac").digest()
