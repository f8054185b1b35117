"""What a client must know of this installation: our security server, the portal's services, limits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from .errors import SettingsIncomplete
from .filenames import KNOWN_KINDS

_LABEL = "[a-z0-9_-]{1,63}"
_BASE = re.compile(
    rf"(?P<scheme>https?)://(?P<host>\[[0-9a-f:.]+\]|{_LABEL}(?:\.{_LABEL})*)(?P<port>:[0-9]{{1,5}})?"
    # A forwarder in front has the address of the server itself in its path.
    r"(?P<prefix>(?:/[a-z0-9._~-]+)*(?:/https?://[a-z0-9._:\[\]-]+(?:/[a-z0-9._~-]+)*)?)/*",
    re.IGNORECASE,
)
_USUAL_PORT = re.compile(r"^(http://[^/]*?):0*80(/|$)|^(https://[^/]*?):0*443(/|$)")
_CHOICES = {
    "dstcode_in": ("query", "header", "both"),
    "auth_scheme": ("bare", "bearer"),
    "login_as": ("password", "client"),
    "updating_as": ("string", "boolean", "query"),
}
_POSITIVE = (
    "token_lifetime",
    "timeout",
    "max_file_bytes",
    "parallel_downloads",
    "parallel_per_server",
    "parallel_messages",
    "connect_timeout",
    "total_timeout",
    "account_downloads",
)


@dataclass(frozen=True, slots=True, repr=False)
class Account:
    """An account that the portal issued to this agency; never printed."""

    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """Where one kind of call goes: the path after `forward/`, and the system behind `dstcode` at `providerurl`.

    What is empty is as the service has it; where that has none either, it is not sent.
    """

    path: str = ""
    dstcode: str = ""
    providerurl: str = ""


@dataclass(frozen=True, slots=True)
class Service:
    """One of the portal's two services, as reached through our security server (wire §1–§3).

    Paths are those after `forward/`. An empty `dstcode` or `providerurl` is not sent. `login_dstcode` and
    `login_providerurl` are those of its login, where they are others.
    """

    adapter: str
    path: str
    login_path: str
    dstcode: str = ""
    providerurl: str = ""
    account: Account = Account()
    login_dstcode: str = ""
    login_providerurl: str = ""

    @property
    def login(self) -> Call:
        """Where the login goes."""
        return self.call(Call(self.login_path, self.login_dstcode, self.login_providerurl))

    def call(self, call: Call = Call()) -> Call:
        """Return `call` with all that it leaves to this service."""
        return Call(
            call.path.strip() or self.path,
            call.dstcode.strip() or self.dstcode,
            call.providerurl.strip() or self.providerurl,
        )


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a `Client` needs. Units: seconds and bytes.

    `ss_url` is our security server, e.g. "http://10.0.0.1:8080"; a missing scheme means http, a path prefix is
    kept. `dstcode_in` is "query", "header" or "both"; `auth_scheme` "bare" (as the guideline prints) or "bearer".
    `connect_timeout` holds for the connection, `timeout` for each silence of the other side, `total_timeout` for one
    whole file; None means three times `timeout`. `accepted_kinds` are mimetypes, of `filenames.KNOWN_KINDS`.
    `parallel_downloads` is the width of all downloads of one client together, `parallel_per_server` that of one far system,
    `account_downloads` the first of all clients that share their slots (`slots.py`), `parallel_messages` how many cases the
    portal is told of at once. `lookups` is where the catalogue and cases are looked
    up, `sending` where cases are told; both belong to the service `directory`. `login_as` is "password" or "client" (an
    account of 2026: its name and password are the id and the secret of a client); `updating_as` says how `isUpdating` is
    sent: "string", "boolean" or "query" (wire §1, §7).
    """

    ss_url: str
    unit_code: str
    directory: Service
    papers: Service
    download_adapter: str = "VXPAdapter"
    dstcode_in: str = "query"
    auth_scheme: str = "bare"
    token_lifetime: float = 1800.0
    timeout: float = 30.0
    max_file_bytes: int = 50 * 1024 * 1024
    parallel_downloads: int = 8
    parallel_per_server: int = 4
    connect_timeout: float = 10.0
    total_timeout: float | None = None
    accepted_kinds: frozenset[str] = KNOWN_KINDS
    parallel_messages: int = 8
    lookups: Call = Call()
    sending: Call = Call()
    login_as: str = "password"
    updating_as: str = "string"
    account_downloads: int = 32

    @property
    def base_url(self) -> str:
        """`ss_url` in the one form that addresses are built on: scheme, host, port, prefix; no slash at the end.

        Raises SettingsIncomplete where `ss_url` names no HTTP server.
        """
        url = self.ss_url.strip()
        match = _BASE.fullmatch(url if re.match("[a-z]+://", url, re.IGNORECASE) else f"http://{url}")
        # "." and ".." are no prefix of anybody's server, and would move every address that is built on it.
        if match is None or {".", ".."} & set(match["prefix"].split("/")):
            raise SettingsIncomplete(("ss_url",))
        return f"{match['scheme'].lower()}://{match['host'].lower()}{match['port'] or ''}{match['prefix']}"

    @property
    def server_key(self) -> str:
        """`base_url` without the port that its scheme has anyway: the same for all ways to write one server's address.

        Raises SettingsIncomplete as `base_url` does.
        """
        return _USUAL_PORT.sub(r"\1\2\3\4", self.base_url)

    @property
    def timeouts(self) -> tuple[float, float]:
        """The seconds for a connection, and for a silence."""
        return self.connect_timeout, self.timeout

    def check(self) -> None:
        """Raise SettingsIncomplete with the names of all fields that are missing or unusable."""
        missing = tuple(self._missing())
        if missing:
            raise SettingsIncomplete(missing)

    def _missing(self) -> Iterator[str]:
        try:
            self.base_url  # noqa: B018 - read for the error only
        except SettingsIncomplete as error:
            yield from error.missing
        if not self.unit_code.strip():
            yield "unit_code"
        for name, service in (("directory", self.directory), ("papers", self.papers)):
            required = {
                "adapter": service.adapter,
                "path": service.path,
                "login_path": service.login_path,
                "account.username": service.account.username,
                "account.password": service.account.password,
            }
            yield from (f"{name}.{field}" for field, value in required.items() if not value.strip())
        if not self.download_adapter.strip():
            yield "download_adapter"
        yield from (name for name, choices in _CHOICES.items() if getattr(self, name) not in choices)
        if not self.accepted_kinds:
            yield "accepted_kinds"
        # None: the one limit that follows from another.
        yield from (name for name in _POSITIVE if (value := getattr(self, name)) is not None and value <= 0)
