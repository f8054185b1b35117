"""What a signed PDF shows now that it did not show when it was signed."""

from __future__ import annotations

from collections.abc import Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import EmbeddedPdfSignature

from .faults import HOSTILE
from .printing import printed

_MOST_FIELDS, _MOST_DEPTH, _MOST_NOTES = 2000, 20, 2000
_MOST_PAGES, _MOST_ITEMS = 10_000, 10_000
# What a field shows, and how; and the same of all fields together.
_OF_FIELD = ("/V", "/AP", "/AS", "/F", "/DA", "/RV", "/Q", "/Ff", "/I", "/Opt", "/MK", "/Rect", "/DS")
_OF_FORM = ("/DA", "/DR", "/NeedAppearances", "/Q", "/XFA")
# In units of 1/72 inch: a twelfth of a page of A4.
_LARGEST_STAMP = 595 * 842 / 12

_Widget = tuple[int, generic.DictionaryObject]


def shows_otherwise(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Tell whether a form field or a note shows something else than when `signature` was made.

    The library calls a further signature and a filled form by one name. What cannot be compared counts as changed.
    """
    try:
        then = reader.get_historical_resolver(signature.signed_revision)
        before, now = _shown(then.root), _shown(reader.root)
        return any(before[key] != now.get(key) for key in before) or before.keys() != now.keys()
    except HOSTILE:
        return True


def lays_over(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Tell whether the picture of a further signature lies where nothing waited for one when `signature` was made.

    It may hide what stands there. So may one that is larger than a stamp, whatever waited for it; what cannot be
    compared counts, too.
    """
    try:
        then = reader.get_historical_resolver(signature.signed_revision)
        waiting = [(page, each) for page, each in signature_widgets(then.root) if not _is_signed(each)]
        return any(
            _draws(each) and (_covers_much(each) or not any(at == page and _lies_in(each, one) for at, one in waiting))
            for page, each in _new_widgets(then.root, reader.root)
        )
    except HOSTILE:
        return True


def covers_unsigned(reader: PdfFileReader, signature: EmbeddedPdfSignature) -> bool:
    """Tell whether a field for a signature came later, shows something and holds no signature: nobody vouches for it.

    False also where that cannot be found out.
    """
    try:
        then = reader.get_historical_resolver(signature.signed_revision)
        return any(not _is_signed(each) and _draws(each) for _page, each in _new_widgets(then.root, reader.root))
    except HOSTILE:
        return False


def _new_widgets(then: generic.DictionaryObject, now: generic.DictionaryObject) -> Iterator[_Widget]:
    """Yield the places of signatures on the pages that look otherwise now, or are new."""
    known = {(page, _looks(each)) for page, each in signature_widgets(then)}
    return ((page, each) for page, each in signature_widgets(now) if (page, _looks(each)) not in known)


def signature_widgets(root: generic.DictionaryObject) -> Iterator[_Widget]:
    """Yield (number of the page, place of a signature on it)."""
    for number, page in enumerate(_pages(root["/Pages"], 0)):
        for note in _items(page, "/Annots"):
            if _at(note, "/Subtype") == "/Widget" and "/Sig" in (_at(note, "/FT"), _at(_at(note, "/Parent"), "/FT")):
                yield number, note


def _looks(widget: generic.DictionaryObject) -> tuple[str, ...]:
    return tuple(printed(widget.raw_get(key)) if key in widget else "" for key in ("/AP", "/Rect", "/T"))


def _is_signed(widget: generic.DictionaryObject) -> bool:
    return any(_at(_at(each, "/V"), "/ByteRange") is not None for each in (widget, _at(widget, "/Parent")))


def _draws(widget: generic.DictionaryObject) -> bool:
    left, low, right, high = _sides(widget)
    stream = _at(_at(widget, "/AP"), "/N")
    return bool(left < right and low < high and isinstance(stream, generic.StreamObject) and stream.data.strip())


def _covers_much(widget: generic.DictionaryObject) -> bool:
    """Tell whether a signature takes more of a page than a stamp and a name do."""
    left, low, right, high = _sides(widget)
    return (right - left) * (high - low) > _LARGEST_STAMP


def _lies_in(widget: generic.DictionaryObject, other: generic.DictionaryObject) -> bool:
    (left, low, right, high), around = _sides(widget), _sides(other)
    return around[0] - 1 <= left and around[1] - 1 <= low and right <= around[2] + 1 and high <= around[3] + 1


def _sides(widget: generic.DictionaryObject) -> tuple[float, float, float, float]:
    """Return left, low, right and high, in units of 1/72 inch."""
    one, two, three, four = (float(widget["/Rect"][number]) for number in range(4))
    return min(one, three), min(two, four), max(one, three), max(two, four)


def _shown(root: generic.DictionaryObject) -> dict[object, object]:
    """Return what the form and the notes of a document show, but for its signatures."""
    form = root["/AcroForm"] if "/AcroForm" in root else {}
    found = dict(_fields(_items(form, "/Fields"), "", 0))
    notes = [note for page in _pages(root["/Pages"], 0) for note in _items(page, "/Annots")]
    if len(found) > _MOST_FIELDS or len(notes) > _MOST_NOTES:
        raise ValueError("too much to compare")
    if found or any(_is_written_by_readers(note) for note in notes):
        # What fields and notes that do not say it themselves look like.
        found["form"] = _parts(form, _OF_FORM)
    # A field's own note is among the fields.
    found["notes"] = sum(1 for note in notes if _at(note, "/Subtype") != "/Widget")
    return found


def _is_written_by_readers(note: object) -> bool:
    """Tell whether a note has words, and readers find in the form how these look."""
    return _at(note, "/Subtype") == "/FreeText" and _at(_at(note, "/AP"), "/N") is None


def _at(holder: object, key: str) -> object:
    """Return what stands at `key`, references followed, which the library's own `get` does not; None for nothing."""
    return holder[key] if isinstance(holder, dict) and key in holder else None


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
        own = f"{name}.{_at(field, '/T') or number}"
        if _at(field, "/FT") == "/Sig":
            continue
        yield own, _parts(field, _OF_FIELD)
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


def _parts(holder: generic.DictionaryObject, keys: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(printed(holder.raw_get(key)) if key in holder else "" for key in keys)
