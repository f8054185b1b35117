from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..case import paper_states
from ..common import cron_budget
from ..common.transactions import commit_or_retry
from ..connection.kho_dl_database import rests_in_copies

# So many papers are told of between two commits.
_BATCH = 500
# What these may take (s).
_BATCH_SECONDS = 8
# What stands in every link that the portal was told; and while nothing was told, anything may have changed.
_LINK_FIELDS = {
    "kho_dl_own_providerurl",
    "kho_dl_own_dstcode",
    "kho_dl_download_adapter",
    "kho_dl_ss_url",
    "kho_dl_sync_enabled",
}


class ResCompany(models.Model):
    _inherit = "res.company"

    # After a change of our address: the newest paper whose links the portal was not told anew, 0 for none.
    kho_dl_links_left = fields.Integer("Links still to be told", readonly=True, groups="base.group_system")
    kho_dl_ends_told_before = fields.Date("Ended papers are told before", readonly=True, groups="base.group_system")

    def write(self, vals):
        changed = _LINK_FIELDS.intersection(vals)
        # sudo: the address of the security server is for system administrators; here it is only compared.
        moved = self.filtered(lambda company: any(company.sudo()[name] != vals[name] for name in changed))
        result = super().write(vals)
        if moved:
            # sudo: the companies' papers and scheduled actions are closed to who may change an address.
            newest = self.env["kho.dl.paper"].sudo().search([], order="id desc", limit=1)
            super(ResCompany, moved.sudo()).write({"kho_dl_links_left": newest.id})
            self.env.ref("kho_dl.ir_cron_links").sudo()._trigger()
        return result


class KhoDLOutbox(models.Model):
    """Links that change or die without anybody touching a case: their papers end, or our own address is another."""

    _inherit = "kho.dl.outbox"

    @api.model
    @rests_in_copies
    def _cron_links(self):
        """Tell the portal of the cases whose papers have ended since the last run, or whose links are others now."""
        give_up_at = cron_budget.ends_at() - _BATCH_SECONDS
        # sudo: the outbox is one for all companies.
        companies, today = self.sudo()._telling_companies(), self.env["kho.dl.paper"]._today()
        told = commit_or_retry(self.env, partial(self._note_nothing_ended, companies))
        # Of 150 offices nearly all have nothing to tell.
        for company in companies.filtered(lambda one: one.kho_dl_links_left or _first_untold(one) < today):
            for tell_some in (self._tell_ended, self._tell_moved):
                while cron_budget.report(self.env, told, 1, give_up_at):
                    told = commit_or_retry(self.env, partial(tell_some, company))
                    if not told:
                        break
                else:
                    return
        cron_budget.report(self.env, told, 0, give_up_at)

    @api.model
    def _note_nothing_ended(self, companies):
        """Note for those of `companies` of whose papers none has ended that all was told; return how many they are."""
        noted, today = 0, self.env["kho.dl.paper"]._today()
        for day, alike in companies.grouped(_first_untold).items():
            if day < today:
                ended = self._told(alike) & Domain("date_expiry", ">=", day) & Domain("date_expiry", "<", today)
                # sudo: as the outbox.
                with_some = self.env["kho.dl.paper"].sudo()._read_group(ended, ["company_id"])
                idle = alike - alike.browse().union(*(company for (company,) in with_some))
                idle.kho_dl_ends_told_before = today
                noted += len(idle)
        return noted

    def _tell_ended(self, company):
        """Tell of the papers of `company` whose last day was the first one not told yet; 0 when all were told."""
        day = _first_untold(company)
        if day >= self.env["kho.dl.paper"]._today():
            return 0
        self._enqueue_cases(self._told_papers(company, Domain("date_expiry", "=", day)).case_id)
        company.kho_dl_ends_told_before = day + timedelta(days=1)
        return 1

    def _tell_moved(self, company):
        """Tell of some papers of `company` after a change of its address; 0 when all were told."""
        left = Domain("id", "<=", company.kho_dl_links_left)
        papers = self._told_papers(company, left, limit=_BATCH) if company.kho_dl_links_left else []
        if not papers:
            company.kho_dl_links_left = 0
            return 0
        self._enqueue_cases(papers.case_id)
        company.kho_dl_links_left = papers[-1].id - 1
        return len(papers)

    def _told_papers(self, company, wanted, limit=None):
        """Return those of the papers of `company` that are `wanted` that the portal knows, the newest first."""
        # sudo: as the outbox.
        return self.env["kho.dl.paper"].sudo().search(self._told(company) & wanted, order="id desc", limit=limit)

    @api.model
    def _told(self, companies):
        known = Domain("case_id.outbox_ids", "any", Domain("kind", "=", "case") & self._maybe_known_domain())
        return Domain("company_id", "in", companies.ids) & Domain("state", "in", paper_states.TOLD) & known


def _first_untold(company):
    """Return the first day whose ended papers the portal was not told of."""
    return company.kho_dl_ends_told_before or company.env["kho.dl.paper"]._today() - timedelta(days=1)
