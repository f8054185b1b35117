"""What a PDF is, beside its signatures: readable, locked, active, and what its text layer says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from pypdf import PasswordType, PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

from .faults import HOSTILE
from .reports import PdfFacts

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
}
_KEYS = {
    "/JS": "javascript",
    "/JavaScript": "javascript",
    "/AA": "additional_actions",
    "/EmbeddedFiles": "embedded_files",
    "/EF": "embedded_files",
    "/XFA": "xfa_form",
    "/RichMedia": "rich_media",
}
_SUBTYPES = {
    "/RichMedia": "rich_media",
    "/Screen": "rich_media",
    "/3D": "rich_media",
    "/FileAttachment": "embedded_files",
}
# What says which words are a heading and which a cell: no reader carries out anything from there, and office programs
# write an object for each cell, by the ten thousand.
_DESCRIPTIONS = {"/StructTreeRoot"}
UNCLEAR = "unclear"


def look_at_pdf(stream: BinaryIO) -> PdfFacts:
    """Return the facts of the PDF in `stream`, and the text of its first pages.

    Whatever it holds, this returns: `is_readable` is False for what is no PDF that can be understood. Raises OSError
    where `stream` cannot be read. Time and memory are bounded by `sandbox`, not here.
    """
    stream.seek(0)
    try:
        reader = PdfReader(stream)
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


def _active_content(reader: PdfReader) -> tuple[str, ...]:
    """Return the kinds of active content that can be reached, sorted; "unclear" where the walk had to end early."""
    found = set()
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
            return (*sorted(found), UNCLEAR)
        if isinstance(value, DictionaryObject):
            try:
                found.update(_kinds(value))
            except HOSTILE:
                is_whole = False
        waiting.extend(_parts(value))
        if isinstance(value, StreamObject) and (reference := value.indirect_reference):
            # The library keeps all that it read: a thick scan would be in memory as a whole.
            reader.resolved_objects.pop((reference.generation, reference.idnum), None)
    return tuple(sorted(found)) if is_whole else (*sorted(found), UNCLEAR)


def _parts(value: PdfObject | None) -> Iterator[PdfObject]:
    """Yield what `value` holds that can hold something in turn."""
    held = ()
    if isinstance(value, DictionaryObject):
        held = (part for key, part in value.items() if key not in _DESCRIPTIONS)
    elif isinstance(value, ArrayObject):
        held = value
    yield from (part for part in held if isinstance(part, (DictionaryObject, ArrayObject, IndirectObject)))


def _kinds(holder: DictionaryObject) -> Iterator[str]:
    yield from (kind for key, kind in _KEYS.items() if key in holder)
    yield from _named(holder, "/S", _ACTIONS)
    yield from _named(holder, "/Subtype", _SUBTYPES)
    opens = _resolved(holder, "/OpenAction")
    # Most writers only say so which page to show first.
    if isinstance(opens, DictionaryObject) and _resolved(opens, "/S") != "/GoTo":
        yield "open_action"


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
