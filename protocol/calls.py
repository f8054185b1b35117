"""One call to the portal: JSON there, JSON back, every refusal typed (wire §1–§3)."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Callable, Mapping

import requests

from .answers import decode_json, fold, message_of, opened, opened_within, refusal_of, words_of
from .errors import AnswerNotUnderstood, AnswerOutOfTime, BodyCutOff, PortalRejected, TimedOut, TokenRefused
from .server_faults import fault_of
from .transport import Exchange, answer_to, chunks

# One silence before the answer, one within it.
_CALL_PATIENCE = 2
# A wait may end so much (s) before its time.
_CLOCK_GRAIN = 0.02
_UNAUTHORISED = (401, 403)
# Under which a framework says at which path nothing was found, and in which words.
_PATHS = {"path", "instance"}
_NO_PATH = re.compile(r"|not found|no message available|no static resource\b.*", re.IGNORECASE | re.DOTALL)


def post(
    session: requests.Session,
    url: str,
    headers: Mapping[str, str],
    body: Mapping[str, object],
    *,
    timeouts: tuple[float, float],
    max_bytes: int,
    until: float = math.inf,
    decode: Callable[[bytes], object] = decode_json,
    may_repeat: bool = False,
) -> object:
    """POST `body` as JSON and return the decoded answer; it may still report an error of its own.

    `decode` reads an answer that is no error of HTTP. `timeouts` and `may_repeat` as for `answer_to`; the whole exchange may take twice the longest silence, and no longer than `until`
    (time.monotonic()); the answer may hold `max_bytes`.
    Raises TokenRefused for HTTP 401 and 403 and for errors that blame token or session, PortalRejected for other HTTP
    errors with a JSON error in them, SecurityServerFault, AnswerNotUnderstood for everything else that is not JSON,
    AnswerOutOfTime where `until` came before the other side had all its time, and what `answer_to` raises.
    """
    began = time.monotonic()
    sent = {"Content-Type": "application/json", "Charset": "utf-8", **headers}
    exchange = Exchange(min(_CALL_PATIENCE * timeouts[1], until - began))
    payload = json.dumps(body, ensure_ascii=False).encode()
    try:
        options = {"headers": sent, "timeouts": timeouts, "body": payload, "may_repeat": may_repeat}
        with answer_to(session, "POST", url, exchange, **options) as response:
            content = read_bounded(response, exchange, max_bytes)
            if fault := fault_of(response.headers, content):
                raise fault
            return _judged(response.status_code, content, decode)
    except TimedOut as error:
        now = time.monotonic()
        if now + _CLOCK_GRAIN < until:
            raise
        raise AnswerOutOfTime(now - began, is_coming=exchange.is_coming, is_connected=error.is_connected) from None


def read_bounded(response: requests.Response, exchange: Exchange, max_bytes: int) -> bytes:
    """Return the body of `response`. Raises AnswerNotUnderstood for more than `max_bytes`, and as `chunks`."""
    content = bytearray()
    try:
        for chunk in chunks(response, exchange):
            content += chunk
            if len(content) > max_bytes:
                raise AnswerNotUnderstood(f"an answer of more than {max_bytes} bytes")
    except (BodyCutOff, TimedOut):
        # A length that was announced may be wrong, and the last chunk may never come; an object tells by itself whether
        # it is whole.
        if not _is_object(content):
            raise
    if exchange.response.behind and _is_object(content + exchange.response.behind):
        # Some count characters where bytes are meant.
        content += exchange.response.behind
    return bytes(content)


def _is_object(content: bytes) -> bool:
    return isinstance(opened(content.decode(errors="replace")), dict)


def _judged(status: int, content: bytes, decode: Callable[[bytes], object]) -> object:
    if 200 <= status < 300:
        answer = opened_within(decode(content))
        refusal = refusal_of(answer)
        if refusal and refusal.blames_token():
            raise TokenRefused(refusal.code, refusal.message)
        return answer
    try:
        answer = decode_json(content)
    except AnswerNotUnderstood:
        answer = None
    if status == 404 and _is_about_path(answer):
        raise AnswerNotUnderstood("HTTP status 404 for a path", status=status)
    # At 404 a gateway's own words say that there is no such path, and nothing of a case.
    refusal, message = refusal_of(answer), message_of(answer, is_refusal=status != 404)
    code = (refusal and refusal.code) or str(status)
    if status in _UNAUTHORISED or (refusal and refusal.blames_token()):
        raise TokenRefused(code, message, status=status)
    if status >= 400 and (refusal or message):
        raise PortalRejected(code, message, status=status)
    raise AnswerNotUnderstood(f"HTTP status {status}", status=status)


def _is_about_path(answer: object) -> bool:
    """Tell whether `answer`, at 404, only says what Spring says of a path that it does not know, or of one that has nothing."""
    folded = fold(answer) if isinstance(answer, Mapping) else {}
    # No framework has an error code of the portal.
    is_framework = "errorcode" not in folded and not folded.keys().isdisjoint(_PATHS)
    return is_framework and bool(_NO_PATH.fullmatch(words_of(folded, is_refusal=True)))
