"""Tokens of the portal: reading them out of an answer, and keeping one an account (guideline V.3, wire §1)."""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import NoReturn, Protocol

from .answers import Refusal, fold, message_of, opened, refusal_of, text, without_marks
from .errors import AccountRefused, AnswerNotUnderstood
from .settings import Service, Settings

_KEYS = ("session", "accesstoken", "token")
_NESTS = ("result", "data")
_MOST_LEVELS = 3
_MOST_CHARACTERS = 16 * 1024
_MOST_SECONDS = 366 * 86400.0
# What an account that is wrong is answered with, where no code says so.
_ABOUT_ACCOUNT = re.compile(r"tai khoan|mat khau|dang nhap|log ?in|password|account|credential|user|client")
_IS_WRONG = re.compile(
    r"\bsai\b|khong (dung|chinh xac|hop le|ton tai|tim thay|duoc phep)|that bai|khoa\b|het han|het hieu luc"
    r"|incorrect|invalid|wrong|bad|unknown|not (found|exist|valid|allowed)|denied|fail|lock|disabled|expired"
)
_MARGIN_SECONDS = 30.0
_MARGIN_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Token:
    """A token and the moment (aware, UTC) from which it must be renewed."""

    value: str = field(repr=False)
    expires_at: datetime


class TokenStore(Protocol):
    """Where tokens are kept, so that one login serves everybody who asks."""

    def obtain(self, account_key: str, login: Callable[[], Token], *, refused: str | None = None) -> Token:
        """Return a token that is still valid; `login` is called, once among all who ask, when there is none.

        `refused` is a value that the portal has just refused: it is replaced by one login, unless somebody has
        replaced it meanwhile. Raises what `login` raises.
        """


class MemoryTokenStore:
    """A `TokenStore` for scripts and tests: in memory, for all threads of one process."""

    def __init__(self, clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc)) -> None:
        """`clock` returns the time now, aware."""
        self._clock = clock
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._tokens: dict[str, Token] = {}

    def obtain(self, account_key: str, login: Callable[[], Token], *, refused: str | None = None) -> Token:
        """See `TokenStore.obtain`."""
        with self._guard:
            lock = self._locks.setdefault(account_key, threading.Lock())
        with lock:
            token = self._tokens.get(account_key)
            if token is None or token.value == refused or token.expires_at <= self._clock():
                token = self._tokens[account_key] = login()
            return token


class TokenWanted(Exception):
    """There is no token that is still good; `refused` is the one that the portal has just refused, None where none was."""

    def __init__(self, refused: str | None) -> None:
        super().__init__("a token is wanted")
        self.refused = refused


