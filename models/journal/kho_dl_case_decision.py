from odoo import api, fields, models

from ..case.kho_dl_case import STATES


class KhoDLCaseDecision(models.Model):
    """Journal: one row a step of a case that somebody answers for: finished without required documents, taken back, or
    handed over to the office whose case it is.
    """

    _name = "kho.dl.case.decision"
    _description = "Decision about a case"
    _inherit = ["kho.dl.journal", "kho.dl.held.once"]
    _order = "id desc"
    _rec_name = "case_name"

    kind = fields.Selection(
        [
            ("finished", "Finished without required documents"),
            ("back", "Set back"),
            ("handed_over", "Handed over to the office whose case it is"),
        ],
        "Decision",
        required=True,
        readonly=True,
    )
    decided_on = fields.Datetime("Decided on", required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Decided by", required=True, readonly=True, index=True, ondelete="restrict")
    reason = fields.Text(readonly=True, help="Empty where nobody said why.")
    # A case that nobody was asked about can be deleted; the row stays, and tells by its own words which one it was.
    case_id = fields.Many2one("kho.dl.case", readonly=True, index=True, ondelete="set null")
    case_name = fields.Char("Case number", required=True, readonly=True)
    state_before = fields.Selection(STATES, "State before", required=True, readonly=True)
    state_after = fields.Selection(STATES, "State after", required=True, readonly=True)
    missing = fields.Text("Documents that were missing", readonly=True, help="One line for each document.")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    _chain_fields = (
        "kind",
        "decided_on",
        "user_id",
        "case_name",
        "state_before",
        "state_after",
        "missing",
        "closed_on",
        "company_id",
    )
    _payload_fields = ("reason",)

    def _is_closed(self):
        return bool(self.closed_on)

    @api.model
    def _note(self, steps, reason):
        """Write one row a case of `steps`, {case: Step}; the cases are in their new state."""
        # sudo: the journal is written by this code only.
        self.sudo().create(
            [
                {
                    "kind": step.kind,
                    "user_id": self.env.uid,
                    "reason": reason or False,
                    "case_id": case.id,
                    "case_name": case.name,
                    "state_before": step.before,
                    "state_after": case.state,
                    "missing": step.missing or False,
                    "company_id": case.company_id.id,
                    "closed_on": fields.Datetime.now(),
                }
                for case, step in steps.items()
            ]
        )
