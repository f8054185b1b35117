from odoo import fields, models


class KhoDLWithdrawConsent(models.TransientModel):
    """Asks why the applicant of a case withdraws the consent."""

    _name = "kho.dl.withdraw.consent"
    _description = "Withdraw the consent"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, ondelete="cascade")
    reason = fields.Char(required=True, help="Kept in the journal.")

    def action_withdraw(self):
        """End what is under way for the consent, and keep the withdrawal in the journal."""
        self.ensure_one()
        self.case_id.withdraw_consent(self.reason)
        return {"type": "ir.actions.act_window_close"}
