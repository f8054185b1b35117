from odoo import api, fields, models


class KhoDLResultCode(models.Model):
    _name = "kho.dl.result.code"
    _description = "Result code"
    _order = "code"
    _rec_names_search = ["code", "name"]

    code = fields.Char(required=True, help="National code of the result, e.g. KQ.G15.000007")
    name = fields.Char(required=True)
    holds_many = fields.Boolean(
        "Several per person",
        help="A person can hold several of this paper, e.g. land certificates. "
        "Its number must then be typed before the national store is asked.",
    )
    active = fields.Boolean(default=True)

    _code_not_blank = models.Constraint("CHECK (code <> '')", "The code is missing.")
    _code_uniq = models.Constraint("unique(code)", "This result code exists already.")

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_clean_code(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_clean_code(vals))

    @api.model
    def _with_clean_code(self, vals):
        # A blank copied along with the code would make the portal reject the whole question.
        return {**vals, "code": vals["code"].strip()} if vals.get("code") else vals

    @api.depends("code", "name")
    def _compute_display_name(self):
        for result_code in self:
            result_code.display_name = f"[{result_code.code}] {result_code.name}"
