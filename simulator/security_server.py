"""Our own security server: knows the forward addresses and passes each call on to whom it is for."""

import re
from dataclasses import dataclass, field
from urllib.parse import unquote

from .answers import Answer, json_answer, server_fault
from .portal import Portal
from .world import World

_FORWARD = re.compile(r"/(?:XrdAdapter|VXPAdapter)/RestService/forward(?P<path>/.*)")
_ROUTING = ("dstcode", "providerurl")


@dataclass
class Request:
    """A request as it came: `query` decoded, `own_query` what the far system gets, `body` decoded JSON or None."""

    method: str
    path: str
    query: dict[str, str]
    own_query: str
    headers: dict[str, str]
    body: object = None
    far_path: str = field(init=False, default="")

    def __post_init__(self) -> None:
        match = _FORWARD.fullmatch(self.path)
        self.far_path = match["path"] if match else ""

    @property
    def call(self) -> str:
        """Which kind of call this is: login, directory, papers, file or unknown."""
        if self.far_path.endswith("/login"):
            return "login"
        if self.far_path == "/mapi/call":
            return "directory"
        if self.far_path == "/bndp/public/v1/user/papers":
            return "papers"
        return "file" if self.far_path and self.method == "GET" else "unknown"

    @property
    def dstcode(self) -> str:
        return self.query.get("dstcode") or self.headers.get("dstcode", "")

    @property
    def providerurl(self) -> str:
        return self.query.get("providerurl", "")


class SecurityServer:
    """Forwards requests to the portal and to the agencies."""

    def __init__(self, world: World, portal: Portal) -> None:
        self._world = world
        self._portal = portal

    def forward(self, request: Request) -> Answer:
        """Return what the far system answers, or the security server's own error."""
        if request.call == "file":
            return self._file(request)
        if request.method != "POST" or request.call == "unknown":
            return server_fault("Unknown service")
        if not isinstance(request.body, dict):
            return json_answer({"errorCode": "400", "message": "Body không phải JSON"}, 400)
        if request.far_path == "/mapi/login":
            return self._portal.directory_login(request.body)
        if request.call == "login":
            return self._portal.papers_login(request.body)
        if request.call == "directory":
            return self._portal.call(request.body)
        authorization = request.headers.get("authorization", "")
        return self._portal.papers(request.body, authorization, request.dstcode, request.providerurl)

    def _file(self, request: Request) -> Answer:
        if not self._world.is_known(request.dstcode):
            return server_fault("Unknown member: no such dstcode")
        if not self._world.serves(request.dstcode, request.providerurl):
            return server_fault("Service not found behind this dstcode")
        content = self._world.file(request.providerurl, unquote(request.far_path), request.own_query)
        if content is None:
            return Answer(404, b"Not Found", "text/plain")
        content_type = "image/jpeg" if content[:3] == b"\xff\xd8\xff" else "application/pdf"
        return Answer(200, content, content_type)


def own_query(raw: str) -> str:
    """Return the part of a raw query string that belongs to the far system."""
    parts = [part for part in raw.split("&") if part and part.partition("=")[0] not in _ROUTING]
    return "&".join(parts)
