from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ..models.case.kho_dl_case import STATES
from ..models.case.kho_dl_case_steps import FINISHED
from ..models.common.own_fields import check_only


class KhoDLFinishCase(models.TransientModel):
    """Asks why a case is finished although documents are missing that it requires, or why it is set back.

    Made by `kho.dl.case.action_step`; what is typed stays for whoever opens it again.
    """

    _name = "kho.dl.finish.case"
    _description = "Finish a case, or set it back"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="cascade")
    state = fields.Selection(STATES, "New state", required=True, readonly=True)
    state_before = fields.Selection(STATES, "State before", required=True, readonly=True)
    # What is missing as the form shows it: nobody answers for what came off the case since.
    document_ids = fields.Many2many("kho.dl.case.document", string="Missing documents", readonly=True)
    reason = fields.Text(help="Kept in the journal.")
    is_back = fields.Boolean(compute="_compute_words")
    missing_words = fields.Text("Missing documents, by name", compute="_compute_words")
    fetching_words = fields.Text("Documents on their way", compute="_compute_words")

    @api.depends("document_ids.status", "document_ids.name")
    def _compute_words(self):
        for form in self:
            fetching = form.document_ids.filtered(lambda document: document.status == "fetching")
            form.is_back = not form.document_ids
            form.missing_words = "\n".join((form.document_ids - fetching).mapped("name"))
            form.fetching_words = "\n".join(fetching.mapped("name"))

    def write(self, vals):
        check_only(self, vals, {"reason"})
        return super().write(vals)

    @api.model
    def _action_open(self, case, state):
        """Return the action that asks why `case` gets to `state`; with what this user has typed there before."""
        own = [("case_id", "=", case.id), ("state", "=", state), ("create_uid", "=", self.env.uid)]
        # sudo: what it is about is not the user's choice.
        form = self.sudo().search(own, order="id desc", limit=1) or self.sudo().create(
            {"case_id": case.id, "state": state, "state_before": case.state}
        )
        step = case._step_to(state)
        missing = case._missing_documents() if step.kind == FINISHED else case.document_ids.browse()
        form.write({"state_before": case.state, "document_ids": [Command.set(missing.ids)]})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Finish the case?") if step.kind == FINISHED else self.env._("Set the case back?"),
            "res_model": self._name,
            "res_id": form.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def action_finish(self):
        """Take the step. Raises UserError, and changes nothing, without a reason or when the case is another by now."""
        self.ensure_one()
        case = self.case_id
        case.check_access("write")
        case._hold_still()
        step = case._step_to(self.state) if case.state == self.state_before else None
        if case.state not in (self.state_before, self.state):
            raise self._has_changed()
        if step and step.kind == FINISHED and case._missing_documents() - self.document_ids:
            raise self._has_changed()
        if step and not (self.reason or "").strip():
            raise UserError(self.env._("Nothing was changed: say why first. The reason is kept in the journal."))
        # Where a colleague was first, or has attached what was missing, there is nothing to answer for.
        if case.state != self.state:
            case.with_context(kho_dl_reason=self.reason).write({"state": self.state})
        # It belongs to this step; the journal has it.
        self.reason = False
        return {"type": "ir.actions.act_window_close"}

    def _has_changed(self):
        return UserError(
            self.env._(
                "A colleague has changed the case meanwhile, so nothing was done. Close this window and look at the case: "
                "what you typed here is kept."
            )
        )
