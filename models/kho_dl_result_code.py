from odoo import fields, models


class KhoDLResultCode(models.Model):
    _name = "kho.dl.result.code"
    _description = "Result code"
    _order = "code"
    _inherit = ["kho.dl.catalogued"]

    code = fields.Char(help="National code of the result, e.g. KQ.G15.000007")
    holds_many = fields.Boolean(
        "Several per person",
        help="A person can hold several of this paper, e.g. land certificates. "
        "Its number must then be typed before the national store is asked.",
    )

    _code_uniq = models.Constraint("unique(code)", "This result code exists already.")
