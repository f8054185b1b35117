from odoo import api, models
from odoo.fields import Domain


class ResCompany(models.Model):
    """Who signed in at an agency of one office, and whom that one has no case of, is read by no branch that comes to it."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._kho_dl_keep_from_branches()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if vals.get("active"):
            self._kho_dl_keep_from_branches()
        return result

    def _kho_dl_keep_from_branches(self):
        """Keep to nobody who signed in before these companies, the first branches of theirs, were there."""
        # sudo: whoever makes offices need not read contacts, nor accounts.
        branches = self.sudo().filtered("parent_id")
        if not branches:
            return
        others = Domain("id", "child_of", branches.root_id.ids) & Domain("parent_id", "!=", False)
        were_there = branches.search(others & Domain("id", "not in", branches.ids))
        before = branches.root_id - were_there.root_id
        accounts = branches.env["res.users"].with_context(active_test=False)
        found = accounts.search(
            Domain("oauth_provider_id.kho_dl_company_id", "!=", False)
            & Domain("partner_id.company_id", "in", before.ids)
            & Domain("partner_id.kho_dl_offices", "=", False)
        )
        # A contact that was there before its account is the agency's: people entered it.
        made = found.filtered(lambda account: account.create_date == account.partner_id.create_date).partner_id
        made = made.filtered(lambda contact: not contact._kho_dl_offices_of_cases())
        of_them = made._kho_dl_with_belonging()
        of_them.filtered(lambda contact: not contact._kho_dl_offices_of_cases())._kho_dl_keep_to_nobody()
