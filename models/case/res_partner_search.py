from odoo import api, fields, models
from odoo.fields import Domain

from ..common.citizen_card import read_card
from ..common.text import plain


class ResPartner(models.Model):
    """How a clerk finds an applicant: without marks, by number, by a card scanned into the field; staff are none."""

    _inherit = "res.partner"

    kho_dl_search_name = fields.Char(
        "Name without marks",
        compute="_compute_kho_dl_search_name",
        store=True,
        precompute=True,
        copy=False,
        index="trigram",
    )
    kho_dl_may_apply = fields.Boolean(
        "May be an applicant", compute="_compute_kho_dl_may_apply", search="_search_kho_dl_may_apply"
    )

    @api.depends("name")
    def _compute_kho_dl_search_name(self):
        for partner in self:
            partner.kho_dl_search_name = plain(partner.name or "")

    def _compute_kho_dl_may_apply(self):
        applicants = self.filtered_domain(self._search_kho_dl_may_apply("in", [True]))
        for partner in self:
            partner.kho_dl_may_apply = partner in applicants

    @api.model
    def _search_kho_dl_may_apply(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which contact a company is, also another one's, is no applicant of this one.
        companies = self.env["res.company"].sudo().with_context(active_test=False).search([])
        applicants = Domain("partner_share", "=", True) & Domain("id", "not in", companies.partner_id.ids)
        return applicants if True in value else ~applicants

    @api.model
    def _search_display_name(self, operator, value):
        is_words = operator == "ilike" and isinstance(value, str) and self.env.user.has_group("kho_dl.group_clerk")
        if is_words and (card := read_card(value)):
            value = card.number
        domain = super()._search_display_name(operator, value)
        words = plain(value).split() if is_words else []
        if not words:
            return domain
        return Domain(domain) | Domain.AND(Domain("kho_dl_search_name", "ilike", word) for word in words)

    @api.depends("kho_dl_number_ids.number", "kho_dl_birth_year")
    @api.depends_context("kho_dl_with_number", "company", "uid")
    def _compute_display_name(self):
        super()._compute_display_name()
        # Only in the list that somebody chooses from: what stands in the field is the name.
        is_list = self.env.context.get("kho_dl_with_number") and self.env.context.get("formatted_display_name")
        if not is_list or not self.env["res.partner"].has_field_access(self._fields["kho_dl_id_number"], "read"):
            return
        for partner in self:
            # sudo() of nothing: number and year are read by the user's own rights.
            known = [partner.kho_dl_id_number, partner.kho_dl_birth_year and str(partner.kho_dl_birth_year)]
            if any(known):
                partner.display_name = f"{partner.display_name} \t --{' · '.join(filter(None, known))}--"
