from odoo import api, fields, models


class KhoDLRetrieveWizard(models.TransientModel):
    """What speaks against asking about this person, or for looking at the case first; said before anything is asked."""

    _inherit = "kho.dl.retrieve.wizard"

    # Not related: what they tell is read as the clerk.
    owner_warning = fields.Text(compute="_compute_owner_warning")
    other_number_files = fields.Text(compute="_compute_owner_warning")

    @api.depends("case_id")
    def _compute_owner_warning(self):
        for wizard in self:
            wizard.owner_warning = wizard.case_id.owner_warning
            wizard.other_number_files = wizard.case_id.other_number_files
