"""Files that go out, whole or in part, after whoever asks was found to be one who may have them."""

import re

from werkzeug.exceptions import RequestedRangeNotSatisfiable, ServiceUnavailable
from werkzeug.http import parse_etags

from odoo.http import Response, content_disposition, request

from ..protocol.filenames import KNOWN_KINDS, safe_name
from ..sealing.faults import SealingError, WorkshopBroken, WorkshopBusy

# The parts that are given. What else is asked for is no part (RFC 9110, 14.2), and the file comes whole.
_PART = re.compile(r"bytes=(?:([0-9]{1,100})-([0-9]{0,100})|-[0-9]{1,100})")


def file_answer(file):
    """Return the answer with `file`, or the part of it that is asked for.

    `file` has `attachment_id`, `name`, `mimetype` and `size`. Raises OSError where it cannot be read.
    """
    # sudo: the caller has made sure that this file may be given.
    attachment = request.env["ir.attachment"].sudo().browse(file.attachment_id)
    # All that is needed of it, and no more.
    attachment.fetch(["name", "mimetype", "checksum", "public", "store_fname"])
    stream = request.env["ir.binary"]._get_stream_from(attachment, filename=safe_name(file.name))
    environ = request.httprequest.environ
    versions = parse_etags(environ.get("HTTP_IF_MATCH"))
    if versions and not versions.contains(stream.etag):
        # With this status the file would go out all the same.
        return Response("Precondition Failed", status=412, mimetype="text/plain")
    if not _is_part(environ.get("HTTP_RANGE", "")):
        environ.pop("HTTP_RANGE", None)
    stream.mimetype = file.mimetype if file.mimetype in KNOWN_KINDS else "application/octet-stream"
    try:
        answer = stream.get_response(as_attachment=True)
        if stream.type == "fs":
            _in_parts(answer, file.size)
    except RequestedRangeNotSatisfiable:
        headers = {"Content-Range": f"bytes */{file.size}", "Accept-Ranges": "bytes"}
        return Response("Range Not Satisfiable", status=416, headers=headers, mimetype="text/plain")
    # Whoever passes it on asks again, for what may be had today need not be so tomorrow.
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def _is_part(wanted):
    """Tell whether the header Range, `wanted`, names one part of a file."""
    part = _PART.fullmatch(wanted.strip())
    return bool(part) and not (part[2] and int(part[2]) < int(part[1]))


def _in_parts(answer, size):
    """Give `answer`, a file of an object store, its length and the part that is asked for: `fs_attachment` does neither.

    Raises OSError where the file is gone.
    """
    # Where a web server in front gives the file it does all that by itself.
    if answer.status_code == 200 and "X-Accel-Redirect" not in answer.headers:
        # Opens it: what is gone shows now, and not in the middle of the answer.
        answer.response.file.seek(0)
        answer.content_length = size
        answer.make_conditional(request.httprequest.environ, accept_ranges=True, complete_length=size)


def content_answer(content, mimetype, name="", as_attachment=True):
    """Return the answer with `content`, bytes for whoever asks now and nobody later; to be kept as `name`, where there is one.

    Not `as_attachment`: shown by the browser, to be printed; only for what we made ourselves.
    """
    headers = {"Content-Type": mimetype, "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if name:
        headers["Content-Disposition"] = content_disposition(name, "attachment" if as_attachment else "inline")
    return request.make_response(content, list(headers.items()))


def picture_answer(make):
    """Return the answer with the JPEG of a page that `make()` returns; not found where it cannot be made, later where not now."""
    try:
        picture = make()
    except (WorkshopBroken, WorkshopBusy):
        raise ServiceUnavailable(retry_after=5) from None
    except SealingError:
        # The page before it could be shown, and this one cannot.
        raise request.not_found() from None
    return content_answer(picture, "image/jpeg")
