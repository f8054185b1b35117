"""What tells two papers of almost the same name apart: a number, a negation, a word. Knows no records.

Names come here as `Vocabulary.normal` writes them, see `mapping_match`.
"""

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

# What stands before the number of a paper, or the letter of its class.
_LABELS = "so|hang|nhom|loai|cap|bac|muc|phan|phu luc|quy|mau|bieu|dang|lan"
_LEADING_COUNT = re.compile(r"^[0-9]{1,2} (?=[a-z])")
_UNITS = "ban|bo|to|tam|anh|chiec|cuon"
# A unit goes with its number where nothing can be the name of a paper with it, such as "bản đồ".
_COUNT = re.compile(
    rf"\b(?:(so luong|{_LABELS}) )?[0-9]{{1,2}} (?:(?:{_UNITS}) ?$|ban (?:chinh|sao|goc)\b|(?=(?:{_UNITS})\b))"
)
_SIZE_OF_SHEET = re.compile(r"\bkho a[0-9]\b")
_LEADING_ZEROS = re.compile(r"\b0+(?=[0-9])")
_ROMAN = dict(zip("i ii iii iv v vi vii viii ix x xi xii".split(), range(1, 13), strict=True))
# "vi" and "xi" are syllables ("vi phạm", "xi măng"); "i", "v" and "x" are numbers behind a label only.
_ROMAN_NUMBER = re.compile(rf"\b(?:((?:{_LABELS}) )(i|v|x)|(ii|iii|iv|vii|viii|ix|xii))\b")
# "lý" and "lí", "quý" and "quí" are the same word.
_Y_FOR_I = re.compile(r"(?<=[bcdghklmnpqrstvx])y\b|(?<=\bqu)y\b")
# "số 1", "hạng B2"; a year is a word like others.
_MARK = re.compile(r"\b(?:[0-9]{1,2}[a-z]?|[a-z][0-9]{1,2})\b")
_LABELLED = re.compile(rf"\b(?:{_LABELS}) ([a-e]|[0-9]{{1,2}}[a-z]?|[a-z][0-9]{{1,2}})\b")
# Without their marks some are parts of other words: "hàng không", "chữa bệnh", "miền núi", "huy chương".
_NEGATIONS = {
    "không": r"(?<!\bhang )\bkhong\b(?! (?:gian|phan))",
    "chưa": r"\bchua\b(?! (?:benh|chay))",
    "hết": r"\bhet\b",
    "miễn": r"\bmien\b(?! (?:nui|bac|trung|nam))",
    "hủy": r"(?<!\bchi )\bhuy\b(?! chuong)",
    "thu hồi": r"\bthu hoi\b",
    "chấm dứt": r"\bcham dut\b",
    "đình chỉ": r"\bdinh chi\b",
    "từ chối": r"\btu choi\b",
}
_ANY_NEGATION = re.compile("|".join(f"({pattern})" for pattern in _NEGATIONS.values()))
# They tell no paper from another; all other words do.
_LIGHT = frozenset(("va", "hoac", "cua", "cac", "nhung", "theo", "giay"))
# Whose paper it is tells nothing of the paper, where it is the applicant or one of the family.
_PERSON = "tre em|tre|con|cha me|bo me|cha|me|bo|vo chong|vo|chong|ban than|duong su"
_PERSON += "|nguoi (?:nop|de nghi|yeu cau|khai|lam don|duoc cap)(?: ho so| don)?"
_OWNER = re.compile(rf"\bcua (?:{_PERSON})\b")
# Syllables that tell papers apart and look or sound like others: never another one misspelt.
_NEVER_MISSPELT = frozenset(
    "chinh chuc huyen lai lan nam ngoai nhan nhap nuoc phuong sinh thuong tieu tinh trong trung truong xa xuat".split()
)
# Sounds that begin a word and that many people write alike.
_SOUNDS = {"s": "x", "tr": "ch", "gi": "d", "r": "d", "n": "l"}
_ALIKE = re.compile(rf"^(?:{'|'.join(_SOUNDS)})")
_FEWEST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared: its different words, those of them that tell, in order, its numbers and negations."""

    text: str
    telling: tuple
    distinct: frozenset
    marks: frozenset
    negations: frozenset


def read_name(normal):
    """Return the `Name` of a name as `Vocabulary.normal` wrote it."""
    marks = frozenset(_MARK.findall(normal) + _LABELLED.findall(normal))
    kinds = tuple(_NEGATIONS)
    words = dict.fromkeys(_OWNER.sub(" ", normal).split())
    return Name(
        text=normal,
        telling=tuple(word for word in words if word not in _LIGHT and word not in marks),
        distinct=frozenset(normal.split()),
        marks=marks,
        negations=frozenset(kinds[match.lastindex - 1] for match in _ANY_NEGATION.finditer(normal)),
    )


def without_counts(words):
    """Return `words` without how many are handed in ("01 bản chính …", "… số lượng: 02 bộ"), and the sheet's size."""

    def keep_numbers_of_papers(match):
        return match[0] if match[1] and match[1] != "so luong" else ""

    return _SIZE_OF_SHEET.sub(" ", _LEADING_COUNT.sub("", _COUNT.sub(keep_numbers_of_papers, words).strip()))


