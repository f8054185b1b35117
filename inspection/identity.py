"""Whose paper a text says that it is, compared with whose it should be; careful, because scans and layouts vary.

A paper is somebody else's only when it says so under a label of its own ("Họ và tên: …", "Số CCCD: …"); everything
less clear is "unknown". Nothing of the text leaves this module.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from enum import Enum

_MOST_TEXTS = 20
_MOST_CHARACTERS = 50_000
_LONGEST_NAME = 200
# As alike as a name and its slip of the pen.
_ALIKE = 0.85
_PERSON_LENGTHS = (9, 12)

# All patterns meet folded text: small letters without accents, "?" for letters of other scripts and old encodings.
_LABELS_OF_PERSON_NUMBERS = (
    r"(?:dinh danh(?: ca nhan)?|cccd|can cuoc(?: cong dan)?|cmnd|cmtnd|chung minh(?: nhan dan| thu)?)"
)
_LABELS_OF_TAX_CODES = r"(?:ma so (?:doanh nghiep|thue|hop tac xa|ho kinh doanh|to chuc)|mst)"
_NUMBER = r"(?: (?:so|cccd|cmnd|ho chieu)){0,3} ?:? ?(?P<number>[0-9](?: ?[0-9]){8,12}(?: 0 ?[0-9] ?[0-9])?)(?! ?[0-9])"
_PERSON_NUMBER = re.compile(rf"\b{_LABELS_OF_PERSON_NUMBERS}{_NUMBER}")
_TAX_CODE = re.compile(rf"\b{_LABELS_OF_TAX_CODES}{_NUMBER}")
_PERSON_NAME = re.compile(
    r"\b(?:ho va ten|ho ten|ho chu dem ten|ho chu dem va ten)(?: khai sinh| day du)?"
    r"(?: (?:chu )?(?:viet |in )?hoa)? ?: ?(?P<name>[a-z? ]{3,120})"
)
_ORGANISATION_NAME = re.compile(
    r"\bten (?:doanh nghiep|cong ty|to chuc|hop tac xa|ho kinh doanh|co so)"
    r"(?: (?:viet )?(?:bang )?tieng viet)? ?: ?(?P<name>[a-z?0-9 ]{3,160})"
)
# Where a name on a line ends, because the next field begins.
_NEXT_FIELD = re.compile(
    r"\b(?:ho va|ho ten|ho chu dem|gioi tinh|nam nu|ngay sinh|sinh ngay|ngay thang nam|nam sinh|quoc tich|dan toc"
    r"|ton giao|so|cccd|cmnd|can cuoc|dinh danh|que quan|noi|dia chi|thuong tru|ten|ma so|nghe nghiep|chuc vu|dien thoai|email)\b"
)
# A paper with several people on it: a number under a label may be the other one's.
_OTHER_ROLE = re.compile(
    r"\b(?:nguoi (?:cha|me|bo|vo|chong|con|dai dien|uy quyen|giam ho|di khai|yeu cau|bao lanh|lien he)"
    r"|dai dien(?: theo)? phap luat|chu so huu|ben (?:a|b|chuyen|nhan|mua|ban|cho|tang)"
    r"|(?:ten|ho ten|tuoi) (?:cha|me|bo|vo|chong|con)|(?:cha|me|vo|chong|con|ben nam|ben nu) ?:)"
)
_TITLES = frozenset({"ong", "ba", "anh", "chi", "co", "bac", "em"})
_ABBREVIATIONS = {
    "tnhh": "trach nhiem huu han",
    "mtv": "mot thanh vien",
    "cp": "co phan",
    "dntn": "doanh nghiep tu nhan",
    "htx": "hop tac xa",
    "cty": "cong ty",
    "hkd": "ho kinh doanh",
}


class OwnerMatch(str, Enum):
    """Whether a paper is the owner's, as far as its words tell."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


