"""Whether a signature's own bytes contradict the file, looked at without pyHanko's rules on how they are written.

The library raises, or says "not valid", also for what is only unusual. Here nothing is concluded but what the bytes
prove: a digest that is that of another file, a signature that its own key did not make.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import BinaryIO

from asn1crypto import algos, cms, core, x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import dsa, ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed

from .faults import HOSTILE

_BLOCK = 1024 * 1024
_SHA3 = {"sha3_224", "sha3_256", "sha3_384", "sha3_512"}
_DIGESTS = {"sha1", "sha224", "sha256", "sha384", "sha512", "md5"} | _SHA3
_SET = 0x31
_EC_KEY = "1.2.840.10045.2.1"
# As they are written: the attribute that holds the digest, up to its set; what a time stamp signs.
_MESSAGE_DIGEST = bytes([*core.ObjectIdentifier("1.2.840.113549.1.9.4").dump(), _SET])
_TIME_STAMP = core.ObjectIdentifier("1.2.840.113549.1.9.16.1.4").dump()


def digest_of(stream: BinaryIO, byte_range: Sequence[int], name: str) -> bytes:
    """Return the digest of the signed bytes. Raises ValueError for an unknown name."""
    if name not in _DIGESTS:
        raise ValueError("an unknown digest")
    found = hashlib.new(name, usedforsecurity=False)
    numbers = [int(part) for part in byte_range]
    for start, length in zip(numbers[::2], numbers[1::2], strict=True):
        stream.seek(start)
        while length > 0 and (block := stream.read(min(length, _BLOCK))):
            found.update(block)
            length -= len(block)
    return found.digest()


def is_another_files(stream: BinaryIO, byte_range: Sequence[int], contents: bytes) -> bool:
    """Tell whether the signature in `contents` (CMS) names another digest than that of the signed bytes.

    False also where that cannot be found out.
    """
    try:
        signed = _signed_data(contents)
        content = signed["encap_content_info"]
        held = content["content"]
        if content["content_type"].native == "tst_info":
            imprint = held.parsed["message_imprint"]
            name, expected = imprint["hash_algorithm"]["algorithm"].native, imprint["hashed_message"].native
            return digest_of(stream, byte_range, name) != expected
        if held is not core.VOID and held.native is not None:
            # As /adbe.pkcs7.sha1 has it; anything longer is some other content.
            return len(held.native) == 20 and digest_of(stream, byte_range, "sha1") != held.native
        found = [_is_of(stream, byte_range, signer) for signer in signed["signer_infos"]]
        return False in found and True not in found
    except HOSTILE:
        return _is_another_by_its_bytes(stream, byte_range, contents)


def call_ecdsa_so(signed: cms.SignedData) -> None:
    """Change the name of a signature's algorithm from that of its key, as iText 5 has it for ECDSA: no library knows that."""
    for signer in signed["signer_infos"]:
        if signer["signature_algorithm"]["algorithm"].dotted == _EC_KEY:
            signer["signature_algorithm"] = {"algorithm": "ecdsa"}


def names_a_digest(contents: bytes) -> bool:
    """Tell whether `contents` look like a signature or a time stamp (CMS), even where they are spoilt."""
    return _TIME_STAMP in contents or _written_digest(contents) is not None


def _is_another_by_its_bytes(stream: BinaryIO, byte_range: Sequence[int], contents: bytes) -> bool:
    """Tell the same of a signature that cannot be taken apart any more, as long as the digest stands there."""
    expected = _written_digest(contents)
    alike = _as_long_as(expected) if expected else []
    return bool(alike) and all(digest_of(stream, byte_range, each) != expected for each in alike)


def _as_long_as(digest: bytes) -> list[str]:
    """Return the names of the known digests that have the length of this one."""
    return [each for each in _DIGESTS if hashlib.new(each).digest_size == len(digest)]


def _written_digest(contents: bytes) -> bytes | None:
    before, _mark, behind = contents.partition(_MESSAGE_DIGEST)
    if _TIME_STAMP in before or len(behind) < 4:
        # That of a time stamp, which is not about the file.
        return None
    (outer, tag, length), rest = behind[:3], behind[3:]
    return rest[:length] if outer == length + 2 and tag == core.OctetString.tag and len(rest) >= length else None


