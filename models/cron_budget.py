"""How long scheduled actions may work: one place for all of them.

Odoo kills a worker whose pass over the due actions takes longer than `limit_time_real_cron`, 120 s as a rule, counts the
sleep of up to 70 s before the pass as well, and repeats an action that reports more to do. So all actions of one pass,
their repeats included, share PASS_SECONDS.
"""

import time
from contextvars import ContextVar
from weakref import WeakKeyDictionary

from odoo import models
from odoo.tools import SQL

# 120 s less the sleep; a few more are needed to end in order.
PASS_SECONDS = 45
# However many wait for their turn, what one has is enough for some work; who finds nothing left is first next time.
_LEAST_SECONDS = 10

# Odoo does one pass over the due actions on one cursor: {cursor: when the pass began}.
_begun = WeakKeyDictionary()
# (end of this action, end of the pass)
_ends = ContextVar("kho_dl_cron_ends", default=(None, None))


def ends_at():
    """Return when (time.monotonic()) the scheduled action that runs here must be over, its repeats included.

    Outside of one, as in a shell, it is PASS_SECONDS from now.
    """
    return _ends.get()[0] or time.monotonic() + PASS_SECONDS


def pass_ends_at():
    """Return when (time.monotonic()) the pass must be over: for work that cannot be cut into pieces of an action's share."""
    return _ends.get()[1] or time.monotonic() + PASS_SECONDS


def report(env, done, remaining, give_up_at):
    """Commit, tell Odoo of `done` and `remaining` pieces of work, and return whether the next one may begin.

    After `give_up_at` (time.monotonic()) none may; what remains then is not left to the next minute, unless this action
    got nothing done at all.
    """
    cron = env["ir.cron"]
    cron._commit_progress(done, remaining=remaining)
    if time.monotonic() < give_up_at:
        return True
    # sudo: as below.
    progress = env["ir.cron.progress"].sudo().browse(env.context.get("ir_cron_progress_id"))
    if (done or progress.done) and remaining and env.context.get("cron_id"):
        # sudo: scheduled actions may run as a user who has no rights on them.
        cron.sudo().browse(env.context["cron_id"])._trigger()
        env.cr.commit()
    return False


class IrCron(models.Model):
    _inherit = "ir.cron"

    @classmethod
    def _process_job(cls, cron_cr, job):
        now = time.monotonic()
        left = _begun.setdefault(cron_cr, now) + PASS_SECONDS - now
        share = min(left, max(_LEAST_SECONDS, left / cls._kho_dl_sharers(cron_cr, job)))
        token = _ends.set((now + share, now + left))
        try:
            return super()._process_job(cron_cr, job)
        finally:
            _ends.reset(token)

    @classmethod
    def _kho_dl_sharers(cls, cron_cr, job):
        """Return how many actions of Kho DL share what is left of this pass: this one, and those whose turn comes."""
        cron_cr.execute(
            SQL(
                """
                SELECT COUNT(*) FROM ir_cron
                 WHERE %s AND (failure_count, priority, id) > %s
                   AND id IN (SELECT res_id FROM ir_model_data WHERE module = 'kho_dl' AND model = 'ir.cron')
                """,
                cls._get_ready_sql_condition(cron_cr),
                (job["failure_count"], job["priority"], job["id"]),
            )
        )
        return 1 + cron_cr.fetchone()[0]
