import logging

from werkzeug.http import parse_content_range_header

from odoo import http
from odoo.http import Response, request

from ..models.store.kho_dl_paper_file import ADDRESS_PATH
from ..models.store.kho_dl_serving import Call
from .files import file_answer

_logger = logging.getLogger(__name__)

# Some adapters keep the whole address, and some stand below a path of their own (wire §5).
_FORWARD = "/<path:adapter>/RestService/forward"
# Odoo calls a controller for OPTIONS, too, whatever methods its route names.
_METHODS = ("GET", "HEAD")


class Papers(http.Controller):
    """Gives files of our own store to other agencies (wire §5).

    Who has the token of a file gets it, if they come through a security server of ours; everybody else gets the same
    answer, whatever is wrong. The name at the end of an address is for people only: no path is ever made from it.
    """

    @http.route(
        [
            f"/{ADDRESS_PATH}",
            f"/{ADDRESS_PATH}/<path:rest>",
            f"{_FORWARD}/{ADDRESS_PATH}",
            f"{_FORWARD}/{ADDRESS_PATH}/<path:rest>",
        ],
        type="http",
        auth="kho_dl_paper",
        methods=["GET"],
        save_session=False,
        # Nobody has anything to send here, and what a body holds would become arguments.
        max_content_length=0,
    )
    def paper(self, rest="", **_anything):
        servings = request.env["kho.dl.serving"]
        call = _call(servings)
        token, slash, name = rest.partition("/")
        is_asked_for = slash and name and call.method in _METHODS
        served = servings._admitted(token, call.address, call.caller) if is_asked_for else None
        if not served:
            probe = is_asked_for and request.env["kho.dl.acceptance"]._probe(token, call.address)
            return Response(probe, mimetype="application/pdf") if probe else _nothing()
        if served.recent >= served.allowed:
            return Response("Too Many Requests", status=429, headers={"Retry-After": "60"}, mimetype="text/plain")
        try:
            answer = file_answer(served)
        except OSError as error:
            _logger.error("A file of the store cannot be read (%s): no. %s", type(error).__name__, served.file_id)
            return _nothing()
        servings._note(served, call, answer.status_code, _bytes_given(answer, served, call))
        return answer


def _call(servings):
    http_request = request.httprequest
    address = http_request.remote_addr or ""
    caller = servings._caller(address, http_request.headers.get("X-Road-Client"))
    return Call(caller, address, http_request.method, http_request.headers.get("Range", ""))


def _nothing():
    return Response("Not Found", status=404, mimetype="text/plain")


def _bytes_given(answer, served, call):
    """Return how much of the file goes out, also where the web server in front reads it from the disk by itself."""
    if call.method != "GET" or answer.status_code not in (200, 206):
        return 0
    part = parse_content_range_header(answer.headers.get("Content-Range"))
    return part.stop - part.start if part else served.size
