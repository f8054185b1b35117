"""Names of files that people read, and the order of the sides of a card."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .answers import without_marks
from .filenames import mimetype_of, safe_name, tells, with_extension

# What a file's name may have on disks and in archives is 255 bytes; a Vietnamese letter has up to three.
MOST_BYTES = 200
_MOST_AGENCY_BYTES = 90
FRONT, BACK = "front", "back"
# What file systems keep for themselves.
_RESERVED = re.compile(r'\s*[/\\|]+\s*|[:*?"<>]+')
_LETTERS = re.compile(r"[^a-z0-9]+")
_SIDES = {
    FRONT: re.compile(r" (?:mat truoc|mattruoc|truoc|front|recto) "),
    BACK: re.compile(r" (?:mat sau|matsau|sau|back|verso) "),
}
_LAST_NUMBER = re.compile(r"0*([0-9]{1,4}) $")


def readable_name(paper: str, agency: str, mimetype: str, original: str = "", suffix: str = "") -> str:
    """Return "<paper> – <agency><suffix>.<extension>", safe as a file's name and of at most MOST_BYTES in UTF-8.

    The extension is that of `original`, the name by which the file came, where it fits `mimetype`.
    """
    extension = _extension(original, mimetype)
    agency = _cut(_plain(agency), _MOST_AGENCY_BYTES)
    ending = (f" – {agency}" if agency else "") + suffix + extension
    room = MOST_BYTES - len(ending.encode())
    name = _plain(paper)
    if mimetype_of(name):
        name = name.rpartition(".")[0]
    return (_cut(name, room) or "document") + ending


def numbered_name(name: str, number: int) -> str:
    """Return `name` with " (number)" before its extension."""
    stem, dot, extension = name.rpartition(".")
    return f"{stem} ({number}){dot}{extension}" if stem else f"{name} ({number})"


def side_of(name: str) -> str:
    """Return FRONT, BACK or "" for the side of a card that a file's name tells."""
    words = _words(name)
    sides = [side for side, pattern in _SIDES.items() if pattern.search(words)]
    return sides[0] if len(sides) == 1 else ""


def sides_and_places(names: Sequence[str]) -> list[tuple[str, int]]:
    """Return [(side, place)] of the files of one paper that came as `names`: FRONT, BACK or "", and the place from 0.

    The front stands before the back; where names tell no sides and differ in the number at their end alone, that counts, else
    the order in which they came.
    """
    sides = [side_of(name) for name in names]
    if sorted(filter(None, sides)) != [BACK, FRONT]:
        sides = [""] * len(names)
    numbers = [0] * len(names) if any(sides) else _numbers(names)
    rank = {FRONT: 0, BACK: 1, "": 2}
    order = sorted(range(len(names)), key=lambda at: (rank[sides[at]], numbers[at], at))
    return [(sides[at], order.index(at)) for at in range(len(names))]


def _numbers(names: Sequence[str]) -> list[int]:
    """Return the number at the end of each of `names`, 1 where there is none; zeros where they differ in more than that."""
    words = [_words(name) for name in names]
    found = [_LAST_NUMBER.search(each) for each in words]
    stems = {
        each[: number.start()].strip() if number else each.strip() for each, number in zip(words, found, strict=True)
    }
    numbers = [int(number[1]) if number else 1 for number in found]
    return numbers if len(stems) == 1 and len(set(numbers)) == len(names) else [0] * len(names)


def without_side(name: str) -> str:
    """Return what names of the two sides of one card have in common."""
    words = _words(name)
    for pattern in _SIDES.values():
        words = pattern.sub(" ", words)
    return words.strip()


def _extension(original: str, mimetype: str) -> str:
    if tells(original, mimetype):
        return "." + original.rpartition(".")[2].lower()
    return with_extension("x", mimetype)[1:]


def _plain(text: str) -> str:
    return safe_name(_RESERVED.sub("-", text or ""), fallback="").strip(" .-_")


def _cut(text: str, most: int) -> str:
    """Return `text` with at most `most` bytes in UTF-8, whole letters."""
    raw = text.encode("utf-8", "ignore")
    return text if len(raw) <= most else raw[: max(0, most - 3)].decode("utf-8", "ignore").rstrip(" .-") + "…"


def _words(name: str) -> str:
    """Return the words of a file's name without its extension, in small letters without marks, a space before and behind."""
    stem = name.rpartition(".")[0] if mimetype_of(name) else name
    return f" {_LETTERS.sub(' ', without_marks(stem)).strip()} "
