"""Which results could be the document that a procedure asks for, by their names; knows no records.

Names are compared without Vietnamese marks and without what says nothing about the paper ("bản sao", "nếu có"), with
abbreviations written out. Fuzzy comparison by `rapidfuzz`.
"""

import heapq
import math
import re
import unicodedata
from collections import defaultdict
from dataclasses import dataclass

from rapidfuzz import fuzz, process

# Below this, two names have a word in common by chance.
LEAST_SCORE = 55
_WORD = re.compile(r"[a-z0-9]+")
# "số 1" and "số 2" are two papers; years and sizes of photographs tell nothing.
_NUMBERS = re.compile(r"\b[0-9]{1,2}\b")
_OTHER_NUMBER_FACTOR = 0.75
# What an applicant writes is no result, whatever result it asks for.
_FORM = re.compile(r"(don|to khai|giay de nghi|van ban de nghi|phieu de nghi|cong van de nghi|ban cam ket|ban khai)\b")
_FORM_FACTOR = 0.6
# So many results that share words with a name are looked at closely.
_LOOKED_AT = 60


@dataclass(frozen=True)
class Candidate:
    """A result that could be the document: its `key`, the score from 0 to 100, and why.

    `reasons` are pairs of a kind and a text: "same", "similar", "contains", "abbreviation" ("LLTP = lý lịch tư pháp"),
    "other_number", "form".
    """

    key: int
    score: float
    reasons: tuple


class Vocabulary:
    """What an office writes short, and what it writes that says nothing: {short: long}, long "" for the latter."""

    def __init__(self, words):
        self._long = {plain(short): (short, long) for short, long in words.items() if plain(short)}
        longest_first = sorted(self._long, key=len, reverse=True)
        self._any = re.compile(rf"\b({'|'.join(map(re.escape, longest_first))})\b") if longest_first else None

    def normal(self, name):
        """Return (`name` as it is compared, the abbreviations written out in it as "short = long")."""
        used = []

        def write_out(match):
            short, long = self._long[match[0]]
            if long:
                used.append(f"{short} = {long}")
            return f" {plain(long)} "

        words = plain(name)
        if self._any:
            words = self._any.sub(write_out, words)
        return " ".join(words.split()), tuple(used)


def plain(name):
    """Return the words of `name` in lower case and without Vietnamese marks, parted by blanks."""
    decomposed = unicodedata.normalize("NFD", name.lower().replace("đ", "d"))
    return " ".join(_WORD.findall("".join(char for char in decomposed if not unicodedata.combining(char))))


class Finder:
    """Finds the candidates among `results`, {key: name}, for one name after the other."""

    def __init__(self, results, vocabulary):
        self._vocabulary = vocabulary
        self._names = {key: vocabulary.normal(name)[0] for key, name in results.items()}
        self._holders = defaultdict(list)
        for key, name in self._names.items():
            for word in set(name.split()):
                self._holders[word].append(key)
        # A word that many results hold tells little.
        count = len(self._names)
        self._weights = {word: math.log(1 + count / len(keys)) for word, keys in self._holders.items()}
        self._lengths = {
            key: math.sqrt(sum(self._weights[word] for word in set(name.split())) or 1)
            for key, name in self._names.items()
        }

    def candidates(self, name, most=5):
        """Return [Candidate, …], the best first, `most` of them; [] where no result is like `name`."""
        normal, used = self._vocabulary.normal(name)
        close = (_candidate(key, normal, self._names[key], used) for key in self._likely(normal))
        return sorted((one for one in close if one.score >= LEAST_SCORE), key=lambda one: -one.score)[:most]

    def _likely(self, normal):
        """Return the keys of the results that share the most telling words with `normal`."""
        weights = defaultdict(float)
        for word in set(normal.split()):
            weight = self._weights.get(word, 0)
            for key in self._holders.get(word, ()):
                weights[key] += weight
        if not weights:
            # Perhaps no word is spelt right.
            return [
                key
                for _name, _score, key in process.extract(
                    normal, self._names, limit=_LOOKED_AT, score_cutoff=LEAST_SCORE
                )
            ]
        return heapq.nlargest(_LOOKED_AT, weights, key=lambda key: weights[key] / self._lengths[key])


def _candidate(key, name, result, used):
    if name == result:
        score, reasons = 100.0, [("same", "")]
    else:
        contained = fuzz.token_set_ratio(name, result)
        whole = fuzz.token_sort_ratio(name, result)
        # All words of one in the other is much; that the other has many more takes some of it away.
        score = 0.55 * contained + 0.45 * whole
        reasons = [("contains" if contained == 100 else "similar", "")]
        ours, theirs = set(_NUMBERS.findall(name)), set(_NUMBERS.findall(result))
        if theirs and ours != theirs:
            score *= _OTHER_NUMBER_FACTOR
            reasons.append(("other_number", " ".join(sorted(theirs))))
        if _FORM.match(name) and not _FORM.match(result):
            score *= _FORM_FACTOR
            reasons.append(("form", ""))
    reasons += [("abbreviation", words) for words in used]
    return Candidate(key, round(min(score, 100.0), 1), tuple(reasons))
