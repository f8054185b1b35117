"""Addresses on our security server, through which every call goes (wire "Forwarding through the security server")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from .settings import Call, Settings

# RFC 3986: what may stand bare in a path segment, and in a query.
_SEGMENT = r"A-Za-z0-9._~!$&'()*+,;=:@\-"
_LONE_PERCENT = "%(?![0-9A-Fa-f]{2})"
_NOT_IN_SEGMENT = re.compile(f"{_LONE_PERCENT}|[^%{_SEGMENT}]")
_NOT_IN_QUERY = re.compile(f"{_LONE_PERCENT}|[^%{_SEGMENT}/?]")
_NOT_IN_HEADER = re.compile(r"[^!-~]")


def encode_segment(text: str) -> str:
    """Percent-encode what may not stand in one path segment; what is encoded already stays as it is."""
    return _NOT_IN_SEGMENT.sub(_percent, text)


def encode_query(text: str) -> str:
    """Percent-encode what may not stand in a query; "+" and what is encoded already stay as they are."""
    return _NOT_IN_QUERY.sub(_percent, text)


def forward_request(
    settings: Settings, adapter: str, call: Call, own: Mapping[str, str] | None = None
) -> tuple[str, dict[str, str]]:
    """Return (url, headers) of `call`; `own` are parameters of its own.

    Empty values are not sent. `settings.dstcode_in` puts the dstcode into the query, a header, or both;
    the providerurl is always in the query. Raises SettingsIncomplete for an unusable `ss_url`.
    """
    segments = "/".join(encode_segment(segment) for segment in call.path.strip().lstrip("/").split("/"))
    parameters = [f"{_quoted(key)}={_quoted(value)}" for key, value in (own or {}).items()]
    query = "&".join([*parameters, *routing_query(settings, call.dstcode, call.providerurl)])
    return address(settings, adapter, segments, query), routing_headers(settings, call.dstcode)


def address(settings: Settings, adapter: str, path: str, query: str) -> str:
    """Join an address on our security server; `path` (without slash in front) and `query` are encoded already."""
    url = f"{settings.base_url}/{quote(adapter.strip().strip('/'), safe='')}/RestService/forward/{path}"
    return f"{url}?{query}" if query else url


def routing_query(settings: Settings, dstcode: str, providerurl: str) -> list[str]:
    """Return the "key=value" parts, encoded, that tell the security server where a call goes."""
    in_query = settings.dstcode_in != "header"
    values = {"dstcode": dstcode.strip() if in_query else "", "providerurl": providerurl.strip()}
    return [f"{key}={_quoted(value)}" for key, value in values.items() if value]


def routing_headers(settings: Settings, dstcode: str) -> dict[str, str]:
    """Return the header that tells the security server where a call goes, where settings ask for it."""
    value = _NOT_IN_HEADER.sub(_percent, dstcode.strip())
    return {"dstcode": value} if value and settings.dstcode_in != "query" else {}


def _percent(match: re.Match[str]) -> str:
    return _quoted(match[0])


def _quoted(text: str) -> str:
    # JSON can carry half of a surrogate pair, which plain UTF-8 refuses; it must not break the other files.
    return quote(text, safe="", errors="surrogatepass")
