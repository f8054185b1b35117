"""What an update brings that changes nothing of what was signed, taken out of sight before the library compares.

That is what programs note for themselves in a dictionary; and notes on a page, such as the picture of a stamp, that somebody
else has signed for since: what nobody vouches for stays in sight.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.fields import MDPPerm, enumerate_sig_fields

from .faults import HOSTILE
from .reading import revision_at
from .unlisted import list_new_fields

# Texts, wherever they stand; and of a page what programs keep there, and in which order its fields are gone through.
_TEXTS, _KEPT, _ORDER = ("/ITXT", "/LastModified"), "/PieceInfo", "/Tabs"
_TEXT = (generic.TextStringObject, generic.ByteStringObject)
_ORDERS = ("/R", "/C", "/S", "/A", "/W")
# How large it is, in units of 1/72 inch, of which some programs write fewer digits than they read; and the smallest page.
_BOXES, _TOO_SMALL_TO_SEE = ("/MediaBox", "/CropBox", "/TrimBox", "/BleedBox", "/ArtBox"), 0.001
_SMALLEST = 3
# All that a program's own data holds (ISO 32000-1, 14.5).
_OF_PROGRAM = {"/LastModified", "/Private"}
# Of a form: that there are signatures in it, and that it wants to be written behind them; older tools leave it out.
_FORM, _FLAGS = "/AcroForm", "/SigFlags"
_ON_PAGES = {
    *("/Text", "/FreeText", "/Stamp", "/Popup", "/Ink", "/Line", "/Caret"),
    *("/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Square", "/Circle", "/Polygon", "/PolyLine"),
}
_ANNOTS, _TIMESTAMP = "/Annots", "/DocTimeStamp"
# Of the whole file: how a program lays out its own window; not how it prints.
_MODES = {
    "/PageMode": {"/UseNone", "/UseOutlines", "/UseThumbs", "/FullScreen", "/UseOC", "/UseAttachments"},
    "/PageLayout": {"/SinglePage", "/OneColumn", "/TwoColumnLeft", "/TwoColumnRight", "/TwoPageLeft", "/TwoPageRight"},
}
_LANGUAGE, _WINDOW, _RIGHTS = "/Lang", "/ViewerPreferences", "/Perms"
_OF_WINDOW = {
    *("/HideToolbar", "/HideMenubar", "/HideWindowUI", "/FitWindow", "/CenterWindow", "/DisplayDocTitle"),
    *("/NonFullScreenPageMode", "/Direction"),
}
_OF_ONE_WORD = (generic.BooleanObject, generic.NameObject)


def overlook(old: HistoricalResolver, new: HistoricalResolver, doc_mdp: MDPPerm | None) -> None:
    """Take it out of both, which nobody else uses. `doc_mdp` is what the signature allows, None for anything."""
    may_note = doc_mdp in (None, MDPPerm.ANNOTATE)
    # Asked for each page that somebody stamped, as across their edges.
    last_signed = functools.cache(functools.partial(_last_signed, new.reader))
    for each in (old, new):
        form = each.root[_FORM] if _FORM in each.root else None
        if isinstance(form, generic.DictionaryObject) and isinstance(form.get(_FLAGS), generic.NumberObject):
            del form[_FLAGS]
    _take_out_of_catalogue(old.root, new.root)
    changed = changed_between(old, new)
    list_new_fields(old, new, changed)
    for reference in changed:
        then, now = old(reference), new(reference)
        if type(then) is not type(now):
            continue
        if type(now) is generic.DictionaryObject:
            for each in (then, now):
                _take_out_of_dictionary(each)
            _level_boxes(then, now)
        if may_note and (added := _notes(now) - _notes(then)):
            _take_out(then, now, added & _vouched_for(reference, new.reader, last_signed))


def changed_between(old: HistoricalResolver, new: HistoricalResolver) -> set[generic.Reference]:
    """Return what any of the updates between them brought: a later one may leave a page as an earlier one wrote it."""
    brought = new.reader.xrefs.explicit_refs_in_revision
    return set().union(*(brought(revision) for revision in range(old.revision + 1, new.revision + 1)))


def _take_out_of_catalogue(then: generic.DictionaryObject, now: generic.DictionaryObject) -> None:
    roots = (then, now)
    for key, words in _MODES.items():
        _take_out_of_both(
            roots, key, lambda value, words=words: isinstance(value, generic.NameObject) and value in words
        )
    _take_out_of_both(roots, _LANGUAGE, lambda value: isinstance(value, _TEXT))
    _take_out_of_both(roots, _WINDOW, _is_of_window)
    if _RIGHTS not in then and _RIGHTS in now and _is_of_certifier(now[_RIGHTS]):
        del now[_RIGHTS]


def _take_out_of_both(
    roots: tuple[generic.DictionaryObject, ...], key: str, shows_nothing: Callable[[generic.PdfObject], bool]
) -> None:
    if all(shows_nothing(each[key]) for each in roots if key in each):
        for each in roots:
            each.pop(key, None)


def _is_of_certifier(value: generic.PdfObject) -> bool:
    """Tell whether `value` only says which signature certifies the file: some tools do so with each of them."""
    return type(value) is generic.DictionaryObject and value.keys() == {"/DocMDP"}


def _is_of_window(value: generic.PdfObject) -> bool:
    if type(value) is not generic.DictionaryObject:
        return False
    return value.keys() <= _OF_WINDOW and all(isinstance(value.raw_get(key), _OF_ONE_WORD) for key in value)


def _take_out_of_dictionary(holder: generic.DictionaryObject) -> None:
    for key in _TEXTS:
        if isinstance(holder.get(key), _TEXT):
            del holder[key]
    # Whoever made the file may use one object as a page, and as what draws another one, by these very names: nothing goes that
    # could be drawn, or drawn with.
    if holder.get("/Type") == "/Page":
        if _ORDER in holder and holder[_ORDER] in _ORDERS:
            del holder[_ORDER]
        if _KEPT in holder and _is_of_programs(holder[_KEPT]):
            del holder[_KEPT]


def _level_boxes(then: generic.DictionaryObject, now: generic.DictionaryObject) -> None:
    for key in _BOXES:
        before, after = (_numbers(each[key]) if key in each else None for each in (then, now))
        if before and after and _look_alike(before, after):
            now[generic.NameObject(key)] = then.raw_get(key)


def _look_alike(before: list[float], after: list[float]) -> bool:
    is_large = all(abs(before[at + 2] - before[at]) >= _SMALLEST for at in (0, 1))
    return is_large and all(abs(one - two) < _TOO_SMALL_TO_SEE for one, two in zip(before, after, strict=True))


def _numbers(value: generic.PdfObject) -> list[float] | None:
    """Return the four numbers of a box; None for anything else."""
    numbers = [value.raw_get(at) for at in range(len(value))] if isinstance(value, generic.ArrayObject) else []
    is_box = len(numbers) == 4 and all(
        isinstance(each, (generic.NumberObject, generic.FloatObject)) for each in numbers
    )
    return list(map(float, numbers)) if is_box else None


def _is_of_programs(value: generic.PdfObject) -> bool:
    """Tell whether `value` is what programs keep with a page: {its name: own data}, and nothing else."""
    if type(value) is not generic.DictionaryObject:
        return False
    kept = [value[name] for name in value]
    return all(type(each) is generic.DictionaryObject and each.keys() <= _OF_PROGRAM for each in kept)


def _take_out(then: generic.PdfObject, now: generic.PdfObject, notes: set[generic.Reference]) -> None:
    listed = _listed(now)
    kept = [each for each in list.__iter__(listed) if _reference(each) not in notes]
    if kept or _listed(then) is not None:
        listed[:] = kept
    else:
        # The first ones on the page.
        del now[_ANNOTS]


def _vouched_for(
    holder: generic.Reference, reader: PdfFileReader, last_signed: Callable[[], int]
) -> set[generic.Reference]:
    """Return the notes that `holder`, a page or its list, had when somebody signed last."""
    signed_in = last_signed()
    return _notes(reader.get_historical_resolver(signed_in)(holder)) if signed_in >= 0 else set()


def _listed(holder: generic.PdfObject) -> generic.ArrayObject | None:
    """Return what stands on a page, or in `holder` where that is such a list."""
    if type(holder) is generic.DictionaryObject and _ANNOTS in holder and holder.get("/Type") == "/Page":
        holder = holder[_ANNOTS]
    return holder if isinstance(holder, generic.ArrayObject) else None


def _notes(holder: generic.PdfObject) -> set[generic.Reference]:
    """Return those of the notes there that are nothing but notes: no places of form fields, and nothing that acts."""
    references = [_reference(each) for each in list.__iter__(_listed(holder) or generic.ArrayObject())]
    return {each for each in references if each is not None and _is_note(each.get_object())}


def _is_note(value: generic.PdfObject) -> bool:
    # No stream, which may be among the contents of a page.
    return type(value) is generic.DictionaryObject and "/Rect" in value and value.get("/Subtype") in _ON_PAGES


def _reference(value: generic.PdfObject) -> generic.Reference | None:
    return value.reference if isinstance(value, generic.IndirectObject) else None


def _last_signed(reader: PdfFileReader) -> int:
    """Return the last revision that somebody signed, by no time stamp alone; -1 where that cannot be told."""
    last = -1
    try:
        for _name, _value, field in enumerate_sig_fields(reader, filled_status=True):
            value = field.get_object()["/V"]
            if not ("/Type" in value and value["/Type"] == _TIMESTAMP):
                _start, _before, after, rest = (int(part) for part in value["/ByteRange"])
                last = max(last, revision_at(reader, after + rest))
    except HOSTILE:
        return -1
    return last
