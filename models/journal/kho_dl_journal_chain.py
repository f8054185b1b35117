from odoo import api, fields, models
from odoo.tools import SQL

from ..common.office_time import moment_words
from ..common.transactions import hold_to_end_if_free, taken_to_end
from ..connection.kho_dl_database import IS_CONFIRMED
from .journal_walk import row_at, walk, with_forgotten


class KhoDLJournalChain(models.Model):
    """Head of the chain of seals over all journals of a company; see `kho.dl.journal`."""

    _name = "kho.dl.journal.chain"
    _description = "Chain of the journal"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "company_id"

    company_id = fields.Many2one("res.company", required=True, readonly=True, ondelete="restrict")
    position = fields.Integer("Last position", readonly=True)
    hash = fields.Char("Last seal", readonly=True)

    _company_uniq = models.Constraint("unique(company_id)", "A company has one chain only.")

    @api.model
    def _head(self, company):
        """Return the head of the chain of `company`, made where there is none; not locked, whoever seals waits for nobody."""
        # sudo: the chain is written by the journals' own code only.
        head = self.sudo().search([("company_id", "=", company.id)])
        return head or self._lock_head(company)[0]

    @api.model
    def _lock_head(self, company, names=None, lock=None):
        """Return the head, locked for who writes the next seal, and what is needed for that.

        (head, position, seal, whether this database is confirmed, names of the journals with rows to seal, which are `names`
        where those are given).

        In one statement: it is what each file costs that a clerk waits for. Raises SerializationFailure where this
        transaction began before the seal that the next must follow: for `commit_or_retry`. It takes the advisory lock `lock`
        as well, until the transaction ends; returns None where somebody else has that.
        """
        statement = SQL(
            "SELECT id, position, hash, %s, %s FROM kho_dl_journal_chain WHERE company_id = %s AND %s FOR NO KEY UPDATE",
            IS_CONFIRMED,
            # PostgreSQL takes a millisecond to plan that.
            SQL("%s", names) if names else self.env["kho.dl.journal"]._waiting_by_journal(),
            company.id,
            # Once, and before any row is looked at.
            SQL("(SELECT %s)", taken_to_end(*lock)) if lock else SQL("TRUE"),
        )
        found = self.env.execute_query(statement)
        if not found:
            if lock and not hold_to_end_if_free(self.env, *lock):
                return None
            # Somebody else may do the same: then Odoo repeats one of both, and nobody reads of a duplicate.
            self.env.cr.execute(
                SQL(
                    """
                    INSERT INTO kho_dl_journal_chain (company_id, position, hash, check_state, create_date)
                    VALUES (%s, 0, '', 'rest', now() AT TIME ZONE 'UTC') ON CONFLICT (company_id) DO NOTHING
                    """,
                    company.id,
                )
            )
            found = self.env.execute_query(statement)
        [(head_id, position, seal, is_confirmed, waiting)] = found
        # sudo: the chain is written by the journals' own code only.
        return self.sudo().browse(head_id), position, seal or "", is_confirmed, waiting

    def _follow(self, position, seal):
        """Return the SQL that keeps `seal` at `position` as the last one of this chain."""
        self.invalidate_recordset(["position", "hash", "write_date"], flush=False)
        return SQL(
            "UPDATE kho_dl_journal_chain SET position = %s, hash = %s, write_date = %s WHERE id = %s",
            position,
            seal,
            self.env.cr.now(),
            self.id,
        )

    @api.model
    def _verify(self, company):
        """Return the `Verdict` over all journals of `company`: the first row that is not as it was sealed."""
        return with_forgotten(self.env, company, walk(self.env, company))

    @api.model
    def _head_of(self, company):
        """Return the head of the chain of `company` as the reader sees it; raises AccessError for a foreign one."""
        # sudo: only to find it.
        head = self.sudo().search([("company_id", "=", company.id)]).sudo(False)
        head.check_access("read")
        return head

    @api.model
    def _verify_between(self, company, first, last):
        """Return the `Verdict` over the rows from position `first` to `last`, and the head where `last` lies behind it."""
        begin = (0, "")
        if first > 1:
            found = row_at(self.env, company, first - 1)
            # Where it is gone, a walk that begins before it misses it.
            begin = (first - 1, found[1]["chain_hash"]) if found else (first - 2, None)
        return walk(self.env, company, begin, last)

    @api.model
    def _words_between(self, first, verdict):
        if not verdict.fault:
            return self.env._(
                "Checked for this pack: positions %(first)s to %(last)s of the journal. They are whole.",
                first=first,
                last=verdict.position,
            )
        return self.env._(
            "Checked for this pack: the journal from position %(first)s on. It is broken at position %(position)s: %(what)s.",
            first=first,
            position=verdict.broken_position or "–",
            what=self._fault_words()[verdict.fault],
        )

    @api.model
    def _words(self, company, verdict):
        if not verdict.fault:
            return self._words_whole(company, verdict)
        if not verdict.is_broken:
            return self._words_unsealed(company, verdict)
        words = self.env._(
            "%(company)s: the first broken row is “%(model)s” no. %(id)s at position %(position)s: %(what)s. "
            "Rows before it are whole: %(rows)s.",
            company=company.name,
            # sudo: the name of a kind of record is no secret.
            model=self.env["ir.model"].sudo()._get(verdict.model).name,
            id=verdict.row_id,
            position=verdict.broken_position or "–",
            what=self._fault_words()[verdict.fault],
            rows=min(verdict.position, verdict.broken_position - 1) if verdict.broken_position else verdict.position,
        )
        if verdict.faults > 1:
            words += " " + self.env._("Behind it there are further faults: %(count)s.", count=verdict.faults - 1)
        return words

    @api.model
    def _words_unsealed(self, company, verdict):
        # sudo: when a row was closed, of a journal whose positions the reader was just told.
        row = self.env[verdict.model].sudo().browse(verdict.row_id)
        return self.env._(
            "%(company)s: rows wait to be sealed since %(moment)s, the first is “%(model)s” no. %(id)s. Check the scheduled "
            "action that seals the journal. The sealed rows are whole, up to position %(position)s.",
            company=company.name,
            moment=moment_words(self.env, row.closed_on or row.create_date),
            # sudo: the name of a kind of record is no secret.
            model=self.env["ir.model"].sudo()._get(verdict.model).name,
            id=verdict.row_id,
            position=verdict.position,
        )

    @api.model
    def _words_whole(self, company, verdict):
        if verdict.rows == verdict.position:
            return self.env._(
                "%(company)s: the journal is whole. %(rows)s rows, last position %(position)s.",
                company=company.name,
                rows=verdict.rows,
                position=verdict.position,
            )
        return self.env._(
            "%(company)s: the journal is whole. %(rows)s rows were checked now, up to the last position %(position)s; "
            "those before had been checked earlier.",
            company=company.name,
            rows=verdict.rows,
            position=verdict.position,
        )

    @api.model
    def _fault_words(self):
        return {
            "changed": self.env._("its content was changed after it was closed"),
            "missing": self.env._("a row is missing before this position"),
            "order": self.env._("it does not follow the row before it"),
            "rewritten": self.env._("it has another seal than when it was last checked: rows were sealed anew by hand"),
            "head": self.env._("the record of the last position does not fit the rows"),
        }
