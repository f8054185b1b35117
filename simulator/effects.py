"""What each fault makes of the right answer.

An effect takes the kind of call, a function that gets the right answer, and the fault's parameters. An effect that
replaces the answer does not get it, so the portal never sees such a call.
"""

import base64
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.header import Header
from urllib.parse import quote

from . import identity_tokens
from .answers import Answer, json_answer, page, portal_refusal, server_fault, soap_fault
from .delivery import CutOff, Drip, Late, Never, Padded, Reset, WithoutLength

Right = Callable[[], Answer]

# The least and the most of a parameter; -1 of `bytes` is half of the body where it is cut.
_RANGES = {
    "seconds": (0, 86_400),
    "retry_after": (0, 86_400),
    "status": (200, 599),
    "bytes": (-1, 2**40),
    "prefix": (0, 2**40),
}


@dataclass(frozen=True, slots=True)
class Effect:
    """An effect and its parameters with their defaults, whose types are those that are asked for."""

    apply: Callable[..., Answer]
    defaults: Mapping[str, object]

    def parameters(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return all parameters, `given` or default. Raises ValueError for one that does not exist or does not fit."""
        unknown = given.keys() - self.defaults.keys()
        if unknown:
            there_are = ", ".join(self.defaults) or "none"
            raise ValueError(f"no such parameter: {', '.join(sorted(unknown))}; there are {there_are}")
        return {name: _fitting(name, given.get(name, default), default) for name, default in self.defaults.items()}


def _fitting(name: str, value: object, default: object) -> object:
    """Return `value` in the type of `default`. Raises ValueError where it does not fit, or could not be sent."""
    wanted = type(default)
    if type(value) not in (str, int, float):
        raise ValueError(f"{name} is of the wrong type: {value!r}")
    try:
        value = wanted(value)
    except (ValueError, OverflowError):
        raise ValueError(f"{name} is no number: {value!r}") from None
    if name in _RANGES and not _RANGES[name][0] <= value <= _RANGES[name][1]:
        raise ValueError(f"{name} is from {_RANGES[name][0]} to {_RANGES[name][1]}, not {value}")
    if name == "location" and not (value.isascii() and value.isprintable()):
        raise ValueError("location goes into a header: printable ASCII only")
    return value


EFFECTS: dict[str, Effect] = {}


def _effect(**defaults: object) -> Callable:
    def register(function: Callable[..., Answer]) -> Callable[..., Answer]:
        EFFECTS[function.__name__.lstrip("_")] = Effect(function, defaults)
        return function

    return register


@_effect(seconds=1.0)
def _latency(call: str, right: Right, seconds: float) -> Answer:
    answer = right()
    return replace(answer, delivery=Late(seconds, answer.delivery))


@_effect(status=401, message="Token không hợp lệ hoặc đã hết hạn")
def _unauthorized(call: str, right: Right, status: int, message: str) -> Answer:
    return portal_refusal(call, str(status), message, status)


@_effect(status=500, retry_after=0)
def _server_error(call: str, right: Right, status: int, retry_after: int) -> Answer:
    headers = {"Retry-After": str(retry_after)} if retry_after else {}
    return Answer(status, b"Internal Server Error", "text/plain; charset=utf-8", headers)


@_effect()
def _broken_json(call: str, right: Right) -> Answer:
    """Leave out the last closing bracket, as the guideline's own sample of the directory does."""
    body = right().body
    bracket = max(body.rfind(b"]"), body.rfind(b"}"))
    is_json = body[:1] in (b"{", b"[")
    return Answer(200, body[:bracket] + body[bracket + 1 :] if is_json else b'{"result": [')


@_effect(bytes=-1)
def _cut_body(call: str, right: Right, bytes: int) -> Answer:
    return replace(right(), delivery=CutOff(bytes))


@_effect()
def _wrong_type(call: str, right: Right) -> Answer:
    """Send a program in place of a file, or JSON in which nothing is of the right type."""
    if call == "file":
        return Answer(200, b"MZ\x90\x00\x03\x00\x00\x00" + b"\x00" * 504, "application/pdf")
    return json_answer({"error_code": 0, "errorCode": "0", "result": "không phải danh sách"})


@_effect(status=200)
def _error_page(call: str, right: Right, status: int) -> Answer:
    return page(
        '<!DOCTYPE html>\n<html lang="vi"><head><title>Thông báo</title></head>'
        "<body><h1>Hệ thống đang bảo trì, vui lòng quay lại sau</h1></body></html>\n",
        status,
    )


@_effect(bytes=60 * 1024 * 1024)
def _oversize(call: str, right: Right, bytes: int) -> Answer:
    return replace(right(), delivery=Padded(bytes))


@_effect()
def _never_answer(call: str, right: Right) -> Answer:
    return Answer(None, delivery=Never())


@_effect()
def _reset(call: str, right: Right) -> Answer:
    return Answer(None, delivery=Reset())


@_effect(location="/redirected", status=302)
def _redirect(call: str, right: Right, location: str, status: int) -> Answer:
    """Point to a page of the simulator by default: whoever follows is on the record."""
    return Answer(status, b"", "text/plain; charset=utf-8", {"Location": location})


@_effect()
def _empty(call: str, right: Right) -> Answer:
    return replace(right(), body=b"")


@_effect()
def _base64(call: str, right: Right) -> Answer:
    return Answer(200, base64.b64encode(right().body), "text/plain; charset=utf-8")


@_effect()
def _json_base64(call: str, right: Right) -> Answer:
    encoded = base64.b64encode(right().body).decode()
    return json_answer({"error_code": 0, "message": "", "result": {"TenTep": "tep.pdf", "NoiDung": encoded}})


@_effect()
def _no_length(call: str, right: Right) -> Answer:
    return replace(right(), delivery=WithoutLength())


@_effect(code="401", message="Token không hợp lệ hoặc đã hết hạn")
def _token_error_200(call: str, right: Right, code: str, message: str) -> Answer:
    return portal_refusal(call, code, message)


@_effect(code="99", message="Lỗi hệ thống")
def _error_code(call: str, right: Right, code: str, message: str) -> Answer:
    return portal_refusal(call, code, message)


@_effect()
def _null_result(call: str, right: Right) -> Answer:
    return json_answer({"error_code": 0, "errorCode": "0", "message": "Successfully", "result": None})


@_effect(bytes=1, seconds=0.2, prefix=0)
def _slow_drip(call: str, right: Right, bytes: int, seconds: float, prefix: int) -> Answer:
    return replace(right(), delivery=Drip(max(1, bytes), seconds, prefix))


@_effect(code="Server.ServerProxy.AccessDenied", status=500, form="json")
def _server_fault(call: str, right: Right, code: str, status: int, form: str) -> Answer:
    """Fail as a security server does: `form` "json" with the header X-Road-Error, "bare" without it, or "soap"."""
    if form == "soap":
        return soap_fault(code, "Request is not allowed", status)
    answer = replace(server_fault(code, "Request is not allowed"), status=status)
    return answer if form == "json" else replace(answer, headers={})


@_effect(encoding="gzip")
def _false_encoding(call: str, right: Right, encoding: str) -> Answer:
    answer = right()
    return replace(answer, headers={**answer.headers, "Content-Encoding": encoding})


@_effect(form="string")
def _wrapped(call: str, right: Right, form: str) -> Answer:
    """Put the answer, a file as base64, into a JSON string, or into `message` or `data` of an object, as a proxy does."""
    answer = right()
    text = (base64.b64encode(answer.body) if call == "file" else answer.body).decode()
    return replace(answer, body=json.dumps(text if form == "string" else {"status": "OK", form: text}).encode())


@_effect()
def _byte_order_mark(call: str, right: Right) -> Answer:
    """Begin what is text with a byte order mark, and name no charset."""
    answer = right()
    return answer if call == "file" else replace(answer, body=b"\xef\xbb\xbf" + answer.body, content_type="text/html")


@_effect(form="signature")
def _odd_id_token(call: str, right: Right, form: str) -> Answer:
    """Put another id_token in the place of the right one, see `identity_tokens.FORMS`."""
    answer = right()
    if call != "openid" or b'"id_token"' not in answer.body:
        return answer
    body = json.loads(answer.body)
    return json_answer({**body, "id_token": identity_tokens.odd(body["id_token"], form)})


@_effect(name="Giấy khai sinh.pdf", form="raw")
def _named_in_header(call: str, right: Right, name: str, form: str) -> Answer:
    """Take the names of files out of an answer about papers; give a file one: "raw" UTF-8, "rfc5987" or "rfc2047"."""
    answer = right()
    if call == "papers":
        return replace(answer, body=re.sub(rb'"Ten(File|Tep)": "[^"]*"', rb'"Ten\1": ""', answer.body))
    value = {
        "raw": f'filename="{name}"',
        "rfc5987": f"filename*=UTF-8''{quote(name)}",
        "rfc2047": f'filename="{Header(name, "utf-8", maxlinelen=1000).encode()}"',
    }[form]
    # Headers are sent as Latin-1: so the bytes of UTF-8 stand in it bare.
    return replace(
        answer, headers={**answer.headers, "Content-Disposition": f"attachment; {value}".encode().decode("latin-1")}
    )
