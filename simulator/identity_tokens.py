"""The tokens of the simulated identity provider: made right, and wrong on purpose."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from functools import cache

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

_RSA, _EC = "rsa-1", "ec-1"


def keys() -> dict[str, list[dict]]:
    """Return the public keys (JWKS)."""
    public, point = _rsa().public_key().public_numbers(), _ec().public_key().public_numbers()
    return {
        "keys": [
            {"kty": "RSA", "use": "sig", "kid": _RSA, "n": _number(public.n), "e": _number(public.e)},
            {
                "kty": "EC",
                "use": "sig",
                "kid": _EC,
                "crv": "P-256",
                "x": _number(point.x, 32),
                "y": _number(point.y, 32),
            },
        ]
    }


def signed(claims: Mapping[str, object], algorithm: str = "RS256", **header: object) -> str:
    """Return `claims` as a token signed with `algorithm`: RS256, ES256, HS256 with what everybody knows, or none."""
    head = {"alg": algorithm, "typ": "JWT", "kid": _EC if algorithm == "ES256" else _RSA, **header}
    content = f"{_text(json.dumps(head).encode())}.{_text(json.dumps(claims).encode())}"
    return f"{content}.{_text(_SIGNERS[algorithm](content.encode()))}"


def claims_of(token: str) -> dict[str, object]:
    """Return what stands in `token`, whoever signed it."""
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def odd(token: str, form: str) -> str:
    """Return `token` wrong in the way `form`, one of `FORMS`. Raises ValueError for another."""
    if form not in FORMS:
        raise ValueError(f"no such form: {form}; there are {', '.join(FORMS)}")
    return FORMS[form](claims_of(token))


def _changed(**changes: object) -> Callable[[dict], str]:
    return lambda claims: signed({**claims, **changes})


def _broken(claims: dict) -> str:
    head, _claims, signature = signed(claims).split(".")
    return f"{head}.{_text(json.dumps({**claims, 'acr': '9'}).encode())}.{signature}"


def _older(seconds: int) -> Callable[[dict], str]:
    return lambda claims: signed({**claims, "iat": int(time.time()) - seconds, "exp": int(time.time()) - seconds + 300})


FORMS: dict[str, Callable[[dict], str]] = {
    "nonce": _changed(nonce="another"),
    "audience": _changed(aud="another-client"),
    "audiences": lambda claims: signed({**claims, "aud": [claims["aud"], "another-client"]}),
    "issuer": _changed(iss="https://vneid.example.com"),
    "subject": _changed(sub=""),
    "level": _changed(acr="1"),
    "signature": _broken,
    "expired": _older(3600),
    "future": _older(-3600),
    "none": lambda claims: signed(claims, "none"),
    "hmac": lambda claims: signed(claims, "HS256"),
    "critical": lambda claims: signed(claims, crit=["b64"], b64=False),
    "unknown_key": lambda claims: signed(claims, kid="nobody"),
    "other_kind": lambda claims: signed(claims, kid=_EC),
    # Not wrong at all.
    "es256": lambda claims: signed(claims, "ES256"),
}


@cache
def _rsa() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def _ec() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _by_ec(content: bytes) -> bytes:
    r, s = decode_dss_signature(_ec().sign(content, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32) + s.to_bytes(32)


def _by_public_key(content: bytes) -> bytes:
    public = (
        _rsa().public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )
    return hmac.new(public, content, hashlib.sha256).digest()


_SIGNERS: dict[str, Callable[[bytes], bytes]] = {
    "RS256": lambda content: _rsa().sign(content, padding.PKCS1v15(), hashes.SHA256()),
    "ES256": _by_ec,
    "HS256": _by_public_key,
    "none": lambda content: b"",
}


def _number(number: int, length: int = 0) -> str:
    return _text(number.to_bytes(length or (number.bit_length() + 7) // 8))


def _text(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
