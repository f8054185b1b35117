"""What a signed PDF shows now that it did not show when it was signed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from .faults import HOSTILE

_MOST_FIELDS, _MOST_DEPTH, _MOST_NOTES = 2000, 20, 2000
_MOST_PAGES, _MOST_ITEMS = 500, 5000


def shows_otherwise(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Tell whether a form field or a note shows something else than when `signature` was made.

    The library calls a further signature and a filled form by one name. What cannot be compared counts as changed.
    """
    try:
        then = reader.get_historical_resolver(signature.signed_revision)
        return _shown(then.root) != _shown(reader.root)
    except HOSTILE:
        return True


def _shown(root: generic.DictionaryObject) -> dict[object, object]:
    """Return what the form and the notes of a document show, but for its signatures."""
    fields = _items(root["/AcroForm"], "/Fields") if "/AcroForm" in root else []
    found = dict(_fields(fields, "", 0))
    notes = [note for page in _pages(root["/Pages"], 0) for note in _items(page, "/Annots")]
    if len(found) > _MOST_FIELDS or len(notes) > _MOST_NOTES:
        raise ValueError("too much to compare")
    # A field's own note is among the fields.
    found["notes"] = sum(1 for note in notes if note.get("/Subtype") != "/Widget")
    return found


def _items(holder: generic.DictionaryObject, key: str) -> list[object]:
    """Return what the array `key` of `holder` holds, references followed; nothing where there is none."""
    array = holder[key] if key in holder else ()
    return [array[number] for number in range(min(len(array), _MOST_ITEMS))]


def _fields(fields: list, name: str, depth: int) -> Iterator[tuple[object, object]]:
    if depth > _MOST_DEPTH:
        raise ValueError("nested too deeply")
    for number, field in enumerate(fields):
        if number > _MOST_FIELDS:
            raise ValueError("too many fields")
        own = f"{name}.{field.get('/T', number)}"
        if field.get("/FT") == "/Sig":
            continue
        yield own, (_printed(field.get("/V")), _appearance(field))
        yield from _fields(_items(field, "/Kids"), own, depth + 1)


def _pages(node: generic.DictionaryObject, depth: int) -> Iterator[generic.DictionaryObject]:
    if depth > _MOST_DEPTH:
        raise ValueError("nested too deeply")
    if "/Kids" not in node:
        yield node
        return
    for number, kid in enumerate(_items(node, "/Kids")):
        if number > _MOST_PAGES:
            raise ValueError("too many pages")
        yield from _pages(kid, depth + 1)


def _appearance(field: generic.DictionaryObject) -> str:
    """Return a digest of what the field looks like; "" where it leaves that to the reader."""
    stream = field["/AP"].get("/N") if "/AP" in field else None
    data = stream.data if isinstance(stream, generic.StreamObject) else _printed(stream).encode()
    return hashlib.sha256(data).hexdigest() if data else ""


def _printed(value: object) -> str:
    return "" if value is None else repr(value)[:10_000]
