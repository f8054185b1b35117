"""What may be added to a PDF after it was signed: pyHanko's policy, with the rules that honest writers do not keep.

The library wants each object of an update justified. Rules here justify what nothing shown can depend on; they never
take back what another rule forbids.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import (
    CatalogModificationRule,
    DocInfoRule,
    FormUpdatingRule,
    GenericFieldModificationRule,
    MetadataUpdateRule,
    ModificationLevel,
    ObjectStreamRule,
    SigFieldCreationRule,
    SigFieldModificationRule,
    StandardDiffPolicy,
    SuspiciousModification,
    XrefStreamRule,
)
from pyhanko.sign.diff_analysis.constants import ROOT_EXEMPT_STRICT_COMPARISON, VALUE_UPDATE_KEYS
from pyhanko.sign.diff_analysis.form_rules_api import FieldComparisonContext, FieldComparisonSpec, FormUpdate
from pyhanko.sign.diff_analysis.rules_api import Context, QualifiedWhitelistRule, ReferenceUpdate, WhitelistRule

from .numbers import takes_a_number
from .overlooked import changed_between, overlook

_STORE, _ORIGINAL = "/DSS", "/AdditionalStreams"
# As far as /Root /DSS /VRI, the key of a signature, /Cert, and the length of the stream there.
_DEEPEST, _MOST_PARTS = 7, 50_000
_HOLDERS = (generic.IndirectObject, generic.DictionaryObject, generic.ArrayObject)
# What programs note for themselves; no reader shows it.
_PRIVATE = "/PieceInfo"
# Which page a field is on, as that page says as well; when it was changed; by which name programs know it.
_UNSEEN_KEYS = {"/P", "/M", "/NM"}
# The chosen lines of a list, and a text with its formats: parts of a field's value.
_VALUE_KEYS = VALUE_UPDATE_KEYS | _UNSEEN_KEYS | {"/I", "/RV"}
_LOOKS = ("/N", "/R", "/D")

_Update = tuple[ModificationLevel, ReferenceUpdate]


class _UnseenRule(WhitelistRule):
    """What the catalogue holds at `key` may be replaced as a whole, as it shows nothing.

    That is the security store (PAdES), of which the library's own rule wants every entry kept as it is, which writers
    of later data do not do; and what programs note for themselves. An object that something else uses, too, stays
    unjustified there.
    """

    def __init__(self, key: str) -> None:
        self._key = key

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[ReferenceUpdate]:
        """Yield the objects that stand there."""
        own = new.explicit_refs_in_revision()
        found = [each for each in _paths(new, self._key) if each[0] in own]
        references = {reference for reference, _path in found}
        if references:
            found += [each for each in _paths(old, self._key) if each[0] in references]
        for reference, path in found:
            yield ReferenceUpdate(reference, context_checked=Context.from_absolute(old, RawPdfPath(*path)))


class _NothingRule(WhitelistRule):
    """New objects that nothing reaches, and the end of objects that never were.

    In the library's place, whose look at orphans ends with a KeyError where a file points at what it does not hold, and
    which does not see that the signed file may point at an object that comes later.
    """

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[ReferenceUpdate]:
        """Yield what means nothing."""
        own = new.explicit_refs_in_revision()
        fresh = {each for each in own if _is_nothing(old, each)}
        reached = _reached(new, own, [new.trailer_view, *(new(each) for each in own - fresh)])
        for reference in fresh - reached:
            if not old._get_usages_of_ref(reference) or _is_nothing(new, reference):
                yield ReferenceUpdate(reference)


class _AgainRule(WhitelistRule):
    """A dictionary or an array that was written again as it was, but for what is overlooked."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[ReferenceUpdate]:
        """Yield such objects."""
        for reference in new.explicit_refs_in_revision():
            then = old(reference)
            if type(then) in (generic.DictionaryObject, generic.ArrayObject) and _is_same(then, new(reference)):
                yield ReferenceUpdate(reference)


