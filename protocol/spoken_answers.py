"""Answers in plain words where JSON was meant: what the portal says to cases and progress (wire §7)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from .answers import check_success, decode_json, fold, listed, message_of, says_yes, text, text_of, without_marks
from .errors import AnswerNotUnderstood

_MOST_BYTES = 2000
# What the portal answers with, beside words.
_SAYS_SOMETHING = {"errorcode", "result", "data", "success", "status", "statuscode", "code"}
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

    Raises PortalRejected where its words, or the code of a row that it lists, say no; AnswerNotUnderstood where it says nothing
    at all: null, an empty object or list, words that say neither yes nor no.
    """
    told = listed(answer)
    for row in told if isinstance(told, list) else ():
        if isinstance(row, Mapping):
            # Its other fields are those of what was told, not of how that went.
            check_success({"error_code": fold(row).get("errorcode"), "message": message_of(row)})
    is_yes = isinstance(answer, Mapping) and says_yes(answer)
    said = "" if is_yes else told if isinstance(told, str) else message_of(answer)
    verdict = _verdict(said)
    check_success(verdict)
    is_known = isinstance(answer, list) or (isinstance(answer, Mapping) and bool(_SAYS_SOMETHING & fold(answer).keys()))
    if not answer or not (verdict or is_known) or (said and not (verdict or told)):
        raise AnswerNotUnderstood("an answer that says nothing")


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
