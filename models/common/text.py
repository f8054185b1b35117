"""Words as they are compared and looked for."""

import re

from ...protocol.answers import without_marks

_WORD = re.compile(r"[a-z0-9]+")


def plain(text):
    """Return the words of `text` in lower case and without Vietnamese marks, parted by blanks."""
    return " ".join(_WORD.findall(without_marks(text)))
