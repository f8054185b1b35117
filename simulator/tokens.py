"""Accounts and tokens of the portal."""

import base64
import secrets
import threading
import time

USERNAME, PASSWORD, UNIT_CODE = "h46", "h46-demo", "H46"
# A second agency, for a circle between two; its name and password are made like those of the first.
_ACCOUNTS = {USERNAME: PASSWORD, "h22": "h22-demo"}
_UNIT_CODES = (UNIT_CODE, "H22")


def is_unit(code: object) -> bool:
    """Tell whether `code` is of an agency with an account, or of one of its offices, such as H46.002."""
    return isinstance(code, str) and code.partition(".")[0] in _UNIT_CODES


class Tokens:
    """The tokens that one service of the portal has given out; each is valid for `lifetime` seconds."""

    def __init__(self, lifetime: float) -> None:
        self.lifetime = lifetime
        self._lock = threading.Lock()
        self._ends: dict[str, float] = {}
        self.logins = 0

    def issue(self) -> str:
        """Return a new token; with "+" and "/" in it, as in the guideline's sample."""
        token = base64.b64encode(secrets.token_bytes(66)).decode()
        with self._lock:
            now = time.monotonic()
            self._ends = {value: end for value, end in self._ends.items() if end > now}
            self._ends[token] = now + self.lifetime
            self.logins += 1
        return token

    def accepts(self, token: object) -> bool:
        """Tell whether `token` was given out and is not over."""
        with self._lock:
            return isinstance(token, str) and self._ends.get(token, 0.0) > time.monotonic()

    def expire(self) -> None:
        """End all tokens given out so far."""
        with self._lock:
            self._ends.clear()

    def reset(self) -> None:
        """End all tokens and count logins from none."""
        with self._lock:
            self._ends.clear()
            self.logins = 0


def is_account(body: dict, is_client: bool = False) -> bool:
    """Tell whether the body of a login names one of the accounts, and nothing else; `is_client`: in the keys of 2026."""
    name, secret = ("client_id", "client_secret") if is_client else ("username", "password")
    username = body.get(name)
    password = _ACCOUNTS.get(username) if isinstance(username, str) else None
    return password is not None and body == {name: username, secret: password}