class _AlsoOriginal(QualifiedWhitelistRule):
    """What `rule` justifies, also where the file's trailer points there from LibreOffice's list of originals.

    Writers leave the list in place and give the number, free by then, to something new.
    """

    def __init__(self, rule: QualifiedWhitelistRule) -> None:
        self._rule = rule

    def apply_qualified(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[_Update]:
        """Yield what the rule yields, and that place."""
        return _also_original(old, self._rule.apply_qualified(old, new))


class _FormRule(FormUpdatingRule):
    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
        return _also_original(old, super().apply(old, new))


class _FieldRule(GenericFieldModificationRule):
    """The library's rule, which expects of each field that it looks one way only: a box to tick looks two ways.

    It also counts a field as changed whose looks are older than the signature: where that is locked, nothing might follow.
    """

    def apply(self, context: FieldComparisonContext) -> Iterator[tuple[ModificationLevel, FormUpdate]]:
        """Yield what of the fields was changed, and may be."""
        changed = changed_between(context.old, context.new)
        return (each for each in super().apply(context) if each[1].updated_ref in changed)

    def check_form_field(
        self, fq_name: str, spec: FieldComparisonSpec, context: FieldComparisonContext
    ) -> Iterable[tuple[ModificationLevel, FormUpdate]]:
        """Yield what of the field `fq_name` may change."""
        fields = [each for each in (spec.old_field_ref, spec.new_field_ref) if each]
        rule = _FIELD_OF_STATES if any(_has_states(each.get_object()) for each in fields) else super()
        return rule.check_form_field(fq_name, spec, context)


class _Policy(StandardDiffPolicy):
    def review_file(self, reader, base_revision, field_mdp_spec=None, doc_mdp=None):
        if takes_a_number(reader, base_revision):
            return SuspiciousModification("an object was taken out, or its number given to another")
        signed = base_revision if isinstance(base_revision, int) else base_revision.revision
        return super().review_file(reader, HistoricalResolver(reader, signed), field_mdp_spec, doc_mdp)

    def apply(self, old, new, field_mdp_spec=None, doc_mdp=None):
        # Neither is one that the reader keeps: others look at what is taken out of sight here.
        new = HistoricalResolver(new.reader, new.revision)
        overlook(old, new, doc_mdp)
        return super().apply(old, new, field_mdp_spec, doc_mdp)


def _also_original(old: HistoricalResolver, updates: Iterable[_Update]) -> Iterator[_Update]:
    try:
        listed = old.trailer_view[_ORIGINAL]
    except KeyError:
        listed = ()
    places = {
        each.reference: Context.from_absolute(old, RawPdfPath(_ORIGINAL, number))
        for number, each in enumerate(listed if isinstance(listed, generic.ArrayObject) else ())
        if isinstance(each, generic.IndirectObject) and _is_nothing(old, each.reference)
    }
    for level, update in updates:
        yield level, update
        if places and update.updated_ref in places:
            yield level, replace(update, context_checked=places[update.updated_ref])


def _held(resolver: HistoricalResolver, key: str) -> generic.PdfObject | None:
    return resolver.root.raw_get(key) if key in resolver.root else None


def _has_states(field: generic.PdfObject) -> bool:
    looks = field["/AP"] if isinstance(field, generic.DictionaryObject) and "/AP" in field else None
    if not isinstance(looks, generic.DictionaryObject):
        return False
    return any(key in looks and not isinstance(looks.raw_get(key), generic.IndirectObject) for key in _LOOKS)


def _is_nothing(resolver: HistoricalResolver, reference: generic.Reference) -> bool:
    return isinstance(resolver(reference), generic.NullObject)


def _paths(resolver: HistoricalResolver, key: str) -> Iterator[tuple[generic.Reference, tuple[str | int, ...]]]:
    """Yield what the catalogue refers to at `key`, and by which way; not more than a security store has."""
    waiting: list[tuple[object, tuple[str | int, ...]]] = [(_held(resolver, key), ("/Root", key))]
    for _count in range(_MOST_PARTS):
        if not waiting:
            return
        value, path = waiting.pop()
        if isinstance(value, generic.IndirectObject):
            yield value.reference, path
            value = resolver(value.reference)
        if len(path) == _DEEPEST:
            continue
        if isinstance(value, generic.DictionaryObject):
            parts = value.items()
        else:
            parts = enumerate(value) if isinstance(value, generic.ArrayObject) else ()
        waiting.extend((part, (*path, key)) for key, part in parts if isinstance(part, _HOLDERS))


def _reached(
    resolver: HistoricalResolver, own: set[generic.Reference], waiting: list[object]
) -> set[generic.Reference]:
    """Return which of `own` can be reached from what is `waiting`, through nothing but `own`."""
    seen: set[generic.Reference] = set()
    while waiting:
        value = waiting.pop()
        if isinstance(value, generic.IndirectObject):
            if value.reference not in own or value.reference in seen:
                continue
            seen.add(value.reference)
            value = resolver(value.reference)
        if isinstance(value, generic.ArrayObject):
            waiting.extend(value)
        elif hasattr(value, "values"):
            waiting.extend(value.values())
    return seen


def _is_same(then: object, now: object) -> bool:
    """Tell whether two values are the same and of one type: to Python a name equals a text, and one equals true."""
    if type(then) is not type(now):
        return False
    if isinstance(then, generic.ArrayObject):
        return len(then) == len(now) and all(map(_is_same, list.__iter__(then), list.__iter__(now)))
    if isinstance(then, dict):
        return then.keys() == now.keys() and all(_is_same(then.raw_get(key), now.raw_get(key)) for key in then)
    return then == now


def _rules() -> Iterator[QualifiedWhitelistRule]:
    yield CatalogModificationRule(ROOT_EXEMPT_STRICT_COMPARISON | {_PRIVATE})
    plain = [kind() for kind in (DocInfoRule, XrefStreamRule, ObjectStreamRule, MetadataUpdateRule)]
    for rule in (*plain, _UnseenRule(_STORE), _UnseenRule(_PRIVATE), _NothingRule(), _AgainRule()):
        yield _AlsoOriginal(rule.as_qualified(ModificationLevel.LTA_UPDATES))


_FIELD_OF_STATES = GenericFieldModificationRule(
    allow_in_place_appearance_stream_changes=False, value_update_keys=_VALUE_KEYS
)
POLICY = _Policy(
    global_rules=list(_rules()),
    form_rule=_FormRule(
        [
            SigFieldCreationRule(),
            SigFieldModificationRule(value_update_keys=VALUE_UPDATE_KEYS | _UNSEEN_KEYS),
            _FieldRule(value_update_keys=_VALUE_KEYS),
        ]
    ),
    reject_object_freeing=False,
    ignore_orphaned_objects=False,
)
