import logging
from datetime import timedelta
from typing import NamedTuple

from odoo import SUPERUSER_ID, api, fields, models
from odoo.tools import SQL

from . import cron_budget
from .transactions import commit_or_retry

_logger = logging.getLogger(__name__)

# A job that nobody has begun for so long waits for a job runner that is not there, or has too much else to do.
_PATIENCE = timedelta(minutes=2)
# Jobs say only that there was something to do: they need not be kept, and so many go at once.
_JOBS_KEPT, _MOST_FORGOTTEN = timedelta(days=1), 1000
_CHANNEL = "root.kho_dl."


class Pass(NamedTuple):
    """One kind of work in the background: what does it, the action that begins it, and those that help where there is much."""

    model: str
    method: str
    action: str
    helpers: tuple[str, ...]
    # So many pieces are no work for two.
    alone: int


PASSES = {
    "files": Pass(
        "kho.dl.retrieval",
        "_cron_process",
        "ir_cron_process",
        ("ir_cron_help_files_1", "ir_cron_help_files_2", "ir_cron_help_files_3"),
        20,
    ),
    "messages": Pass("kho.dl.outbox", "_cron_send", "ir_cron_send", ("ir_cron_help_messages_1",), 50),
    "catalogue": Pass("kho.dl.catalogue.sync", "_cron_sync", "ir_cron_catalogue", ("ir_cron_help_catalogue_1",), 1),
    "seals": Pass("kho.dl.journal", "_cron_seal", "ir_cron_seal", ("ir_cron_help_seals_1",), 200),
}


class KhoDLEngine(models.AbstractModel):
    """How many workers share the work in the background: the rows of the queues are the truth, and this only calls for hands.

    Odoo gives one scheduled action to one worker at a time. So a pass that finds more than it can do soon wakes a second
    action, which works beside it where another worker has time, and wakes a third. Where `queue_job` of the OCA is
    installed, its jobs do the passes, as many at once as its channels allow on all machines: the scheduled action then looks
    every minute whether there is work, and makes a job where none waits. A job that is lost is missed a minute long; one too
    many finds nothing to do.
    """

    _name = "kho.dl.engine"
    _description = "Work in the background"

    # -- beginning a pass ----------------------------------------------------------------------------

    @api.model
    def _begin(self, kind, due):
        """Return whether whoever runs here works on the `due` pieces of `kind`, not a job; help is called where it is of use."""
        is_action = "cron_id" in self.env.context
        if is_action and due and self._enqueue(kind):
            return False
        if due > PASSES[kind].alone:
            if is_action:
                self._call_next(kind)
            elif self._is_helping():
                self._enqueue(kind)
        return True

    @api.model
    def _is_helping(self):
        """Whether this is a pass beside others: what one does for all is done by the scheduled action that begins them."""
        return "kho_dl_helps" in self.env.context

    @api.model
    def _call_next(self, kind):
        """Wake the action after the one that runs here: each calls one, so that no more come than there is work for."""
        actions = [self._action(name) for name in (PASSES[kind].action, *PASSES[kind].helpers)]
        ids = [action.id for action in actions]
        following = ids.index(self.env.context["cron_id"]) + 1 if self.env.context["cron_id"] in ids else len(ids)
        for action in filter(None, actions[following : following + 1]):
            action._trigger()

    @api.model
    def _action(self, name):
        # sudo: clerks and administrators of Kho DL have no rights on scheduled actions; one may have deleted a helper.
        found = self.env.ref(f"kho_dl.{name}", raise_if_not_found=False)
        return (found or self.env["ir.cron"]).sudo()

    # -- helping -------------------------------------------------------------------------------------

    @api.model
    def _cron_help_files(self):
        self._help("files")

    @api.model
    def _cron_help_messages(self):
        self._help("messages")

    @api.model
    def _cron_help_catalogue(self):
        self._help("catalogue")

    @api.model
    def _cron_help_seals(self):
        self._help("seals")

    @api.model
    def _help(self, kind):
        """Work on what is due of `kind` beside another worker, who is at it now; where nobody is, there is no need."""
        if self._is_in_hand(self._action(PASSES[kind].action)):
            self.with_context(kho_dl_helps=kind)._run(kind)

    @api.model
    def _is_in_hand(self, action):
        """Return whether a worker runs the scheduled action now: Odoo holds its row meanwhile."""
        statement = SQL("SELECT FROM ir_cron WHERE id = %s FOR SHARE SKIP LOCKED", action.id)
        # Committed at once: others may have it.
        return bool(action) and not commit_or_retry(self.env, lambda: self.env.execute_query(statement))

    @api.model
    def _run(self, kind):
        getattr(self.env[PASSES[kind].model], PASSES[kind].method)()

    # -- jobs of queue_job ---------------------------------------------------------------------------

    @api.model
    def _has_jobs(self):
        """Return whether jobs do the passes; an engine besides `queue_job` extends this, `_enqueue` and `_gc_jobs`."""
        return "queue.job" in self.env

    @api.model
    def _enqueue(self, kind):
        """Have a job work on what is due of `kind`, unless one waits already; return whether jobs do it."""
        if not self._has_jobs():
            return False
        key = f"{_CHANNEL}{kind}"
        # sudo: jobs are their managers' to read; here nobody sees them.
        jobs = self.env["queue.job"].sudo()
        is_waiting = [("identity_key", "=", key), ("state", "in", ("pending", "enqueued"))]
        waiting = jobs.search(is_waiting, order="date_created", limit=1)
        if waiting and waiting.date_created > fields.Datetime.now() - _PATIENCE:
            return True
        if waiting:
            _logger.warning("Jobs of queue_job stand still (%s): the scheduled action works itself", key)
            return False
        # As scheduled actions do: for all, whoever calls. What the caller has in the context is not for the job.
        engine = self.with_env(self.env(user=SUPERUSER_ID, context={}))
        name = self._action(PASSES[kind].action).with_env(engine.env).name
        engine.with_delay(channel=key, identity_key=key, description=name)._job(kind)
        return True

    @api.model
    def _enqueue_for(self, action):
        """Do as `_enqueue` for the kind that the scheduled `action` begins; return False for all others."""
        kinds = [kind for kind, each in PASSES.items() if self._has_jobs() and action == self._action(each.action)]
        return bool(kinds) and self._enqueue(kinds[0])

    @api.model
    def _job(self, kind):
        """Do one pass, and have another job go on where it has not done all.

        Its cursor is its own: that of the job holds the job's lock, and may not commit.
        """
        with self.env.registry.cursor() as cr, cron_budget.one_pass() as told:
            engine = self.with_env(self.env(cr=cr)).with_context(kho_dl_helps=kind)
            engine._run(kind)
            if told.done and told.remaining:
                engine._enqueue(kind)

    @api.autovacuum
    def _gc_jobs(self):
        if not self._has_jobs():
            return
        # sudo: as above; these are ours.
        jobs = self.env["queue.job"].sudo()
        # One that failed does no harm either: what it left is due again.
        ended = ("done", "failed", "cancelled")
        is_old = [("date_created", "<", fields.Datetime.now() - _JOBS_KEPT), ("state", "in", ended)]
        jobs.search([("channel", "=like", f"{_CHANNEL}%"), *is_old], limit=_MOST_FORGOTTEN).unlink()


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _trigger_list(self, at_list):
        now, engine = fields.Datetime.now(), self.env["kho.dl.engine"]
        # sudo: as Odoo, which triggers for whoever asks.
        if min(at_list, default=now) <= now and self.sudo().active and engine._enqueue_for(self):
            at_list = [at for at in at_list if at > now]
        return super()._trigger_list(at_list)
