"""What tells two papers of almost the same name apart: a number, a negation, another word. Knows no records.

Names come here as `Vocabulary.normal` writes them, see `mapping_match`.
"""

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

# What stands before the number of a paper, or the letter of its class.
_LABELS = "so|hang|nhom|loai|cap|bac|muc|phan|phu luc|quy|mau|bieu|dang|lan"
_LEADING_COUNT = re.compile(r"^[0-9]{1,2} (?=[a-z])")
_COUNT = re.compile(rf"\b(?:(so luong|{_LABELS}) )?[0-9]{{1,2}} (?=(?:ban|bo|to|tam|anh|chiec|cuon)\b)")
_SIZE_OF_SHEET = re.compile(r"\bkho a[0-9]\b")
_LEADING_ZEROS = re.compile(r"\b0+(?=[0-9])")
_ROMAN = dict(zip("i ii iii iv v vi vii viii ix x xi xii".split(), range(1, 13), strict=True))
# "vi" and "xi" are syllables ("vi phạm", "xi măng"); "i", "v" and "x" are numbers behind a label only.
_ROMAN_NUMBER = re.compile(rf"\b(?:((?:{_LABELS}) )(i|v|x)|(ii|iii|iv|vii|viii|ix|xii))\b")
# "lý" and "lí", "quý" and "quí" are the same word.
_Y_FOR_I = re.compile(r"(?<=[bcdghklmnpqrstvx])y\b|(?<=\bqu)y\b")
# "số 1", "hạng B2": years and sizes of photographs tell nothing.
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
# They tell no paper from another.
_LIGHT = frozenset(("va", "hoac", "cua", "cac", "nhung", "theo"))
# Sounds that begin a word and that many people write alike.
_SOUNDS = {"s": "x", "tr": "ch", "gi": "d", "r": "d", "n": "l"}
_ALIKE = re.compile(rf"^(?:{'|'.join(_SOUNDS)})")
_FEWEST_LETTERS = 4


@dataclass(frozen=True, slots=True)
class Name:
    """A name as it is compared: its words in order, the numbers in it, those that a label makes the paper's own."""

    text: str
    words: tuple
    distinct: frozenset
    marks: frozenset
    labelled: frozenset
    negations: frozenset


def read_name(normal):
    """Return the `Name` of a name as `Vocabulary.normal` wrote it."""
    words = tuple(normal.split())
    labelled = frozenset(_LABELLED.findall(normal))
    kinds = tuple(_NEGATIONS)
    return Name(
        text=normal,
        words=words,
        distinct=frozenset(words),
        marks=frozenset(_MARK.findall(normal)) | labelled,
        labelled=labelled,
        negations=frozenset(kinds[match.lastindex - 1] for match in _ANY_NEGATION.finditer(normal)),
    )


def without_counts(words):
    """Return `words` without how many are handed in ("01 bản chính …", "… số lượng: 02 bộ"), and the sheet's size."""

    def keep_numbers_of_papers(match):
        return match[0] if match[1] and match[1] != "so luong" else ""

    words = _COUNT.sub(keep_numbers_of_papers, _LEADING_COUNT.sub("", words))
    return _SIZE_OF_SHEET.sub(" ", words)


def one_spelling(words):
    """Return `words` with numbers and the letter y written one way: "số 01" as "số 1", "hạng II" as "hạng 2"."""
    words = _LEADING_ZEROS.sub("", words)
    words = _ROMAN_NUMBER.sub(lambda match: f"{match[1] or ''}{_ROMAN[match[2] or match[3]]}", words)
    return _Y_FOR_I.sub("i", words)


def differences(ours, theirs, known):
    """Return what tells the names apart, [(kind, words)]: "other_number", "no_number", "negation", "other_words".

    `words` are the numbers, the negations, or ([words of ours], [words of theirs]). A word of `ours` that stands in
    `known`, the words of all results, is no misspelling of another one.
    """
    found = []
    if missing := theirs.marks - ours.marks:
        found.append(("other_number", sorted(missing)))
    elif unsaid := ours.labelled - theirs.marks:
        found.append(("no_number", sorted(unsaid)))
    if negations := ours.negations ^ theirs.negations:
        found.append(("negation", sorted(negations)))
    if others := _other_words(ours, theirs, known):
        found.append(("other_words", others))
    return found


def _other_words(ours, theirs, known):
    left, right = _lacked(ours, theirs), _lacked(theirs, ours)
    if not left or not right or "".join(left) == "".join(right):
        return None
    rest = []
    for word in left:
        meant = next((other for other in right if word not in known and _is_misspelt(word, other)), None)
        if meant:
            right.remove(meant)
        else:
            rest.append(word)
    return (rest, right) if rest and right else None


def _lacked(one, other):
    """Return the telling words of `one` that `other` lacks, in order; numbers of papers are looked at elsewhere."""
    return [
        word
        for word in dict.fromkeys(one.words)
        if word not in other.distinct and word not in _LIGHT and word not in one.marks
    ]


def _is_misspelt(word, meant):
    """Whether `word`, which is none, is `meant` with one letter too many, missing, wrong, or in another place."""
    if _by_sound(word) == _by_sound(meant):
        return True
    if max(len(word), len(meant)) < _FEWEST_LETTERS or OSA.distance(word, meant, score_cutoff=1) > 1:
        return False
    # Another first letter is another word: "sinh" and "minh".
    return word[1:] != meant[1:]


def _by_sound(word):
    return _ALIKE.sub(lambda match: _SOUNDS[match[0]], word)
