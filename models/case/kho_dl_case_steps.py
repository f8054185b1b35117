from typing import NamedTuple

from odoo import models
from odoo.exceptions import UserError

from .kho_dl_case import FINISHED_STATES, OPEN_STATES

FINISHED, BACK = "finished", "back"
# How far a case is in each state; what ended without a result lies before what has one.
_HOW_FAR = {"1": 0, "2": 1, "4": 2, "5": 2, "6": 2, "3": 3, "7": 3, "8": 3, "9": 4, "10": 5}


class Step(NamedTuple):
    """A step of a case that somebody answers for: its kind, the state before, the names of the documents that miss."""

    kind: str
    before: str
    missing: str


class KhoDLCase(models.Model):
    """The steps of a case that somebody answers for: to its end without documents that it requires, or back.

    Forms ask why (`action_step`); programs may say it as `kho_dl_reason` in the context of `write`.
    """

    _inherit = "kho.dl.case"

    def action_step(self, state):
        """Set this case to `state`; return the action that asks why where somebody has to say so, else False."""
        self.ensure_one()
        self.check_access("write")
        if state not in self._fields["state"].get_values(self.env):
            raise UserError(self.env._("There is no such step. Open the case and choose one there."))
        if state in FINISHED_STATES:
            self._check_files_decided()
        step = self._step_to(state)
        if step and (step.kind == FINISHED or self.state not in OPEN_STATES):
            return self.env["kho.dl.finish.case"]._action_open(self, state)
        self.write({"state": state})
        return False

    def _missing_documents(self):
        """Return the required documents of these cases that have no file, or not yet all of them."""
        return self.document_ids.filtered(lambda document: document.required and not document._is_settled())

    def _step_to(self, state):
        """Return the `Step` to `state` of this case, None where nobody has to answer for it."""
        before = self.state
        if state in FINISHED_STATES and before not in FINISHED_STATES:
            missing = self._missing_documents()
            return Step(FINISHED, before, "\n".join(missing.mapped("name"))) if missing else None
        # Of states that others have added nobody knows how far they are.
        is_back = state in _HOW_FAR and before in _HOW_FAR and _HOW_FAR[state] < _HOW_FAR[before]
        return Step(BACK, before, "") if is_back else None

    def _begin_steps(self, vals):
        """Return {case: Step} of what `vals` will be answered for.

        Forms ask why; programs of others that finish cases go on as they did, and the journal says that nobody gave a reason.
        What our own code does as superuser, it does for a reason of its own, and says which where there is one.
        """
        state = vals.get("state")
        # What is no state Odoo refuses itself.
        if not isinstance(state, str) or state not in _HOW_FAR or (self.env.su and not self._step_reason()):
            return {}
        self.check_access("write")
        return {case: step for case in self if (step := case._step_to(state))}

    def _end_steps(self, steps):
        """Write in the journal, and say on the cases, what {case: Step} of `_begin_steps` is answered for."""
        if not steps:
            return
        reason = self._step_reason()
        self.env["kho.dl.case.decision"]._note(steps, reason)
        # Not the reason, which may hold id numbers: the chatter is read by many, and never emptied.
        told = {
            case.id: self.env._(
                "Finished without these required documents: %s. The reason is kept in the journal.", names
            )
            if reason
            else self.env._("Finished without these required documents, and nobody said why: %s.", names)
            for case, step in steps.items()
            if step.kind == FINISHED
            for names in [step.missing.replace("\n", ", ")]
        }
        if told:
            # sudo: what is said of a step does not depend on who may write on the case's wall.
            self.browse(told).sudo()._message_log_batch(bodies=told)

    def _step_reason(self):
        reason = self.env.context.get("kho_dl_reason")
        return reason.strip() if isinstance(reason, str) else ""
