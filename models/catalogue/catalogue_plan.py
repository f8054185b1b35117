"""What a table of procedures would change in what is stored; changes nothing itself."""

from collections import Counter
from dataclasses import dataclass, field

from .catalogue_content import NAMED_PARTS
from .catalogue_rows import DocumentRow, Part, ProcedureRow, put_fault
from .catalogue_shared import shared_faults
from .catalogue_sheet import column_words, folded, tidy


@dataclass
class DocumentPlan:
    """What becomes of a document: `record` is None for a new one; codes and circumstances (names) are those to add."""

    row: DocumentRow
    record: object
    values: dict
    codes: list[str]
    substitutes: list[str]
    circumstances: list[str]

    @property
    def is_changed(self):
        return bool(self.values or self.codes or self.substitutes or self.circumstances)


@dataclass
class ProcedurePlan:
    """What becomes of a procedure: `record` is None for a new one; the lists are what is to be added.

    `sector` is the code of another field than now, else ""; `revived` are archived circumstances.
    """

    row: ProcedureRow
    record: object
    values: dict
    sector: str
    agencies: list[str]
    results: list[str]
    circumstances: list[str]
    revived: list
    documents: list[DocumentPlan]

    @property
    def is_changed(self):
        own = self.values or self.sector or self.agencies or self.results or self.circumstances or self.revived
        return bool(own) or any(document.is_changed for document in self.documents)


@dataclass
class Plan:
    """What a table would bring; `parts` are {kind: {code: Part}}, `known` {kind: {code: record}} of what is stored."""

    procedures: list[ProcedurePlan] = field(default_factory=list)
    parts: dict[str, dict[str, Part]] = field(default_factory=dict)
    known: dict[str, dict] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def count(self):
        """Return the counts of procedures and documents by what becomes of them."""
        states = Counter(
            "new" if not plan.record else "changed" if plan.is_changed else "unchanged" for plan in self.procedures
        )
        documents = [document for plan in self.procedures for document in plan.documents]
        return {
            "procedures": len(self.procedures),
            "new": states["new"],
            "changed": states["changed"],
            "unchanged": states["unchanged"],
            "documents": len(documents),
            "new_documents": sum(not document.record for document in documents),
            "changed_documents": sum(bool(document.record) and document.is_changed for document in documents),
        }

    def news(self, env):
        """Return in words which fields, agencies and results are new or called otherwise here; what is used again."""
        new_words = {
            "sectors": lambda part: env._("new field %(code)s %(name)s", code=part.code, name=part.name),
            "agencies": lambda part: env._("new agency %(code)s %(name)s", code=part.code, name=part.name),
            "results": lambda part: env._("new result %(code)s %(name)s", code=part.code, name=part.name),
        }
        new, other = [], []
        for kind, parts in self.parts.items():
            for code, part in parts.items():
                record = self.known[kind].get(code)
                if record is None:
                    new.append(new_words[kind](part))
                elif not record.active:
                    other.append(env._("in use again: %s", record.display_name))
                elif part.name and folded(part.name) != folded(record.name):
                    other.append(
                        env._(
                            "%(code)s is called “%(name)s” here, and stays so; the table says “%(other)s” (row %(row)s)",
                            code=code, name=record.name, other=part.name, row=part.row,
                        )
                    )  # fmt: skip
        records = [plan.record for plan in self.procedures if plan.record]
        records += [document.record for plan in self.procedures for document in plan.documents if document.record]
        other += [env._("in use again: %s", record.display_name) for record in records if not record.active]
        return new + other


def make_plan(env, procedures, stored):
    """Return the `Plan` for `procedures`, {code: ProcedureRow}; `stored` are {code: record} of those that are there.

    `stored` must come with archived parts. Three queries, and what reading the records takes.
    """
    plan = Plan(parts=_parts(procedures))
    for kind, parts in plan.parts.items():
        records = env[NAMED_PARTS[kind]].with_context(active_test=False)
        plan.known[kind] = {record.code: record for record in records.search([("code", "in", list(parts))])}
    plan.faults += _part_faults(env, plan)
    words = column_words(env)
    for row in procedures.values():
        pairs, unclear = pair_rows(row.documents, stored[row.code].document_ids if row.code in stored else ())
        plan.procedures.append(_plan_procedure(row, stored.get(row.code), pairs))
        for document in unclear:
            fault = env._("several documents are called “%s”. Write the code of the one that is meant.", document.name)
            plan.faults.append(put_fault(env, words, document.row, "document_code", fault))
    plan.faults += shared_faults(env, plan)
    return plan


def pair_rows(rows, records):
    """Return ([(row, record or None)], rows that may be several records) of the documents of a procedure.

    A document is known by code and name; else by its code where it is the only one with that code and no other has the
    name; else by its name. Rows with code and name of an earlier one are the same document, unless several are stored.
    """
    twins = {}
    for record in records:
        twins.setdefault((record.code or "", folded(record.name)), []).append(record)
    # What is archived counts only where nothing in use is the same.
    twins = {key: [one for one in same if one.active] or same[:1] for key, same in twins.items()}
    merged, latest, pairs = [], {}, {}
    for row in rows:
        same = twins.get(row.key)
        if row.key in latest and not same:
            latest[row.key].add(row)
            continue
        merged.append(row)
        latest[row.key] = row
        if same:
            pairs[id(row)] = same.pop(0)
    unclear = []
    for find in (_find_by_code, _find_by_name):
        for row in merged:
            if id(row) not in pairs:
                taken = {record.id for record in pairs.values()}
                left = [record for record in records if record.id not in taken]
                open_rows = [one for one in merged if id(one) not in pairs]
                found = find(row, open_rows, left, records)
                if len(found) == 1:
                    pairs[id(row)] = found[0]
                elif found:
                    unclear.append(row)
    return [(row, pairs.get(id(row))) for row in merged], unclear


