"""Faults that can be ordered: for which call, how often, and what they make of the right answer."""

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from .answers import Answer, json_answer, page

CALLS = ("login", "directory", "papers", "file", "any")


@dataclass
class Fault:
    """An order: the next `times` calls (None: all) of `call` whose path holds `match` suffer `fault`."""

    call: str
    fault: str
    times: int | None = 1
    match: str = ""
    parameters: dict = field(default_factory=dict)

    def fits(self, call: str, path: str) -> bool:
        return self.call in (call, "any") and self.match in path and self.times != 0


class Faults:
    """The orders that stand, in the order they were given."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add an order. Raises ValueError for a call or a fault that does not exist."""
        if fault.call not in CALLS or fault.fault not in _EFFECTS:
            raise ValueError(f"no such order: {fault.call} {fault.fault}")
        with self._lock:
            self._orders.append(fault)

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

    def standing(self) -> list[dict]:
        """Return the orders that are not used up, as JSON-ready rows."""
        with self._lock:
            return [vars(order) for order in self._orders if order.times != 0]

    def apply(self, call: str, path: str, answer: Callable[[], Answer]) -> Answer:
        """Return what the first fitting order makes of `answer`, or the answer itself."""
        with self._lock:
            order = next((order for order in self._orders if order.fits(call, path)), None)
            if order is not None and order.times is not None:
                order.times -= 1
        return _EFFECTS[order.fault](answer, order.parameters) if order else answer()


def _latency(answer, parameters):
    time.sleep(float(parameters.get("seconds", 0.2)))
    return answer()


def _unauthorized(answer, parameters):
    status = int(parameters.get("status", 401))
    return json_answer({"errorCode": str(status), "message": "Token không hợp lệ hoặc đã hết hạn"}, status)


def _server_error(answer, parameters):
    return Answer(int(parameters.get("status", 500)), b"Internal Server Error", "text/plain")


def _broken_json(answer, parameters):
    return Answer(200, answer().body.rstrip()[:-1] or b"{")


def _cut_body(answer, parameters):
    right = answer()
    right.send_only = int(parameters.get("bytes", len(right.body) // 2))
    return right


def _wrong_type(answer, parameters):
    return Answer(200, b"MZ\x90\x00" + b"\x00" * 200, "application/octet-stream")


def _error_page(answer, parameters):
    return page("<html><body><h1>Hệ thống đang bảo trì</h1></body></html>")


def _oversize(answer, parameters):
    size = int(parameters.get("bytes", 60 * 1024 * 1024))
    return Answer(200, b"%PDF-1.4\n" + b"0" * size + b"\n%%EOF\n", "application/pdf")


def _never_answer(answer, parameters):
    return Answer(never=True)


def _reset(answer, parameters):
    return Answer(reset=True)


def _redirect(answer, parameters):
    target = parameters.get("location", "http://127.0.0.1:9/elsewhere.pdf")
    return Answer(302, b"", headers={"Location": target})


def _empty(answer, parameters):
    return Answer(200, b"", "application/pdf")


def _base64(answer, parameters):
    return Answer(200, base64.b64encode(answer().body), "text/plain")


def _json_base64(answer, parameters):
    wrapped = {"errorCode": "0", "data": {"TenTep": "tep", "NoiDung": base64.b64encode(answer().body).decode()}}
    return json_answer(wrapped)


def _no_length(answer, parameters):
    right = answer()
    right.without_length = True
    return right


def _token_error_200(answer, parameters):
    return json_answer({"error_code": 1, "errorCode": "1", "message": "Session đã hết hạn, vui lòng đăng nhập lại"})


def _error_code(answer, parameters):
    code, message = parameters.get("code", "99"), parameters.get("message", "Lỗi hệ thống")
    return json_answer({"error_code": code, "errorCode": code, "message": message})


def _null_result(answer, parameters):
    try:
        right = json.loads(answer().body)
    except ValueError:
        right = {}
    return json_answer({**right, "result": None})


def _slow_drip(answer, parameters):
    right = answer()
    right.drip_seconds = float(parameters.get("seconds", 0.5))
    return right


_EFFECTS = {
    "latency": _latency,
    "unauthorized": _unauthorized,
    "server_error": _server_error,
    "broken_json": _broken_json,
    "cut_body": _cut_body,
    "wrong_type": _wrong_type,
    "error_page": _error_page,
    "oversize": _oversize,
    "never_answer": _never_answer,
    "reset": _reset,
    "redirect": _redirect,
    "empty": _empty,
    "base64": _base64,
    "json_base64": _json_base64,
    "no_length": _no_length,
    "token_error_200": _token_error_200,
    "error_code": _error_code,
    "null_result": _null_result,
    "slow_drip": _slow_drip,
}
