"""What security servers say when they could not pass a call on (wire "Forwarding")."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .answers import decode_json, fold
from .errors import AnswerNotUnderstood, SecurityServerFault, Trouble

ERROR_HEADER = "X-Road-Error"
_MOST_BYTES = 64 * 1024
_CODE = re.compile(r"(?:Server|Client)(?:\.[A-Za-z][A-Za-z0-9_]{0,60}){1,6}")
_FAULT_CODE = re.compile(
    rb"<(?:[A-Za-z0-9_-]{1,30}:)?faultcode[^<>]{0,200}>\s{0,100}(?:[A-Za-z0-9_-]{1,30}:)?([A-Za-z0-9_.]{1,400})"
)
# In the order in which they are looked for: a code may hold two of these words.
_TROUBLES = (
    ("accessdenied", Trouble.ACCESS_DENIED),
    ("unknownservice", Trouble.UNKNOWN_SERVICE),
    ("servicedisabled", Trouble.UNKNOWN_SERVICE),
    ("unknownmember", Trouble.UNKNOWN_MEMBER),
    ("toolarge", Trouble.TOO_LARGE),
    ("loggingfailed", Trouble.DISK_FULL),
    ("sslauthentication", Trouble.CERTIFICATE),
    ("certvalidation", Trouble.CERTIFICATE),
    # Before the network: what the other server says of it is about the system behind it.
    ("servicefailed", Trouble.SYSTEM_BEHIND),
    ("networkerror", Trouble.UNREACHABLE),
)


def fault_of(headers: Mapping[str, str], body: bytes) -> SecurityServerFault | None:
    """Return the fault that an answer reports: in the header X-Road-Error, as JSON, or as SOAP; None for every other answer.

    `headers` are looked up by the name as `ERROR_HEADER` has it. The HTTP status tells nothing: faults come with 200 as well.
    """
    is_said_by_server = ERROR_HEADER in headers
    code = headers.get(ERROR_HEADER, "").strip() or _code_in(body)
    if not _CODE.fullmatch(code):
        # Whoever sets the header has failed, in whatever words.
        return SecurityServerFault("?", Trouble.OTHER, is_ours=True) if is_said_by_server else None
    words = code.lower()
    trouble = next((trouble for word, trouble in _TROUBLES if word in words), Trouble.OTHER)
    is_ours = "serverproxy" not in words
    # Anybody can write such a text: our own server is blamed for what its header says only.
    return SecurityServerFault(code, trouble, is_ours=is_ours, is_certain=is_said_by_server)


def _code_in(body: bytes) -> str:
    start = body[:_MOST_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    if start[:1] == b"<":
        match = _FAULT_CODE.search(start)
        return match[1].decode() if match else ""
    if start[:1] not in (b"{", b'"') or b"type" not in start.lower():
        return ""
    try:
        answer = decode_json(body[:_MOST_BYTES])
    except AnswerNotUnderstood:
        return ""
    kind = fold(answer).get("type") if isinstance(answer, Mapping) else None
    return kind.strip() if isinstance(kind, str) else ""
