"""Whether an id_token is what the provider said, to us, of somebody who signs in now (OpenID Connect Core 1.0, 3.1.3.7).

Only what is allowed here is looked at: the algorithms are ours to choose, not the token's (RFC 8725).
"""

import base64
import hmac
import json
import re
from collections.abc import Callable, Mapping

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

_LONGEST, _LONGEST_SUBJECT, _MOST_KEYS = 16 * 1024, 255, 20
_PART = re.compile(r"[A-Za-z0-9_-]+")
# Clocks differ by so much (s); nobody keeps a token for longer than the other before it is brought.
_LEEWAY, _OLDEST = 60, 600
# No moment is so far away (s).
_NEVER = 2**53
_LEAST_RSA_BITS, _MOST_RSA_BITS = 2048, 8192
_P256_BYTES = 32


class TokenWrong(Exception):
    """The id_token proves nothing; the message says why, for a log."""


class KeyUnknown(TokenWrong):
    """No key that was given is the one of the token: keys may have changed since they were asked for."""


def verified_claims(token, keys, *, issuer, client_id, nonce, now):
    """Return the claims of `token`, text, which one of `keys` (JWKS, a list of dicts) signed for `client_id` and `nonce`.

    `now` in seconds since 1970. Raises TokenWrong, and KeyUnknown where other keys may help.
    """
    head, claims, signature, content = _parts(token)
    algorithm = head.get("alg")
    verify = _ALGORITHMS.get(algorithm) if isinstance(algorithm, str) else None
    if verify is None:
        raise TokenWrong("algorithm")
    if "crit" in head:
        raise TokenWrong("critical header")
    if not any(verify(key, signature, content) for key in _fitting(keys, head.get("kid"), algorithm)):
        raise TokenWrong("signature")
    _check_claims(claims, issuer, client_id, nonce, now)
    return claims


def _parts(token):
    parts = token.split(".") if isinstance(token, str) and len(token) <= _LONGEST else []
    if len(parts) != 3 or not all(map(_PART.fullmatch, parts)):
        raise TokenWrong("form")
    try:
        *texts, signature = map(_decoded, parts)
        head, claims = map(json.loads, texts)
    except (ValueError, RecursionError):
        raise TokenWrong("form") from None
    if not (isinstance(head, dict) and isinstance(claims, dict)):
        raise TokenWrong("form")
    return head, claims, signature, f"{parts[0]}.{parts[1]}".encode()


def _decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _fitting(keys, key_id, algorithm):
    kind = "EC" if algorithm.startswith("ES") else "RSA"
    own = [
        key
        for key in keys
        if key.get("kty") == kind and key.get("use", "sig") == "sig" and key.get("alg", algorithm) == algorithm
    ]
    fitting = [key for key in own if key_id is None or key.get("kid") == key_id]
    if not fitting:
        raise KeyUnknown("key")
    return fitting[:_MOST_KEYS]


def _check_claims(claims, issuer, client_id, nonce, now):
    audience = claims.get("aud")
    issued, ends, begins = (_seconds(claims, name) for name in ("iat", "exp", "nbf"))
    # One that is for others, too, could have been given to them.
    is_ours = audience in (client_id, [client_id]) and claims.get("azp", client_id) == client_id
    wrong = {
        "issuer": claims.get("iss") != issuer,
        "audience": not is_ours,
        "nonce": not _is_same(claims.get("nonce"), nonce),
        "expired": ends is None or now >= ends + _LEEWAY,
        "issued": issued is None or not now - _OLDEST - _LEEWAY <= issued <= now + _LEEWAY,
        "not yet": begins is not None and begins > now + _LEEWAY,
        "subject": not _is_subject(claims.get("sub")),
    }
    if found := next((name for name, is_wrong in wrong.items() if is_wrong), None):
        raise TokenWrong(found)


def _seconds(claims, name):
    value = claims.get(name)
    return value if type(value) in (int, float) and abs(value) < _NEVER else None


def _is_same(value, wanted):
    return isinstance(value, str) and hmac.compare_digest(value.encode(errors="replace"), wanted.encode())


def _is_subject(value):
    return isinstance(value, str) and 0 < len(value) <= _LONGEST_SUBJECT and value.isprintable()


def _by_rsa(scheme: padding.AsymmetricPadding) -> Callable:
    def verify(key: Mapping, signature: bytes, content: bytes) -> bool:
        try:
            numbers = rsa.RSAPublicNumbers(_number(key, "e"), _number(key, "n"))
            if not _LEAST_RSA_BITS <= numbers.n.bit_length() <= _MOST_RSA_BITS:
                return False
            numbers.public_key().verify(signature, content, scheme, hashes.SHA256())
        except (InvalidSignature, ValueError):
            return False
        return True

    return verify


def _by_p256(key, signature, content):
    try:
        if key.get("crv") != "P-256" or len(signature) != 2 * _P256_BYTES:
            return False
        public = ec.EllipticCurvePublicNumbers(_number(key, "x"), _number(key, "y"), ec.SECP256R1()).public_key()
        r, s = (int.from_bytes(half, "big") for half in (signature[:_P256_BYTES], signature[_P256_BYTES:]))
        public.verify(encode_dss_signature(r, s), content, ec.ECDSA(hashes.SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True


def _number(key, name):
    """Return the number `name` of a key. Raises ValueError."""
    text = key.get(name)
    if not isinstance(text, str) or not _PART.fullmatch(text):
        raise ValueError(name)
    return int.from_bytes(_decoded(text), "big")


_ALGORITHMS = {
    "RS256": _by_rsa(padding.PKCS1v15()),
    "PS256": _by_rsa(padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)),
    "ES256": _by_p256,
}
