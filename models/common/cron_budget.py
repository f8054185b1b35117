"""How long scheduled actions may work: one place for all of them.

Odoo kills a worker whose pass over the due actions takes longer than `limit_time_real_cron`, 120 s as a rule, counts the
sleep of up to 70 s before the pass as well, and repeats an action that reports more to do. So all actions of one pass,
their repeats included, share PASS_SECONDS, less what actions of others took before them.
"""

import logging
import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from weakref import WeakKeyDictionary

from psycopg2.extensions import TransactionRollbackError

from odoo import models
from odoo.tools import SQL, config

_logger = logging.getLogger(__name__)

# Of the server's limit, the sleep before a pass, and a few more to end in order.
_NOT_OURS_SECONDS = 75
# The usual limit of 120 s less those.
PASS_SECONDS = 45
# However many wait for their turn, whoever has one has so much: more than any piece of work takes, so that one is done.
_LEAST_SECONDS = 11


@dataclass
class _Pass:
    began: float
    ours: float = 0.0


@dataclass
class Told:
    """How many pieces of work a pass has told of, and how many were left at last."""

    done: int = 0
    remaining: int = 0


# Odoo does one pass over the due actions on one cursor.
_passes = WeakKeyDictionary()
# (end of this action, end of the pass)
_ends = ContextVar("kho_dl_cron_ends", default=(None, None))
_told = ContextVar("kho_dl_told", default=None)


def ends_at():
    """Return when (time.monotonic()) the scheduled action that runs here must be over, its repeats included.

    Outside of one, as in a shell, it is PASS_SECONDS from now.
    """
    return _ends.get()[0] or time.monotonic() + PASS_SECONDS


def pass_ends_at():
    """Return when (time.monotonic()) the pass must be over: for work that cannot be cut into pieces of an action's share."""
    return _ends.get()[1] or time.monotonic() + PASS_SECONDS


def scheduler(env):
    """Return `ir.cron` with what Odoo's scheduler said of the action at work; of none where a caller says so in the context of a call."""
    return (env if _ends.get()[0] else env(context={}))["ir.cron"]


def report(env, done, remaining, give_up_at):
    """Commit, tell Odoo of `done` and `remaining` pieces of work, and return whether the next one may begin.

    After `give_up_at` (time.monotonic()) none may; what remains then is not left to the next minute, unless this action
    got nothing done at all.
    """
    cron = scheduler(env)
    cron._commit_progress(done, remaining=remaining)
    if told := _told.get():
        told.done, told.remaining = told.done + done, remaining
    if time.monotonic() < give_up_at:
        return True
    # sudo: as below.
    said = cron.env.context
    progress = env["ir.cron.progress"].sudo().browse(said.get("ir_cron_progress_id"))
    if (done or progress.done) and remaining and said.get("cron_id"):
        # sudo: scheduled actions may run as a user who has no rights on them.
        cron.sudo().browse(said["cron_id"])._trigger()
        env.cr.commit()
    return False


@contextmanager
def one_pass():
    """Give what runs in the `with` block, which no pass of Odoo's scheduler is, the time of one; gives the `Told` of it."""
    told = Told()
    token = _told.set(told)
    try:
        with _ending(ends_at(), pass_ends_at()):
            yield told
    finally:
        _told.reset(token)


@contextmanager
def _ending(action_at, pass_at):
    token = _ends.set((action_at, pass_at))
    try:
        yield
    finally:
        _ends.reset(token)


def _longest_pass():
    """Return how long (s) a pass may last by the settings of this server; never less than ours lasts anyway."""
    limit = config["limit_time_real_cron"]
    limit = config["limit_time_real"] if limit < 0 else limit
    return max(PASS_SECONDS, limit - _NOT_OURS_SECONDS) if limit else math.inf


class IrCron(models.Model):
    _inherit = "ir.cron"

    def method_direct_trigger(self):
        # Who presses waits for nobody: a form and a shell keep their cursor, and no pass is under way.
        with one_pass():
            return super().method_direct_trigger()

    @classmethod
    def _process_job(cls, cron_cr, job):
        if _ends.get()[0]:
            super()._process_job(cron_cr, job)
            return
        _passes.setdefault(cron_cr, _Pass(time.monotonic()))
        ours = cls._kho_dl_ids(cron_cr)
        if job["id"] not in ours:
            super()._process_job(cron_cr, job)
            return
        elders, others = cls._kho_dl_waiting(job, ours)
        if elders:
            # Each is in our hands for its own turn only, as Odoo has it: what has ended is kept, whatever becomes of the next.
            cron_cr.commit()
            for place, elder_id in enumerate(elders):
                if elder := cls._kho_dl_acquire(cron_cr, elder_id):
                    cls._kho_dl_have_turn(cron_cr, elder, len(elders) - place + 1 + others)
                    cron_cr.commit()
            job = cls._kho_dl_acquire(cron_cr, job["id"])
        if job:
            cls._kho_dl_have_turn(cron_cr, job, 1 + others)

    @classmethod
    def _kho_dl_acquire(cls, cron_cr, job_id):
        """Return the job, None where another worker was faster."""
        try:
            return cls._acquire_one_job(cron_cr, job_id)
        except TransactionRollbackError:
            cron_cr.rollback()
            return None

    @classmethod
    def _kho_dl_have_turn(cls, cron_cr, job, sharers):
        """Run `job` with its share of what is left of this pass; where that is too little it stays due, and is an elder."""
        this_pass, now = _passes[cron_cr], time.monotonic()
        left = min(PASS_SECONDS - this_pass.ours, this_pass.began + _longest_pass() - now)
        if left < _LEAST_SECONDS:
            _logger.info("Job %r (%s) finds no time in this pass", job["cron_name"], job["id"])
            return
        with _ending(now + min(left, max(_LEAST_SECONDS, left / sharers)), now + left):
            super()._process_job(cron_cr, job)  # pylint: disable=super-method-mismatch
        this_pass.ours += time.monotonic() - now

    @classmethod
    def _kho_dl_ids(cls, cr):
        cr.execute("SELECT res_id FROM ir_model_data WHERE module = 'kho_dl' AND model = 'ir.cron'")
        return tuple(cron_id for (cron_id,) in cr.fetchall())

    @classmethod
    def _kho_dl_waiting(cls, job, ours):
        """Return of our actions that are due and in no worker's hands (ids of those that go before `job`, how many after).

        Before it go those that had their last turn longer ago: Odoo's order is the same in every pass, and who found no
        time must not find none again.
        """
        # A cursor of its own: its locks, by which other workers' are seen, are free at once.
        with cls.pool.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    SELECT id, last_turn < %(last_turn)s
                      FROM ir_cron
                CROSS JOIN LATERAL (SELECT COALESCE(MAX(id), 0) AS last_turn
                                      FROM ir_cron_progress WHERE cron_id = ir_cron.id) AS progress
                     WHERE %(is_ready)s AND id IN %(ours)s AND id != %(id)s
                       AND (last_turn < %(last_turn)s OR (failure_count, priority, id) > %(place)s)
                  ORDER BY last_turn, id
                       FOR SHARE OF ir_cron SKIP LOCKED
                    """,
                    last_turn=job["progress_id"] or 0,
                    is_ready=cls._get_ready_sql_condition(cr),
                    ours=ours,
                    id=job["id"],
                    place=(job["failure_count"], job["priority"], job["id"]),
                )
            )
            waiting = cr.fetchall()
        elders = [cron_id for cron_id, is_elder in waiting if is_elder]
        return elders, len(waiting) - len(elders)
