from odoo import api, fields, models

from .mapping_match import plain


class KhoDLCoded(models.AbstractModel):
    """A record with a national code: a blank copied along with it would make the portal reject the question."""

    _name = "kho.dl.coded"
    _description = "Record with a national code"
    _rec_names_search = ["code", "name", "search_name"]

    code = fields.Char(required=True)
    name = fields.Char(required=True)
    search_name = fields.Char(
        "Name without marks", compute="_compute_search_name", store=True, precompute=True, copy=False
    )

    _code_not_blank = models.Constraint("CHECK (code <> '')", "The code is missing.")

    @api.depends("name")
    def _compute_search_name(self):
        # Who is in a hurry types no marks.
        for record in self:
            record.search_name = plain(record.name or "")

    @api.depends("code", "name")
    def _compute_display_name(self):
        for record in self:
            record.display_name = f"[{record.code}] {record.name}"

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_clean_code(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_clean_code(vals))

    @api.model
    def _with_clean_code(self, vals):
        return {**vals, "code": vals["code"].strip()} if vals.get("code") else vals
