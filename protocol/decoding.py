"""Bytes of an answer made into what they say in JSON, in whichever clothes it comes."""

from __future__ import annotations

import html
import json
import re

from .errors import AnswerNotUnderstood
from .legacy_text import decoded

# What may stand around it, and means nothing.
AROUND = "\ufeff\u200b\xa0\0 \t\r\n"
# What is no JSON between its texts and means nothing: a comma behind the last of a list, other blanks.
_TOO_MUCH = re.compile(r",(?=[\s\ufeff\u200b]*[\]}])|[\xa0\ufeff\u200b]")
# What is escaped within a text, and what stands for it while the texts are looked for: no bytes are decoded to that.
_ESCAPED = (("\\\\", "\ud800"), ('\\"', "\ud801"))
# A letter of UTF-8 that was cut: some shorten a text by its bytes.
_CUT = re.compile(rb"(?:[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2})(?=[\0-\x7f\xc2-\xf4]|\Z)")
# What some put around JSON: what PHP has to say of a program that goes on, and a call of a script; a comment of a firewall.
_PHP = re.compile(
    r"(?:<br\s*/?>\s*)?(?:<b>)?(?:Warning|Notice|Deprecated|Strict Standards)(?:</b>)?:"
    r".{0,2000}? on line (?:<b>)?\d+(?:</b>)?\s*(?:<br\s*/?>\s*)?",
    re.DOTALL,
)
_CALL = re.compile(r"(?:(?:/\*\*/\s?)?[\w.$]{1,100}\(\s*)?")
_BEHIND, _MOST_BEHIND = re.compile(r"(?:[\s);]|<!--(?:(?!-->).)*-->)*", re.DOTALL), 16 * 1024
# Passed through a page.
_IN_ENTITIES = re.compile(r"[\[{]\s*(?:\{\s*)?&(?:quot|#34);")
# PHP numbers a list of which it took some out.
_PLACE = re.compile(r"0|[1-9][0-9]{0,4}")
# What .NET makes of a string that a service returns.
_STRING = re.compile(r"(?:<\?xml[^<>]{0,200}\?>\s{0,100})?<string(?:\s[^<>]{0,200})?>([^<]*)</string>")

# A token that stands alone, in no quotes: what Java makes of a string that a service returns.
_JWT = re.compile(r"eyJ[\w-]{5,}\.[\w-]{5,}\.[\w-]*", re.ASCII)


def read_json(body: bytes) -> object:
    """Return what the JSON text `body` holds, or the string in an element `string`, or a bare token. Raises AnswerNotUnderstood.

    Tolerated are byte order marks, what `text_of` reads, line breaks within texts, other blanks, commas behind the last of a list,
    what `_PHP`, `_CALL` and `_BEHIND` know, and quotes as a page has them.
    """
    try:
        words = text_of(body).strip(AROUND)
        if string := _STRING.fullmatch(words):
            return html.unescape(string[1])
        if _JWT.fullmatch(words):
            return words
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
    begin = 0
    # One by one: an expression for all of them would remember each.
    while said := _PHP.match(words, begin):
        begin = said.end()
    words = words[_CALL.match(words, begin).end() :]
    if not words.startswith(("{", "[")):
        raise ValueError("no object and no list")
    if _IN_ENTITIES.match(words):
        words = html.unescape(words)
    found, end = _DECODER.raw_decode(words := _without_too_much(words))
    if len(words) - end > _MOST_BEHIND or not _BEHIND.fullmatch(words, end):
        raise ValueError("more than one answer")
    return found


def _without_too_much(words: str) -> str:
    """Return `words` without what `_TOO_MUCH` knows, outside of texts."""
    # Not by one expression for a whole text: it would remember each of the pieces, and an answer may have millions.
    for escaped, instead in _ESCAPED:
        words = words.replace(escaped, instead)
    pieces = words.split('"')
    pieces[::2] = [_TOO_MUCH.sub("", piece) if piece else piece for piece in pieces[::2]]
    words = '"'.join(pieces)
    for escaped, instead in _ESCAPED:
        words = words.replace(instead, escaped)
    return words


def _held(pairs: list[tuple[str, object]]) -> object:
    """Return the object that `pairs` make: a list where its keys are places; rows under a key that comes again are all kept.

    What makes XML into JSON writes each row of a list under the same key.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        several: dict[str, list[object]] = {}
        for key, value in pairs:
            several.setdefault(key, []).append(value)
        found = {key: _together(values) for key, values in several.items()}
    return list(found.values()) if found and all(map(_PLACE.fullmatch, found)) else found


def _together(values: list[object]) -> object:
    told = [value for value in values if value not in (None, "", {}, [])]
    if not all(isinstance(value, dict | list) for value in told):
        return values[-1]
    if len(told) < 2:
        return (told or values)[-1]
    return [row for value in told for row in (value if isinstance(value, list) else [value])]


_DECODER = json.JSONDecoder(strict=False, object_pairs_hook=_held)


def text_of(body: bytes) -> str:
    """Return `body` as text, whichever Unicode it is in: some platforms mean UTF-16 by it. Raises UnicodeDecodeError.

    Read are the encodings of `legacy_text`, too, and UTF-8 of which some letters were cut: U+FFFD stands for those.
    """
    try:
        return body.decode(json.detect_encoding(body))
    except UnicodeDecodeError:
        words = decoded(body) or _without_halves(body)
        if not words:
            raise
    return words


def _without_halves(body: bytes) -> str:
    """Return `body` as text where it is UTF-8 but for some letters that were cut; "" where that cannot be told."""
    mended, halves = _CUT.subn("\ufffd".encode(), body)
    try:
        words = mended.decode()
    except UnicodeDecodeError:
        return ""
    whole = len(words) - len(words.encode("ascii", "ignore")) - halves
    return words if whole > halves else ""
