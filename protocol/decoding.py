"""Bytes of an answer made into what they say in JSON, in whichever clothes it comes."""

from __future__ import annotations

import html
import json
import re

from .errors import AnswerNotUnderstood

# What may stand around it, and means nothing.
AROUND = "\ufeff\u200b\xa0\0 \t\r\n"
# What is no JSON between its texts and means nothing: a comma behind the last of a list, other blanks. A text need not end, so that
# no answer takes long.
_TOO_MUCH = re.compile(r'("(?:[^"\\]+|\\.)*"?)|,(?=[\s\ufeff\u200b]*[\]}])|[\xa0\ufeff\u200b]', re.DOTALL)
# What some put around JSON: what PHP has to say of a program that goes on, and a call of a script; a comment of a firewall.
_PHP = (
    r"(?:<br\s*/?>\s*)?(?:<b>)?(?:Warning|Notice|Deprecated|Strict Standards)(?:</b>)?:"
    r".{0,2000}? on line (?:<b>)?\d+(?:</b>)?\s*(?:<br\s*/?>\s*)?"
)
_IN_FRONT = re.compile(rf"(?:{_PHP})*(?:(?:/\*\*/\s?)?[\w.$]{{1,100}}\(\s*)?", re.DOTALL)
_BEHIND = re.compile(r"(?:[\s);]|<!--(?:(?!-->).)*-->)*", re.DOTALL)
# Passed through a page.
_IN_ENTITIES = re.compile(r"[\[{]\s*(?:\{\s*)?&(?:quot|#34);")
# PHP numbers a list of which it took some out.
_PLACE = re.compile(r"0|[1-9][0-9]{0,4}")
# What .NET makes of a string that a service returns.
_STRING = re.compile(r"(?:<\?xml[^<>]{0,200}\?>\s{0,100})?<string(?:\s[^<>]{0,200})?>([^<]*)</string>")


def read_json(body: bytes) -> object:
    """Return what the JSON text `body` holds, or the string in an element `string`. Raises AnswerNotUnderstood.

    Tolerated are byte order marks, UTF-16 and 32, line breaks within texts, other blanks, commas behind the last of a list, what
    `_IN_FRONT` and `_BEHIND` know, and quotes as a page has them.
    """
    try:
        words = text_of(body).strip(AROUND)
        if string := _STRING.fullmatch(words):
            return html.unescape(string[1])
        try:
            return parsed(words)
        except json.JSONDecodeError:
            return _mended(words)
    except RecursionError:
        reason = "nested too deeply"
    except ValueError as error:  # not Unicode, not JSON, or a number out of all bounds
        reason = type(error).__name__
    # Raised here, outside of the handlers: a decoding error carries the whole answer along.
    raise AnswerNotUnderstood(f"the answer is not JSON ({reason})")


def parsed(words: str) -> object:
    """Return what `words` of JSON hold; a list whose places became keys is a list. Raises ValueError, RecursionError."""
    return _DECODER.decode(words)


def _mended(words: str) -> object:
    words = words[_IN_FRONT.match(words).end() :]
    if not words.startswith(("{", "[")):
        raise ValueError("no object and no list")
    if _IN_ENTITIES.match(words):
        words = html.unescape(words)
    words = _TOO_MUCH.sub(lambda each: each[1] or "", words)
    found, end = _DECODER.raw_decode(words)
    if not _BEHIND.fullmatch(words, end):
        raise ValueError("more than one answer")
    return found


def _listed(found: dict[str, object]) -> object:
    return list(found.values()) if found and all(map(_PLACE.fullmatch, found)) else found


_DECODER = json.JSONDecoder(strict=False, object_hook=_listed)


def text_of(body: bytes) -> str:
    """Return `body` as text, whichever Unicode it is in: some platforms mean UTF-16 by it. Raises UnicodeDecodeError."""
    return body.decode(json.detect_encoding(body))
