"""Whether a paper is its owner's, as far as its own words tell. No answer holds a word of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import Enum

from .labels import LabelledName, LabelledNumber, Role, folded, labelled, words_of

MOST_CHARACTERS = 50_000
NUMBER, NAME = "number", "name"
_PERSON_LENGTHS, _TAX_LENGTHS = (9, 12), (10, 13)
_TAX_CODE_DIGITS = 10
_NOT_DIGITS = re.compile(r"[\s.\-\u2010-\u2015\u2212]")
_NUMBER = re.compile(r"[0-9]+")
_LONGEST_NAME = 200
_REMARK = re.compile(r"\([^()]*\)")
_TITLES = {"ong", "ba", "anh", "chi", "co", "bac", "em"}
# As alike as a name and its slip of the pen.
_ALIKE = 0.85
# First words of names that no person has.
_ORGANISATION = re.compile(r"(?:cong ty|doanh nghiep|dntn|hop tac xa|htx|tap doan|tong cong ty|chi nhanh|ngan hang) ")
# Long and short, both are in use for the same company.
_SHORT_FORMS = {
    "trach nhiem huu han": "tnhh",
    "mot thanh vien": "mtv",
    "1 thanh vien": "mtv",
    "co phan": "cp",
    "doanh nghiep tu nhan": "dntn",
    "hop tac xa": "htx",
    "thuong mai": "tm",
    "dich vu": "dv",
    "san xuat": "sx",
    "xuat nhap khau": "xnk",
}


class OwnerMatch(str, Enum):
    """Whether a paper is the owner's, as far as its words tell."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class OwnerFinding:
    """Whether a paper is the owner's, and by what: `found` is "number", "name", or empty where nothing tells."""

    state: OwnerMatch
    found: str = ""


_UNKNOWN = OwnerFinding(OwnerMatch.UNKNOWN)


@dataclass(frozen=True, slots=True)
class _Owner:
    """Who is looked for: `words` are empty where the name is too short to tell anything, so is `digits`."""

    words: tuple[str, ...]
    digits: str
    is_organisation: bool

    @classmethod
    def of(cls, name: str, number: str) -> _Owner:
        digits = _NOT_DIGITS.sub("", folded(number[:MOST_CHARACTERS]))
        if not _NUMBER.fullmatch(digits) or len(digits) not in _PERSON_LENGTHS + _TAX_LENGTHS:
            digits = ""
        words = words_of(_REMARK.sub(" ", folded(name[:_LONGEST_NAME])))
        if len(words) > 2 and words[0] in _TITLES:
            words = words[1:]
        if digits:
            is_organisation = len(digits) in _TAX_LENGTHS
        else:
            is_organisation = bool(_ORGANISATION.match(" ".join(words) + " "))
        words = comparable(words, is_organisation=is_organisation)
        return cls(words if len(words) > 1 else (), digits, is_organisation)


def compare_owner(owner_name: str, owner_number: str, texts: Iterable[str | None]) -> OwnerMatch:
    """Return what `find_owner` found, without how."""
    return find_owner(owner_name, owner_number, texts).state


def find_owner(owner_name: str, owner_number: str, texts: Iterable[str | None]) -> OwnerFinding:
    """Return what `texts` say: is their paper that of `owner_name`, whose id number or tax code is `owner_number`?

    `texts` are what a paper's metadata and its text layer hold, in any Unicode form, None where there is none; of each
    the first MOST_CHARACTERS count. The owner's number anywhere is a match, and so is the whole name. A mismatch needs
    a label ("Họ và tên: …"): a holder's name that comes alone is told to be one by putting a label before it. Never
    raises for what a text holds.
    """
    owner = _Owner.of(owner_name, owner_number)
    read = [folded(text[:MOST_CHARACTERS]) for text in texts if text]
    if owner.digits and any(map(_number_pattern(owner.digits).search, read)):
        return OwnerFinding(OwnerMatch.MATCH, NUMBER)
    found = [each for text in read for each in labelled(text) if each.role is not Role.OTHER]
    names = _names(found, owner)
    numbers = [each for each in found if isinstance(each, LabelledNumber)]
    if owner.digits and not _is_relative(owner, names) and _is_another_number(owner, numbers):
        return OwnerFinding(OwnerMatch.MISMATCH, NUMBER)
    if owner.words and any(_holds_name(text, owner) for text in read):
        return OwnerFinding(OwnerMatch.MATCH, NAME)
    if owner.words and _is_another_name(owner, names):
        return OwnerFinding(OwnerMatch.MISMATCH, NAME)
    return _UNKNOWN


