import hashlib
import json
import time
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..protocol.case_sync import as_utc, office_time
from ..protocol.errors import AccountRefused, KhoDLError, PortalRejected, SettingsIncomplete
from .clerk_words import error_kind, error_words
from .kho_dl_case_message import NotTellable
from .kho_dl_database import rests_in_copies
from .office_language import in_office_language
from .transactions import commit_or_retry, sign_of_life

# How long one run of the scheduled action starts new calls; Odoo starts the next run by itself.
_CRON_SECONDS = 25
# So many rows are looked at to find one that no other worker holds.
_LOOKED_AT = 20
# How long (s) a worker may wait for another one's login, before its own calls begin (`kho.dl.token`).
_LONGEST_LOGIN = 330
# After these the portal has certainly not taken the message.
_CERTAINLY_NOT_TAKEN = (PortalRejected, AccountRefused, SettingsIncomplete)


class KhoDLOutbox(models.Model):
    """What the portal is told of our cases: one row a message, sent in the order of the case (wire §7).

    The row is committed with the change that it tells of; its body is made when it is sent, from the case as it is
    then, and not kept. A case waits for nothing here. What the portal refuses holds back later rows of that case
    until somebody has corrected it.
    """

    _name = "kho.dl.outbox"
    _description = "Message to the national portal"
    _inherit = ["kho.dl.queue"]
    _order = "id desc"
    _rec_name = "case_id"

    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="cascade")
    kind = fields.Selection([("case", "Case and results"), ("progress", "Progress")], required=True, readonly=True)
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
    # Of a progress message: who did what when; the case has moved on by the time it is sent.
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
    company_id = fields.Many2one(related="case_id.company_id", store=True, index=True)

    _open_idx = models.Index("(case_id, id) WHERE state != 'accepted'")
    _waiting_idx = models.Index("(company_id, id) WHERE state IN ('pending', 'running')")

    # -- filling -----------------------------------------------------------------------------------

    @api.model
    def _tell_cases(self, cases):
        """Let the portal know how `cases` are now: one waiting row a case, however often it changes meanwhile."""
        cases = cases.filtered(lambda case: case.company_id.kho_dl_sync_enabled)
        # sudo: the outbox is written by this code only.
        rows = self.sudo().search(Domain("case_id", "in", cases.ids) & Domain("state", "!=", "accepted"), order="id")
        # A row that will tell of this change must not be in a worker's hands, nor get there before the change is
        # committed: whoever comes second begins anew, and sees what the first one left.
        reused = rows.filtered(lambda row: row.kind == "case" and row.state in ("pending", "rejected"))
        if reused:
            self.env.execute_query(
                SQL(
                    "UPDATE kho_dl_outbox SET write_date = %s WHERE id IN %s RETURNING id",
                    fields.Datetime.now(),
                    reused._ids,
                )
            )
        open_rows = rows.grouped("case_id")
        refused = rows.filtered(lambda row: (row.kind, row.state) == ("case", "rejected"))
        refused._send_again()
        untold = cases.filtered(
            lambda case: case not in refused.case_id and not _ends_with_waiting_case(open_rows.get(case))
        )
        self.sudo().create([{"case_id": case.id, "kind": "case"} for case in untold])
        if cases:
            self._trigger_sending()

    @api.model
    def _tell_steps(self, cases):
        """Let the portal know that the current user has just brought `cases` to their present state."""
        cases = cases.filtered(lambda case: case.company_id.kho_dl_sync_enabled)
        now = fields.Datetime.now()
        # sudo: the outbox is written by this code only.
        self.sudo().create(
            [
                {
                    "case_id": case.id,
                    "kind": "progress",
                    "step_state": case.state,
                    "step_on": now,
                    "step_user_id": self.env.uid,
                }
                for case in cases
            ]
        )

    @api.model
    def _last_steps(self, cases):
        """Return {case: state} of the newest step of each case that is still to be told."""
        # sudo: the outbox is written by this code only.
        waiting = Domain("kind", "=", "progress") & Domain("state", "=", "pending")
        rows = self.sudo().search(Domain("case_id", "in", cases.ids) & waiting, order="id")
        return {row.case_id: row.step_state for row in rows}

    @api.model
    def _trigger_sending(self):
        # sudo: clerks have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_send").sudo()._trigger()

    def action_send_again(self):
        """Send these refused messages again, as their cases are now."""
        self.check_access("read")
        self.case_id.check_access("write")
        # sudo: the outbox is written by this code only.
        self.sudo().filtered(lambda row: row.state == "rejected")._send_again()
        self._trigger_sending()
        return True

    def _send_again(self):
        again = {"state": "pending", "next_try_on": False, "tries": 0, "error": False, "error_kind": False}
        self.write({**again, "waiting_since": fields.Datetime.now()})

    def action_open_case(self):
        """Open the case of this message, to correct what the portal refused."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kho.dl.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }

    # -- sending -----------------------------------------------------------------------------------

    @api.model
    @rests_in_copies
    def _cron_send(self):
        """Send what waits, company by company, for as long as the scheduled action has time."""
        give_up_at = time.monotonic() + _CRON_SECONDS
        # sudo: the outbox is one for all companies.
        queue = in_office_language(self).sudo()
        waiting = queue._read_group(queue._sendable(), ["company_id"])
        for [company] in waiting:
            sent = queue._send_of(company, give_up_at)
            remaining = queue.search_count(queue._sendable())
            if not self.env["ir.cron"]._commit_progress(sent, remaining=remaining if sent else 0):
                break

    @api.model
    def _sendable(self):
        return self._free_domain() & Domain("company_id.kho_dl_sync_enabled", "=", True)

    def _send_of(self, company, give_up_at):
        """Send the waiting messages of `company` one after the other; return how many the portal answered.

        Ends with the first that could not be sent: the others go the same way.
        """
        sent = 0
        with sign_of_life(self.env) as worker_key:
            try:
                with self.env["kho.dl.gateway"]._client(company) as client:
                    while time.monotonic() < give_up_at:
                        row = commit_or_retry(self.env, partial(self._take_next, company, worker_key))
                        if not row or not row._send(client):
                            break
                        sent += 1
            except SettingsIncomplete as error:
                row = commit_or_retry(self.env, partial(self._take_next, company, worker_key))
                commit_or_retry(self.env, partial(row._not_sent, str(worker_key), error))
        return sent

    @api.model
    def _take_next(self, company, worker_key):
        """Set the next message of `company` running for this worker and return it; none where all are held.

        The first of its case that is not accepted yet, and not one that another worker holds.
        """
        query = self._search(self._sendable() & Domain("company_id", "=", company.id))
        in_order = SQL(
            """
            SELECT id FROM (%s) AS free
             WHERE NOT EXISTS (SELECT FROM kho_dl_outbox AS earlier
                                WHERE earlier.case_id = free.case_id
                                  AND earlier.id < free.id
                                  AND earlier.state != 'accepted')
             ORDER BY id LIMIT %s
            """,
            query.select(SQL("kho_dl_outbox.id"), SQL("kho_dl_outbox.case_id")),
            _LOOKED_AT,
        )
        rows = self.browse(row_id for (row_id,) in self.env.execute_query(in_order))
        row = rows.try_lock_for_update(limit=1)
        if row:
            interrupted = row.state == "running"
            row.write(
                {
                    **row._running_values(worker_key, _LONGEST_LOGIN + 4 * company.kho_dl_timeout),
                    "is_uncertain": row.is_uncertain or interrupted,
                }
            )
        return row

    def _send(self, client):
        """Send this message and keep what became of it; return whether the portal answered it."""
        self.ensure_one()
        worker_key = self.worker_key
        try:
            values = self._tell(client)
        except NotTellable as error:
            values = {"state": "rejected", "error_kind": "incomplete", "error": str(error), "portal_message": False}
        except PortalRejected as error:
            if error.is_passing:
                commit_or_retry(self.env, partial(self._not_sent, worker_key, error))
                return False
            values = self._refusal_values(error)
        except KhoDLError as error:
            commit_or_retry(self.env, partial(self._not_sent, worker_key, error))
            return False
        commit_or_retry(self.env, partial(self._close, worker_key, values))
        return True

    def _tell(self, client):
        """Make the call, or find that an earlier one arrived; return the values of the accepted row."""
        case = self.case_id
        known = client.find_case(case.name) if self.is_uncertain else None
        if self.kind == "case":
            message = case._prepare_case_message()
            is_update = bool(known) or self._was_accepted_before()
            # No transaction stays open while the portal thinks.
            self.env.cr.commit()
            client.send_case(message, is_update=is_update)
        else:
            message, is_update = case._prepare_progress_message(self), True
            step = (office_time(as_utc(self.step_on)), self.step_state)
            self.env.cr.commit()
            if not (known and step in (known.steps or ())):
                client.send_progress(message)
        content = json.dumps(message.as_wire(), ensure_ascii=False, sort_keys=True)
        return {
            "state": "accepted",
            "is_update": is_update,
            "sha256": hashlib.sha256(content.encode()).hexdigest(),
            # Of what was sent: papers may have come or gone while the portal thought.
            "has_links": self.kind == "case" and bool(message.results),
            "error": False,
            "error_kind": False,
            "portal_code": False,
            "portal_message": False,
        }

    def _was_accepted_before(self):
        accepted = Domain("case_id", "=", self.case_id.id) & Domain("kind", "=", "case")
        return bool(self.search_count(accepted & Domain("state", "=", "accepted"), limit=1))

    def _refusal_values(self, error):
        return {
            "state": "rejected",
            "error_kind": error_kind(error),
            "error": self.env._("The portal refused this message. Correct the case, then send it again."),
            "portal_code": error.code,
            "portal_message": error.message,
        }

    @api.model
    def _maybe_known_domain(self):
        """Return the domain of messages that the portal has, or may have although no answer came."""
        return Domain("state", "in", ("accepted", "running")) | Domain("is_uncertain", "=", True)

    def _close(self, worker_key, values):
        # Another worker may have taken the row over while this one was thought dead: its outcome counts then.
        if self.exists() and (self.state, self.worker_key) == ("running", worker_key):
            self.write({**values, "is_uncertain": False, "closed_on": fields.Datetime.now(), "lease_until": False})

    def _not_sent(self, worker_key, error):
        # As in `_close`.
        if self.exists() and (self.state, self.worker_key) == ("running", worker_key):
            certain = isinstance(error, _CERTAINLY_NOT_TAKEN)
            self._put_back(error_kind(error), error_words(self.env, error))
            self.is_uncertain = self.is_uncertain if certain else True


def _ends_with_waiting_case(rows):
    """Whether the last of a case's open rows will tell how the case is when it is sent."""
    return bool(rows) and (rows[-1].kind, rows[-1].state) == ("case", "pending")
