"""The documents of the add-on, and what in them can be run."""

import re
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
# Vietnamese twins and the clerk's pages included; the changelog tells of what was.
NAMES = sorted(
    ["README.md", "README.vi.md", "CONTRIBUTING.md", *(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
)

_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)


class Block(NamedTuple):
    """What is fenced in a document: its language, and its lines without their indentation."""

    name: str
    language: str
    text: str


def read(name):
    """Return the text of a document."""
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(name):
    """Return the blocks of a document, in their order."""
    found = _FENCE.findall(read(name))
    return [
        Block(name, language, re.sub(f"^{indent}", "", text, flags=re.MULTILINE)) for indent, language, text in found
    ]


def block(name, language, words):
    """Return the text of the one block that holds `words`."""
    [found] = [each.text for each in blocks(name) if each.language == language and words in each.text]
    return found


def prose(name):
    """Return a document without its blocks, with each paragraph in one line."""
    return re.sub(r"(?<=\S)\n *(?=[^\s|#*>\-\d])", " ", _FENCE.sub("", read(name)))
