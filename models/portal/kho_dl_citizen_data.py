from operator import itemgetter

from odoo import api, models

from ..reporting.person_history import MOST_ENTRIES
from .own_history import OwnHistory

_LONGEST_REASON = 1000


class KhoDLCitizen(models.AbstractModel):
    """What is on record about the citizen, and the withdrawal of a consent (Law 91/2025)."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _entries(self, date_from=False, date_to=False, offset=0, limit=MOST_ENTRIES):
        """Return ([Entry] in words, the newest first, whether there are older ones), of the MOST_ENTRIES newest at most.

        Days as `PersonHistory` has them. No more is read than leads to these.
        """
        end = min(offset + limit, MOST_ENTRIES)
        found = []
        contact = self._contact()
        # A business apart from the person: of those who acted for it, it is told by name.
        apart = self._acting_numbers().grouped(lambda row: (row.company_id, row.partner_id == contact))
        for (root, _is_own), rows in apart.items():
            # sudo: a citizen reads no journal; what is told is about the own numbers, in the companies that verified them.
            reader = self.sudo().with_context(allowed_company_ids=self._group_of(root).ids)
            found += OwnHistory(reader.env, rows.mapped("number"), date_from, date_to)._newest(end)
        found.sort(key=itemgetter(0), reverse=True)
        words = self.env["kho.dl.person.page"]._kind_words
        told = [tell(row) for _moment, tell, row in found[offset:end]]
        return [entry._replace(moment=self._moment(entry.moment), kind=words(entry.kind)) for entry in told], len(
            found
        ) > end

    @api.model
    def _group_of(self, root):
        """Return `root` and its branches, also those that were closed."""
        # sudo: which companies there are a citizen need not read.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        return companies.search([("id", "child_of", root.id)])

    @api.model
    def _withdraw_consent(self, case_id, reason):
        """Withdraw the citizen's consent for an own case. Raises UserError as `withdraw_consent` does."""
        self._own_case(case_id).withdraw_consent(self._typed(reason)[:_LONGEST_REASON])


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _check_may_withdraw(self):
        # What was agreed to at the counter is withdrawn at home, too.
        is_own = self in self.env["kho.dl.citizen"]._own_case(self.id)
        return None if is_own else super()._check_may_withdraw()
