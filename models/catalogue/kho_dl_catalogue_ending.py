import logging

from odoo import fields, models

from ..common.unforeseen import log_unforeseen
from ..connection.error_messages import error_kind, error_message, waiting_message
from ..procedure.kho_dl_catalogued import is_too_many_gone

_logger = logging.getLogger(__name__)

_MOST_TRIES = 10
# Kinds of ends that are no `KhoDLError`.
_TOO_MANY_GONE, _UNFORESEEN = "too_many_gone", "unforeseen"


class KhoDLCatalogueSync(models.Model):
    """How a run ends, well or not: what the catalogue names no more is archived, unless it is too much to be true."""

    _inherit = "kho.dl.catalogue.sync"

    is_end_confirmed = fields.Boolean(readonly=True, help="Somebody said that the many that are not named have ended.")

    def action_archive_missing(self):
        """Archive the procedures that the catalogue did not name, which were too many to do so unasked."""
        self.env["kho.dl.procedure"].check_access("write")
        result = self.action_go_on()
        # sudo: how far a run got is recorded by this code only.
        self.sudo().is_end_confirmed = True
        return result

    def _finish(self):
        """Archive what is gone, and keep of the run what it changed."""
        changes = self.env["kho.dl.catalogue.change"]
        listed = changes.search([("sync_id", "=", self.id)])
        # A procedure that said itself that it ended has no record here: it is gone like one that is not listed.
        standing = listed.filtered(lambda change: change.procedure_id or change.kind == "failed")
        procedures = self.env["kho.dl.procedure"]
        gone = procedures._not_named(self.company_id, standing.mapped("code"))
        all_of_them = len(gone) + len(standing)
        if is_too_many_gone(len(gone), all_of_them) and not self.is_end_confirmed:
            self._fail(_TOO_MANY_GONE, self._too_many_gone_words(len(gone), all_of_them))
            return
        failed = listed.filtered(lambda change: change.kind == "failed")
        if failed and failed == listed:
            # The portal has the list and nothing behind it: nobody may take that for a good run.
            self._fail("none_read", failed[0].error)
            return
        gone._leave_catalogue()
        listed.filtered(lambda change: change.kind == "unchanged").unlink()
        changes.create(
            [
                {
                    "sync_id": self.id,
                    "code": record.code,
                    "name": record.name,
                    "procedure_id": record.id,
                    "kind": "gone",
                }
                for record in gone
            ]
        )
        self.write(
            {"state": "done", "gone_count": len(gone), "ended_on": fields.Datetime.now(), "lease_until": False}
            | {"error": False, "error_kind": False}
        )
        self.env.ref("kho_dl.ir_cron_candidates")._trigger()

    def _too_many_gone_words(self, count, all_of_them):
        return self._in_their_words().env._(
            "The catalogue does not name %(count)s of %(all)s procedures any more. What it names was brought in; none "
            "was archived, as the answer may have been cut off. Synchronise again later, or archive them if they have ended.",
            count=count,
            all=all_of_them,
        )

    def _not_now(self, error):
        """Put this run back for another try, or end it with the reason."""
        kind, env = error_kind(error), self._in_their_words().env
        if error.is_transient and self.tries < _MOST_TRIES:
            self._reschedule(kind, waiting_message(env, error), error.retry_after)
            self._wake(self.next_try_on)
        else:
            self._fail(kind, error_message(env, error))

    def _close_interrupted(self):
        words = self._in_their_words().env._(
            "The run was interrupted too often. What was brought in is kept. See the log of the server, then synchronise anew."
        )
        self._fail("interrupted", words)

    def _close_faulty(self, error):
        log_unforeseen(_logger, f"run {self.ids} of the catalogue ended", error)
        words = self._in_their_words().env._(
            "The run met an error that nobody foresaw. What was brought in is kept. The log of the server names the "
            "error: give it to whoever looks after the system, then let the run go on, or synchronise anew."
        )
        self._fail(_UNFORESEEN, words)

    def _in_their_words(self):
        """Return this run in the language of who started it, who reads what became of it; the office's where it began itself."""
        return self if self.user_id == self.env.ref("base.user_root") else self.with_context(lang=self.user_id.lang)

    def _fail(self, kind, words):
        self.write(
            {
                "state": "failed",
                "error_kind": kind,
                "error": words,
                "ended_on": fields.Datetime.now(),
                "lease_until": False,
            }
        )
