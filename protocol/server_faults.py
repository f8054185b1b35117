"""What security servers say when they could not pass a call on (wire "Forwarding")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from .answers import decode_json, fold
from .errors import AnswerNotUnderstood, SecurityServerFault, Trouble

ERROR_HEADER = "X-Road-Error"
_MOST_BYTES = 64 * 1024
_MOST_LEVELS = 4
_CODE = re.compile(r"(?:Server|Client)(?:\.[A-Za-z][A-Za-z0-9_]{0,60}){1,6}")
_FAULT_CODE = re.compile(
    # SOAP 1.1, and the value of a code in SOAP 1.2.
    r"<(?:[A-Za-z0-9_-]{1,30}:)?(?:faultcode|Value)\b[^<>]{0,200}>\s{0,100}(?:<!\[CDATA\[\s{0,100})?"
    r"(?:[A-Za-z0-9_-]{1,30}:)?([A-Za-z0-9_.]{1,400})"
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
    code = headers.get(ERROR_HEADER, "").strip()
    code = code if _CODE.fullmatch(code) else _code_in(body)
    if not code:
        # Whoever sets the header has failed, in whatever words.
        return SecurityServerFault("?", Trouble.OTHER, is_ours=True) if is_said_by_server else None
    words = code.lower()
    trouble = next((trouble for word, trouble in _TROUBLES if word in words), Trouble.OTHER)
    is_ours = "serverproxy" not in words
    # Anybody can write such a text: our own server is blamed for what its header says only.
    return SecurityServerFault(code, trouble, is_ours=is_ours, is_certain=is_said_by_server)


def _code_in(body: bytes) -> str:
    """Return the code of the fault that `body` is, "" for every other one."""
    start = body[:_MOST_BYTES].lstrip(b"\xef\xbb\xbf \t\r\n")
    answer: object = start.decode(errors="replace") if start[:1] == b"<" else None
    if start[:1] in (b"{", b'"') and re.search(b"type|fault", start, re.IGNORECASE):
        try:
            answer = decode_json(body[:_MOST_BYTES])
        except AnswerNotUnderstood:
            return ""
    if isinstance(answer, str):
        codes = _FAULT_CODE.findall(answer) if "Fault" in answer else ()
    else:
        codes = _codes_of(answer)
    return next((code for code in codes if _CODE.fullmatch(code)), "")


def _codes_of(answer: object) -> Iterator[str]:
    for level in _levels_of(answer, _MOST_LEVELS):
        yield from (
            level[key].strip().rpartition(":")[2] for key in ("type", "faultcode") if isinstance(level.get(key), str)
        )


def _levels_of(answer: object, most: int) -> Iterator[dict[str, object]]:
    """Yield `answer` and what in it may tell of a fault, folded; of SOAP that an adapter made into JSON its envelope, too."""
    if isinstance(answer, Mapping) and most:
        # The names of SOAP have a prefix of the sender's choice.
        level = {key.rpartition(":")[2]: value for key, value in fold(answer).items()}
        yield level
        for key in ("error", "fault", "envelope", "body"):
            yield from _levels_of(level.get(key), most - 1)
