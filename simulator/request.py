"""A request as it came in, and what kind of call to the other side it is."""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

# Some stand behind one more forwarder, which has the address of the server itself in its path.
_FORWARD = re.compile(
    r"(?:/api/forward/https?://[^/]+)?/(?:XrdAdapter|VXPAdapter)/RestService/forward/(?P<path>.*)", re.DOTALL
)
_ROUTING = ("dstcode", "providerurl")
_KEPT_HEADERS = (
    "authorization",
    "content-type",
    "charset",
    "dstcode",
    "host",
    "user-agent",
    "accept",
    "accept-encoding",
    "range",
    "cookie",
)

DIRECTORY_LOGIN = "mapi/login"
PAPERS_LOGIN = "bndp/public/v1/login"
DIRECTORY_CALL = "mapi/call"
LOOKUP_CALL = "mapi/g"
PAPERS_CALL = "bndp/public/v1/user/papers"
_CALLS = {
    DIRECTORY_LOGIN: "login",
    PAPERS_LOGIN: "login",
    DIRECTORY_CALL: "directory",
    LOOKUP_CALL: "directory",
    PAPERS_CALL: "papers",
}
# Cases are told to, and the catalogue is read from, the same address as the directory (wire §7).
_SYNC = (b'"DongBoHoSoMC"', b'"CapNhatTienDoHoSoMC"', b'"TraCuuHoSo"', b'"DongBoTrangThaiHoSo"')
_CATALOGUE = (b'"LayDanhSachTTHC"', b'"LayThuTuc"', b'"LayDanhMucCoQuan"', b'"LayDanhMucLinhVuc"')
KINDS = ("login", "directory", "sync", "catalogue", "papers", "file", "openid", "other")
# Below it is the identity provider, which no security server stands before.
OPENID = "/openid/"


class NotJson(ValueError):
    """A body that is not one unambiguous JSON object."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request: `path` and `query` (pairs, in order) are decoded, names of `headers` are in lower case."""

    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def parse(cls, method: str, target: str, headers: Iterable[tuple[str, str]], body: bytes) -> "Request":
        """Return the request for `target`, the raw path and query of a request line.

        A header that stands twice has both values, with a comma between them.
        """
        path, _mark, query = target.partition("?")
        pairs = tuple(parse_qsl(query, keep_blank_values=True))
        merged: dict[str, str] = {}
        for name, value in headers:
            name = name.lower()
            merged[name] = f"{merged[name]}, {value}" if name in merged else value
        return cls(method, unquote(path), pairs, merged, body)

    @property
    def far_path(self) -> str | None:
        """The path after `forward/`, as the far system gets it; None where it is no forward address."""
        match = _FORWARD.fullmatch(self.path)
        return match["path"] if match else None

    @property
    def call(self) -> str:
        """The kind of call: login, directory, sync, catalogue, papers, file, openid, or other."""
        if self.path.startswith(OPENID):
            return "openid"
        path = self.far_path
        if path in (DIRECTORY_CALL, LOOKUP_CALL):
            for kind, services in (("sync", _SYNC), ("catalogue", _CATALOGUE)):
                if any(service in self.body for service in services):
                    return kind
        return _CALLS.get(path) or ("file" if path and self.method in ("GET", "HEAD") else "other")

    @property
    def subject(self) -> str:
        """The path and behind a "?" the far system's own query, both decoded: what the call is about."""
        own = "&".join(f"{key}={value}" for key, value in self.own_query)
        return f"{self.path}?{own}" if own else self.path

    @property
    def own_query(self) -> list[tuple[str, str]]:
        """The query that goes on to the far system."""
        return [pair for pair in self.query if pair[0] not in _ROUTING]

    def values(self, name: str) -> list[str]:
        """Return all values of the query parameter `name`."""
        return [value for key, value in self.query if key == name]

    def json_object(self) -> dict:
        """Return the body. Raises NotJson, also for a key that stands twice: which one counts would be a guess."""
        try:
            data = json.loads(self.body.decode(), object_pairs_hook=_unambiguous, parse_constant=_refuse)
        except (ValueError, RecursionError) as error:
            raise NotJson(str(error)) from None
        if not isinstance(data, dict):
            raise NotJson("an object is expected")
        return data

    def as_row(self) -> dict[str, object]:
        """Return the request for the record; `body` is what the JSON holds, None where there is none."""
        try:
            body = json.loads(self.body, parse_constant=str) if self.body else None
        except (ValueError, RecursionError):
            body = None
        return {
            "call": self.call,
            "method": self.method,
            "path": self.path,
            "query": dict(self.query),
            "headers": {name: self.headers[name] for name in _KEPT_HEADERS if name in self.headers},
            "body": body,
        }


def _unambiguous(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("a key stands twice")
    return found


def _refuse(constant: str) -> None:
    raise NotJson(f"{constant} is not JSON")
