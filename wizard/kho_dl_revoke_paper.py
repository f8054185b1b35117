from odoo import fields, models


class KhoDLRevokePaper(models.TransientModel):
    """Asks why a paper of our own store is taken back."""

    _name = "kho.dl.revoke.paper"
    _description = "Revoke a paper"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "paper_id"

    paper_id = fields.Many2one("kho.dl.paper", required=True, ondelete="cascade")
    reason = fields.Char(required=True, help="Kept with the paper, in its history.")

    def action_revoke(self):
        """Take the paper back: nobody reuses or fetches it from now on."""
        self.ensure_one()
        self.paper_id._revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