def compare_owner(owner_name: str, owner_number: str, texts: Iterable[str | None]) -> OwnerMatch:
    """Compare the owner of a case with `texts`: metadata of the paper, and what stands on it (None: nothing).

    The owner's number anywhere is a match, and so is the whole name, unless another number stands under a label of
    that kind on a paper of one person. One labelled name that is clearly another one is a mismatch. Numbers of
    different kinds (9 and 12 digits, tax code) tell nothing about each other.
    """
    # One after the other, so that a name never runs from one text into the next.
    folded = "\n|\n".join(_folded(text[:_MOST_CHARACTERS]) for text in _given(texts))
    number = "".join(char for char in owner_number if char.isascii() and char.isdigit())
    if number and _holds_number(folded, number):
        return OwnerMatch.MATCH
    if _is_other_number(folded, number):
        return OwnerMatch.MISMATCH
    name = _name_words(owner_name)
    if len(name) < 2:
        return OwnerMatch.UNKNOWN
    if _holds_name(folded, name):
        return OwnerMatch.MATCH
    return OwnerMatch.MISMATCH if _is_other_name(folded, name, number) else OwnerMatch.UNKNOWN


def _given(texts: Iterable[str | None]) -> list[str]:
    return [text for text in texts if text][:_MOST_TEXTS]


def _folded(text: str) -> str:
    """Return `text` in small letters without accents; only letters, digits, colons, lines and single spaces remain."""
    plain = unicodedata.normalize("NFKD", text).lower().replace("đ", "d")
    kept = "".join(_fold_char(char) for char in plain if not unicodedata.combining(char))
    return re.sub(r" *\n[ \n]*", "\n", re.sub(r" +", " ", kept)).replace(" :", ":")


def _fold_char(char: str) -> str:
    if char in ":\n" or (char.isascii() and char.isalnum()):
        return char
    return "?" if char.isalpha() else " "


def _holds_number(folded: str, number: str) -> bool:
    # A tax code with the three digits of a branch behind it is the branch's.
    branch = r"(?! ?0[0-9]{2}(?![0-9]))" if len(number) == 10 else ""
    return bool(re.search(rf"(?<![0-9])(?<![0-9] ){' ?'.join(number)}{branch}(?! ?[0-9])", folded)) or bool(
        # A date or another number may stand next to it with a space only.
        re.search(rf"(?<![0-9]){number}{branch}(?![0-9])", folded)
    )


def _is_other_number(folded: str, number: str) -> bool:
    """Whether one number of the owner's kind, and none of another person, stands under a label."""
    pattern = _PERSON_NUMBER if len(number) in _PERSON_LENGTHS else _TAX_CODE
    found = {match["number"].replace(" ", "") for match in pattern.finditer(folded)}
    same_kind = {other for other in found if len(other) == len(number)}
    if len(found) != 1 or not same_kind or (pattern is _PERSON_NUMBER and _OTHER_ROLE.search(folded)):
        return False
    return number not in same_kind


def _name_words(name: str) -> list[str]:
    bare = re.sub(r"\(.*?\)", " ", name[:_LONGEST_NAME])
    words = _spelled_out(_folded(bare).replace(":", " ").split())
    return words[1:] if len(words) > 2 and words[0] in _TITLES else words


def _spelled_out(words: Iterable[str]) -> list[str]:
    return " ".join(_ABBREVIATIONS.get(word, word) for word in words).split()


def _holds_name(folded: str, name: list[str]) -> bool:
    words = " ".join(_spelled_out(folded.replace(":", " ").split()))
    # Some text layers put spaces between letters.
    letters = " ?".join(map(re.escape, "".join(name)))
    return f" {' '.join(name)} " in f" {words} " or bool(re.search(rf"(?<![a-z]){letters}(?![a-z])", words))


def _is_other_name(folded: str, name: list[str], number: str) -> bool:
    pattern = _PERSON_NAME if len(number) in _PERSON_LENGTHS or not number else _ORGANISATION_NAME
    found = {" ".join(words) for words in _labelled_names(folded, pattern)}
    return len(found) == 1 and not _are_alike(found.pop().split(), name)


def _labelled_names(folded: str, pattern: re.Pattern[str]) -> Iterator[list[str]]:
    """Yield the words of each name under a label of `pattern`; those that cannot be read are left out."""
    for match in pattern.finditer(folded.replace(":\n", ":")):
        words = _spelled_out(_NEXT_FIELD.split(match["name"])[0].split())
        is_readable = not any("?" in word for word in words)
        if is_readable and len(words) >= 2 and sum(len(word) > 1 for word in words) >= 2:
            yield words


def _are_alike(one: list[str], other: list[str]) -> bool:
    """Whether two names may be the same person's: nearly the same letters, or only names in the middle differ."""
    if sorted(one) == sorted(other) or (one[0], one[-1]) == (other[0], other[-1]):
        return True
    return SequenceMatcher(None, "".join(one), "".join(other), autojunk=False).ratio() >= _ALIKE
