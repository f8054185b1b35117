import logging
import secrets
from collections import Counter, defaultdict, deque
from functools import partial

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common import cron_budget
from ..common.transactions import LOST_RACES, commit_or_retry, hold_to_end_if_free, is_connection_lost, locked
from ..common.unforeseen import apart, log_unforeseen
from ..connection.kho_dl_database import rests_in_copies
from . import journal_seals

_logger = logging.getLogger(__name__)

# How many rows are sealed at most while a clerk waits; a longer backlog is the scheduled action's.
SEAL_BATCH = 200
# How long a batch may take, the wait for the seals of others included.
_SECONDS_A_BATCH = 5
# What a seal writes on a row.
_SEALED = ("chain_position", "chain_previous", "payload_salt", "payload_digest", "chain_hash")
# First half of the key of PostgreSQL's advisory lock on a company's chain; the second is the company.
_CHAIN_LOCK = 0x6B686F


class KhoDLJournal(models.AbstractModel):
    """A journal: rows that nobody changes once they are closed, and nobody ever deletes (rule 9 of the house).

    The closed rows of all journals of a company form one chain: each is sealed by a hash over its content, its
    position and the hash before it, so that what is done to a row behind Odoo's back shows
    (`kho.dl.journal.chain` looks for it).
    """

    _name = "kho.dl.journal"
    _description = "Journal"
    _inherit = ["kho.dl.guarded"]

    # The facts that a seal covers for good, columns of the table. Empty ones are left out of the hash, so that a column
    # that a later version adds does not break the seals of older rows. No links to contacts: merging two of them
    # rewrites those.
    _chain_fields = ()
    # Personal data: covered through a salted digest, so that emptying it later does not break the chain.
    _payload_fields = ()

    closed_on = fields.Datetime(readonly=True, copy=False)
    chain_position = fields.Integer("Position in the journal", readonly=True, copy=False)
    chain_hash = fields.Char("Seal", readonly=True, copy=False)
    chain_previous = fields.Char("Seal before", readonly=True, copy=False)
    payload_digest = fields.Char("Digest of the personal data", readonly=True, copy=False)
    # Who has it could find a number of 12 digits by trying them all.
    payload_salt = fields.Char(readonly=True, copy=False, groups="base.group_system", exportable=False)
    payload_emptied_on = fields.Datetime("Personal data removed on", readonly=True, copy=False)

    _position_once = models.UniqueIndex(
        "(company_id, chain_position) WHERE chain_position > 0", "This position of the journal is taken."
    )
    # In the order in which they are sealed: a long backlog is not sorted for each batch.
    _unsealed_idx = models.Index(
        "(company_id, closed_on NULLS FIRST, id) WHERE chain_position = 0 OR chain_position IS NULL"
    )

    def _is_closed(self):
        """Whether this row has its outcome, and so must stay as it is."""
        self.ensure_one()
        return False

    @api.model
    def _closed_domain(self):
        """Return the domain of the rows that `_is_closed`."""
        return Domain("closed_on", "!=", False)

    def write(self, vals):
        if any(row._is_closed() for row in self):
            raise UserError(self.env._("A closed row of the journal cannot be changed."))
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Rows of the journal cannot be deleted."))

    # -- sealing -----------------------------------------------------------------------------------

    @api.model
    def _journals(self):
        """Return the names of all journals, in a stable order."""
        names = self.env.registry.descendants(["kho.dl.journal"], "_inherit")
        return sorted(name for name in names if not self.env[name]._abstract)

    @api.model
    def _unsealed_domain(self):
        return self._closed_domain() & Domain("chain_position", "=", False)

    @api.model
    def _seal_closed(self, company):
        """Seal the closed rows of `company` in the order of their closing, SEAL_BATCH at most; return how many.

        Commits before and after. Whoever comes at the same time waits some seconds, and then begins a transaction of its
        own: one begun earlier would not see the seal that it must follow. Where it fails, 0: the rows wait, nobody else does.
        """
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return apart(self.env, _logger, _not_sealed(company), partial(self._seal_in_turn, company)) or 0

    @api.model
    def _seal_in_turn(self, company):
        sealed = commit_or_retry(self.env, partial(self._seal_if_free, company))
        if sealed is not None:
            return sealed
        with locked(self.env, _CHAIN_LOCK, company.id, seconds=_SECONDS_A_BATCH):
            self.env.cr.commit()  # pylint: disable=invalid-commit
            return commit_or_retry(self.env, partial(self._seal_batch, company))

    @api.model
    def _seal_if_free(self, company, names=None):
        """Do as `_seal_batch`, unless somebody else seals: None then.

        Nearly always free: lock and seals are one transaction. A seal that came between its beginning and the lock is a lost
        race.
        """
        return self._seal_batch(company, names, (_CHAIN_LOCK, company.id))

    @api.model
    def _seal_along(self, company):
        """Seal the closed rows of `company` in this journal, in the transaction that closed one; return whether that is done.

        It is not where somebody else seals at this moment, or has since it began: for `_seal_now`, after its commit. Where
        it fails, the rows wait for the scheduled action, and so does a longer backlog.
        """
        try:
            with self.env.cr.savepoint():
                sealed = self._seal_if_free(company, [self._name])
        except LOST_RACES:
            return False
        except Exception as problem:
            if is_connection_lost(problem):
                raise
            log_unforeseen(_logger, _not_sealed(company), problem)
            return True
        if sealed == SEAL_BATCH:
            self._leave_the_rest()
        return sealed is not None

    @api.model
    def _seal_now(self, companies):
        """Seal some closed rows of a company while somebody waits.

        A longer backlog, and that of several companies, each of which is a transaction, is left to the scheduled action.
        """
        if len(companies) > 1 or self._seal_closed(companies) == SEAL_BATCH:
            self._leave_the_rest()
            self.env.cr.commit()  # pylint: disable=invalid-commit

    @api.model
    def _leave_the_rest(self):
        # sudo: clerks have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_seal").sudo()._trigger()

    @api.model
    @rests_in_copies
    def _cron_seal(self):
        """Seal what nobody sealed yet: a backlog, files given to others, what a crash left; companies in turn."""
        unsealed = self._count_unsealed()
        companies, left, sealed = deque(unsealed), sum(unsealed.values()), 0
        if not self.env["kho.dl.engine"]._begin("seals", left):
            return
        give_up_at = cron_budget.ends_at() - _SECONDS_A_BATCH
        while cron_budget.report(self.env, sealed, left, give_up_at) and companies:
            company = companies.popleft()
            # Whose chain another worker has in hand is that one's to end: the lock goes with the commit that comes first.
            is_free = hold_to_end_if_free(self.env, _CHAIN_LOCK, company.id)
            sealed = self._seal_closed(company) if is_free else 0
            if sealed == SEAL_BATCH:
                companies.append(company)
            # Some may have been closed meanwhile.
            left = max(left - sealed, 1) if companies else 0

    @api.model
    def _count_unsealed(self):
        """Return {company: number of closed rows without a seal}, of companies that have some."""
        counts = Counter()
        for name in self._journals():
            # sudo: the journals are written by this code only, for all companies.
            journal = self.env[name].sudo()
            for company, count in journal._read_group(journal._unsealed_domain(), ["company_id"], ["__count"]):
                counts[company] += count
        return counts

    @api.model
    def _seal_batch(self, company, names=None, lock=None):
        """Seal some closed rows of `company`, those of the journals `names` or of all; return how many.

        With the advisory lock `lock`, where that is not held yet: None where somebody else has it.
        """
        found = self.env["kho.dl.journal.chain"]._lock_head(company, names, lock)
        if found is None:
            return None
        head, position, seal, is_confirmed, waiting = found
        if not is_confirmed:
            return 0
        sealed = defaultdict(list)
        for journal, row in self._unsealed_rows(company, waiting):
            salt = secrets.token_hex(16)
            position += 1
            row["chain_position"], row["chain_previous"] = position, seal
            row["payload_digest"] = journal_seals.digest_of(journal, row, salt)
            seal = journal_seals.seal_of(journal, row)
            sealed[journal].append((row["id"], position, row["chain_previous"], salt, row["payload_digest"], seal))
        for journal, values in sealed.items():
            journal._keep_seals(values, head._follow(position, seal))
        return sum(map(len, sealed.values()))

    @api.model
    def _unsealed_rows(self, company, names):
        """Return [(journal, row)] of the next rows to seal in the journals `names`, in the order of their closing."""
        # sudo: the journals are written by this code only.
        found = [
            (journal, row)
            for journal in (self.env[name].sudo() for name in names)
            for row in journal_seals.read_rows(
                journal,
                journal._unsealed_domain() & Domain("company_id", "=", company.id),
                order="closed_on NULLS FIRST, id",
                limit=SEAL_BATCH,
            )
        ]
        found.sort(key=lambda pair: (pair[1]["closed_on"] or pair[1]["create_date"], pair[1]["id"], pair[0]._name))
        return found[:SEAL_BATCH]

    @api.model
    @tools.ormcache()
    def _waiting_by_journal(self):
        """Return the SQL of the names of the journals with rows that wait for their seal, of the chain that is selected.

        Nearly always one or two of them. Kept: making it of so many models takes longer than PostgreSQL's answer.
        """
        waiting = []
        for name in self._journals():
            # sudo: as above.
            journal = self.env[name].sudo()
            query = journal._search(journal._unsealed_domain())
            query.add_where(SQL("%s = kho_dl_journal_chain.company_id", SQL.identifier(journal._table, "company_id")))
            waiting.append(SQL("CASE WHEN EXISTS %s THEN %s END", query.subselect("1"), name))
        return SQL("array_remove(ARRAY[%s], NULL)", SQL(", ").join(waiting))

    @api.model
    def _keep_seals(self, values, follow):
        """Keep the seals of rows of this journal, [(id, position, seal before, salt, digest, seal)], and do `follow`, SQL."""
        # Below the guard, in one statement: a flag in the context that opens it could be set by a remote caller.
        ids, *columns = map(list, zip(*values, strict=True))
        self.env.cr.execute(
            SQL(
                """
                WITH head AS (%(follow)s)
                UPDATE %(table)s AS entry
                   SET chain_position = sealed.position, chain_previous = sealed.previous, payload_salt = sealed.salt,
                       payload_digest = sealed.digest, chain_hash = sealed.seal
                  FROM unnest(%(ids)s, %(columns)s) AS sealed(id, position, previous, salt, digest, seal)
                 WHERE entry.id = sealed.id
                """,
                follow=follow,
                table=SQL.identifier(self._table),
                ids=ids,
                columns=SQL(", ").join(SQL("%s", column) for column in columns),
            )
        )
        self.browse(ids).invalidate_recordset(_SEALED, flush=False)

    def _write_below_the_guard(self, vals):
        # No flag in the context opens the guard: a remote caller could set it.
        return super().write(vals)  # pylint: disable=super-method-mismatch


def _not_sealed(company):
    return f"the journal of company {company.id} could not be sealed"
