"""A stand-in for VNeID: OpenID Connect with authorization code and PKCE; who signs in is chosen from a list."""

import base64
import hashlib
import secrets
import threading
import time
from collections.abc import Mapping
from html import escape
from urllib.parse import parse_qsl, urlencode, urlsplit

from . import identity_tokens
from .answers import Answer, json_answer, page, text_answer
from .checks import check_texts
from .request import OPENID, Request
from .world import World

CLIENT_ID, CLIENT_SECRET = "kho-dl-demo", "kho-dl-demo-secret"
# What is called so by nobody else: the settings of the other side say which claim it is.
NUMBER_CLAIM, LEVEL = "so_dinh_danh", "2"
_CODE_SECONDS, _TOKEN_SECONDS = 60, 300
_PERSON_DIGITS = 12
_LOOPBACK = ("127.0.0.1", "localhost")
_PAGE = """<!DOCTYPE html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Đăng nhập mô phỏng</title><style>
body {{ font: 18px/1.5 "Noto Sans", "DejaVu Sans", sans-serif; max-width: 32em; margin: 2em auto; padding: 0 1em }}
a {{ display: block; padding: .7em 1em; margin: .6em 0; border: 1px solid #767676; border-radius: .4em }}
</style></head><body><main>
<h1>Đăng nhập mô phỏng</h1>
<p>Đây không phải VNeID. Mọi người ở đây đều không có thật: chọn người đăng nhập.<br>
<span lang="en">This is not VNeID. All people here are invented: choose who signs in.</span></p>
{people}
</main></body></html>
"""


class _Refused(Exception):
    """The token endpoint says no; the message is the error code of RFC 6749."""


class IdentityProvider:
    """Knows the people of the world who have the number of a person. Its methods may be called from any thread."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._lock = threading.Lock()
        self.reset()

    def reset(self) -> None:
        """Forget all codes and tokens, and what was set of people."""
        with self._lock:
            self._claims: dict[str, Mapping[str, object]] = {}
            self._codes: dict[str, dict] = {}
            self._tokens: dict[str, dict] = {}

    def set_claims(self, id_number: str, claims: Mapping[str, object]) -> None:
        """Say of the person with `id_number` what `claims` hold; null takes one away. Raises ValueError."""
        check_texts(id_number=id_number)
        if not isinstance(claims, dict):
            raise ValueError("claims are an object")
        with self._lock:
            self._claims[id_number] = claims

    def claims(self, id_number: str) -> dict[str, object]:
        """Return what is said of a person. Raises KeyError for nobody."""
        said = {
            "sub": hashlib.sha256(f"kho_dl simulator {id_number}".encode()).hexdigest()[:32],
            "name": self._world.people[id_number],
            "acr": LEVEL,
            NUMBER_CLAIM: id_number,
            **self._claims.get(id_number, {}),
        }
        return {name: value for name, value in said.items() if value is not None}

    def answer(self, request: Request, url: str) -> Answer:
        """Return the answer to a request to the provider, whose simulator is reached by `url`."""
        issuer = f"{url}{OPENID.rstrip('/')}"
        match request.method, request.path.removeprefix(OPENID):
            case "GET", ".well-known/openid-configuration":
                return json_answer(_description(issuer))
            case "GET", "authorize":
                return self._authorize(dict(request.query), issuer)
            case "POST", "token":
                return self._token(request, issuer)
            case "GET", "keys":
                return json_answer(identity_tokens.keys())
            case "GET", "userinfo":
                return self._userinfo(request)
        return text_answer("Not Found", 404)

    def _authorize(self, asked: Mapping[str, str], issuer: str) -> Answer:
        back = asked.get("redirect_uri", "")
        if asked.get("client_id") != CLIENT_ID or urlsplit(back).hostname not in _LOOPBACK:
            # Never sent back to an address that nobody vouches for.
            return text_answer("unknown client_id or redirect_uri", 400)
        problem = _problem(asked)
        if problem:
            return _back(back, error=problem, state=asked.get("state", ""), iss=issuer)
        person = asked.get("person", "")
        if person == "nobody":
            return _back(back, error="access_denied", state=asked["state"], iss=issuer)
        if person not in self._people():
            return page(_PAGE.format(people=self._choice(asked)))
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = {**asked, "ends": time.monotonic() + _CODE_SECONDS}
        return _back(back, code=code, state=asked["state"], iss=issuer)

    def _people(self) -> dict[str, str]:
        return {number: name for number, name in self._world.people.items() if len(number) == _PERSON_DIGITS}

    def _choice(self, asked: Mapping[str, str]) -> str:
        choices = [*self._people().items(), ("nobody", "Không đăng nhập")]
        links = ((urlencode({**asked, "person": number}), name) for number, name in choices)
        return "\n".join(f'<a href="authorize?{escape(query)}">{escape(name)}</a>' for query, name in links)

    def _token(self, request: Request, issuer: str) -> Answer:
        form = dict(parse_qsl(request.body.decode(errors="replace")))
        try:
            code = self._redeem(form, request.headers.get("authorization", ""))
        except _Refused as error:
            status = 401 if str(error) == "invalid_client" else 400
            return json_answer({"error": str(error)}, status)
        now, claims, access = int(time.time()), self.claims(code["person"]), secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[access] = claims
        token = {"iss": issuer, "aud": CLIENT_ID, "iat": now, "exp": now + _TOKEN_SECONDS, "nonce": code.get("nonce")}
        answer = {
            "access_token": access,
            "token_type": "Bearer",
            "expires_in": _TOKEN_SECONDS,
            "id_token": identity_tokens.signed({**claims, **token}),
        }
        return json_answer(answer, headers={"Cache-Control": "no-store"})

    def _redeem(self, form: Mapping[str, str], authorization: str) -> dict:
        own = base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode()
        in_body = (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)
        if not (authorization == f"Basic {own}" or in_body):
            raise _Refused("invalid_client")
        if form.get("grant_type") != "authorization_code":
            raise _Refused("unsupported_grant_type")
        with self._lock:
            code = self._codes.pop(form.get("code", ""), {"ends": 0.0})
        proof = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(proof).rstrip(b"=").decode()
        if code["ends"] < time.monotonic() or code["redirect_uri"] != form.get("redirect_uri"):
            raise _Refused("invalid_grant")
        if challenge != code["code_challenge"]:
            raise _Refused("invalid_grant")
        return code

    def _userinfo(self, request: Request) -> Answer:
        with self._lock:
            claims = self._tokens.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return json_answer(claims) if claims else json_answer({"error": "invalid_token"}, 401)


def _problem(asked: Mapping[str, str]) -> str:
    """Return the error code of what does not fit in a request for a code, "" where all does."""
    if asked.get("response_type") != "code":
        return "unsupported_response_type"
    if "openid" not in asked.get("scope", "").split():
        return "invalid_scope"
    is_safe = asked.get("code_challenge_method") == "S256" and len(asked.get("code_challenge", "")) == 43
    return "" if is_safe and asked.get("state") and asked.get("nonce") else "invalid_request"


def _back(address: str, **parameters: str) -> Answer:
    location = f"{address}{'&' if '?' in address else '?'}{urlencode(parameters)}"
    return Answer(302, b"", "text/plain; charset=utf-8", {"Location": location})


def _description(issuer: str) -> dict[str, object]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{issuer}/authorize",
        "token_endpoint": f"{issuer}/token",
        "jwks_uri": f"{issuer}/keys",
        "userinfo_endpoint": f"{issuer}/userinfo",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,
    }
