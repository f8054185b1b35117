"""How a chain of seals is walked, and what can be wrong with it."""

import heapq
from dataclasses import dataclass, replace
from datetime import timedelta

from odoo import fields
from odoo.fields import Domain
from odoo.tools import SQL

from .journal_seals import is_payload_sound, read_rows, seal_of

# Rows of one journal are read in this many at a time.
READ_BATCH = 1000
# A closed row is sealed at once; one that never was for this long shows that sealing stands still.
SEALED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What a walk over a company's chain found: `rows` sound ones, up to `position`, whose seal is `seal`.

    `fault` is "" where nothing is wrong, else the first one of "changed", "missing", "order", "rewritten", "head";
    `model`, `row_id` and `broken_position` then tell where (the row after the gap, or the last sound one, where a row
    is missing), and `faults` how many there are. `came_to` are position and seal where the walk stopped; `is_end` is False
    where that was before the last row. "unsealed" is no fault of the chain: see `with_forgotten`.
    """

    rows: int
    position: int
    fault: str = ""
    model: str = ""
    row_id: int = 0
    broken_position: int = 0
    seal: str = ""
    is_end: bool = True
    faults: int = 0
    came_to: tuple = ()

    @property
    def is_broken(self):
        """Whether the chain is: a row that only waits for its seal does not break it."""
        return self.fault not in ("", "unsealed")


def walk(env, company, begin=(0, ""), until=None, marks=None, broken=None):
    """Return the `Verdict` over the rows of `company` behind `begin`, the position and the seal of a row.

    `until` is the position at which the walk stops. `marks` are seals that were seen before, {position: seal}: a chain
    whose rows were all sealed anew is whole in itself, and differs there. `broken` is the `Verdict` of a fault that was
    found before. Behind a fault the walk goes on with the seal that stands there, or one that stays would hide all others.
    """
    first, (position, seal) = begin[0], begin
    marks, faults, is_end = marks or {}, 1 if broken else 0, True
    for journal, row in sealed_rows(env, company, first, until):
        if until is not None and position >= until:
            is_end = False
            break
        fault = _fault(journal, row, position, seal, marks.get(row["chain_position"]))
        if fault:
            place = (journal._name, row["id"], row["chain_position"])
            broken, faults = broken or Verdict(position - first, position, fault, *place, seal=seal), faults + 1
        if row["chain_position"] > position:
            position, seal = row["chain_position"], row["chain_hash"]
    verdict = Verdict(position - first, position, seal=seal)
    if is_end:
        verdict = _at_the_end(env, company, verdict, marks)
        # Nothing behind a row that is gone is the same fault once more.
        faults += bool(verdict.fault and not (broken and broken.position == position))
    return replace(broken or verdict, is_end=is_end, faults=faults, came_to=(position, seal))


def walk_on(env, company, begin, until, marks):
    """Return the same, after a look whether the row at `begin` still stands there with that seal."""
    position, seal = begin
    found = row_at(env, company, position) if position else None
    if not position or (found and found[1]["chain_hash"] == seal):
        return walk(env, company, begin, until, marks)
    journal, row = found or (env["kho.dl.journal.chain"], {"id": 0, "chain_hash": None})
    fault = "rewritten" if found else "missing"
    broken = Verdict(0, position, fault, journal._name, row["id"], position, seal=seal)
    return walk(env, company, (position, row["chain_hash"]), until, marks, broken)


def with_forgotten(env, company, verdict):
    """Return `verdict`, as "unsealed" where nothing else is wrong and a closed row waits for its seal for long."""
    row = None if verdict.fault else unsealed_for_long(env, company).get(company.id)
    return replace(verdict, fault="unsealed", model=row[0], row_id=row[1]) if row else verdict


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
    return verdict


def sealed_rows(env, company, after=0, until=None):
    """Yield (journal, row) of all journals of `company` in the order of their positions; no more is read than to `until`."""
    streams = [_sealed_rows_of(journal, company, after, until) for journal in _journals(env)]
    return heapq.merge(*streams, key=lambda pair: pair[1]["chain_position"])


def _sealed_rows_of(journal, company, after, until):
    """Yield (journal, row) of one journal, a batch in memory at a time; `is_closed` of a row tells what its journal says.

    Of the rows behind `until` one at a time is read: the next is all that a walk looks at.
    """
    in_company = Domain("company_id", "=", company.id)
    while True:
        domain, limit = in_company & Domain("chain_position", ">", after), READ_BATCH
        is_bounded = until is not None and after < until
        if is_bounded:
            domain &= Domain("chain_position", "<=", until)
        elif until is not None:
            limit = 1
        rows = read_rows(journal, domain, order="chain_position", limit=limit)
        if not rows and not is_bounded:
            return
        last = until if is_bounded and len(rows) < limit else rows[-1]["chain_position"]
        read = domain & Domain("chain_position", "<=", last)
        opened = set(journal.search(read & ~journal._closed_domain(), order="id").ids) if rows else ()
        for row in rows:
            yield journal, {**row, "is_closed": row["id"] not in opened}
        after = last


def unsealed_for_long(env, companies):
    """Return {company id: (name of its journal, id, since when it waits)} of the row that waits for its seal longest.

    Only of those of `companies` where one waits for long.
    """
    since = Domain("closed_on", "=", False) | Domain("closed_on", "<", fields.Datetime.now() - SEALED_WITHIN)
    oldest = [
        journal._search(
            journal._unsealed_domain() & Domain.custom(to_sql=_is_of_company) & since,
            order="closed_on NULLS FIRST, id",
            limit=1,
        ).select(
            SQL("%s::text AS journal", journal._name),
            SQL("%s AS id", SQL.identifier(journal._table, "id")),
            SQL(
                "COALESCE(%s, %s) AS since",
                SQL.identifier(journal._table, "closed_on"),
                SQL.identifier(journal._table, "create_date"),
            ),
        )
        for journal in _journals(env)
    ]
    env.flush_all()
    rows = SQL(" UNION ALL ").join(SQL("(%s)", row) for row in oldest)
    found = env.execute_query(
        SQL(
            """
            SELECT company.id, oldest.journal, oldest.id, oldest.since
              FROM res_company company
             CROSS JOIN LATERAL (SELECT * FROM (%s) AS waiting ORDER BY since LIMIT 1) AS oldest
             WHERE company.id IN %s
            """,
            rows,
            companies._ids,
        )
    )
    return {company_id: tuple(row) for company_id, *row in found}


def _is_of_company(_journal, alias, _query):
    """Return the SQL of whether a row is of the `company` that stands outside."""
    return SQL("%s = company.id", SQL.identifier(alias, "company_id"))


def _fault(journal, row, position, seal, mark):
    """Return what is wrong with `row`, which should follow `position` and its `seal`; "" when nothing is."""
    if row["chain_position"] <= position:
        return "order"
    if row["chain_position"] > position + 1:
        return "missing"
    # None: the row before is gone, which was said.
    if seal is not None and (row["chain_previous"] or "") != seal:
        return "order"
    if row["chain_hash"] != seal_of(journal, row) or not row["is_closed"] or not is_payload_sound(journal, row):
        return "changed"
    if mark and mark != row["chain_hash"]:
        return "rewritten"
    return ""
