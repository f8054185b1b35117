import hashlib
import json
import logging

from odoo import api, fields, models
from odoo.fields import Domain

from ...protocol.errors import (
    AccountRefused,
    AnswerOutOfTime,
    OutOfTime,
    PortalRejected,
    SecurityServerFault,
    TimedOut,
)
from ..common.unforeseen import log_unforeseen
from ..connection.error_messages import error_kind, error_message, waiting_message
from ..connection.kho_dl_breaker import portal_lane_of
from ..connection.server_fault_words import lacks_right

_logger = logging.getLogger(__name__)


class KhoDLOutbox(models.Model):
    """What becomes of messages that were taken: accepted, refused, put aside, or waiting for their next try."""

    _inherit = "kho.dl.outbox"

    def _in_hands_of(self, worker_key):
        # They go with their cases.
        return super(KhoDLOutbox, self.exists())._in_hands_of(worker_key)

    @api.model
    def _keep(self, worker_key, outcomes):
        """Keep what became of the calls of that worker, a list of `Outcome`."""
        self._tell_breakers(outcomes)
        row_ids = [row_id for outcome in outcomes for row_id in outcome.job.row_ids]
        ours = self.browse(row_ids)._in_hands_of(worker_key)
        for outcome in outcomes:
            job, error = outcome.job, outcome.error
            rows = self.browse(job.row_ids) & ours
            if outcome.far_id:
                rows.far_id = outcome.far_id
            if error is None:
                for row in rows:
                    row._accepted(job.telling.messages[job.row_ids.index(row.id)], outcome.is_update)
            elif outcome.is_failure:
                for row in rows:
                    row._not_sent(error)
            elif len(job.row_ids) > 1:
                rows._send_apart()
            elif rows:
                rows._close_refused(outcome)

    def _close_refused(self, outcome):
        """Close this row, whose message was to blame for what became of its call."""
        error = outcome.error
        if isinstance(error, PortalRejected):
            self._refused(error)
        elif outcome.is_too_large:
            self._close_rejected(error_kind(error), error_message(self.env, error), is_uncertain=False)
        else:
            # The portal may have the message all the same.
            self.is_uncertain = True
            self._close_faulty(error)

    @api.model
    def _tell_breakers(self, outcomes):
        """Count what failed against who is to blame for it, and answers, a no among them, in favour of who answered.

        What went wrong in here, or was cut off by our own time before a long silence, says nothing of anybody.
        """
        breakers, answered = self.env["kho.dl.breaker"], {}
        for outcome in outcomes:
            settings = outcome.job.client.settings
            if outcome.is_answer:
                answered[settings.server_key, portal_lane_of(settings)] = settings
            elif outcome.is_failure and (
                outcome.error.blames_remote or not isinstance(outcome.error, OutOfTime | SecurityServerFault)
            ):
                breakers._portal_failed(settings, outcome.error)
        for settings in answered.values():
            breakers._portal_worked(settings)

    def _accepted(self, message, is_update):
        """Keep that the portal accepted `message`."""
        content = json.dumps(message.as_wire(), ensure_ascii=False, sort_keys=True)
        self._close(
            {
                "state": "accepted",
                "is_update": is_update,
                "sha256": hashlib.sha256(content.encode()).hexdigest(),
                # Of what was sent: papers may have come or gone while the portal thought.
                "has_links": self.kind == "case" and bool(message.results),
                "cut_fields": ",".join(message.cut_keys()) or False,
                "is_uncertain": False,
                "error": False,
                "error_kind": False,
                "portal_code": False,
                "portal_message": False,
            }
        )

    def _refused(self, error):
        """Keep what the portal has against this message."""
        words = self.env._("The portal refused this message. Correct the case, then send it again.")
        told = {"portal_code": error.code, "portal_message": error.message}
        self._close_rejected(error_kind(error), words, is_uncertain=False, **told)

    def _not_sent(self, error):
        """Let this row wait for its next try after the typed `error`, which says nothing about it."""
        self._reschedule(error_kind(error), waiting_message(self.env, error), error.retry_after)
        self.lacks_right = lacks_right(error)
        if isinstance(error, AnswerOutOfTime) and not error.is_sent:
            # It was looked up, and the portal has it not.
            self.is_uncertain = False
        elif not _is_certainly_not_taken(error):
            self.is_uncertain = True

    def _wait_for(self, error):
        """Let these rows, which were given back, say what has to be mended before any of them can be sent."""
        self.write({"error_kind": error_kind(error), "error": waiting_message(self.env, error)})

    def _close_faulty(self, error):
        if not self:
            return
        log_unforeseen(_logger, f"{self._description} {self.ids} failed", error)
        words = self.env._(
            "Something unexpected happened in our own system with this message (%(fault)s), so it was put aside. "
            "The others go on. Tell your administrator, then send it again.",
            fault=type(error).__name__,
        )
        self._close_rejected("unexpected", words)

    def _close_rejected(self, kind, words, **values):
        told = {"portal_code": False, "portal_message": False, **values}
        self._close({"state": "rejected", "error_kind": kind, "error": words, **told})

    def _close(self, values):
        self.write({**values, "closed_on": fields.Datetime.now(), "lease_until": False})

    @api.model
    def _settings_missing(self, company, error):
        """Let all that waits of `company` wait on, with the reason; it is sent as soon as the settings are complete."""
        waiting = Domain("company_id", "=", company.id) & Domain("state", "=", "pending")
        kind = error_kind(error)
        rows = self.search(waiting & (Domain("error_kind", "=", False) | Domain("error_kind", "!=", kind)))
        rows.write({"error_kind": kind, "error": waiting_message(self.env, error)})


def _is_certainly_not_taken(error):
    # A refusal that passes may be a proxy's, which gave up waiting for the portal.
    return isinstance(error, AccountRefused) or (isinstance(error, TimedOut) and not error.is_connected)
