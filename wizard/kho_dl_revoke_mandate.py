from odoo import fields, models
from odoo.exceptions import AccessError


class KhoDLRevokeMandate(models.TransientModel):
    """Asks why somebody may no longer act for a business."""

    _name = "kho.dl.revoke.mandate"
    _description = "Revoke a mandate"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "mandate_id"

    mandate_id = fields.Many2one("kho.dl.mandate", required=True, ondelete="cascade")
    person_name = fields.Char(related="mandate_id.person_name", related_sudo=False)
    reason = fields.Char(required=True, help="Kept in the journal.")

    def action_revoke(self):
        """End the mandate, and those that were given under it."""
        self.ensure_one()
        if not self.env.user.has_group("kho_dl.group_clerk"):
            raise AccessError(self.env._("Only officers revoke who may act for a business."))
        self.mandate_id.check_access("read")
        self.mandate_id._revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