def owner_words(owner_name: str, owner_number: str) -> tuple[str, ...]:
    """Return the owner's name as words that compare with those of a `LabelledName`; () where it is too short to tell."""
    return _Owner.of(owner_name, owner_number).words


def _number_pattern(digits: str) -> re.Pattern[str]:
    """Return what finds `digits` as a whole number: in one piece, or in groups that are no part of a longer one."""
    in_groups = (
        r"(?<!(?<![0-9])[0-9][\s.])(?<!(?<![0-9])[0-9]{3}[\s.])"
        + r"[\s.]{0,2}".join(digits)
        + r"(?![\s.][0-9](?:[0-9]{2})?(?![0-9/]))"
    )
    dash = r"\s?[-\u2010-\u2015\u2212]\s?"
    whole = digits
    if len(digits) in _TAX_LENGTHS:
        head, branch = digits[:_TAX_CODE_DIGITS], digits[_TAX_CODE_DIGITS:]
        # The code of a branch is not that of its company.
        whole = f"{head}(?:{dash})?{branch}" if branch else f"{head}(?!{dash}[0-9]{{3}}(?![0-9]))"
        in_groups += "" if branch else f"(?!{dash}[0-9]{{3}}(?![0-9]))"
    return re.compile(f"(?<![0-9])(?:{whole}|{in_groups})(?![0-9])")


def _names(found: Iterable[LabelledName | LabelledNumber], owner: _Owner) -> list[LabelledName]:
    """Return the names of what the owner is, person or organisation, in comparable words."""
    names = [each for each in found if isinstance(each, LabelledName)]
    return [
        LabelledName(each.role, comparable(each.words, is_organisation=each.is_organisation), each.is_organisation)
        for each in names
        if each.is_organisation == owner.is_organisation
    ]


def comparable(words: tuple[str, ...], *, is_organisation: bool) -> tuple[str, ...]:
    if not is_organisation:
        return words
    name = f" {' '.join(words)} "
    for long, short in _SHORT_FORMS.items():
        name = name.replace(f" {long} ", f" {short} ")
    return tuple(name.split())


def _holds_name(text: str, owner: _Owner) -> bool:
    words = comparable(words_of(text), is_organisation=owner.is_organisation)
    written = " ".join(words)
    # Some text layers put spaces between letters.
    letters = " ?".join("".join(owner.words))
    return f" {' '.join(owner.words)} " in f" {written} " or bool(re.search(rf"(?<!\w){letters}(?!\w)", written))


def _is_relative(owner: _Owner, names: Iterable[LabelledName]) -> bool:
    """Tell whether the owner is named as family of the holder: then the holder's number is another one, rightly so."""
    return any(
        each.role is Role.FAMILY and owner.words and each.words[: len(owner.words)] == owner.words for each in names
    )


def _is_another_number(owner: _Owner, numbers: Iterable[LabelledNumber]) -> bool:
    """Tell whether one other number of the owner's kind is labelled as the holder's, and no second one."""
    others = [each for each in numbers if _kind(each.digits) == _kind(owner.digits)]
    distinct = {each.digits[:_TAX_CODE_DIGITS] if owner.is_organisation else each.digits for each in others}
    if len(distinct) != 1 or all(each.role is not Role.HOLDER for each in others):
        return False
    return not owner.is_organisation or distinct != {owner.digits[:_TAX_CODE_DIGITS]}


def _kind(digits: str) -> int:
    """Return what is the same for numbers of which a holder has one: the old id, the new one, the tax code."""
    return _TAX_CODE_DIGITS if len(digits) in _TAX_LENGTHS else len(digits)


def _is_another_name(owner: _Owner, names: list[LabelledName]) -> bool:
    """Tell whether one other name is labelled as the holder's, and nobody else is there."""
    if not names or all(each.role is not Role.HOLDER for each in names):
        return False
    first = names[0].words
    is_one = all(may_be_same(first, each.words) for each in names)
    return is_one and not any(may_be_same(owner.words, each.words) for each in names)


def may_be_same(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    """Tell whether two names are one: a line ended early or went on, only the middle differs, or a few letters."""
    shared = min(len(one), len(other))
    if one[:shared] == other[:shared] or (one[0], one[-1]) == (other[0], other[-1]) or sorted(one) == sorted(other):
        return True
    return SequenceMatcher(None, "".join(one), "".join(other), autojunk=False).ratio() >= _ALIKE
