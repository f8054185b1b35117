"""Signatures that stand on a page, and that the form does not list: poppler forgets to, and readers show them all the same."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.pdf_utils.rw_common import PdfHandler
from pyhanko.sign.fields import enumerate_sig_fields

from .afterwards import signature_widgets
from .byte_ranges import fault_of
from .reading import revision_at

_FORM, _FIELDS = "/AcroForm", "/Fields"


def unlisted_fields(reader: PdfFileReader) -> Iterator[tuple[str, generic.IndirectObject]]:
    """Yield (name, field) of what holds a signature, and was in no list either when it was signed.

    What was listed then, somebody took out. Raises what the library raises, see `faults.HOSTILE`.
    """
    listed = _listed(reader)
    for _page, widget in signature_widgets(reader.root):
        own = widget.container_ref
        if own in listed:
            continue
        signed_in = _signed_in(reader, widget)
        if signed_in >= 0 and own not in _listed(reader.get_historical_resolver(signed_in)):
            yield widget["/T"], generic.IndirectObject(own.idnum, own.generation, reader)


def list_new_fields(old: HistoricalResolver, new: HistoricalResolver, changed: Iterable[generic.Reference]) -> None:
    """Put those among what `changed` between the two into the list of `new`, as if it had them.

    Each holds a signature of its own, made since `old`.
    """
    form = new.root[_FORM] if _FORM in new.root else None
    fields = form[_FIELDS] if isinstance(form, generic.DictionaryObject) and _FIELDS in form else None
    fresh = [each for each in changed if isinstance(old(each), generic.NullObject)]
    fresh = [each for each in fresh if _signed_in(new.reader, new(each)) > old.revision]
    if not fresh or not isinstance(fields, generic.ArrayObject):
        return
    listed = _listed(new)
    known = [_range_in(new(each)) for each in listed]
    for each in fresh:
        if each not in listed and _range_in(new(each)) not in known:
            fields.append(generic.IndirectObject(each.idnum, each.generation, new))


def _listed(handler: PdfHandler) -> set[generic.Reference]:
    return {field.reference for _name, _value, field in enumerate_sig_fields(handler)}


def _signed_in(reader: PdfFileReader, value: generic.PdfObject) -> int:
    """Return the revision that was signed in `value`, a field with its place on a page; -1 where it holds no signature."""
    signed_range = _range_in(value)
    if not signed_range or not {"/T", "/FT", "/Subtype"} <= value.keys() or fault_of(reader.stream, signed_range):
        return -1
    is_field = value["/FT"] == "/Sig" and value["/Subtype"] == "/Widget"
    return revision_at(reader, signed_range[2] + signed_range[3]) if is_field else -1


def _range_in(field: generic.PdfObject) -> list[generic.PdfObject]:
    """Return the signed range of what `field` holds; empty where it holds no signature."""
    value = field["/V"] if type(field) is generic.DictionaryObject and "/V" in field else None
    held = value["/ByteRange"] if isinstance(value, generic.DictionaryObject) and "/ByteRange" in value else None
    return [held[at] for at in range(len(held))] if isinstance(held, generic.ArrayObject) else []