def _is_of(stream: BinaryIO, byte_range: Sequence[int], signer: cms.SignerInfo) -> bool | None:
    """Tell whether `signer` signed these bytes, as far as its digest tells; None where it does not."""
    try:
        expected = _named_digest(signer)
        if expected is None:
            return None
        name = signer["digest_algorithm"]["algorithm"].native
        if name in _DIGESTS:
            return digest_of(stream, byte_range, name) == expected
        # Under a name that is not known, it may still be one that is: the one that the key signed with.
        alike = _as_long_as(expected)
        if any(digest_of(stream, byte_range, each) == expected for each in alike):
            return True
        return False if signer["signature_algorithm"].hash_algo in alike else None
    except HOSTILE:
        return None


def is_forged_by_itself(contents: bytes, stream: BinaryIO, byte_range: Sequence[int]) -> bool:
    """Tell whether the key of the signer's own certificate in `contents` did not make the signature there."""
    try:
        signed = _signed_data(contents)
        (signer,) = signed["signer_infos"]
        name = signer["digest_algorithm"]["algorithm"].native
        digest = digest_of(stream, byte_range, name) if name in _DIGESTS else b""
        number = signer["sid"].chosen["serial_number"].native
        (own,) = [each.chosen for each in signed["certificates"] if each.chosen.serial_number == number]
    except HOSTILE:
        return False
    return is_forged(contents, own, digest)


def is_forged(contents: bytes, certificate: x509.Certificate, digest: bytes) -> bool:
    """Tell whether the key of `certificate` did not make the one signature in `contents`, read byte for byte.

    `digest` is that of the signed bytes, which are signed themselves where there are no signed attributes. False also
    for algorithms that are not known here.
    """
    try:
        signed = _signed_data(contents)
        (signer,) = signed["signer_infos"]
        key = serialization.load_der_public_key(certificate.public_key.dump())
        algorithm = signer["signature_algorithm"]
        attributes = signer["signed_attrs"]
        written = b"" if attributes is core.VOID else bytes([_SET]) + attributes.dump()[1:]
        if algorithm.signature_algo in ("ed25519", "ed448") and written:
            key.verify(signer["signature"].native, written)
            return False
        name = _hash_name(algorithm, signer["digest_algorithm"])
        if written:
            digest = hashlib.new(name, written, usedforsecurity=False).digest()
        _verify(key, algorithm, signer["signature"].native, digest, _hash(name))
    except InvalidSignature:
        return True
    except HOSTILE:
        return False
    return False


def _verify(
    key: object, algorithm: algos.SignedDigestAlgorithm, signature: bytes, digest: bytes, hashed: hashes.HashAlgorithm
) -> None:
    """Raise InvalidSignature where `key` did not sign `digest`, ValueError where that cannot be told."""
    kind = algorithm.signature_algo
    if kind == "rsassa_pkcs1v15" and isinstance(key, rsa.RSAPublicKey):
        key.verify(signature, digest, padding.PKCS1v15(), Prehashed(hashed))
    elif kind == "rsassa_pss" and isinstance(key, rsa.RSAPublicKey):
        mask = algorithm["parameters"]["mask_gen_algorithm"]["parameters"]["algorithm"].native
        key.verify(signature, digest, padding.PSS(padding.MGF1(_hash(mask)), padding.PSS.AUTO), Prehashed(hashed))
    elif kind == "ecdsa" and isinstance(key, ec.EllipticCurvePublicKey):
        key.verify(signature, digest, ec.ECDSA(Prehashed(hashed)))
    elif kind == "dsa" and isinstance(key, dsa.DSAPublicKey):
        key.verify(signature, digest, Prehashed(hashed))
    else:
        raise ValueError("an unknown algorithm")


def _hash(name: str) -> hashes.HashAlgorithm:
    return getattr(hashes, name.upper())()


def _hash_name(algorithm: algos.SignedDigestAlgorithm, digest_algorithm: algos.DigestAlgorithm) -> str:
    try:
        name = algorithm.hash_algo
    except ValueError:
        # "RSA" or "ECDSA" alone.
        name = digest_algorithm["algorithm"].native
    if name not in _DIGESTS:
        raise ValueError("an unknown digest")
    return name


def _signed_data(contents: bytes) -> cms.SignedData:
    """Return a fresh copy: the library changes how parts are written by looking at them."""
    signed = cms.ContentInfo.load(contents)["content"]
    call_ecdsa_so(signed)
    return signed


def _named_digest(signer: cms.SignerInfo) -> bytes | None:
    """Return the digest that the signed attributes name; None where there are none."""
    attributes = signer["signed_attrs"]
    if attributes is core.VOID:
        return None
    for attribute in attributes:
        if attribute["type"].native == "message_digest":
            return attribute["values"][0].native
    return None
