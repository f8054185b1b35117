"""What a process and its sandbox tell each other: frames of JSON over a socket, the file as a descriptor."""

from __future__ import annotations

import base64
import json
import re
import socket
import struct
from datetime import datetime

from .reports import FileReport
from .trust import Trust

_LENGTH = struct.Struct("!I")
_NOT_KEPT = re.compile("[\x00\ud800-\udfff]")
LARGEST_FRAME = 16 * 1024 * 1024


class WireBroken(Exception):
    """The other end is gone, or speaks nonsense."""


def ask(connection: socket.socket, file_number: int, trust: Trust, at: datetime) -> None:
    """Send a question about the file behind the descriptor `file_number`."""
    question = {
        "roots": [base64.b64encode(each).decode() for each in trust.roots],
        "intermediates": [base64.b64encode(each).decode() for each in trust.intermediates],
        "at": at.isoformat(),
    }
    body = json.dumps(question).encode()
    socket.send_fds(connection, [_LENGTH.pack(len(body))], [file_number])
    connection.sendall(body)


def next_question(connection: socket.socket) -> tuple[int, Trust, datetime]:
    """Return (descriptor, trust, at) of the next question; the descriptor is the caller's to close.

    Raises WireBroken when there is none any more.
    """
    head, numbers, _flags, _address = socket.recv_fds(connection, _LENGTH.size, 1)
    if len(head) < _LENGTH.size or len(numbers) != 1:
        raise WireBroken
    fields = json.loads(_received(connection, _LENGTH.unpack(head)[0]))
    trust = Trust(*(tuple(map(base64.b64decode, fields[name])) for name in ("roots", "intermediates")))
    return numbers[0], trust, datetime.fromisoformat(fields["at"])


def answer(connection: socket.socket, report: FileReport) -> None:
    """Send `report`, its text included."""
    body = json.dumps({"report": report.as_json(), "text": report.text}).encode()
    connection.sendall(_LENGTH.pack(len(body)) + body)


def next_answer(connection: socket.socket) -> FileReport:
    """Return what the sandbox answered. Raises WireBroken, or TimeoutError after the connection's time-out."""
    length = _LENGTH.unpack(_received(connection, _LENGTH.size))[0]
    if length > LARGEST_FRAME:
        raise WireBroken
    try:
        fields = json.loads(_received(connection, length))
        return FileReport.from_json(_clean(fields["report"])).with_text(_clean(fields["text"]))
    except (ValueError, TypeError, LookupError):
        raise WireBroken from None


def _clean(value: object) -> object:
    """Return `value`, decoded JSON, without the characters that no database takes: NUL and halves of pairs."""
    if isinstance(value, str):
        return _NOT_KEPT.sub("", value)
    if isinstance(value, list):
        return [_clean(part) for part in value]
    return {key: _clean(part) for key, part in value.items()} if isinstance(value, dict) else value


def _received(connection: socket.socket, length: int) -> bytes:
    held = bytearray()
    while len(held) < length:
        block = connection.recv(length - len(held))
        if not block:
            raise WireBroken
        held += block
    return bytes(held)
