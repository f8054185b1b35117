"""Vietnamese text in the encodings of before Unicode: read where that is certain, refused where it is not (wire §4)."""

from __future__ import annotations

import functools
import html
import re
import unicodedata
from contextlib import suppress
from urllib.parse import unquote

# TCVN 5712:1993 (VN3): what its bytes are in Latin-1, and what they mean.
_TCVN3 = str.maketrans(
    "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
    "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
)
_LETTERS = frozenset("ăâđêôơưáàảãạắằẳẵặấầẩẫậéèẻẽẹếềểễệíìỉĩịóòỏõọốồổỗộớờởỡợúùủũụứừửữựýỳỷỹỵ")
_TONES = frozenset("\u0300\u0301\u0303\u0309\u0323")
_CAPITAL_WITHIN = re.compile("(?<=[a-z])[" + "".join(sorted(_LETTERS)).upper() + "]")
_WORD = re.compile(r"[^\W\d_]+")
# A syllable without its marks: how it may begin, and how it may end.
_SYLLABLE = re.compile(r"([bcdghklmnprstvx]|[ckgpt]h|ngh?|nh|gh|gi|qu|tr)?[aeiouy]{1,3}(c|ch|m|n|ng|nh|p|t)?")
# What the old encoding leaves in a word: a sign beside a letter, or a capital after a small one.
_TRACE = re.compile(
    r"(?<=[A-Za-z])[¨ª«¬\xadµ¶·¸¹»¼½¾×÷](?![A-Z0-9])|[¨©ª«¬\xad®µ¶·¸¹»¼½¾×÷](?=[a-z])|(?<=[a-z])[À-ÖØ-Þ]"
)


_ENTITY = re.compile(r"&(?:#(?:[0-9]{2,6}|x[0-9a-f]{2,5})|amp|quot|apos|nbsp);", re.IGNORECASE)
# Percent-encoded UTF-8 of a letter with marks.
_PERCENT = re.compile(r"%[c-f][0-9a-f]%[89ab][0-9a-f]", re.IGNORECASE)
# What windows-1252 shows for bytes that are control characters in Latin-1; five of them it leaves as they are.
_BYTES_OF_CP1252 = {ord(bytes([byte]).decode("cp1252", "replace")): byte for byte in range(0x80, 0xA0)}
del _BYTES_OF_CP1252[0xFFFD]
# At the end of what was cut.
_HALF_LETTER = re.compile(r"[^\x00-\x7f]{1,16}\Z")
_LOST = "\ufffd"


def decoded(raw: bytes) -> str:
    """Return what `raw` says: UTF-8, windows-1258 or TCVN3; "" where that cannot be told."""
    with suppress(UnicodeDecodeError):
        return unicodedata.normalize("NFC", raw.decode())
    readings = raw.decode("cp1258", errors="replace"), raw.decode("latin-1").translate(_TCVN3)
    possible = {text for text in (unicodedata.normalize("NFC", reading) for reading in readings) if _is_plausible(text)}
    return possible.pop() if len(possible) == 1 else ""


def repaired(text: str) -> str:
    """Return `text` as it was meant where somebody read its bytes in a wrong encoding; "" where only that is certain.

    Text that shows no trace of it stays as it is, in whatever language. Letters written as numbers of HTML, or percent-encoded,
    are read, too.
    """
    text = _ENTITY.sub(lambda match: html.unescape(match[0]).replace("\xa0", " "), text)
    if _PERCENT.search(text):
        # Some encode a space as "+"; then a plus of its own is encoded.
        text = unquote(text if " " in text or "%20" in text else text.replace("+", " "))
    if _LOST in text:
        return ""
    with suppress(UnicodeError):
        return unicodedata.normalize("NFC", text.translate(_BYTES_OF_CP1252).encode("latin-1").decode())
    if not _TRACE.search(text) or any(char > "\xff" for char in text):
        return text
    reading = text.translate(_TCVN3)
    return reading if _is_plausible(reading) else ""


def start_of(words: str, most: int) -> str:
    """Return at most `most` characters of `words`, which do not end within a letter of which each byte became a character."""
    return words if len(words) <= most else _HALF_LETTER.sub("", words[:most])


def _is_plausible(text: str) -> bool:
    """Tell whether the words with marks in `text` can be Vietnamese syllables, and nothing else is beyond ASCII."""
    is_known = all(char.isascii() or char in _LETTERS for char in set(text.lower()))
    words = (match[0] for match in _WORD.finditer(text))
    return is_known and not _CAPITAL_WITHIN.search(text) and all(word.isascii() or _is_syllable(word) for word in words)


# A list of many papers says the same again and again.
@functools.lru_cache(maxsize=4096)
def _is_syllable(word: str) -> bool:
    parts = unicodedata.normalize("NFD", word.lower().replace("đ", "d"))
    letters = "".join(char for char in parts if not unicodedata.combining(char))
    return sum(char in _TONES for char in parts) <= 1 and bool(_SYLLABLE.fullmatch(letters))