class HandedTokens:
    """A `TokenStore` that logs in for nobody: it gives out what its owner hands in, for threads that touch no database."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}

    def hand_in(self, account_key: str, token: Token) -> None:
        """Give out `token` for this account from now on."""
        self._tokens[account_key] = token

    def has_good(self, account_key: str, refused: str | None = None) -> bool:
        """Tell whether there is a token for this account that is not over, and not `refused`."""
        token = self._tokens.get(account_key)
        return token is not None and token.value != refused and token.expires_at > datetime.now(timezone.utc)

    def obtain(self, account_key: str, login: Callable[[], Token], *, refused: str | None = None) -> Token:
        """See `TokenStore.obtain`; raises TokenWanted instead of calling `login`."""
        if not self.has_good(account_key, refused):
            raise TokenWanted(refused)
        return self._tokens[account_key]


def account_key(settings: Settings, service: Service) -> str:
    """Return a stable name (sha256 hex) of the account of `service`.

    The password has a part in it: who enters another one must not go on with the token of the old. One account at
    two login paths has two keys: their tokens are not known to be the same.
    """
    login = service.login
    parts = (
        settings.base_url,
        service.adapter,
        login.path,
        login.dstcode,
        login.providerurl,
        service.account.username,
        service.account.password,
        # An account of before has the key that it had.
        *([] if settings.login_as == "password" else [settings.login_as]),
    )
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def parse_token(answer: object, lifetime: float, now: datetime) -> Token:
    """Return the token in the answer of a login, decoded JSON (wire §1).

    The first of session, access_token, accessToken, token, at the top or under result or data, which may be the
    token itself, as may be the whole answer. It lasts for `expires_in` seconds, else until a JWT's `exp`, else
    `lifetime` seconds, less a margin of 10 %, 30 s at most. `now` is aware.
    Raises AccountRefused for an error code or words about the account, PortalRejected for other signs of trouble, AnswerNotUnderstood
    where there is no token fit for a header.
    """
    refusal = refusal_of(answer)
    value = "" if refusal else next(_values(answer), "").strip(" ")
    if not value:
        _refuse(refusal or Refusal("", message_of(answer), is_coded=False))
    if not value.isascii() or not value.isprintable() or len(value) > _MOST_CHARACTERS:
        raise AnswerNotUnderstood("the login answered with a token that no header can carry")
    seconds = _seconds_named(answer) or _seconds_of_jwt(value, now) or lifetime
    seconds -= min(_MARGIN_SECONDS, seconds * _MARGIN_SHARE)
    return Token(value, now.astimezone(timezone.utc) + timedelta(seconds=seconds))


def _refuse(refusal: Refusal) -> NoReturn:
    words = without_marks(f"{refusal.code} {refusal.message}".replace("_", " "))
    # That a login has trouble is no fault of the account.
    if refusal.is_coded or (_ABOUT_ACCOUNT.search(words) and _IS_WRONG.search(words)):
        raise AccountRefused(f"the login answered with code {refusal.code or '?'}", message=refusal.message)
    if refusal.code:
        raise refusal.as_error()
    raise AnswerNotUnderstood("the login answered without a token")


def authorization(settings: Settings, token: Token) -> str:
    """Return the value of the header Authorization: bare as the guideline prints it, or with "Bearer "."""
    is_complete = settings.auth_scheme == "bare" or token.value[:7].lower() == "bearer "
    return token.value if is_complete else f"Bearer {token.value}"


def _levels(answer: object) -> Iterator[object]:
    """Yield `answer`, then what lies under its result and data, the nearest first."""
    level = [answer]
    for _depth in range(_MOST_LEVELS):
        yield from level
        below = [fold(node) for node in level if isinstance(node, Mapping)]
        nested = [opened(node[name]) for node in below for name in _NESTS if node.get(name)]
        level = [part for node in nested for part in (node if isinstance(node, list) else [node])]


def _values(answer: object) -> Iterator[str]:
    """Yield what may be the token, the likeliest first: a bare string only where no key names one."""
    bare = []
    for node in _levels(answer):
        if isinstance(node, Mapping):
            folded = fold(node)
            yield from filter(None, (_as_value(folded.get(key)) for key in _KEYS))
        else:
            bare.append(_as_value(node))
    yield from filter(None, bare)


def _as_value(node: object) -> str:
    # Not cleaned by `text`: a token with a line break in it must be refused, not repaired.
    return node if isinstance(node, str) else text(node)


def _seconds_named(answer: object) -> float | None:
    for node in _levels(answer):
        if isinstance(node, Mapping) and (seconds := _positive(fold(node).get("expiresin"))):
            return seconds
    return None


def _seconds_of_jwt(value: str, now: datetime) -> float | None:
    """Return how long a JWT lasts; None for other tokens, and for one that is over by our clock: then clocks differ."""
    parts = value.rpartition(" ")[2].split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return None
    expires_at = _positive(claims.get("exp"), most=math.inf) if isinstance(claims, Mapping) else None
    return _positive(expires_at - now.timestamp()) if expires_at else None


def _positive(value: object, most: float = _MOST_SECONDS) -> float | None:
    try:
        number = float(text(value) or 0)
    except ValueError:
        return None
    return min(number, most) if number > 0 else None
