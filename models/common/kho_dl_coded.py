from odoo import api, fields, models

from ...protocol.answers import text


class KhoDLCoded(models.AbstractModel):
    """A record with a national code: a blank, or what nobody sees, copied along with it would make the portal reject the question."""

    _name = "kho.dl.coded"
    _description = "Record with a national code"
    _inherit = ["kho.dl.search.name", "kho.dl.kept"]
    _rec_names_search = ["code", "name", "search_name"]

    code = fields.Char(required=True)

    _code_not_blank = models.Constraint("CHECK (code <> '')", "The code is missing.")

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
        code = str(vals.get("code") or "")
        return {**vals, "code": text(code, len(code))} if code else vals
