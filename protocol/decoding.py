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
# What .NET makes of a string that a service returns.
_STRING = re.compile(r"(?:<\?xml[^<>]{0,200}\?>\s{0,100})?<string(?:\s[^<>]{0,200})?>([^<]*)</string>")


def read_json(body: bytes) -> object:
    """Return what the JSON text `body` holds, or the string in an element `string`. Raises AnswerNotUnderstood.

    Tolerated are byte order marks, UTF-16 and 32, line breaks within texts, other blanks, and commas behind the last of a list.
    """
    try:
        words = text_of(body).strip(AROUND)
        if string := _STRING.fullmatch(words):
            return html.unescape(string[1])
        try:
            return json.loads(words, strict=False)
        except json.JSONDecodeError:
            if not words.startswith(("{", "[")):
                raise
            return json.loads(_TOO_MUCH.sub(lambda found: found[1] or "", words), strict=False)
    except RecursionError:
        reason = "nested too deeply"
    except ValueError as error:  # not Unicode, not JSON, or a number out of all bounds
        reason = type(error).__name__
    # Raised here, outside of the handlers: a decoding error carries the whole answer along.
    raise AnswerNotUnderstood(f"the answer is not JSON ({reason})")


def text_of(body: bytes) -> str:
    """Return `body` as text, whichever Unicode it is in: some platforms mean UTF-16 by it. Raises UnicodeDecodeError."""
    return body.decode(json.detect_encoding(body))
