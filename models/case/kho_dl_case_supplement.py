from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ValidationError

from ..common.own_fields import ours_besides
from .kho_dl_case_dates import ASKED_FOR_MORE, STOPPED_STATES

# What an officer says of it; the rest is recorded as the case moves.
_SAID = {"content", "asked_document_ids", "hand_in_by", "note"}


class KhoDLCaseSupplement(models.Model):
    """One request for more documents: when the case came to wait for them, and when it went on (wire §7)."""

    _name = "kho.dl.case.supplement"
    _description = "More documents asked for"
    _inherit = ["kho.dl.case.part"]
    _is_made_by_code = True

    content = fields.Text("What was asked for")
    asked_document_ids = fields.Many2many(
        "kho.dl.case.document",
        string="To be handed in",
        domain="[('case_id', '=', case_id)]",
        help="Exactly these the applicant can hand in online.",
    )
    hand_in_by = fields.Date("Hand in by")
    asked_on = fields.Datetime("Request made on", required=True, readonly=True)
    asked_by = fields.Many2one("res.users", "Asked by", required=True, readonly=True, ondelete="restrict")
    state_before = fields.Char("State before", readonly=True)
    due_before = fields.Datetime("Result was due on", readonly=True)
    received_on = fields.Datetime("Gone on since", readonly=True)
    received_by = fields.Many2one("res.users", "Received by", readonly=True, ondelete="restrict")
    note = fields.Text("What was handed in")

    _open_once = models.UniqueIndex("(case_id) WHERE received_on IS NULL", "This case waits for documents already.")

    @api.constrains("asked_document_ids")
    def _check_asked_documents(self):
        for supplement in self:
            if supplement.asked_document_ids.case_id - supplement.case_id:
                raise ValidationError(self.env._("Only documents of this case can be asked for."))

    def write(self, vals):
        if not self.env.su and ours_besides(self, vals, _SAID):
            raise AccessError(self.env._("By what a case is judged is recorded by the system and cannot be changed."))
        # What nobody worded follows what is asked for: it is read beside it, by the applicant and at the portal.
        unworded = self.browse()
        if "asked_document_ids" in vals and "content" not in vals:
            unworded = self.filtered(lambda one: (one.content or "") in ("", one._usual_words()))
        result = super().write(vals)
        for supplement in unworded:
            supplement.content = supplement._usual_words()
        return result

    def _usual_words(self):
        """Return what is asked for by name; where nothing is, all that is missing."""
        return _names_of(self.asked_document_ids or _missing_of(self.case_id))


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
        before = {case: case.state for case in self} if "state" in vals else {}
        result = super().write(vals)
        if before:
            self._keep_supplements(before)
        return result

    def _keep_supplements(self, before=None):
        """Note which cases wait from now on, and which go on; `before` is {case: its state until now}."""
        now = fields.Datetime.now()
        # sudo: by what a case is judged is recorded by this code only.
        waiting = self.sudo().supplement_ids.filtered(lambda supplement: not supplement.received_on)
        ended = waiting.filtered(lambda supplement: supplement.case_id.state not in (ASKED_FOR_MORE, *STOPPED_STATES))
        if ended:
            # What the applicant hands in online nobody received.
            ended.write({"received_on": now, "received_by": False if self.env.user.share else self.env.uid})
            # A row of the same case that begins now must not meet it.
            ended.flush_recordset()
        asking = self.filtered(lambda case: case.state == ASKED_FOR_MORE) - waiting.case_id
        missing = {case: _missing_of(case) for case in asking}
        asked = {case: documents.filtered("required") for case, documents in missing.items()}
        # Who said once that they do not have one is asked anew.
        self.env["kho.dl.case.document"].union(*asked.values()).sudo().filtered("is_not_had").is_not_had = False
        waiting.create(
            [
                {
                    "case_id": case.id,
                    "asked_on": now,
                    "asked_by": self.env.uid,
                    "due_before": case.date_due,
                    "content": _names_of(asked[case] or missing[case]),
                    "asked_document_ids": [Command.set(asked[case].ids)],
                    "state_before": (before or {}).get(case),
                }
                for case in asking
            ]
        )


def _missing_of(case):
    return case.document_ids.filtered(lambda document: not document.attachment_ids)


def _names_of(documents):
    return "; ".join(documents.mapped("name"))
