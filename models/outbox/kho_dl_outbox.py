from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class KhoDLOutbox(models.Model):
    """What the portal is told of our cases: one row a message, sent in the order of the case (wire §7).

    The row is committed with the change that it tells of; its body is made when it is sent, from the case as it is
    then, and not kept. A case waits for nothing here. A case that the portal refuses holds back its later rows until
    somebody has corrected it; a step that it refuses, which nobody can correct, does not.
    """

    _name = "kho.dl.outbox"
    _description = "Message to the national portal"
    _inherit = ["kho.dl.queue", "kho.dl.missing.right", "kho.dl.traced"]
    _order = "id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection(
        [("case", "Case and results"), ("progress", "Progress"), ("state", "New state")], required=True, readonly=True
    )
    state = fields.Selection(
        [
            ("pending", "Waiting"),
            ("running", "Being sent"),
            ("accepted", "Accepted"),
            ("rejected", "Refused"),
        ],
        required=True,
        readonly=True,
        default="pending",
        index=True,
    )
    # Of a progress message, and of a state: who did what when; the case has moved on by the time it is sent.
    step_state = fields.Char("Step to state", readonly=True)
    step_on = fields.Datetime("Done on", readonly=True)
    step_user_id = fields.Many2one("res.users", "Done by", readonly=True, ondelete="restrict")
    is_update = fields.Boolean("Known to the portal before", readonly=True)
    is_uncertain = fields.Boolean(
        readonly=True, help="It was sent once without an answer, so the portal is asked before it is sent again."
    )
    portal_code = fields.Char("Code of the portal", readonly=True)
    waiting_since = fields.Datetime("Waiting since", readonly=True, help="When it was sent again after a refusal.")
    portal_message = fields.Char("Words of the portal", readonly=True)
    sha256 = fields.Char("SHA-256 of what was sent", readonly=True)
    has_links = fields.Boolean(
        "With links to results", readonly=True, help="The portal accepted this message with the address of a result."
    )
    closed_on = fields.Datetime("Answered on", readonly=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, precompute=True, index=True)
    lane = fields.Char(related="company_id.kho_dl_portal_lane", related_sudo=False, groups="base.group_system")

    _open_idx = models.Index("(case_id, id) WHERE state != 'accepted'")
    _served_idx = models.Index("(company_id, closed_on)")
    _waiting_idx = models.Index("(company_id, id) WHERE state IN ('pending', 'running')")

    # -- filling -----------------------------------------------------------------------------------

    @api.model
    def _enqueue_cases(self, cases):
        """Let the portal know how `cases` are now: one waiting row a case, however often it changes meanwhile."""
        # sudo: whoever received a case for another office reads none of its settings.
        cases = cases.filtered(lambda case: case.sudo().company_id.kho_dl_sync_enabled and not case.is_draft)
        if not cases:
            return
        # sudo: the outbox is written by this code only.
        rows = self.sudo().search(Domain("case_id", "in", cases.ids) & Domain("state", "!=", "accepted"), order="id")
        # It tells how the case is when it is sent, whatever steps wait behind it.
        waiting = rows.filtered(lambda row: (row.kind, row.state) == ("case", "pending"))._in_no_hands()
        refused = rows.filtered(lambda row: (row.kind, row.state) == ("case", "rejected"))
        refused._send_again()
        untold = cases - (refused | waiting).case_id
        self.sudo().create([{"case_id": case.id, "kind": "case"} for case in untold])
        self._wake()

    def _in_no_hands(self):
        """Return those of these waiting rows that no worker has taken; none takes them before this is committed.

        A worker that reads a case as it was before must not get its row: the row is written to, not only locked. Nobody who
        changes a case waits for a worker, or begins anew because of one: who was second adds a row (`_drop_superseded`).
        """
        if not self:
            return self
        free = SQL("SELECT id FROM kho_dl_outbox WHERE id IN %s FOR UPDATE SKIP LOCKED", self._ids)
        write = SQL(
            "UPDATE kho_dl_outbox SET write_date = %s WHERE id IN (%s) RETURNING id", fields.Datetime.now(), free
        )
        try:
            with self.env.cr.savepoint(flush=False):
                self.env.cr.execute(write, log_exceptions=False)
                return self.browse(row_id for (row_id,) in self.env.cr.fetchall())
        except SerializationFailure:
            # One of them has gone since this transaction began.
            return self.browse()

    @api.model
    def _tell_steps(self, cases):
        """Let the portal know that the current user has just brought `cases` to their present state."""
        cases = cases.filtered(
            # sudo: as above.
            lambda case: (
                case.sudo().company_id.kho_dl_sync_enabled and not case.is_draft and case._is_portal_state(case.state)
            )
        )
        now = fields.Datetime.now()
        # sudo: the outbox is written by this code only.
        outbox = self.sudo()
        step = {"step_on": now, "step_user_id": self.env.uid}
        outbox.create([{**step, "case_id": case.id, "kind": "progress", "step_state": case.state} for case in cases])
        asking = cases.filtered(lambda case: case.sudo().company_id.kho_dl_tell_states)
        # A state that has passed is nobody's business: the newest one, behind the steps, is told.
        passed = Domain("kind", "=", "state") & Domain("state", "in", ("pending", "rejected"))
        outbox.search(Domain("case_id", "in", asking.ids) & passed).unlink()
        outbox.create([{**step, "case_id": case.id, "kind": "state", "step_state": case.state} for case in asking])

    @api.model
    def _last_steps(self, cases):
        """Return {case: state} of the newest step of each case that is still to be told."""
        # sudo: the outbox is written by this code only.
        waiting = Domain("kind", "=", "progress") & Domain("state", "=", "pending")
        rows = self.sudo().search(Domain("case_id", "in", cases.ids) & waiting, order="id")
        return {row.case_id: row.step_state for row in rows}

    def action_send_again(self):
        """Send these refused messages again, as their cases are now."""
        self.check_access("read")
        self.case_id.check_access("write")
        # sudo: the outbox is written by this code only.
        self.sudo().filtered(lambda row: row.state == "rejected")._send_again()
        self._wake()
        return True

    def _send_again(self):
        anew = {"state": "pending", "next_try_on": False, "tries": 0, "interruptions": 0}
        self.write({**anew, "error": False, "error_kind": False, "waiting_since": fields.Datetime.now()})

    def action_open_case(self):
        """Open the case of this message, to correct what the portal refused."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kho.dl.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    # -- what was sent -----------------------------------------------------------------------------

    @api.model
    def _maybe_known_domain(self):
        """Return the domain of messages that the portal has, or may have although no answer came."""
        return Domain("state", "in", ("accepted", "running")) | Domain("is_uncertain", "=", True)
