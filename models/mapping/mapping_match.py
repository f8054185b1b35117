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

from ..common.text import plain
from .mapping_difference import differences, one_spelling, read_name, without_counts

# Below this, two names have a word in common by chance.
LEAST_SCORE = 55
# "số 1" and "số 2" are two papers.
_OTHER_NUMBER_FACTOR = 0.75
# Whatever else is alike: what tells two papers apart keeps them below what is mapped in bulk (90 by default).
# Between the two the order of the candidates stays as it is.
_DOUBTFUL_FROM, _MOST_WITH_DOUBT = 80, 89
# What an applicant writes is no result, whatever result it asks for.
_FORM = re.compile(r"(don|to khai|giay de nghi|van ban de nghi|phieu de nghi|cong van de nghi|ban cam ket|ban khai)\b")
_FORM_FACTOR = 0.6
# So many results that share words with a name are looked at closely.
_LOOKED_AT = 60


@dataclass(frozen=True)
class Candidate:
    """A result that could be the document: its `key`, the score from 0 to 100, and why.

    `reasons` are pairs of a kind and a text: "same", "similar", "contains", "abbreviation" ("LLTP = lý lịch tư pháp"),
    "other_number", "no_number" (the result lacks it), "negation", "other_words" ("nhập ≠ xuất"), "more" ("cận"), "form".
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
        self.spelt = _spelt(" ".join(words.values()))

    def normal(self, name):
        """Return (`name` as it is compared, the abbreviations written out in it as "short = long")."""
        used = []

        def write_out(match):
            short, long = self._long[match[0]]
            if long:
                used.append(f"{short} = {long}")
            return f" {plain(long)} "

        words = without_counts(plain(name))
        if self._any:
            words = self._any.sub(write_out, words)
        return one_spelling(" ".join(words.split())), tuple(used)


def _spelt(text):
    """Return {word as it is compared: as `text` writes it, with its marks}."""
    words = re.findall(r"\w+", unicodedata.normalize("NFC", text.lower()))
    return {one_spelling(plain(word)): word for word in words}


class Finder:
    """Finds the candidates among `results`, {key: name}, for one name after the other."""

    def __init__(self, results, vocabulary):
        self._vocabulary = vocabulary
        self._written = results
        self._texts = {key: vocabulary.normal(name)[0] for key, name in results.items()}
        self._names = {key: read_name(text) for key, text in self._texts.items()}
        self._holders = defaultdict(list)
        for key, name in self._names.items():
            for word in name.distinct:
                self._holders[word].append(key)
        self._known = self._holders.keys() | vocabulary.spelt.keys()
        # A word that many results hold tells little.
        count = len(self._names)
        self._weights = {word: math.log(1 + count / len(keys)) for word, keys in self._holders.items()}
        self._lengths = {
            key: math.sqrt(sum(self._weights[word] for word in name.distinct) or 1) for key, name in self._names.items()
        }

    def candidates(self, name, most=5):
        """Return [Candidate, …], the best first, `most` of them; [] where no result is like `name`."""
        text, used = self._vocabulary.normal(name)
        asked = read_name(text)
        scores = {key: self._score(asked, self._names[key]) for key in self._likely(asked)}
        best = sorted((key for key in scores if scores[key] >= LEAST_SCORE), key=lambda key: -scores[key])[:most]
        abbreviations = [("abbreviation", words) for words in used]
        return [
            Candidate(key, scores[key], (*self._reasons(asked, self._names[key], name, key), *abbreviations))
            for key in best
        ]

    def _likely(self, asked):
        """Return the keys of the results that share the most telling words with `asked`."""
        weights = defaultdict(float)
        for word in asked.distinct:
            weight = self._weights.get(word, 0)
            for key in self._holders.get(word, ()):
                weights[key] += weight
        if not weights:
            # Perhaps no word is spelt right.
            return [
                key
                for _name, _score, key in process.extract(
                    asked.text, self._texts, limit=_LOOKED_AT, score_cutoff=LEAST_SCORE
                )
            ]
        return heapq.nlargest(_LOOKED_AT, weights, key=lambda key: weights[key] / self._lengths[key])

    def _score(self, asked, result):
        """Return how likely `result` is the document `asked`, from 0 to 100."""
        if asked.text == result.text:
            return 100.0
        # All words of one in the other is much; that the other has many more takes some of it away.
        score = 0.55 * fuzz.token_set_ratio(asked.text, result.text) + 0.45 * fuzz.token_sort_ratio(
            asked.text, result.text
        )
        if result.marks - asked.marks:
            score *= _OTHER_NUMBER_FACTOR
        elif score > _DOUBTFUL_FROM and differences(asked, result, self._known):
            score = _DOUBTFUL_FROM + (score - _DOUBTFUL_FROM) * (_MOST_WITH_DOUBT - _DOUBTFUL_FROM) / 20
        if _is_form_for(asked, result):
            score *= _FORM_FACTOR
        return round(min(score, 100.0), 1)

    def _reasons(self, asked, result, name, key):
        """Return the (kind, text) of why `result` could be `asked`, and why not; words as they are written."""
        if asked.text == result.text:
            return [("same", "")]
        found = [("contains" if fuzz.token_set_ratio(asked.text, result.text) == 100 else "similar", "")]
        for kind, words in differences(asked, result, self._known):
            if kind in ("other_words", "more"):
                spelt = {**self._vocabulary.spelt, **_spelt(self._written[key]), **_spelt(name)}
                sides = words if kind == "other_words" else (words,)
                found.append((kind, " ≠ ".join(" ".join(spelt.get(word, word) for word in side) for side in sides)))
            else:
                found.append((kind, " ".join(words)))
        if _is_form_for(asked, result):
            found.append(("form", ""))
        return found


def is_form(name):
    """Whether `name` is that of what an applicant writes: an application, a declaration."""
    return bool(_FORM.match(plain(name)))


def _is_form_for(asked, result):
    return bool(_FORM.match(asked.text)) and not _FORM.match(result.text)
