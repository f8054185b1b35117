"""What stands behind a label on a Vietnamese paper: names and numbers, and in which role their person is there."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

# A label and its number, or its name, stand close together; what is further away is another matter.
_NUMBER_REACH = 100
_NAME_REACH = 240
_LONGEST_GAP = 80
_MOST_WORDS = {False: 6, True: 20}

_MARK = "\u0301"
# The letters with a bar, which decompose into nothing: Vietnamese, and the two that fonts show alike.
_BARRED_D = str.maketrans("đðɖ", "ddd")
_SPACE = re.compile(r"\s+")
# Some text layers hold the accents as characters of their own, with a space before them.
_MARKS = re.compile(rf"\s?{_MARK}+")
_WORD = re.compile(r"[^\W_]+")

# Runs on folded text, where white space is one character and no two alternatives begin at the same word.
_LABEL = re.compile(
    r"""(?<![a-z0-9])(?:
    (?P<person>(?<!ro\s)ho,?\s?(?:(?:va\s)?chu\s(?:dem|lot),?\s?)?(?:va\s)?ten)
    |(?P<organisation>ten\s(?:doanh\snghiep|cong\sty|hop\stac\sxa|to\schuc|ho\skinh\sdoanh|co\sso))
    |(?P<id>(?:so|ma|ma\sso)\sdinh\sdanh(?:\sca\snhan)?|can\scuoc(?:\scong\sdan)?|chung\sminh\snhan\sdan|cccd|cmnd
        |cmtnd|cmt)
    |(?P<tax>ma\sso\s(?:thue|hop\stac\sxa|to\schuc|ho\skinh\sdoanh)|mst|ma\s(?:so\s)?doanh\snghiep)
    |(?P<relative>^[^a-z\n]{0,6}(?:nguoi\s)?(?:cha|bo|me|vo|chong)(?=\s?:|\n|\Z))
    |(?P<official>(?:nguoi\s)?dai\sdien|nguoi\s(?:duoc\s)?uy\squyen|nguoi\syeu\scau|nguoi\sdi\skhai|chu\sso\shuu
        |^[^a-z\n]{0,6}(?:nguoi\s(?:ky|khai|lap|giam\sho|nop|lam\schung|bao\slanh|lien\she)|giam\sdoc|thanh\svien
        |co\sdong|ben\s(?:a|b|ban|mua|cho|tang|chuyen|nhan)))
    )(?![a-z0-9])""",
    re.VERBOSE | re.MULTILINE,
)
_BRACKETS = re.compile(r"\([^()]{0,60}\)")
# What may stand between a label and what it labels, and still means the holder of the paper.
_PLAIN = re.compile(
    r"\b(?:khai sinh|day du|(?:viet )?(?:bang )?(?:chu )?in hoa|viet bang tieng viet|full name|name|ong|ba"
    r"|(?:cua )?nguoi (?:duoc cap|duoc khai sinh|hanh nghe)|so|no|number|personal identification|id|the"
    r"|ca nhan|cong dan|nhan dan|dinh danh|can cuoc|cccd|cmnd|cmtnd|cmt|ho chieu|passport|va|hoac|ma|thue|mst"
    r"|doanh nghiep)\b"
)
_FAMILY = {"cha", "bo", "me", "vo", "chong", "con"}
_ROLES = {*_FAMILY, "nguoi", "cua", "chu", "dai", "can"}
_SEPARATOR = re.compile(r"\s?:|\.{3}|\n")
_LEADERS = " \t\n:._-*"
# What follows a name on its line. Single words would be names as well: Sinh, Nam, So.
_FIELD = (
    r"\b(?:gioi tinh|ngay sinh|sinh ngay|sinh nam|nam sinh|ngay thang|dan toc|quoc tich|que quan"
    r"|noi sinh|noi cu tru|noi o|thuong tru|chuc vu|chuc danh|nghe nghiep|ten goi|bi danh|ma so|can cuoc|cccd|cmnd"
    r"|ho ten|ho va ten|ho chu dem)\b"
)
_NAME_END = re.compile(rf"[^\w .'&-]|[0-9_]|\.\.|{_FIELD}")
_NEXT_FIELD = re.compile(_FIELD)
# Categories that no name has, but texts of the time before Unicode.
_SYMBOLS = {"Sm", "Sc", "So", "Sk"}
# "Không có", "chưa rõ": a field without a name.
_NOBODY = {"khong", "chua"}
_ORGANISATION_END = re.compile(r"[\n\t:;|]|\b(?:ma so|ten cong ty|ten doanh nghiep|dia chi)\b")
_FIRST_DIGIT = re.compile(r"[0-9]")
_DASH = r"[-\u2010-\u2015\u2212]"
_TAX_CODE = re.compile(rf"([0-9]{{10}})(?:\s?{_DASH}\s?([0-9]{{3}}))?(?![0-9])")
_WHOLE = re.compile(r"[0-9]{9,13}(?![0-9])")
# Groups as in "001 095 012 345", or a digit a box; a date is none, and one behind them not of theirs.
_GROUPS = re.compile(
    r"(?![0-9]{1,2}[ .][0-9]{1,2}[ .](?:19|20)[0-9]{2}(?![0-9]))"
    r"[0-9]{1,4}(?![0-9/])(?:[ .][0-9]{1,4}(?![0-9/]))*"
)
_LENGTHS = {"id": (9, 12), "tax": (10, 12, 13)}


class Role(Enum):
    """Who somebody is on a paper: its holder, one of the family, or anybody else."""

    HOLDER = "holder"
    FAMILY = "family"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class LabelledName:
    """A name as folded words, or what of it stands on its line; words that follow it may be among them."""

    role: Role
    words: tuple[str, ...]
    is_organisation: bool


@dataclass(frozen=True, slots=True)
class LabelledNumber:
    """A number as its digits, of 9, 10, 12 or 13."""

    role: Role
    digits: str


def folded(text: str) -> str:
    """Return `text` in small letters without accents, white space as one space, tab (a wide gap) or line end each."""
    plain = "".join(map(_folded_character, text))
    return _MARKS.sub("", _SPACE.sub(lambda space: _narrow(space[0]), plain))


@lru_cache(4096)
def _folded_character(character: str) -> str:
    """Return one character in its parts. One by one: to sort the marks of a whole text may take very long."""
    parts = unicodedata.normalize("NFKD", character).casefold().translate(_BARRED_D)
    if parts[:1] == " " and _is_mark(parts[-1]):
        # An accent that stands alone, before its letter or behind it: the space is not the text's.
        return ""
    return "".join(_MARK if _is_mark(part) else part for part in parts if unicodedata.category(part) != "Cf")


def _is_mark(character: str) -> bool:
    return unicodedata.category(character) == "Mn"


def _narrow(space: str) -> str:
    if "\n" in space or "\r" in space:
        return "\n"
    return "\t" if "\t" in space or len(space) > 2 else " "


def words_of(text: str) -> tuple[str, ...]:
    """Return the words of a folded text, without what stands between them."""
    return tuple(_WORD.findall(text))


def labelled(text: str) -> Iterator[LabelledName | LabelledNumber]:
    """Yield the labelled names and numbers of a folded text, in its order.

    A number is of the person whose name was labelled last, or whose heading stands above it.
    """
    role, heading = Role.HOLDER, None
    for label in _LABEL.finditer(text):
        kind = label.lastgroup
        rest = text[label.end() : label.end() + _NAME_REACH]
        if kind in _LENGTHS:
            if digits := _number(rest[:_NUMBER_REACH], _LENGTHS[kind]):
                yield LabelledNumber(role, digits)
        elif kind == "official":
            role = heading = Role.OTHER
        else:
            is_organisation = kind == "organisation"
            meant, value = _behind(rest)
            if kind == "relative":
                meant = Role.FAMILY
                heading = None if value.partition("\n")[0].strip() else meant
            elif meant is Role.HOLDER:
                meant, heading = heading or meant, None
            role = meant or role
            words = _name(value, is_organisation=is_organisation)
            if meant and words:
                yield LabelledName(meant, words, is_organisation)


def _behind(rest: str) -> tuple[Role | None, str]:
    """Return whom a label means whose text goes on with `rest`, None where that is not clear, and what it labels."""
    end = _SEPARATOR.search(rest, 0, _LONGEST_GAP)
    gap = _BRACKETS.sub(" ", rest[: end.start()] if end else rest[:_LONGEST_GAP])
    words = words_of(gap)
    role = Role.FAMILY if _FAMILY.intersection(words) else Role.OTHER
    begins_with_role = bool(words) and words[0] in _ROLES
    if not end or end[0] == "\n":
        # Without a colon, only a role's word is clear enough; what it labels is not read.
        return (role if begins_with_role else None), ""
    if not words_of(_PLAIN.sub(" ", gap)):
        return Role.HOLDER, rest[end.end() :]
    if _NEXT_FIELD.search(gap) and not begins_with_role:
        # The colon is that of the next field, and the name stands before it without one.
        return Role.HOLDER, rest
    return role, rest[end.end() :]


def _name(value: str, *, is_organisation: bool) -> tuple[str, ...]:
    """Return the words of the name that `value` begins with, none where it is no whole name."""
    value = value.lstrip(_LEADERS)
    end = (_ORGANISATION_END if is_organisation else _NAME_END).search(value)
    name = value[: end.start()] if end else value
    words = words_of(name)[: _MOST_WORDS[is_organisation]]
    # The next label instead of a name, letters with gaps between them, or those of a font that was never Unicode.
    is_cut_off = end is not None and (end[0] == ":" or unicodedata.category(end[0][0]) in _SYMBOLS)
    is_in_letters = sum(len(word) == 1 for word in words) * 2 > len(words)
    is_name = len(words) > 1 and words[0] not in _NOBODY and all(map(str.isascii, words))
    return words if is_name and not is_cut_off and not is_in_letters else ()


def _number(rest: str, lengths: tuple[int, ...]) -> str:
    """Return the digits that `rest` begins with behind what may stand before them; empty for anything but a number."""
    first = _FIRST_DIGIT.search(rest)
    if not first:
        return ""
    gap = _BRACKETS.sub(" ", rest[: first.start()])
    if words_of(_PLAIN.sub(" ", gap)) or words_of(gap.partition("\n")[2]):
        return ""
    digits = _digits(rest[first.start() :])
    return digits if len(digits) in lengths else ""


def _digits(text: str) -> str:
    if code := _TAX_CODE.match(text):
        return code[1] + (code[2] or "")
    if number := _WHOLE.match(text) or _GROUPS.match(text):
        return "".join(words_of(number[0].replace(".", " ")))
    return ""
