from odoo import fields, models
from odoo.exceptions import UserError

from ..models.journal.journal_walk import row_at


class KhoDLCompareSeal(models.TransientModel):
    """Tells whether the journal still has a seal that was kept elsewhere, as in the daily mail.

    Works the same without a browser: create it with `position` and `seal`, call `action_compare()`, read `outcome`.
    """

    _name = "kho.dl.compare.seal"
    _description = "Compare with a kept seal"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "position"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company, ondelete="cascade"
    )
    position = fields.Integer()
    seal = fields.Char()
    outcome = fields.Selection([("same", "The same"), ("other", "Differs"), ("missing", "Not there")], readonly=True)
    message = fields.Text(readonly=True)

    def action_compare(self):
        """Compare the seal with the row at that position; the form shows the result."""
        self.ensure_one()
        head = self.env["kho.dl.journal.chain"]._head_of(self.company_id)
        seal = "".join((self.seal or "").split()).lower()
        if self.position < 1 or len(seal) != 64 or set(seal) - set("0123456789abcdef"):
            raise UserError(
                self.env._("Type position and seal as they were kept: a number, and 64 digits and letters from a to f.")
            )
        found = row_at(self.env, self.company_id, self.position)
        if not found:
            outcome, message = "missing", self._words_missing(head)
        elif found[1]["chain_hash"] != seal:
            outcome, message = "other", self._words_other()
        else:
            outcome, message = self._outcome_same(head)
        self.write({"seal": seal, "outcome": outcome, "message": message})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Compare with a kept seal"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }

    def _outcome_same(self, head):
        """Return outcome and words where the row has this seal: it must fit the row as well."""
        verdict = head._verify_between(self.company_id, self.position, self.position)
        if verdict.fault and verdict.broken_position == self.position:
            return "other", head._words(self.company_id, verdict)
        return "same", self.env._(
            "The journal has this very seal at position %(position)s. If “Verify journal” finds it whole from the beginning, "
            "no row up to there was changed since the seal was kept. What was found last: %(outcome)s",
            position=self.position,
            outcome=head.outcome,
        )

    def _words_missing(self, head):
        return self.env._(
            "There is no row at position %(position)s; the journal ends at %(last)s. Rows were taken away, or the seal is of "
            "another company or of a later copy of the database.",
            position=self.position,
            last=head.position,
        )

    def _words_other(self):
        return self.env._(
            "The row at position %(position)s has another seal. Rows were changed and sealed anew after this seal was kept, or "
            "it is of another company.",
            position=self.position,
        )
