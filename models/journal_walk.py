"""How a chain of seals is walked, and what can be wrong with it."""

import heapq
from dataclasses import dataclass, replace
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain

from .journal_seals import is_payload_sound, read_rows, seal_of

# Rows of one journal are read in this many at a time.
READ_BATCH = 1000
# A closed row is sealed at once; one that never was for this long shows that something is wrong.
SEALED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What a walk over a company's chain found: `rows` sound ones, up to `position`, whose seal is `seal`.

    `fault` is "" where nothing is wrong, else one of "changed", "missing", "order", "rewritten", "head", "unsealed";
    `model`, `row_id` and `broken_position` then tell where (the row after the gap, or the last sound one, where a row
    is missing). `is_end` is False where the walk stopped before the last row.
    """

    rows: int
    position: int
    fault: str = ""
    model: str = ""
    row_id: int = 0
    broken_position: int = 0
    seal: str = ""
    is_end: bool = True


def walk(env, company, begin=(0, ""), until=None, marks=None):
    """Return the `Verdict` over the rows of `company` behind `begin`, the position and the seal of a row.

    `until` is the position at which the walk stops. `marks` are seals that were seen before, {position: seal}: a chain
    whose rows were all sealed anew is whole in itself, and differs there.
    """
    first, (position, seal) = begin[0], begin
    marks = marks or {}
    for journal, row in sealed_rows(env, company, first):
        if position == until:
            return Verdict(position - first, position, seal=seal, is_end=False)
        fault = _fault(journal, row, position, seal, marks.get(row["chain_position"]))
        if fault:
            place = (journal._name, row["id"], row["chain_position"])
            return Verdict(position - first, position, fault, *place, seal=seal)
        position, seal = row["chain_position"], row["chain_hash"]
    return _at_the_end(env, company, Verdict(position - first, position, seal=seal), marks)


def walk_on(env, company, begin, until, marks):
    """Return the same, after a look whether the row at `begin` still stands there with that seal."""
    position, seal = begin
    if position:
        found = row_at(env, company, position)
        if not found or found[1]["chain_hash"] != seal:
            journal, row = found or (env["kho.dl.journal.chain"], {"id": 0})
            return Verdict(
                0, position, "rewritten" if found else "missing", journal._name, row["id"], position, seal=seal
            )
    return walk(env, company, begin, until, marks)


def row_at(env, company, position):
    """Return (journal, row) of the row of `company` at `position`, as `journal_seals` has it; None where there is none."""
    for journal in _journals(env):
        domain = Domain("company_id", "=", company.id) & Domain("chain_position", "=", position)
        for row in read_rows(journal, domain, limit=1):
            return journal, row
    return None


def _journals(env):
    # sudo: also rows and columns that the reader may not see are checked; none of their content is returned.
    return [env[name].sudo() for name in env["kho.dl.journal"]._journals()]


def _at_the_end(env, company, verdict, marks):
    # sudo: as in `_journals`.
    head = env["kho.dl.journal.chain"].sudo().search([("company_id", "=", company.id)])
    # What counts is what stands in the database.
    head.invalidate_recordset(["position", "hash"])
    last = max([head.position, *marks])
    if last > verdict.position or (head.position, head.hash or "") != (verdict.position, verdict.seal):
        # A head behind its rows was set back by hand; one before them, or a mark, has lost some.
        fault = "missing" if last > verdict.position else "head"
        place = {"model": head._name, "row_id": head.id, "broken_position": verdict.position + 1}
        return replace(verdict, fault=fault, **place)
    forgotten = _unsealed_for_long(env, company)
    if forgotten:
        return replace(verdict, fault="unsealed", model=forgotten._name, row_id=forgotten.id)
    return verdict


def sealed_rows(env, company, after=0):
    """Yield (journal, row) of all journals of `company` in the order of their positions."""
    streams = [_sealed_rows_of(journal, company, after) for journal in _journals(env)]
    return heapq.merge(*streams, key=lambda pair: pair[1]["chain_position"])


def _sealed_rows_of(journal, company, after):
    """Yield (journal, row) of one journal, a batch in memory at a time; `is_closed` of a row tells what its journal says."""
    in_company = Domain("company_id", "=", company.id)
    while True:
        domain = in_company & Domain("chain_position", ">", after)
        rows = read_rows(journal, domain, order="chain_position", limit=READ_BATCH)
        if not rows:
            return
        after = rows[-1]["chain_position"]
        read = domain & Domain("chain_position", "<=", after)
        opened = set(journal.search(read & ~journal._closed_domain(), order="id").ids)
        for row in rows:
            yield journal, {**row, "is_closed": row["id"] not in opened}


def _unsealed_for_long(env, company):
    long_ago = fields.Datetime.now() - SEALED_WITHIN
    since = Domain("closed_on", "=", False) | Domain("closed_on", "<", long_ago)
    for journal in _journals(env):
        domain = journal._unsealed_domain() & Domain("company_id", "=", company.id) & since
        forgotten = journal.search(domain, order="id", limit=1)
        if forgotten:
            return forgotten
    return None


def _fault(journal, row, position, seal, mark):
    """Return what is wrong with `row`, which should follow `position` and its `seal`; "" when nothing is."""
    if row["chain_position"] <= position:
        return "order"
    if row["chain_position"] > position + 1:
        return "missing"
    if (row["chain_previous"] or "") != seal:
        return "order"
    if row["chain_hash"] != seal_of(journal, row) or not row["is_closed"] or not is_payload_sound(journal, row):
        return "changed"
    if mark and mark != row["chain_hash"]:
        return "rewritten"
    return ""
