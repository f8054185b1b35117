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
        # Whoever reads it would go on reading it where the case is another office's by now.
        if not self.env.su and not {"case_id", "company_id"}.isdisjoint(vals):
            raise AccessError(self.env._("What stands on a case stays with it."))
        return super().write(vals)
