from odoo import api, fields, models
from odoo.exceptions import AccessError

from .kho_dl_case_dates import ASKED_FOR_MORE, STOPPED_STATES

# What an officer says of it; the rest is recorded as the case moves.
_SAID = {"content", "note"}


class KhoDLCaseSupplement(models.Model):
    """One request for more documents: when the case came to wait for them, and when it went on (wire §7)."""

    _name = "kho.dl.case.supplement"
    _description = "More documents asked for"
    _inherit = ["kho.dl.case.part"]
    _is_made_by_code = True

    content = fields.Text("What was asked for")
    asked_on = fields.Datetime("Asked on", required=True, readonly=True)
    asked_by = fields.Many2one("res.users", "Asked by", required=True, readonly=True, ondelete="restrict")
    due_before = fields.Datetime("Result was due on", readonly=True)
    received_on = fields.Datetime("Gone on since", readonly=True)
    received_by = fields.Many2one("res.users", "Received by", readonly=True, ondelete="restrict")
    note = fields.Text("What was handed in")

    _open_once = models.UniqueIndex("(case_id) WHERE received_on IS NULL", "This case waits for documents already.")

    def write(self, vals):
        if not self.env.su and not _SAID.issuperset(vals):
            raise AccessError(self.env._("By what a case is judged is recorded by the system and cannot be changed."))
        return super().write(vals)


class KhoDLCase(models.Model):
    """Each time a case comes to wait for more documents leaves a row, which says what for."""

    _inherit = "kho.dl.case"

    supplement_ids = fields.One2many("kho.dl.case.supplement", "case_id", "More documents asked for")

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._keep_supplements()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if "state" in vals:
            self._keep_supplements()
        return result

    def _keep_supplements(self):
        now = fields.Datetime.now()
        # sudo: by what a case is judged is recorded by this code only.
        waiting = self.sudo().supplement_ids.filtered(lambda supplement: not supplement.received_on)
        ended = waiting.filtered(lambda supplement: supplement.case_id.state not in (ASKED_FOR_MORE, *STOPPED_STATES))
        if ended:
            ended.write({"received_on": now, "received_by": self.env.uid})
            # A row of the same case that begins now must not meet it.
            ended.flush_recordset()
        asking = self.filtered(lambda case: case.state == ASKED_FOR_MORE) - waiting.case_id
        waiting.create(
            [
                {
                    "case_id": case.id,
                    "asked_on": now,
                    "asked_by": self.env.uid,
                    "due_before": case.date_due,
                    "content": "; ".join(case.document_ids.filtered(lambda it: not it.attachment_ids).mapped("name")),
                }
                for case in asking
            ]
        )
