import heapq
from dataclasses import dataclass
from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

# Rows are read for the check in this many at a time.
READ_BATCH = 500
# A closed row is sealed at once; one that never was for this long shows that something is wrong.
SEALED_WITHIN = timedelta(hours=1)


@dataclass(frozen=True)
class Verdict:
    """What a check of a company's chain found: `rows` sound ones, up to `position`; `fault` is "" when it is whole.

    `fault` is one of "changed", "missing", "order", "head", "unsealed"; `model`, `row_id` and `broken_position`
    then tell where (the row after the gap, or the last sound one, where a row is missing).
    """

    rows: int
    position: int
    fault: str = ""
    model: str = ""
    row_id: int = 0
    broken_position: int = 0


class KhoDLJournalChain(models.Model):
    """Head of the chain of seals over all journals of a company; see `kho.dl.journal`."""

    _name = "kho.dl.journal.chain"
    _description = "Chain of the journal"
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    position = fields.Integer("Last position", readonly=True)
    hash = fields.Char("Last seal", readonly=True)

    _company_uniq = models.Constraint("unique(company_id)", "A company has one chain only.")

    @api.model
    def _head(self, company):
        # sudo: the chain is written by the journals' own code only.
        heads = self.sudo()
        return heads.search([("company_id", "=", company.id)]) or heads.create(
            {"company_id": company.id, "position": 0, "hash": ""}
        )

    @api.model
    def action_verify(self):
        """Check the journals of all companies at hand; return a notification that tells the result."""
        self.check_access("read")
        verdicts = {company: self._verify(company) for company in self.env.companies}
        broken = [(company, verdict) for company, verdict in verdicts.items() if verdict.fault]
        lines = [self._words(company, verdict) for company, verdict in broken or verdicts.items()]
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "danger" if broken else "success",
                "title": self.env._("The journal is broken") if broken else self.env._("The journal is whole"),
                "message": "\n".join(lines),
                "sticky": bool(broken),
            },
        }

    @api.model
    def _verify(self, company):
        """Return the `Verdict` over the journals of `company`: the first row that is not as it was sealed."""
        # sudo: also rows and columns that the reader may not see are checked; none of their content is returned.
        chain = self.sudo()
        head = chain.search([("company_id", "=", company.id)])
        # What counts is what stands in the database.
        head.invalidate_recordset()
        position, seal = 0, ""
        for row in chain._sealed_rows(company):
            fault = _fault(row, position, seal)
            if fault:
                return Verdict(position, position, fault, row._name, row.id, row.chain_position)
            position, seal = row.chain_position, row.chain_hash
        if (head.position, head.hash or "") != (position, seal):
            # A head behind its rows was set back by hand; one before them has lost some.
            fault = "missing" if head.position > position else "head"
            return Verdict(position, position, fault, head._name, head.id, position + 1)
        forgotten = chain._unsealed_for_long(company)
        if forgotten:
            return Verdict(position, position, "unsealed", forgotten._name, forgotten.id)
        return Verdict(position, position)

    def _sealed_rows(self, company):
        """Yield the sealed rows of all journals of `company` in the order of their positions."""
        names = self.env["kho.dl.journal"]._journals()
        streams = [self._sealed_rows_of(self.env[name], company) for name in names]
        return heapq.merge(*streams, key=lambda row: row.chain_position)

    @staticmethod
    def _sealed_rows_of(journal, company):
        """Yield the sealed rows of one journal as they stand in the database, a batch in memory at a time."""
        in_company = Domain("company_id", "=", company.id)
        last = 0
        while True:
            domain = in_company & Domain("chain_position", ">", last)
            rows = journal.search(domain, order="chain_position", limit=READ_BATCH)
            if not rows:
                return
            rows.invalidate_recordset()
            last = rows[-1].chain_position
            yield from rows
            rows.invalidate_recordset()

    def _unsealed_for_long(self, company):
        long_ago = fields.Datetime.now() - SEALED_WITHIN
        for name in self.env["kho.dl.journal"]._journals():
            journal = self.env[name]
            since = Domain("closed_on", "=", False) | Domain("closed_on", "<", long_ago)
            domain = journal._unsealed_domain() & Domain("company_id", "=", company.id) & since
            forgotten = journal.search(domain, order="id", limit=1)
            if forgotten:
                return forgotten
        return None

    @api.model
    def _words(self, company, verdict):
        if not verdict.fault:
            return self.env._(
                "%(company)s: the journal is whole. %(rows)s rows, last position %(position)s.",
                company=company.name,
                rows=verdict.rows,
                position=verdict.position,
            )
        what = {
            "changed": self.env._("its content was changed after it was closed"),
            "missing": self.env._("a row is missing before this position"),
            "order": self.env._("it does not follow the row before it"),
            "head": self.env._("the record of the last position does not fit the rows"),
            "unsealed": self.env._("it was closed, and never sealed"),
        }
        return self.env._(
            "%(company)s: the first broken row is “%(model)s” no. %(id)s at position %(position)s: %(what)s. "
            "Rows before it are whole: %(rows)s.",
            company=company.name,
            # sudo: the name of a kind of record is no secret.
            model=self.env["ir.model"].sudo()._get(verdict.model).name,
            id=verdict.row_id,
            position=verdict.broken_position or "–",
            what=what[verdict.fault],
            rows=verdict.rows,
        )


def _fault(row, position, seal):
    """Return what is wrong with `row`, which should follow `position` and its `seal`; "" when nothing is."""
    if row.chain_position <= position:
        return "order"
    if row.chain_position > position + 1:
        return "missing"
    if (row.chain_previous or "") != seal:
        return "order"
    if row.chain_hash != row._hash_of_row() or not row._is_closed() or not row._is_payload_sound():
        return "changed"
    return ""
