"""What the bytes of a file really are, whatever its name and the HTTP headers say (wire §4)."""

from __future__ import annotations

import itertools
import mmap
import re
from collections.abc import Collection, Iterator
from typing import BinaryIO

from . import compound
from .base64_text import LONGEST_ESCAPE, decoded_blocks
from .byte_numbers import HEXADECIMAL, LISTED, hexadecimal_bytes, listed_bytes
from .envelopes import span_of_pdf
from .errors import FileFault, FileNotAsClaimed
from .file_ends import ends_with_end, has_end
from .filenames import DOCX, JPEG, KNOWN_KINDS, PDF, PNG, TIFF, XLSX, XML, ZIP, extension_for, mimetype_of
from .markup import markup_start, text_start
from .other_kinds import RTF, STREAMS, extension_of
from .zips import KINDS as _ZIP_KINDS
from .zips import STARTS as _ZIP_STARTS
from .zips import kind_of_zip

HEAD_BYTES = 4096
TAIL_BYTES = 64 * 1024
_BLOCK = 64 * 1024
_PDF_START_WITHIN = 1024
_DECLARATION = b"<?xml"
_JSON_STARTS = (b"{", b"[", b'"')
_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
    (b"II+\x00", TIFF),
    (b"MM\x00+", TIFF),
)
# What Office makes of a document with a password: no zip any more, but a compound file, around a stream of that name.
_ENCRYPTED_STREAM = "EncryptedPackage".encode("utf-16-le")
# The older kinds of Office are of that form with or without a password.
_OLDER_STREAMS = tuple(name.encode("utf-16-le") for name in STREAMS)
# Patterns meet bytes that somebody else chose: none of them may take more than one pass.
# A whole name: <p:Invoice> and <head-office> are no page.
_NAME_END = rb"(?![a-z0-9_.:-])"
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|body|title|h[1-6]|p|script|div|center)" + _NAME_END, re.IGNORECASE)
# What is declared to be XML is a page as a whole or not at all: <Title> and <p> may be anybody's names.
_XHTML = re.compile(rb"<(?:!doctype\s+)?html" + _NAME_END, re.IGNORECASE)
_ERROR_ROOT = re.compile(rb"<error" + _NAME_END, re.IGNORECASE)
# Anywhere in an envelope; elsewhere the first word, or the first behind the root: papers have faults of their own.
_FAULT = re.compile(rb"<(?:[a-z0-9_-]{1,30}:)?fault(?:code|string)?" + _NAME_END, re.IGNORECASE)
_ENVELOPE = re.compile(rb"<(?:[a-z0-9_-]{1,30}:)?envelope" + _NAME_END, re.IGNORECASE)
_ROOT = re.compile(rb"<[a-z_][^<>]{0,4000}>\s{0,100}", re.IGNORECASE)
# Bare, or behind the declaration of what kind of paper it is.
_ELEMENT = re.compile(rb"<(?:!doctype\s+)?[a-z_]", re.IGNORECASE)
_BASE64 = re.compile(rb"(?:data:[^,\s]{0,100},)?([A-Za-z0-9+/=_\s-]{16,})")
# Some fold the text with line breaks that JSON does not allow there; its quotes may have passed through a page.
_BASE64_IN_JSON = re.compile(rb'(?:"|&quot;)(?:data:[^",]{0,100},)?([A-Za-z0-9+/=_\\\s-]{16,})(?:"|&quot;)')
# What .NET makes of a string, or of bytes, that a service returns.
_STRING_IN_XML = rb"(?:<\?xml[^<>]{0,200}\?>\s{0,100})?<(string|base64Binary)(?:\s[^<>]{0,200})?>(?:<!\[CDATA\[)?"
# In XML a line break may be written as a number.
_BASE64_TEXT = rb"([A-Za-z0-9+/=_\s&#;-]{16,})(?:\]\]>)?<"
_BASE64_IN_XML = re.compile(_STRING_IN_XML + _BASE64_TEXT + rb"/\1>\s*")
_JSON_IN_XML = re.compile(_STRING_IN_XML + rb"\s{0,100}(?:[{\[\"]|&quot;)")
# What a service returns in an envelope, or in XML of its own, among other things.
_BASE64_AMONG_XML = re.compile(rb">(?:<!\[CDATA\[)?" + _BASE64_TEXT)