def _find_by_code(row, open_rows, left, records):
    same = _in_use([record for record in records if record.code and record.code == row.code])
    is_alone = len(same) == 1 and sum(one.code == row.code for one in open_rows) == 1
    # A name tells more than a code: codes are often mere positions, which move.
    is_another = any(folded(record.name) == folded(row.name) for record in left)
    names = {folded(one.name) for one in open_rows if one is not row}
    return (
        [record for record in same if record in left and folded(record.name) not in names]
        if (is_alone and not is_another)
        else []
    )


def _find_by_name(row, _open_rows, left, _records):
    same = _in_use([record for record in left if folded(record.name) == folded(row.name)])
    if len(same) > 1 and row.code:
        same = [record for record in same if not record.code][:1]
    return same


def _in_use(records):
    return [record for record in records if record.active] or records


def _plan_procedure(row, record, pairs):
    of_documents = [name for document in row.documents for name in document.circumstances]
    circumstances = {}
    for name in [*row.circumstances, *of_documents]:
        circumstances.setdefault(folded(name), name)
    variants = variants_by_name(record) if record is not None else {}
    return ProcedurePlan(
        row,
        record,
        _differing(record, {"name": row.name, "active": True}) if record is not None else {},
        row.sector.code if row.sector and (record is None or record.sector_id.code != row.sector.code) else "",
        _missing(row.agencies, record, "agency_ids"),
        _missing(row.results, record, "result_code_ids"),
        [name for key, name in circumstances.items() if key not in variants],
        [variants[key] for key in circumstances if key in variants and not variants[key].active],
        [_plan_document(document, known, variants) for document, known in pairs],
    )


def _plan_document(row, record, variants):
    said = {
        "name": row.name,
        "code": row.code,
        "form_name": row.form_name,
        "form_url": row.form_url,
        "required": row.required,
        "is_reusable": row.reusable,
        "active": True,
    }
    linked = set() if record is None else set(record.variant_ids.ids)
    circumstances = [
        name for name in row.circumstances if folded(name) not in variants or variants[folded(name)].id not in linked
    ]
    return DocumentPlan(
        row,
        record,
        _differing(record, said),
        _missing(row.codes, record, "result_code_ids"),
        _missing(row.substitutes, record, "substitute_code_ids"),
        circumstances,
    )


def variants_by_name(procedure):
    """Return {name, as it is compared: circumstances} of `procedure`; a name given here goes before the catalogue's."""
    by_catalogue = {folded(variant.catalogue_name): variant for variant in procedure.variant_ids}
    in_use_last = procedure.variant_ids.sorted("active")
    return {**by_catalogue, **{folded(variant.name): variant for variant in in_use_last}}


def _missing(parts, record, name):
    codes = set() if record is None else set(record[name].mapped("code"))
    return list(dict.fromkeys(part.code for part in parts if part.code not in codes))


def _differing(record, said):
    """Return those of the values `said`, None and "" for not said, that `record`, maybe None, does not have."""
    said = {name: value for name, value in said.items() if value not in (None, "")}
    if record is None:
        return said
    return {
        name: value
        for name, value in said.items()
        if (tidy(record[name]) != tidy(value) if isinstance(value, str) else record[name] != value)
    }


def _parts(procedures):
    """Return {kind: {code: Part}} of fields, agencies and results that the table names; the first name holds."""
    found = {kind: {} for kind in NAMED_PARTS}
    for procedure in procedures.values():
        named = [("sectors", procedure.sector)] if procedure.sector else []
        named += [("agencies", part) for part in procedure.agencies]
        named += [("results", part) for part in procedure.results]
        named += [("results", part) for document in procedure.documents for part in document.codes]
        for kind, part in named:
            if not found[kind].get(part.code, part).name or part.code not in found[kind]:
                found[kind][part.code] = part
    return found


def _part_faults(env, plan):
    """Return in words which new codes have no name, or the name of a code that is there."""
    faults, words = [], column_words(env)
    for kind, parts in plan.parts.items():
        new = [part for code, part in parts.items() if code not in plan.known[kind]]
        records = env[NAMED_PARTS[kind]].with_context(active_test=False)
        codes = (
            {folded(record.name): record.code for record in records.search_fetch([], ["name", "code"])} if new else {}
        )
        for part in new:
            if not part.name:
                fault = env._(
                    "nobody knows the code %(code)s. Write its name behind it, parted by a blank.", code=part.code
                )
            elif folded(part.name) in codes:
                fault = env._(
                    "the code %(code)s is new, but “%(name)s” is here already with the code %(stored)s. Write that code; "
                    "if it is really another one, add it to the list first.",
                    code=part.code, name=part.name, stored=codes[folded(part.name)],
                )  # fmt: skip
            else:
                continue
            faults.append(put_fault(env, words, part.row, part.column, fault))
    return faults
