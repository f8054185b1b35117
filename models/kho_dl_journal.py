import hashlib
import json
import secrets
from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .kho_dl_case import OPEN_STATES
from .transactions import commit_or_retry, locked

# How many rows are sealed at most while a clerk waits; a longer backlog is the scheduled action's.
SEAL_BATCH = 200
# How many rows lose their personal data in one transaction.
EMPTY_BATCH = 500
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

    # The facts that a seal covers for good. Empty ones are left out of the hash, so that a column that a later
    # version adds does not break the seals of older rows. No links to contacts: merging two of them rewrites those.
    _chain_fields = ()
    # Personal data: covered through a salted digest, so that emptying it later does not break the chain.
    _payload_fields = ()

    closed_on = fields.Datetime(readonly=True, copy=False)
    chain_position = fields.Integer("Position in the journal", readonly=True, copy=False)
    chain_hash = fields.Char("Seal", readonly=True, copy=False)
    chain_previous = fields.Char("Seal before", readonly=True, copy=False)
    payload_digest = fields.Char("Digest of the personal data", readonly=True, copy=False)
    # Who has it could find a number of 12 digits by trying them all.
    payload_salt = fields.Char(readonly=True, copy=False, groups="base.group_system")
    payload_emptied_on = fields.Datetime("Personal data removed on", readonly=True, copy=False)

    _position_once = models.UniqueIndex(
        "(company_id, chain_position) WHERE chain_position > 0", "This position of the journal is taken."
    )
    _unsealed_idx = models.Index("(company_id, id) WHERE chain_position = 0 OR chain_position IS NULL")

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

        Commits before and after. Whoever comes at the same time waits, and then begins a transaction of its own:
        one begun earlier would not see the seal that it must follow.
        """
        self.env.cr.commit()
        with locked(self.env, _CHAIN_LOCK, company.id):
            self.env.cr.commit()
            return commit_or_retry(self.env, partial(self._seal_batch, company))

    @api.model
    def _seal_all(self):
        """Seal what a crash left without a seal, in all companies, company by company."""
        companies = self.env["res.company"]
        for name in self._journals():
            # sudo: the journals are written by this code only, for all companies.
            groups = self.env[name].sudo()._read_group(self.env[name]._unsealed_domain(), ["company_id"])
            companies |= self.env["res.company"].union(*[company for [company] in groups])
        for company in companies:
            while self._seal_closed(company) == SEAL_BATCH:
                pass

    @api.model
    def _seal_batch(self, company):
        if not self.env["kho.dl.database"]._is_confirmed():
            return 0
        # sudo: the journals are written by this code only.
        journal = self.sudo()
        rows = [row for name in self._journals() for row in journal.env[name]._unsealed(company)]
        rows.sort(key=lambda row: (row.closed_on or row.create_date, row.id, row._name))
        rows = rows[:SEAL_BATCH]
        # Floats and dates are hashed as the database keeps them.
        self.env.invalidate_all()
        if rows:
            head = journal.env["kho.dl.journal.chain"]._head(company)
            for row in rows:
                row._seal(head)
        return len(rows)

    @api.model
    def _unsealed(self, company):
        domain = self._unsealed_domain() & Domain("company_id", "=", company.id)
        return self.search(domain, order="closed_on NULLS FIRST, id", limit=SEAL_BATCH)

    def _seal(self, head):
        """Put this row behind `head` of its company's chain, which moves on to it."""
        salt = secrets.token_hex(16)
        self._write_below_the_guard(
            {
                "chain_position": head.position + 1,
                "chain_previous": head.hash,
                "payload_salt": salt,
                "payload_digest": self._digest_of_payload(salt),
            }
        )
        self._write_below_the_guard({"chain_hash": self._hash_of_row()})
        head.write({"position": self.chain_position, "hash": self.chain_hash})

    def _write_below_the_guard(self, vals):
        # No flag in the context opens the guard: a remote caller could set it.
        return super().write(vals)

    def _digest_of_payload(self, salt):
        return _sha256(self._payload_facts(salt))

    def _payload_facts(self, salt):
        return {"salt": salt, "payload": self._facts(self._payload_fields)}

    def _is_payload_sound(self):
        """Whether the personal data is as it was sealed, or all gone."""
        if self.payload_emptied_on:
            return not self.payload_salt and not self._facts(self._payload_fields)
        return bool(self.payload_salt) and self.payload_digest == self._digest_of_payload(self.payload_salt)

    def _hash_of_row(self):
        return _sha256(self._sealed_facts())

    def _sealed_facts(self):
        """Return all that the seal of this row covers."""
        return {
            "model": self._name,
            "id": self.id,
            "position": self.chain_position,
            "previous": self.chain_previous or "",
            "payload": self.payload_digest or "",
            "facts": self._facts(self._chain_fields),
        }

    def _facts(self, names):
        return {name: _plain(self[name]) for name in names if self[name]}

    # -- keeping personal data no longer than needed -------------------------------------------------

    @api.model
    def _cron_empty_payloads(self):
        """Empty the personal data of rows that their company need not keep any longer; the seals stay whole."""
        for company in self.env["res.company"].search([("kho_dl_retention_days", ">", 0)]):
            for name in self._journals():
                # sudo: the journals are written by this code only.
                if not self.env[name].sudo()._empty_outdated(company):
                    return

    @api.model
    def _empty_outdated(self, company):
        """Work on this journal batch by batch; return whether the scheduled action has time left."""
        outdated = self._outdated_domain(company)
        remaining = self.search_count(outdated)
        while remaining:
            done = commit_or_retry(self.env, partial(self._empty_batch, outdated))
            remaining = self.search_count(outdated)
            if not self.env["ir.cron"]._commit_progress(done, remaining=remaining):
                return False
        return True

    @api.model
    def _empty_batch(self, outdated):
        rows = self.search(outdated, order="id", limit=EMPTY_BATCH)
        rows._empty_payload()
        return len(rows)

    @api.model
    def _outdated_domain(self, company):
        # Without a seal nothing would show afterwards that the data was emptied and not changed.
        return (
            Domain("company_id", "=", company.id)
            & Domain("closed_on", "<", fields.Datetime.now() - timedelta(days=company.kho_dl_retention_days))
            & Domain("chain_position", ">", 0)
            & Domain("payload_emptied_on", "=", False)
            & Domain("case_id.state", "not in", OPEN_STATES)
        )

    def _empty_payload(self):
        nothing = {name: "" if self._fields[name].required else False for name in self._payload_fields}
        self._write_below_the_guard({**nothing, "payload_salt": False, "payload_emptied_on": fields.Datetime.now()})


def _plain(value):
    if isinstance(value, models.BaseModel):
        return value.id
    return value.isoformat() if isinstance(value, datetime) else value


def _sha256(facts):
    text = json.dumps(facts, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