def one_spelling(words):
    """Return `words` with numbers and the letter y written one way: "số 01" as "số 1", "hạng II" as "hạng 2"."""
    words = _LEADING_ZEROS.sub("", words)
    words = _ROMAN_NUMBER.sub(lambda match: f"{match[1] or ''}{_ROMAN[match[2] or match[3]]}", words)
    return _Y_FOR_I.sub("i", words)


def differences(ours, theirs, known):
    """Return what tells the names apart, [(kind, words)]: "other_number", "no_number", "negation", "other_words", "more".

    `words` are the numbers, the negations, ([words of ours], [words of theirs]), or the words that only one of them
    has. A word of `ours` that stands in `known`, the words of all results, is no misspelling of another one.
    """
    found = []
    if missing := theirs.marks - ours.marks:
        found.append(("other_number", sorted(missing)))
    elif unsaid := ours.marks - theirs.marks:
        found.append(("no_number", sorted(unsaid)))
    if negations := ours.negations ^ theirs.negations:
        found.append(("negation", sorted(negations)))
    left, right = _unmatched(ours, theirs, known)
    if left and right:
        found.append(("other_words", (left, right)))
    elif left or right:
        found.append(("more", left or right))
    return found


def _unmatched(ours, theirs, known):
    """Return ([telling words of `ours` that `theirs` has not, in no spelling], [the same of `theirs`])."""
    left = [word for word in ours.telling if word not in theirs.distinct]
    right = [word for word in theirs.telling if word not in ours.distinct]
    if "".join(left) == "".join(right) or _joined(ours, theirs) == _joined(theirs, ours):
        return [], []
    rest = []
    for word in left:
        meant = next((other for other in right if word not in known and _is_misspelt(word, other)), None)
        if meant:
            right.remove(meant)
        else:
            rest.append(word)
    return rest, right


def _joined(one, other):
    return "".join(word for word in one.text.split() if word not in other.distinct)


def _is_misspelt(word, meant):
    """Whether `word`, which is none, is `meant` with one letter too many, missing, wrong, or in another place."""
    if word in _NEVER_MISSPELT or any(char.isdigit() for char in word + meant):
        return False
    if _by_sound(word) == _by_sound(meant):
        return True
    if max(len(word), len(meant)) < _FEWEST_LETTERS or OSA.distance(word, meant, score_cutoff=1) > 1:
        return False
    # Another first letter is another word: "sinh" and "minh".
    return word[1:] != meant[1:]


def _by_sound(word):
    return _ALIKE.sub(lambda match: _SOUNDS[match[0]], word)
