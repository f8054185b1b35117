"""An answer before it is sent, and the two ways in which the other side says no."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape

from .delivery import Delivery, Whole


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back; `delivery` is how it travels. No `status`: there is no answer."""

    status: int | None = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery = field(default_factory=Whole)


def json_answer(data: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """Return `data` as JSON in UTF-8; half a surrogate pair, which UTF-8 cannot hold, is escaped."""
    body = json.dumps(data, ensure_ascii=False).encode(errors="backslashreplace")
    return Answer(status, body, headers=headers or {})


def text_answer(text: str, status: int = 200) -> Answer:
    """Return plain text."""
    return Answer(status, text.encode(), "text/plain; charset=utf-8")


def page(html: str, status: int = 200) -> Answer:
    """Return an HTML page."""
    return Answer(status, html.encode(errors="xmlcharrefreplace"), "text/html; charset=utf-8")


def portal_refusal(call: str, code: str, message: str, status: int = 200) -> Answer:
    """Return an error in the portal's words: `errorCode` about papers (V.2), else `error_code` (field practice)."""
    if call == "papers":
        return json_answer({"errorCode": code, "message": message, "signature": "", "result": None}, status)
    return json_answer({"error_code": int(code) if code.isdigit() else code, "message": message}, status)


def server_fault(kind: str, message: str) -> Answer:
    """Return the error of a security server that could not forward a call, as X-Road's REST interface gives it."""
    fault = {"type": kind, "message": message, "detail": "simulator"}
    return json_answer(fault, 500, {"X-Road-Error": kind})


def soap_fault(kind: str, message: str, status: int) -> Answer:
    """Return the same error as X-Road's SOAP interface gives it."""
    body = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<SOAP-ENV:Envelope xmlns:SOAP-ENV="http://schemas.xmlsoap.org/soap/envelope/"><SOAP-ENV:Body><SOAP-ENV:Fault>'
        f"<faultcode>{escape(kind)}</faultcode><faultstring>{escape(message)}</faultstring>"
        "</SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>"
    )
    return Answer(status, body.encode(), "text/xml; charset=utf-8")
