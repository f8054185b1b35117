"""Links to files, as the portal hands them out, made into addresses on our security server (guideline V.3, wire §4).

A link is *plain*, the address at the far system itself, or *composed*, an address on somebody's security server that
carries `dstcode` and `providerurl`. Links are split by own rules, not by `urlsplit`: placeholders such as "IP-SS-BNĐP"
or "<IP>" stand where a host belongs, and what a link hides must be seen before anybody normalises it away.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_to_bytes

from .directory import Server
from .errors import LinkNotUsable
from .forward import address, encode_query, encode_segment, routing_headers, routing_query
from .settings import Settings

MOST_CHARACTERS = 8192
_ROUTING = ("dstcode", "providerurl")
_DEFAULT_PORTS = {"http": "80", "https": "443"}
_LINK = re.compile(
    r"(?P<scheme>https?)://(?P<authority>[^/?#\\]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?", re.IGNORECASE
)
_FORWARD = re.compile(r"/(?P<adapter>[a-z0-9_-]+)/+RestService/+forward(?:/(?P<path>.*)|$)", re.IGNORECASE | re.DOTALL)
_IN_MARKUP = re.compile("&amp;(?:dstcode|providerurl)=", re.IGNORECASE)
_ENCODED_WHOLE = re.compile("https?%3a%2f%2f", re.IGNORECASE)
_NOT_IN_HOST = re.compile(r"[\x00-\x20\x7f\"\\]")


@dataclass(frozen=True, slots=True)
class _Link:
    """A link in its parts, nothing decoded: `adapter` is "" for a plain one, `path` has no slash in front."""

    scheme: str
    host: str  # with its port, lower-case
    adapter: str
    path: str
    parameters: tuple[str, ...]

    def value(self, name: str) -> str:
        """Return the decoded value of the first parameter `name`, in any letter case, that has one; else ""."""
        return next(iter(self.values(name)), "")

    def values(self, name: str) -> list[str]:
        """Return all values of the parameter `name` likewise, each once."""
        pairs = (parameter.partition("=") for parameter in self.parameters)
        values = (unquote(value).strip() for key, _equals, value in pairs if unquote(key).lower() == name)
        return list(dict.fromkeys(filter(None, values)))

    def without(self, *names: str) -> tuple[str, ...]:
        """Return the parameters but those of `names`."""
        return tuple(part for part in self.parameters if unquote(part.partition("=")[0]).lower() not in names)

    def far(self) -> _Link | None:
        """Return the address of the far system: the link's own, or the providerurl of a composed one."""
        if not self.adapter:
            return self
        url = self.value("providerurl")
        return _split_or_none(url if "://" in url else f"https://{url}")


def compose(link: str, settings: Settings, server: Server | None) -> str:
    """Return the address to GET for `link`, always on our security server.

    A composed link keeps adapter, path and query; only scheme and host become ours, and `server` fills in a missing
    dstcode. A plain link is forwarded through `server`. The link's own query survives as it is, apart from what must
    be percent-encoded. Raises LinkNotUsable, SettingsIncomplete.
    """
    return compose_request(link, settings, server)[0]


def compose_request(link: str, settings: Settings, server: Server | None) -> tuple[str, dict[str, str]]:
    """Return (address, headers) to GET for `link`; like `compose`, with the header that some deployments want."""
    parts = _split(link)
    carried = parts.value("dstcode") if parts.adapter else ""
    dstcode = carried or (server.dstcode if server else "")
    own, routing = parts.parameters, []
    if not parts.adapter:
        if server is None:
            raise LinkNotUsable("a plain link needs a server")
        if own != parts.without(*_ROUTING):
            # Which of two dstcodes wins would be up to the security server.
            raise LinkNotUsable("a plain link that carries routing of its own")
        routing = routing_query(settings, dstcode, f"{parts.scheme}://{parts.host}")
    elif any(len(parts.values(name)) > 1 for name in _ROUTING):
        raise LinkNotUsable("a link with two ways to go")
    elif dstcode and not carried:
        # An empty dstcode must not stand beside the one that fills it in.
        own, routing = parts.without("dstcode"), routing_query(settings, dstcode, "")
    query = "&".join([encode_query(part) for part in own] + routing)
    adapter = parts.adapter or settings.download_adapter
    return address(settings, adapter, _safe_path(parts.path), query), routing_headers(settings, dstcode)


def is_composed(link: str) -> bool:
    """Tell whether `link` is an address on a security server already."""
    parts = _split_or_none(link)
    return parts is not None and bool(parts.adapter)


