"""Answers in plain words where JSON was meant: what the portal says to cases and progress (wire §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .answers import (
    SIGNS,
    check_success,
    decode_json,
    denies_error,
    fold,
    is_nothing,
    layers_of,
    message_of,
    says_yes,
    text,
    without_marks,
    words_of,
)
from .decoding import text_of
from .errors import AnswerNotUnderstood, PortalRejected

_MOST_BYTES = 2000
# What some say beside a code of success; and what they are refused with, since no code says it.
_FAILURES = (
    "failed",
    "fail",
    "failure",
    "failures",
    "failedcount",
    "failcount",
    "errorcount",
    "errors",
    "thatbai",
    "sothatbai",
)
_COUNT = re.compile(r"true|0*[1-9]\d*", re.IGNORECASE | re.ASCII)
_SOME_FAILED = "failed"
# A page, or JSON that broke off.
_NO_WORDS = ("<", "{", "[")
_DONE = re.compile(
    r"\b(thanh cong|success(ful(ly)?)?|ok|true|done|accepted|da (duoc )?(cap nhat|dong bo|tiep nhan|nhan|luu))\b|^0+$"
)
_NOT_DONE = re.compile(
    r"\b(khong|chua|da ton tai|that bai|loi|sai|thieu|het han|error|exception|fail(ed|ure)?|not|false|invalid|denied|refused|expired)\b"
    r"|\bun(success|auth)"
)


def decode_spoken(body: bytes) -> object:
    """Return what `body` holds, as `decode_json` does; words in place of an object become an answer of the portal.

    Words that say neither yes nor no are as little understood as a page. Raises AnswerNotUnderstood.
    """
    try:
        answer = decode_json(body)
    except AnswerNotUnderstood:
        answer = _words(body)
        if not answer:
            raise
    if not isinstance(answer, str | int):
        return answer
    verdict = _verdict(str(answer))
    if verdict is None:
        raise AnswerNotUnderstood("an answer in words that say neither yes nor no")
    return verdict


def check_said(answer: object) -> None:
    """Look closer at an answer, without an error of its own, to what was told.

    Raises PortalRejected where its words, the code of a row that it lists, or a count of what failed say no; AnswerNotUnderstood
    where it says nothing at all: null, an empty object or list, keys that hold nothing, words that say neither yes nor no.
    """
    layers, told = layers_of(answer)
    for row in told if isinstance(told, list) else ():
        if isinstance(row, Mapping):
            # Its other fields are those of what was told, not of how that went.
            check_success({"error_code": fold(row).get("errorcode"), "message": message_of(row)})
    for part in (*layers, fold(told) if isinstance(told, Mapping) else {}):
        if any(_is_count(part.get(key)) for key in _FAILURES):
            raise PortalRejected(_SOME_FAILED, words_of(part))
    # Whatever part of it says anything first, from the outside, says it for all that is within.
    speaking = next((layer for layer in layers if says_yes(layer) or words_of(layer)), {})
    is_yes = says_yes(speaking)
    said = "" if is_yes else words_of(speaking)
    # A bare 0 is a yes, and so it is where it is all that was brought.
    is_zero = not said and any(_is_zero(layer.get(key)) for layer in layers[-1:] for key in ("result", "data"))
    spoken = () if is_yes else filter(None, (said, told if isinstance(told, str) else "0" * is_zero))
    verdicts = [_verdict(words) for words in spoken]
    for verdict in verdicts:
        check_success(verdict)
    # Words that say nothing take nothing from what says that there was no error; those that say no were heard above.
    is_fine = any(map(denies_error, layers))
    is_signed = not said and any(_holds(layer.get(key)) for layer in layers for key in ("errorcode", *SIGNS))
    is_something = isinstance(answer, Mapping | list) and _holds(told)
    if not (any(verdicts) or is_fine or is_signed or is_something):
        raise AnswerNotUnderstood("an answer that says nothing")


def _holds(value: object, most_levels: int = 3) -> bool:
    """Tell whether there is anything in `value`: a number, a word, or something that holds one."""
    if isinstance(value, Mapping | list):
        within = value.values() if isinstance(value, Mapping) else value
        return any(_holds(each, most_levels - 1) for each in within) if most_levels else bool(value)
    return not (is_nothing(value) or (isinstance(value, str) and not value.strip()))


def _is_zero(value: object) -> bool:
    return value == 0 and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    """Tell whether `value` says that there are some: a number, a list that holds something, true."""
    return value is True or (
        _holds(value) if isinstance(value, Mapping | list) else bool(_COUNT.fullmatch(text(value)))
    )


def _verdict(said: str) -> dict[str, object] | None:
    """Return what these words come to as an answer of the portal; None where they say neither yes nor no."""
    words = without_marks(said)
    if _NOT_DONE.search(words):
        return {"error_code": "-", "message": text(said, _MOST_BYTES)}
    return {"error_code": 0, "message": text(said, _MOST_BYTES)} if _DONE.search(words) else None


def _words(body: bytes) -> str:
    try:
        words = text(text_of(body[:_MOST_BYTES]), _MOST_BYTES)
    except UnicodeDecodeError:
        return ""
    return "" if words.startswith(_NO_WORDS) or len(body) > _MOST_BYTES else words
