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
        give_up_at, told = cron_budget.ends_at() - _BATCH_SECONDS, 0
        # sudo: the outbox is one for all companies.
        for company in self.sudo()._telling_companies():
            for tell_some in (self._tell_ended, self._tell_moved):
                while cron_budget.report(self.env, told, 1, give_up_at):
                    told = commit_or_retry(self.env, partial(tell_some, company))
                    if not told:
                        break
                else:
                    return
        cron_budget.report(self.env, told, 0, give_up_at)

    def _tell_ended(self, company):
        """Tell of the papers of `company` whose last day was the first one not told yet; 0 when all were told."""
        today = self.env["kho.dl.paper"]._today()
        day = company.kho_dl_ends_told_before or today - timedelta(days=1)
        if day >= today:
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
        """Return those of the papers that are `wanted` that the portal knows, the newest first."""
        known = Domain("case_id.outbox_ids", "any", Domain("kind", "=", "case") & self._maybe_known_domain())
        ours = Domain("company_id", "=", company.id) & Domain("state", "in", paper_states.TOLD)
        # sudo: as the outbox.
        return self.env["kho.dl.paper"].sudo().search(ours & known & wanted, order="id desc", limit=limit)
