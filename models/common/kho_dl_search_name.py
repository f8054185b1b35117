from odoo import api, fields, models
from odoo.fields import Domain

from .text import plain, words_sought


class KhoDLSearchName(models.AbstractModel):
    """A record whose name is found without Vietnamese marks, too: who is in a hurry types none."""

    _name = "kho.dl.search.name"
    _description = "Record found without marks"
    _inherit = ["kho.dl.guarded"]

    name = fields.Char(required=True)
    search_name = fields.Char(
        "Name without marks", compute="_compute_search_name", store=True, precompute=True, copy=False
    )

    @api.depends("name")
    def _compute_search_name(self):
        for record in self:
            record.search_name = plain(record.name or "")

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if not (words := words_sought(operator, value)):
            return domain
        return Domain(domain) | Domain.AND(Domain("search_name", "ilike", word) for word in words)
