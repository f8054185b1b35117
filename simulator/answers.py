"""An answer before it is sent, and the ways in which a fault may spoil its sending."""

import json
from dataclasses import dataclass, field


@dataclass
class Answer:
    """What goes back: `body` in bytes; the other fields change how it travels."""

    status: int = 200
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)
    # Spoilt ways of sending, set by faults.
    send_only: int | None = None
    without_length: bool = False
    drip_seconds: float = 0.0
    never: bool = False
    reset: bool = False


def json_answer(data: object, status: int = 200) -> Answer:
    """Return `data` as JSON in UTF-8."""
    return Answer(status, json.dumps(data, ensure_ascii=False).encode())


def page(text: str, status: int = 200) -> Answer:
    """Return an HTML page."""
    return Answer(status, text.encode(), "text/html; charset=utf-8")


def server_fault(reason: str) -> Answer:
    """Return the error of a security server that could not forward a call."""
    body = f'<?xml version="1.0"?><Fault><faultcode>Server.ClientProxy</faultcode><faultstring>{reason}</faultstring></Fault>'
    return Answer(500, body.encode(), "text/xml; charset=utf-8")
