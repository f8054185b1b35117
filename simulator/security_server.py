"""Our own security server: it knows the forward addresses, and passes each call on to whom it is for."""

from .agencies import serve_file
from .answers import Answer, server_fault, text_answer
from .catalogue import DIRECTORY_PROVIDERURL, PAPERS_PROVIDERURL
from .portal import Portal
from .providers import pass_on
from .request import DIRECTORY_CALL, DIRECTORY_LOGIN, LOOKUP_CALL, PAPERS_CALL, PAPERS_LOGIN, Request
from .world import World

# Who we are to the systems of others.
_CLIENT = "VN/GOV/000.00.00.H46/simulator"
_UNKNOWN_MEMBER = "Server.ClientProxy.UnknownMember"
_UNKNOWN_SERVICE = "Server.ServerProxy.UnknownService"
_BAD_REQUEST = "Client.BadRequest"


class SecurityServer:
    """Forwards requests to the portal and to the agencies."""

    def __init__(self, world: World, portal: Portal) -> None:
        self._world = world
        self._portal = portal

    def forward(self, request: Request) -> Answer:
        """Return what the far system answers, or the security server's own error."""
        path = request.far_path
        if not path:
            return text_answer("Not Found", 404)
        dstcodes = {*request.values("dstcode"), *filter(None, [request.headers.get("dstcode")])}
        providerurls = request.values("providerurl")
        if len(dstcodes) > 1 or len(request.values("dstcode")) > 1 or len(providerurls) > 1:
            return server_fault(_BAD_REQUEST, "dstcode or providerurl is ambiguous")
        dstcode, providerurl = next(iter(dstcodes), ""), next(iter(providerurls), "").rstrip("/")
        if path in (DIRECTORY_LOGIN, DIRECTORY_CALL, LOOKUP_CALL):
            return self._directory(request, dstcode, providerurl)
        if path in (PAPERS_LOGIN, PAPERS_CALL):
            return self._papers(request, dstcode, providerurl)
        return self._file(request, dstcode, providerurl)

    def _directory(self, request: Request, dstcode: str, providerurl: str) -> Answer:
        # The guideline's address of this service has neither; a deployment may send both.
        if dstcode not in self._portal.profile.dstcodes(request.far_path):
            return server_fault(_UNKNOWN_MEMBER, f"The directory is not behind {dstcode}")
        if providerurl not in ("", DIRECTORY_PROVIDERURL, PAPERS_PROVIDERURL):
            return server_fault(_UNKNOWN_SERVICE, f"No such service: {providerurl}")
        return self._portal.answer(request)

    def _papers(self, request: Request, dstcode: str, providerurl: str) -> Answer:
        if dstcode not in self._portal.profile.dstcodes(request.far_path):
            return server_fault(_UNKNOWN_MEMBER, f"The papers are not behind {dstcode or 'an empty dstcode'}")
        if providerurl != PAPERS_PROVIDERURL:
            return server_fault(_UNKNOWN_SERVICE, f"No such service: {providerurl or 'empty providerurl'}")
        return self._portal.answer(request)

    def _file(self, request: Request, dstcode: str, providerurl: str) -> Answer:
        if request.method not in ("GET", "HEAD"):
            return text_answer("Method Not Allowed", 405)
        if not self._world.is_known(dstcode):
            return server_fault(_UNKNOWN_MEMBER, f"No such member: {dstcode or 'empty dstcode'}")
        if not self._world.serves(dstcode, providerurl):
            return server_fault(_UNKNOWN_SERVICE, f"Not behind {dstcode}: {providerurl or 'empty providerurl'}")
        if address := self._world.provider_at(providerurl):
            return pass_on(request, address, _CLIENT)
        return serve_file(self._world, request, providerurl)
