"""What the markup of a document says that acts when it is opened: fields, links to data, events."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from .blocks import overlapping_blocks
from .compound import LAUNCH, MACROS, REMOTE_LINK

# What is on the network: any kind of address but that of a file, of a picture in a mail that was pasted, or of what lies within
# itself; a share however its slashes lean. Templates and workbooks of the computer where a document was written are named in
# many, and are nowhere else.
ON_NETWORK = re.compile(
    r"\s*(?:(?!(?:file|cid|data|vnd\.sun\.star\.package):)[a-z][a-z0-9+.-]+:|(?:file:)?[/\\]{2}(?![/\\])|file:///[/\\])",
    re.IGNORECASE,
)
# The text of Word and of what it repeats on each page, the data of other programs in a workbook, the text of an OpenDocument.
_PARTS = re.compile(r"(?:^|/)(?:word/[^/]+\.xml|xl/externalLinks/[^/]+\.xml|content\.xml|styles\.xml)$", re.IGNORECASE)
# The instruction of a field may lie in pieces, between its begin and its end.
_FIELD = re.compile(
    rb"""fldCharType\s?=\s?["'](begin)|[:<]instrText\b[^<>]{0,200}>([^<]{0,400})|[:\s]instr\s?=\s?["']([^"'<>]{0,400})"""
)
_DDE = re.compile(r"\s*DDE(?:AUTO)?\b", re.IGNORECASE)
_DDE_LINK = re.compile(rb"<(?:[\w.-]{1,30}:)?ddeLink\b|<office:dde-source\b|<text:dde-connection-decl\b")
# Beside what calls a macro: programs themselves, of Basic, and as Office packs them into one file of text (ActiveMime).
_PROGRAM = re.compile(
    rb"""<script:event-listener\b|<ooo:source-code\b|[\s:]macrosPresent\s?=\s?["']yes|["'/]vbaProject\.bin["']|QWN0aXZlTWltZQ"""
)
# How a document begins that is one file of markup: of Office 2003, of OpenDocument, or a page that was saved as a whole.
_MARKUP_STARTS = (b"<", b"MIME-Version:")
_BEFORE = b"\xef\xbb\xbf\xff\xfe \t\r\n"
# What is fetched by itself: a link in the text is not.
_FETCHED = re.compile(
    rb"<(?:draw:(?:image|object|object-ole|plugin|applet|floating-frame|fill-image)|style:background-image|svg:font-face-uri"
    rb"""|presentation:sound|text:section-source|table:(?:table|cell-range)-source)\s[^<>]{0,400}?\bhref\s?=\s?(?:"([^"<>]{1,400})"|'([^'<>]{1,400})')"""
)


def tells_more(name: str) -> bool:
    """Tell whether the part of a document that is called `name` may hold what `kinds_in` looks for."""
    return bool(_PARTS.search(name))


def is_markup(start: bytes) -> bool:
    """Tell whether what begins with `start` is markup, in whichever Unicode."""
    return start.replace(b"\0", b"").lstrip(_BEFORE).startswith(_MARKUP_STARTS)


def kinds_in(part: BinaryIO) -> set[str]:
    """Return which of LAUNCH, REMOTE_LINK and MACROS are in a part of a document, or in one that is markup as a whole."""
    return {kind for block in overlapping_blocks(part) for kind in _in_block(block.replace(b"\0", b""))}


def _in_block(block: bytes) -> Iterator[str]:
    if _DDE_LINK.search(block) or any(map(_DDE.match, _instructions(_FIELD.findall(block)))):
        yield LAUNCH
    if _PROGRAM.search(block):
        yield MACROS
    if any(ON_NETWORK.match(_words(double or single)) for double, single in _FETCHED.findall(block)):
        yield REMOTE_LINK


def _instructions(pieces: Iterable[tuple[bytes, bytes, bytes]]) -> Iterator[str]:
    """Yield the instructions of fields, those in pieces put together."""
    held = ""
    for begin, piece, whole in pieces:
        if begin or whole:
            yield held
            held = ""
        if whole:
            yield _words(whole)
        held += _words(piece)
    yield held


def _words(raw: bytes) -> str:
    return html.unescape(raw.decode("latin-1"))
