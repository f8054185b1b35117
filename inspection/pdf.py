"""What a PDF is, beside its signatures: readable, locked, active, and what its text layer says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from pypdf import PasswordType, PdfReader
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    IndirectObject,
    PdfObject,
    StreamObject,
    TextStringObject,
)

from .faults import HOSTILE
from .links import opens_something_here
from .pdf_objects import Reader, searched
from .reports import UNCLEAR, PdfFacts

MOST_OBJECTS = 200_000
MOST_PAGES_READ = 5
MOST_CHARACTERS = 20_000
# Longer content than a page of text needs; images are other streams.
_LARGEST_PAGE = 1024 * 1024
_TITLE_CHARACTERS = 200
# The kinds of action (/S) that do more than move through the document.
_ACTIONS = {
    "/JavaScript": "javascript",
    "/Rendition": "javascript",
    "/Launch": "launch",
    "/ImportData": "import_data",
    "/SubmitForm": "submit_form",
    "/GoToE": "embedded_files",
    "/GoToR": "remote_link",
    "/Movie": "rich_media",
    "/Sound": "rich_media",
}
_KEYS = {
    "/JS": "javascript",
    "/JavaScript": "javascript",
    "/EmbeddedFiles": "embedded_files",
    "/EF": "embedded_files",
    # A document of LibreOffice beside its own pages (hybrid PDF), which may say something else; it is what LibreOffice opens.
    "/AdditionalStreams": "embedded_files",
    "/XFA": "xfa_form",
    "/RichMedia": "rich_media",
}
# What a field does as somebody types in it, such as make a date of it, or presses it: nothing by itself.
_OF_SOMEBODY = {"/K", "/F", "/V", "/C", "/D", "/U"}
_SUBTYPES = {
    "/RichMedia": "rich_media",
    "/Screen": "rich_media",
    "/3D": "rich_media",
    "/Movie": "rich_media",
    "/Sound": "rich_media",
    "/FileAttachment": "embedded_files",
}
# What leads to the words of a heading or a cell, from the root, a bookmark, a destination: no reader carries out anything
# from there, and office programs and browsers write an object for each cell, by the ten thousand, each of which names the
# one around it.
_DESCRIPTIONS = {"/StructTreeRoot", "/SE", "/SD"}
# How active content stands in the bytes of a file, long enough to be met in no picture by chance.
_BLANKS = rb"[\0\s]{0,20}"
_REFERENCE = rb"[\0\s]{1,20}[0-9]{1,10}[\0\s]{1,20}[0-9]{1,5}[\0\s]{1,20}R"
_IN_BYTES = re.compile(
    rb"/(?:(?:S%s(?P<action>%s)|Subtype%s(?P<subtype>%s))(?![A-Za-z0-9_.-])|(?P<key>EF(?=%s<<|%s)|XFA(?=%s\[|%s)|AdditionalStreams(?=%s\[))"
    rb"|(?P<link>URI%s\(%s(?:(?i:file|smb):|\\{4})))"
    % (
        *(_BLANKS, "|".join(_ACTIONS).encode(), _BLANKS, "|".join(_SUBTYPES).encode()),
        *(_BLANKS, _REFERENCE) * 2,
        *(_BLANKS,) * 3,
    )
)
# What names a file: its name, or a description.
_FILES = (TextStringObject, ByteStringObject, DictionaryObject)
_HOLDERS = (DictionaryObject, IndirectObject)
# Arrays of numbers alone are many: the widths of each letter, the place of each link.
_MAY_HOLD = (*_HOLDERS, ArrayObject)


def look_at_pdf(stream: BinaryIO) -> PdfFacts:
    """Return the facts of the PDF in `stream`, and the text of its first pages.

    Whatever it holds, this returns: `is_readable` is False for what is no PDF that can be understood. Raises OSError
    where `stream` cannot be read. Time and memory are bounded by `sandbox`, not here.
    """
    stream.seek(0)
    try:
        reader = Reader(stream)
        is_locked = reader.is_encrypted
        if is_locked and reader.decrypt("") is PasswordType.NOT_DECRYPTED:
            return PdfFacts(is_readable=True, is_encrypted=True, has_restrictions=True)
        page_count = len(reader.pages)
        active = _active_content(reader)
    except HOSTILE:
        return PdfFacts(is_readable=False)
    return PdfFacts(
        is_readable=True,
        has_restrictions=is_locked,
        active_content=active,
        page_count=page_count,
        title=_title(reader),
        text=_text(reader),
    )


def _active_content(reader: Reader) -> tuple[str, ...]:
    """Return the kinds of active content, sorted; "unclear" where not all could be looked through.

    What can be reached is walked through. The bytes of all objects are searched, too: the walk leaves some out, and of two
    entries with one name it sees the first, other readers the last.
    """
    found: set[str] = set()
    is_whole = _walk(reader, found)
    try:
        found.update(map(_kind_in_bytes, searched(reader, _IN_BYTES)))
    except HOSTILE:
        is_whole = False
    return tuple(sorted(found)) if is_whole else (*sorted(found), UNCLEAR)


def _walk(reader: Reader, found: set[str]) -> bool:
    """Put the kinds of active content that can be reached into `found`; tell whether all was seen."""
    waiting: list[PdfObject] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    visited = 0
    is_whole = True
    while waiting:
        value = waiting.pop()
        if isinstance(value, IndirectObject):
            if (value.idnum, value.generation) in seen:
                continue
            seen.add((value.idnum, value.generation))
            try:
                value = value.get_object()
            except (*HOSTILE, MemoryError):
                # What a damaged object hides stays unknown; what the others do does not. Where a stream has no end, an older
                # pypdf asks for all that may come before the next object: 4 GiB if there is none.
                is_whole = False
                continue
        visited += 1
        if visited > MOST_OBJECTS:
            return False
        if isinstance(value, DictionaryObject):
            try:
                found.update(_kinds(value))
            except HOSTILE:
                is_whole = False
        waiting.extend(_parts(value))
        if isinstance(value, StreamObject) and (reference := value.indirect_reference):
            # The library keeps all that it read: a thick scan would be in memory as a whole.
            reader.resolved_objects.pop((reference.generation, reference.idnum), None)
    return is_whole


def _parts(value: PdfObject | None) -> Iterator[PdfObject]:
    """Yield what `value` holds that can hold something in turn."""
    held = ()
    if isinstance(value, DictionaryObject):
        held = (part for key, part in value.items() if key not in _DESCRIPTIONS)
    elif isinstance(value, ArrayObject):
        held = value
    for part in held:
        if isinstance(part, _HOLDERS) or (
            isinstance(part, ArrayObject) and any(isinstance(one, _MAY_HOLD) for one in part)
        ):
            yield part


def _kinds(holder: DictionaryObject) -> Iterator[str]:
    yield from (kind for key, kind in _KEYS.items() if key in holder)
    yield from _named(holder, "/S", _ACTIONS)
    yield from _named(holder, "/Subtype", _SUBTYPES)
    if isinstance(holder, StreamObject) and isinstance(_resolved(holder, "/F"), _FILES):
        # Its bytes are somewhere else, on another computer perhaps.
        yield "remote_link"
    if opens_something_here(_address(holder)):
        yield "launch"
    if "/AA" in holder and not _only_as_somebody_acts(holder):
        yield "additional_actions"
    opens = _resolved(holder, "/OpenAction")
    # Most writers only say so which page to show first.
    if isinstance(opens, DictionaryObject) and _resolved(opens, "/S") != "/GoTo":
        yield "open_action"


def _only_as_somebody_acts(holder: DictionaryObject) -> bool:
    actions = _resolved(holder, "/AA")
    is_field = "/FT" in holder or _resolved(holder, "/Subtype") == "/Widget"
    return is_field and isinstance(actions, DictionaryObject) and actions.keys() <= _OF_SOMEBODY


def _address(holder: DictionaryObject) -> str:
    """Return where a link leads, or what all links of the document begin with; "" for neither."""
    found = _resolved(holder, "/URI")
    if isinstance(found, DictionaryObject):
        found = _resolved(found, "/Base")
    if isinstance(found, ByteStringObject):
        return found.decode("latin-1")
    return found if isinstance(found, TextStringObject) else ""


def _kind_in_bytes(match: re.Match[bytes]) -> str:
    if match.lastgroup == "link":
        return "launch"
    kinds = {"action": _ACTIONS, "subtype": _SUBTYPES, "key": _KEYS}[match.lastgroup]
    return kinds["/" + match[match.lastgroup].decode().lstrip("/")]


def _named(holder: DictionaryObject, key: str, kinds: dict[str, str]) -> Iterator[str]:
    name = _resolved(holder, key)
    if isinstance(name, str) and name in kinds:
        yield kinds[name]


def _resolved(holder: DictionaryObject, key: str) -> PdfObject | None:
    value = holder.raw_get(key) if key in holder else None
    return value.get_object() if isinstance(value, IndirectObject) else value


def _title(reader: PdfReader) -> str:
    try:
        title = reader.metadata.title if reader.metadata else None
    except HOSTILE:
        title = None
    return " ".join(str(title or "").split())[:_TITLE_CHARACTERS]


def _text(reader: PdfReader) -> str | None:
    """Return the text of the first pages, None where there is no text layer; a page that cannot be read has none."""
    found = ""
    for number in range(min(len(reader.pages), MOST_PAGES_READ)):
        try:
            page = reader.pages[number]
            content = page.get_contents()
            if content is not None and len(content.get_data()) <= _LARGEST_PAGE:
                found += page.extract_text() + "\n"
        except HOSTILE:
            continue
        if len(found) >= MOST_CHARACTERS:
            break
    return found.strip()[:MOST_CHARACTERS] or None
