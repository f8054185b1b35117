"""What a document in Rich Text Format carries and fetches, which programs also write under names that end with .doc."""

from __future__ import annotations

import re
from typing import BinaryIO

from .blocks import overlapping_blocks
from .compound import EMBEDDED_FILES, LAUNCH, REMOTE_LINK

# Readers ask for no more than this.
START = b"{\\rt"
# Two backslashes are one in the text.
_OBJECT = re.compile(rb"(?<!\\)(?:\\\\)*\\objdata(?![a-z])")
# A template from the network, or one whose letters are written as numbers, so that nobody reads them.
_TEMPLATE = re.compile(
    rb"\\template\s{0,9}(?:(?!file:)[a-z][a-z0-9+.-]{1,20}:|(?:file:)?(?://(?!/)|\\\\\\\\)|file:///(?:/|\\\\)|\\u-?\d|\\')",
    re.IGNORECASE,
)
# A field that starts a program, in whichever letters it is set; another field begins one anew, so that no file takes long.
_DDE = re.compile(rb"\\fldinst(?:[{}\s]|\\(?!fldinst)[a-z]{1,30}-?\d{0,9}){0,60}(?i:DDE(?:AUTO)?)(?![a-zA-Z0-9])")
_KINDS = ((_OBJECT, EMBEDDED_FILES), (_TEMPLATE, REMOTE_LINK), (_DDE, LAUNCH))


def contents_of(file: BinaryIO) -> set[str]:
    """Return which of EMBEDDED_FILES, REMOTE_LINK and LAUNCH are in `file`."""
    return {kind for block in overlapping_blocks(file) for pattern, kind in _KINDS if pattern.search(block)}
