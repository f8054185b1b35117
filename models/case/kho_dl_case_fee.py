from odoo import fields, models


class KhoDLCaseFee(models.Model):
    """A fee that is asked for a case, as the portal lists it (wire §7)."""

    _name = "kho.dl.case.fee"
    _description = "Fee of a case"
    _inherit = ["kho.dl.case.part"]

    name = fields.Char("Fee", required=True)
    code = fields.Char()
    # Numbers as public systems send them; the wire names none.
    collected = fields.Selection(
        [("1", "When the case is received"), ("2", "With further documents"), ("4", "When the result is returned")],
        "To be paid",
        required=True,
        default="1",
    )
    # Whole đồng: there are no smaller ones.
    amount = fields.Integer("Amount (đồng)", required=True)
    kind = fields.Selection(
        [("1", "Ordinary fee"), ("2", "Appraisal for a permit"), ("3", "Extension")], required=True, default="1"
    )

    _amount_not_negative = models.Constraint("CHECK (amount >= 0)", "A fee is not below zero.")


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    fee_ids = fields.One2many("kho.dl.case.fee", "case_id", "Fees")
