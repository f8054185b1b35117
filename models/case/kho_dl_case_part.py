from odoo import fields, models
from odoo.exceptions import AccessError


class KhoDLCasePart(models.AbstractModel):
    """A row of a case that the portal is told with it."""

    _name = "kho.dl.case.part"
    _description = "Part of a case"
    _inherit = ["kho.dl.held", "kho.dl.guarded"]
    _order = "id"

    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="case_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(related="case_id.held_by_id", store=True, precompute=True, index="btree_not_null")

    def write(self, vals):
        # That of its case: another one would go on reading it after the case was handed over.
        if not self.env.su and "company_id" in vals:
            raise AccessError(self.env._("What stands on a case belongs to the same office as the case."))
        return super().write(vals)