def sniff(head: bytes, tail: bytes = b"", claimed: str | None = None) -> str | None:
    """Return the mimetype of a file by its first bytes and, to tell kinds of zip apart, its last ones.

    `head` should hold 4 KiB, `tail` 64 KiB, where the file has them. None for what is none of PDF, JPEG, PNG, TIFF,
    XML, DOCX, XLSX, ASiC and zip; an HTML page is none of them. `claimed` is the kind that its name tells.
    """
    for magic, mimetype in _MAGIC:
        if head.startswith(magic):
            return mimetype
    if head.startswith(_ZIP_STARTS):
        return kind_of_zip(head, tail, claimed)
    # Bytes put into JSON as they are have lost some of them, whatever they begin with.
    if _is_page(head) or text_start(head).startswith(_JSON_STARTS):
        return None
    if b"%PDF-" in head[:_PDF_START_WITHIN]:
        return PDF
    return XML if text_start(head).startswith(_DECLARATION) else None


def sniff_whole(content: bytes) -> str | None:
    """Return the mimetype of a file by all of its `content`, as `sniff` tells it."""
    return sniff(content[:HEAD_BYTES], content[-TAIL_BYTES:])


def is_text(head: bytes) -> bool:
    """Tell whether a file that begins with `head` is XML, or text that may be wrapped around another."""
    return sniff(head) in (None, XML)


def check(
    head: bytes,
    tail: bytes,
    claimed_name: str,
    *,
    is_length_known: bool,
    is_length_wrong: bool = False,
    accepted_kinds: Collection[str] = KNOWN_KINDS,
) -> str:
    """Return the mimetype of a file that may be kept under `claimed_name`.

    `is_length_known`: its length was announced and has arrived. Raises FileNotAsClaimed: EMPTY, ERROR_PAGE for a page,
    a message or a fault in place of the file, TYPE_MISMATCH where a known extension claims another kind, UNKNOWN_TYPE,
    ENCRYPTED_OFFICE, KIND_NOT_ACCEPTED for a mimetype that is not among `accepted_kinds`,
    CUT_OFF for one without its end when nothing else tells that it is whole, and, where more came than was announced
    (`is_length_wrong`), for one that does not end with it.
    """
    if not head:
        raise FileNotAsClaimed(FileFault.EMPTY)
    claimed = mimetype_of(claimed_name)
    mimetype = sniff(head, tail, claimed)
    if _is_encrypted_office(head + tail, claimed):
        raise FileNotAsClaimed(FileFault.ENCRYPTED_OFFICE)
    if mimetype in (None, XML):
        mimetype = _kind_of_markup(head, tail, claimed == XML)
    is_as_claimed = claimed in (None, mimetype) or (claimed == ZIP and mimetype in _ZIP_KINDS)
    if not is_as_claimed:
        raise FileNotAsClaimed(FileFault.TYPE_MISMATCH, kind=extension_for(mimetype))
    if mimetype not in accepted_kinds:
        raise FileNotAsClaimed(FileFault.KIND_NOT_ACCEPTED, kind=extension_for(mimetype))
    # Some writers add bytes behind the end, and some leave it out: no proof where the length has told already.
    is_whole = is_length_known or has_end(mimetype, head, tail)
    # Where the length was wrong, an end that is followed by anything is one of something within the file.
    if not is_whole or (is_length_wrong and not ends_with_end(mimetype, head, tail)):
        raise FileNotAsClaimed(FileFault.CUT_OFF)
    return mimetype


def unwrap(body: BinaryIO, claimed_name: str = "") -> Iterator[bytes] | None:
    """Return the bytes that `body`, a real file, holds as base64 text or as numbers, in JSON or XML or else around it.

    XML that is no envelope is a paper of its own, but where `claimed_name` promises another kind. None when `body` is no such
    wrapping of a file that `sniff` knows. The iterator reads `body`, and raises FileNotAsClaimed (CUT_OFF) where the text breaks
    off. Memory stays small whatever the size: a block at a time is read.
    """
    body.seek(0)
    head = body.read(HEAD_BYTES)
    kind = sniff(head)
    if kind == PDF:
        return _plain(body, head)
    if not head or kind not in (None, XML):
        return None
    for blocks in _readings(body, head, mimetype_of(claimed_name) not in (None, XML)):
        try:
            first = next(blocks, b"")
        except FileNotAsClaimed:
            continue
        if sniff(first[:HEAD_BYTES]):
            return itertools.chain([first], blocks)
    return None


