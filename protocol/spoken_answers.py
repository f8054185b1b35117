"""Answers in plain words where JSON was meant: what the portal says to cases and progress (wire §7)."""

from __future__ import annotations

import re

from .answers import decode_json, text, without_marks
from .errors import AnswerNotUnderstood

_MOST_BYTES = 2000
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
    said = str(answer)
    words = without_marks(said)
    if _NOT_DONE.search(words):
        return {"error_code": "-", "message": said}
    if _DONE.search(words):
        return {"error_code": 0, "message": said}
    raise AnswerNotUnderstood("an answer in words that say neither yes nor no")


def check_said(answer: object) -> None:
    """Raise AnswerNotUnderstood for an answer to what was told that says nothing at all: null, an empty object or list."""
    if not answer:
        raise AnswerNotUnderstood("an answer that says nothing")


def _words(body: bytes) -> str:
    try:
        words = text(body[:_MOST_BYTES].decode("utf-8-sig"), _MOST_BYTES)
    except UnicodeDecodeError:
        return ""
    return "" if words.startswith(_NO_WORDS) or len(body) > _MOST_BYTES else words
