from datetime import datetime, timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..case.kho_dl_case import OPEN_STATES
from ..common import cron_budget
from ..common.transactions import commit_or_retry

# How many rows lose their personal data in one transaction.
EMPTY_BATCH = 500
# How long a batch may take.
_SECONDS_A_BATCH = 5
# So many of a backlog are counted: Odoo's scheduler need not know more, and years of it would be read for a number.
_MOST_COUNTED = 10_000


class ResCompany(models.Model):
    _inherit = "res.company"

    # Rows that stay because somebody used them would be looked at every day, for ever: in the end all of the journal.
    kho_dl_unused_gone_before = fields.Datetime(
        "Unused answers are emptied up to",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Of what was closed before, the personal data of all that was of no use is gone.",
    )


class KhoDLJournal(models.AbstractModel):
    """Personal data is kept no longer than needed; the rows stay, and so do their seals."""

    _inherit = "kho.dl.journal"

    # What is past its time is found by it, however much went before: the idle run reads what is still to go.
    _payload_idx = models.Index("(company_id, closed_on, id) WHERE payload_emptied_on IS NULL AND chain_position > 0")

    @api.model
    def _cron_empty_payloads(self):
        """Empty the personal data of rows that their company need not keep any longer; the seals stay whole."""
        has_limit = Domain("kho_dl_retention_days", ">", 0) | Domain("kho_dl_unused_days", ">", 0)
        # sudo: settings are not everybody's to read. The journals are written by this code only.
        journals = [self.env[name].sudo() for name in self._journals()]
        # An office that was archived has left its journal behind.
        companies = self.env["res.company"].sudo().with_context(active_test=False).search(has_limit)
        for offices in companies.grouped(_limits).values():
            unused_before = _days_ago(offices[0].kho_dl_unused_days)
            steps = [
                *((journal, journal._outdated_domain) for journal in journals),
                *((journal, partial(journal._unused_since_domain, before=unused_before)) for journal in journals),
            ]
            if not all(journal._empty_of(offices, domain_of) for journal, domain_of in steps):
                return
            commit_or_retry(self.env, partial(self._note_unused_gone, offices, unused_before, journals))

    @api.model
    def _empty_of(self, offices, domain_of):
        """Empty what `domain_of` names for `offices`, which have the same limits; return as `_empty_outdated`."""
        # One look for all of them: of 150 nearly all have nothing to do, and the last would never have its turn.
        if not self.search_count(domain_of(offices), limit=1):
            return True
        return all(self._empty_outdated(domain_of(office)) for office in offices)

    @api.model
    def _empty_outdated(self, outdated):
        """Work on this journal batch by batch; return whether the scheduled action has time left."""
        give_up_at, done = cron_budget.ends_at() - _SECONDS_A_BATCH, 0
        remaining = self.search_count(outdated, limit=_MOST_COUNTED)
        while is_in_time := cron_budget.report(self.env, done, remaining, give_up_at):
            if not remaining:
                break
            done = commit_or_retry(self.env, partial(self._empty_batch, outdated))
            # Not counted anew: that may take longer than the batch.
            remaining = max(remaining - done, 1) if done == EMPTY_BATCH else 0
        return is_in_time

    @api.model
    def _empty_batch(self, outdated):
        rows = self.search(outdated, order="closed_on, id", limit=EMPTY_BATCH)
        rows._empty_payload()
        return len(rows)

    # -- which rows ----------------------------------------------------------------------------------

    @api.model
    def _full_domain(self, companies):
        # Without a seal nothing would show afterwards that the data was emptied and not changed.
        return (
            Domain("company_id", "in", companies.ids)
            & Domain("chain_position", ">", 0)
            & Domain("payload_emptied_on", "=", False)
        )

    @api.model
    def _outdated_domain(self, companies):
        """Return the domain of rows of `companies`, which have the same limits, that are as old as any are kept.

        Those of open cases are left out.
        """
        of_no_open_case = Domain.TRUE
        if "case_id" in self._fields:
            of_no_open_case = Domain("case_id", "=", False) | Domain("case_id.state", "not in", OPEN_STATES)
        is_old = _closed_before(_days_ago(companies[0].kho_dl_retention_days))
        return self._full_domain(companies) & is_old & of_no_open_case

    @api.model
    def _unused_since_domain(self, companies, before):
        """Return the domain of rows of no use that closed `before`, behind those that were looked at in an earlier run."""
        gone_before = companies[0].kho_dl_unused_gone_before or datetime.min
        stretch = _closed_before(before) & Domain("closed_on", ">=", gone_before)
        return self._full_domain(companies) & stretch & self._unused_domain()

    @api.model
    def _unused_domain(self):
        """Return the domain of rows that were of no use: their personal data goes earlier, and of open cases, too."""
        return Domain.FALSE

    @api.model
    def _perhaps_unused_domain(self):
        """Return the domain of the same, and of rows of which it is not decided yet."""
        return Domain.FALSE

    @api.model
    def _note_unused_gone(self, companies, before, journals):
        """Keep that what was of no use and closed `before` is gone; what is not decided yet is looked at again."""
        if not before:
            return
        companies.invalidate_recordset(["kho_dl_unused_gone_before"])
        since = companies[0].kho_dl_unused_gone_before or datetime.min
        stretch = _closed_before(before) & Domain("closed_on", ">=", since)
        undecided = []
        for journal in journals:
            wanted = journal._perhaps_unused_domain()
            # Without a seal it is emptied once it has one.
            unsealed = journal._unsealed_domain() & Domain("company_id", "in", companies.ids) & _closed_before(before)
            for domain in (journal._full_domain(companies) & stretch & wanted, unsealed & wanted):
                undecided.append(journal.search(domain, order="closed_on, id", limit=1).closed_on)
        gone_before = min(filter(None, [before, *undecided]))
        if gone_before > since:
            companies.kho_dl_unused_gone_before = gone_before

    def _empty_payload(self):
        nothing = {name: "" if self._fields[name].required else False for name in self._payload_fields}
        self._write_below_the_guard({**nothing, "payload_salt": False, "payload_emptied_on": fields.Datetime.now()})


def _limits(company):
    return company.kho_dl_retention_days, company.kho_dl_unused_days, company.kho_dl_unused_gone_before


def _days_ago(days):
    """Return the moment `days` ago; None where 0 days keep everything for ever."""
    return fields.Datetime.now() - timedelta(days=days) if days else None


def _closed_before(moment):
    return Domain("closed_on", "<", moment) if moment else Domain.FALSE