def composed_dstcode(link: str) -> str:
    """Return the dstcode that a composed link carries, decoded; "" when there is none."""
    parts = _split_or_none(link)
    return parts.value("dstcode") if parts and parts.adapter else ""


def lane_of(link: str, server: Server | None) -> str:
    """Return the lower-case dstcode that `compose` sends for `link` and `server`; "" when there is none."""
    return (composed_dstcode(link) or (server.dstcode if server else "")).lower()


def provider_host(link: str) -> str:
    """Return the lower-case host, without port, of the far system that `link` leads to; "" when it names none."""
    parts = _split_or_none(link)
    far = parts.far() if parts else None
    return _without_port(far.host) if far else ""


def link_key(link: str) -> str:
    """Return the sha256 (hex) that all forms of the address of one file share: plain, composed, encoded or raw.

    Never raises: a link that cannot be used is its own key.
    """
    try:
        key = _canonical(_split(link))
    except LinkNotUsable:
        key = "unusable\n" + link.strip()
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()


def _split_or_none(link: str) -> _Link | None:
    try:
        return _split(link)
    except LinkNotUsable:
        return None


def _split(link: str) -> _Link:
    link = link.strip()
    if _ENCODED_WHOLE.match(link):
        link = unquote(link)
    if len(link) > MOST_CHARACTERS:
        raise LinkNotUsable("a link that is too long")
    match = _LINK.match(link)
    if match is None:
        raise LinkNotUsable("not an http or https link")
    host = match["authority"].rpartition("@")[2].lower()
    forward, query = _FORWARD.search(match["path"]), match["query"] or ""
    if forward and _IN_MARKUP.search(query):
        query = query.replace("&amp;", "&")
    parameters = tuple(query.split("&")) if query else ()
    if not _without_port(host) or (not forward and _NOT_IN_HOST.search(host)):
        raise LinkNotUsable("a link without a usable host")
    if forward:
        # Whatever stands in place of a host gives way to our own server.
        return _Link(match["scheme"].lower(), host, forward["adapter"], forward["path"] or "", parameters)
    return _Link(match["scheme"].lower(), host, "", match["path"].removeprefix("/"), parameters)


def _without_port(host: str) -> str:
    return re.sub(r":[0-9]*$", "", host)


def _safe_path(path: str) -> str:
    """Return `path` encoded and with its dot segments resolved, which never leave the root of what is forwarded."""
    kept: list[str] = []
    name = ""
    for segment in path.split("/"):
        _refuse_hidden_dots(segment)
        name = unquote(segment)
        if name == "..":
            del kept[-1:]
        elif name != ".":
            kept.append(encode_segment(segment))
    if name in (".", ".."):
        kept.append("")  # RFC 3986: what a dot segment at the end leaves behind is a folder
    return "/".join(kept)


def _refuse_hidden_dots(segment: str) -> None:
    """Raise LinkNotUsable for a segment that becomes a way up once somebody behind us decodes it (again)."""
    once = unquote(segment)
    twice = unquote(once)
    climbs = any(".." in form and ("/" in form or "\\" in form) for form in (segment, once, twice))
    # Encoded twice, or with ";" behind, which Java servers cut off before they resolve dots.
    hides = twice != once and twice in (".", "..")
    trails = any(form.partition(";")[0] in (".", "..") and ";" in form for form in (once, twice))
    if climbs or hides or trails:
        raise LinkNotUsable("a link with hidden dot segments")


def _canonical(parts: _Link) -> str:
    far = parts.far()
    # Without a providerurl the dstcode is the only thing that tells where the file lies.
    place = far.host.removesuffix(f":{_DEFAULT_PORTS[far.scheme]}") if far else parts.value("dstcode").lower()
    base = far.path.strip("/") if far and parts.adapter else ""
    path = f"{base}/{parts.path}" if base else parts.path
    segments = "/".join(_recoded(segment) for segment in _safe_path(path).split("/"))
    # In a query "+" is a space to some and a plus to others: kept apart from both, so that two files never become one.
    query = re.sub(r"[^&=+]+", lambda match: _recoded(match[0]), "&".join(filter(None, parts.without(*_ROUTING))))
    return f"{place}\n{segments}\n{query}"


def _recoded(text: str) -> str:
    # surrogatepass as in `forward`; unquote_to_bytes alone refuses half a surrogate pair.
    return quote(unquote_to_bytes(text.encode("utf-8", "surrogatepass")), safe="")