def _readings(body: BinaryIO, head: bytes, is_in_any_xml: bool) -> Iterator[Iterator[bytes]]:
    """Yield what `body` may be read as, the likeliest first; each reads it from where it begins."""
    yield decoded_blocks(body, *_span(body, head, is_in_any_xml))
    start = text_start(head)
    # Numbers in XML are some of a paper.
    if start.startswith(_JSON_STARTS) or HEXADECIMAL.match(start):
        for pattern, decoded in ((LISTED, listed_bytes), (HEXADECIMAL, hexadecimal_bytes)):
            with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as content:
                span = _longest(pattern, content)
            yield decoded(_blocks(body, *span))


def _plain(body: BinaryIO, head: bytes) -> Iterator[bytes] | None:
    """Return the bytes of a PDF that something was put around, None for one that stands alone."""
    if head.startswith(b"%PDF-"):
        # As nearly always: nothing of it is read for this.
        return None
    with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as content:
        span = span_of_pdf(content, head)
    return _blocks(body, *span) if span else None


def _blocks(body: BinaryIO, start: int, end: int) -> Iterator[bytes]:
    body.seek(start)
    for left in range(end - start, 0, -_BLOCK):
        yield body.read(min(_BLOCK, left))


def _span(body: BinaryIO, head: bytes, is_in_any_xml: bool) -> tuple[int, int]:
    """Return (start, end) of the base64 text in `body`; an empty span when there is none."""
    with mmap.mmap(body.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = text_start(head)
        if start.startswith(_JSON_STARTS) or _JSON_IN_XML.match(start):
            at, end = _longest(_BASE64_IN_JSON, content)
            # Within a string of JSON, its closing quote is escaped.
            last = content[max(at, end - LONGEST_ESCAPE) : end]
            return at, end - len(last) + len(last.rstrip(b"\\"))
        at = len(head) - len(start)
        if match := _BASE64_IN_XML.fullmatch(content, at):
            return match.span(2)
        if _ENVELOPE.match(markup_start(head)) or (is_in_any_xml and start.startswith(b"<")):
            return _longest(_BASE64_AMONG_XML, content)
        match = _BASE64.fullmatch(content, at)
        return match.span(1) if match else (0, 0)


def _longest(pattern: re.Pattern[bytes], content: mmap.mmap) -> tuple[int, int]:
    """Return the span of the longest text that `pattern` finds: that is the file.

    No parser, because the file may be large and its twin in memory too.
    """
    spans = (match.span(1) for match in pattern.finditer(content))
    return max(spans, key=lambda span: span[1] - span[0], default=(0, 0))


def _is_encrypted_office(content: bytes, claimed: str | None) -> bool:
    if not content.startswith(compound.MAGIC):
        return False
    # The name of the stream may stand in the middle, which nobody reads here: then the file's own name tells.
    is_claimed = claimed in (DOCX, XLSX) and not any(name in content for name in _OLDER_STREAMS)
    return is_claimed or _ENCRYPTED_STREAM in content


def _kind_of_markup(head: bytes, tail: bytes, is_claimed: bool) -> str:
    """Return XML for a head that is no binary kind, or raise what it is instead; its declaration is optional."""
    start = markup_start(head)
    is_page = _is_page(head) or _ERROR_ROOT.match(start) or _is_fault(start)
    if not is_page and (_is_declared(head) or (is_claimed and _ELEMENT.match(start))):
        return XML
    is_words = _is_text(start) and not start.startswith(RTF)
    if is_page or is_words:
        raise FileNotAsClaimed(FileFault.ERROR_PAGE)
    raise FileNotAsClaimed(FileFault.UNKNOWN_TYPE, kind=extension_of(head + tail))


def _is_page(head: bytes) -> bool:
    return bool((_XHTML if _is_declared(head) else _HTML).match(markup_start(head)))


def _is_declared(head: bytes) -> bool:
    return text_start(head).startswith(_DECLARATION)


def _is_fault(start: bytes) -> bool:
    if _ENVELOPE.match(start):
        return bool(_FAULT.search(start))
    root = _ROOT.match(start)
    return bool(_FAULT.match(start) or (root and _FAULT.match(start, root.end())))


def _is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.end < len(head):
            return False
        text = head[: error.start].decode()  # the block ends within a character
    return all(char.isprintable() or char.isspace() for char in text)
