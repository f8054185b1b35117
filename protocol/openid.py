"""OpenID Connect, the side of who lets people sign in: what a provider says of itself and gives for a code.

OpenID Connect Core 1.0 (authorization code), Discovery 1.0, RFC 7636 (PKCE). Nothing here knows whether a token is right.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode, urlsplit

from .calls import read_bounded
from .errors import AnswerNotUnderstood
from .transport import Exchange, answer_to, open_session

DISCOVERY_PATH = "/.well-known/openid-configuration"
_MOST_BYTES = 256 * 1024
_CONNECT_SECONDS, _SILENCE_SECONDS, _CALL_SECONDS = 5.0, 8.0, 10.0
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LONGEST_CODE = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A provider as it was configured; all addresses were looked at by `check_address`.

    `is_secret_in_body`: the client names itself in the form (client_secret_post), not in a header.
    """

    client_id: str
    client_secret: str
    token_endpoint: str
    keys_endpoint: str
    user_endpoint: str = ""
    is_secret_in_body: bool = False


def check_address(address: str) -> None:
    """Raise ValueError for an address that no provider is asked at: without TLS, but for this very machine."""
    parts = urlsplit(address)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    has_port = parts.port is None or parts.port > 0
    if not (is_safe and parts.hostname and has_port) or parts.username or parts.fragment or not _is_plain(address):
        raise ValueError("not an https address")


def _is_plain(address: str) -> bool:
    return address.isascii() and address.isprintable() and " " not in address


def authorization_address(endpoint: str, verifier: str, **parameters: str) -> str:
    """Return the address at `endpoint` where somebody proves who they are, with the challenge for `verifier` (S256)."""
    digest = hashlib.sha256(verifier.encode()).digest()
    challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    asked = {**parameters, "code_challenge": challenge, "code_challenge_method": "S256"}
    return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked, quote_via=quote)}"


class OpenIdClient:
    """Asks providers; a context manager, closed at the end. No call takes longer than `until` (time.monotonic()).

    `before_call` runs before each call. All raise SecurityServerUnreachable for who cannot be reached, TimedOut,
    AnswerNotUnderstood for what is no JSON object or an error of HTTP; details hold no code and no token.
    """

    def __init__(self, *, until: float = math.inf, before_call: Callable[[], None] = lambda: None) -> None:
        self._until, self._before_call = until, before_call
        self._session = open_session(1)

    def __enter__(self) -> OpenIdClient:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._session.close()

    def describe(self, issuer: str) -> dict[str, object]:
        """Return what `issuer` says of itself. Raises AnswerNotUnderstood also where it calls itself otherwise."""
        said = self._ask("GET", issuer.rstrip("/") + DISCOVERY_PATH)
        if said.get("issuer") != issuer:
            raise AnswerNotUnderstood("the provider calls itself otherwise")
        return said

    def redeem(self, provider: Provider, code: str, verifier: str, redirect_uri: str) -> dict[str, object]:
        """Return what the provider gives for `code`, `id_token` and `access_token` among it."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
            "client_id": provider.client_id,
        }
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if provider.is_secret_in_body:
            form["client_secret"] = provider.client_secret
        elif provider.client_secret:
            # Encoded each by itself (RFC 6749, 2.3.1).
            own = f"{quote(provider.client_id, safe='')}:{quote(provider.client_secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(own.encode()).decode()}"
        return self._ask("POST", provider.token_endpoint, headers, urlencode(form).encode())

    def keys(self, provider: Provider) -> list[dict[str, object]]:
        """Return the provider's public keys (JWKS)."""
        keys = self._ask("GET", provider.keys_endpoint).get("keys")
        if not isinstance(keys, list):
            raise AnswerNotUnderstood("no list of keys")
        return [key for key in keys if isinstance(key, dict)]

    def user(self, provider: Provider, access_token: str) -> dict[str, object]:
        """Return what the provider says of the person for whom `access_token` was given."""
        if not (_is_plain(access_token) and access_token):
            raise AnswerNotUnderstood("no access token that a header can hold")
        return self._ask("GET", provider.user_endpoint, {"Authorization": f"Bearer {access_token}"})

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> dict[str, object]:
        self._before_call()
        exchange = Exchange(min(_CALL_SECONDS, self._until - time.monotonic()))
        sent, timeouts = {"Accept": "application/json", **(headers or {})}, (_CONNECT_SECONDS, _SILENCE_SECONDS)
        with answer_to(self._session, method, url, exchange, headers=sent, timeouts=timeouts, body=body) as response:
            content = read_bounded(response, exchange, _MOST_BYTES)
        try:
            answer = json.loads(content)
        except (ValueError, RecursionError):
            answer = None
        if not (200 <= response.status_code < 300):
            said = answer.get("error") if isinstance(answer, dict) else None
            raise AnswerNotUnderstood(
                f"HTTP status {response.status_code} {_code(said)}".strip(), status=response.status_code
            )
        if not isinstance(answer, dict):
            raise AnswerNotUnderstood("not a JSON object")
        return answer


def _code(said: object) -> str:
    """Return an error code of RFC 6749 as it may stand in a log; "" for anything else."""
    is_code = isinstance(said, str) and said.replace("_", "").isalpha() and said.isascii()
    return said if is_code and len(said) <= _LONGEST_CODE else ""
