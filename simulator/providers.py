"""Real systems of agencies behind the simulated security servers, for a circle between two of them (wire §5)."""

import http.client
from urllib.parse import quote, urlencode, urlsplit

from .answers import Answer, server_fault
from .request import Request

_UNREACHABLE = "Server.ServerProxy.NetworkError"
_PASSED_ON = ("range", "if-none-match")
_SECONDS = 60
_MOST_BYTES = 2**30


def pass_on(request: Request, address: str, client: str) -> Answer:
    """Return what the real system at `address` answers; `client` is the caller's X-Road identity."""
    place = urlsplit(address)
    query = urlencode(request.own_query)
    path = f"{place.path}/{quote(request.far_path)}{'?' + query if query else ''}"
    headers = {name: request.headers[name] for name in _PASSED_ON if name in request.headers}
    connection = http.client.HTTPConnection(place.hostname, place.port or 80, timeout=_SECONDS)
    try:
        connection.request(request.method, path, headers={**headers, "X-Road-Client": client})
        answer = connection.getresponse()
        return Answer(answer.status, answer.read(_MOST_BYTES), answer.headers.get("Content-Type", ""))
    except OSError as error:
        return server_fault(_UNREACHABLE, type(error).__name__)
    finally:
        connection.close()
