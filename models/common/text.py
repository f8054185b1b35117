"""Words as they are compared and looked for."""

import re

from ...protocol.answers import without_marks

_WORD = re.compile(r"[a-z0-9]+")
# No name that is looked for has more words, and the database looks at each record once a word.
_MOST_WORDS = 12


def plain(text):
    """Return the words of `text` in lower case and without Vietnamese marks, parted by blanks."""
    return " ".join(_WORD.findall(without_marks(text)))


def words_sought(operator, value):
    """Return the `searched_words` of what somebody typed to find a name; none of any other search."""
    return searched_words(value) if operator == "ilike" and isinstance(value, str) else []


def searched_words(text):
    """Return the words of `text` by which names are looked for, each once; of very many the first."""
    return list(dict.fromkeys(plain(text).split()))[:_MOST_WORDS]
