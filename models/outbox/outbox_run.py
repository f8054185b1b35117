import logging
import time
from contextlib import ExitStack
from functools import partial

from odoo import fields
from odoo.fields import Domain

from ...protocol.errors import AccountRefused, AnswerOutOfTime, KhoDLError
from ...protocol.task_pool import TaskPool
from ...protocol.telling import tell
from ...protocol.tokens import TokenWanted
from ..common.queue_run import QueueRun, all_or_each
from ..common.transactions import commit_or_retry
from ..common.unforeseen import log_unforeseen
from ..connection.error_messages import error_kind
from ..connection.kho_dl_gateway import refuse_open_transaction
from .outbox_lane import LEAST_SECONDS, Job, Outcome
from .outbox_lanes import MOST_AT_ONCE, Lanes
from .outbox_logins import Logins

_logger = logging.getLogger(__name__)

# How often (s) new messages, and logins of other workers, are looked for while all calls are under way.
_LOOK_SECONDS = 0.5
# What may have killed its worker is in hand alone for so long (s) of a pass: it would kill at once.
_ALONE_SECONDS = 5
# Rows looked at for each company: more than are ever taken at once, as some may be in other workers' hands. Where there
# are many companies fewer of each: they share the lanes, and a backlog of all is not read again and again.
_LOOKED_AT = 100
_LEAST_LOOKED_AT = 20
_MOST_LOOKED_AT = 2000
# The reason of messages whose call our own time cut off.
_CUT_OFF = error_kind(AnswerOutOfTime(0))


class OutboxRun(QueueRun):
    """One worker's pass over the outbox: take messages, have them sent side by side, keep what became of each.

    Calls are made by the threads of a `TaskPool`, which get bytes and hand back bytes; every record, and every token in
    the database, is touched by the thread that runs this (rule 5 of the house). Each step commits.
    """

    def __init__(self, rows, leave_at, slow_until=0.0):
        """`rows` is the outbox as superuser; no call begins after `leave_at` (time.monotonic()).

        Calls are over by then, those of slow portals at `slow_until`, if that is later, whatever hangs.
        """
        super().__init__(rows)
        self._leave_at, self._slow_until = leave_at, max(leave_at, slow_until)
        self._put_aside = set()

    @property
    def resting_companies(self):
        """The companies whose messages cannot be sent for now, whatever is tried."""
        return self._lanes.resting_companies

    def run(self):
        """Work until nothing can be sent any more or the time is over."""
        self._order = self._rows._longest_unserved(self._rows._telling_companies()).ids
        threads = TaskPool(MOST_AT_ONCE, "kho_dl_outbox", partial(refuse_open_transaction, self._env.cr))
        with self.alive(), ExitStack() as self._open, threads as self._pool:
            self._logins = Logins(self._env, self._pool)
            self._lanes = Lanes(self._rows, self._logins.handed, self._open)
            self._open.push(self._let_others_log_in)
            suspect = self._rows._suspect_domain()
            self._work(suspect, time.monotonic() + _ALONE_SECONDS, most=1)
            self._work(~suspect, self._leave_at)
            while len(self._pool):
                # As in `_work`: who is spared now was looked for.
                self._env.cr.commit()
                self._settle(self._pool.collect(_LOOK_SECONDS))
            self._keep([outcome for lane in self._lanes for outcome in lane.end_doubts()])
            left = [row_id for lane in self._lanes for job in lane.ready for row_id in job.row_ids]
            commit_or_retry(self._env, partial(self._give_back, left))

    def _work(self, domain, until, most=None):
        self._look_at = 0.0
        while time.monotonic() < until:
            has_taken = self._take_some(domain, most)
            self._start()
            # No transaction stays open while portals think.
            self._env.cr.commit()
            is_idle = not len(self._pool) and not any(lane.ready for lane in self._awake())
            if is_idle and not has_taken:
                return
            if is_idle:
                # All that was taken was closed without a call.
                continue
            self._settle(self._pool.collect(_LOOK_SECONDS))

    def _awake(self):
        """Return the lanes to which something may be sent now."""
        now = time.monotonic()
        if now >= self._leave_at:
            return []
        return [lane for lane in self._lanes if not lane.is_resting and lane.has_time(now, self._until(lane))]

    def _until(self, lane):
        return self._slow_until if lane.is_slow else self._leave_at

    # -- taking --------------------------------------------------------------------------------------

    def _take_some(self, domain, most):
        """Take what fits beside what is in hand, of each lane, its companies in turn; return whether there was any."""
        now = time.monotonic()
        if now < self._look_at and not any(lane.wants_more() for lane in self._awake()):
            return False
        self._look_at = now + _LOOK_SECONDS
        companies, spared = self._served_companies(), self._breakers._open()
        most_of_each = max(_LEAST_LOOKED_AT, min(_LOOKED_AT, _MOST_LOOKED_AT // max(1, len(companies))))
        waiting = self._rows._next_of(companies, self._due(domain) & ~spared._behind(self._rows), most_of_each)
        for company_id in waiting:
            self._lanes.meet(company_id)
        chosen = []
        for lane in self._awake():
            if lane.wants_more():
                chosen += lane.choose(waiting, self._order)
        if most is not None:
            chosen = [] if any(lane.in_hand() for lane in self._lanes) else chosen[:most]
        with_trials = now + LEAST_SECONDS < self._leave_at and self._meet_for_trials(domain, spared)
        if not chosen and not with_trials:
            return False
        is_chosen = self._due(domain) & Domain("id", "in", chosen)
        # What is behind a portal that is spared is taken as its trial only.
        due = is_chosen | (self._due(domain) & spared._behind(self._rows))
        tellings = self._take(due, max(1, len(chosen)), lambda rows: rows._prepare_tellings(), with_trials)
        self._hold({row: tellings[row] for row in sorted(tellings, key=lambda row: _place(row.id, chosen))})
        # What was closed without a call is not due any more.
        return bool(tellings) or (bool(chosen) and not self._rows.search_count(is_chosen, limit=1))

    def _served_companies(self):
        return self._env["res.company"].browse(self._order) - self.resting_companies

    def _due(self, domain):
        is_served = Domain("company_id", "in", self._served_companies().ids)
        return domain & is_served & Domain("id", "not in", list(self._put_aside)) & self._rows._takeable()

    def _meet_for_trials(self, domain, spared):
        """Find the lanes from which trials may come; return whether any is due."""
        due = spared.filtered(lambda breaker: breaker.next_trial_on <= fields.Datetime.now())
        if due:
            behind = self._due(domain) & due._behind(self._rows)
            for company_id in self._rows._next_of(self._served_companies(), behind, 1):
                lane = self._lanes.meet(company_id)
                if lane and self._logins.is_refused(lane):
                    self._rest(lane, AccountRefused("refused a moment ago"))
        return bool(due)

    def _hold(self, tellings):
        """Have what was taken, {row: (`Telling`, ids of its rows)}, ready in its lane."""
        for row, (telling, row_ids) in tellings.items():
            company_id = row.company_id.id
            lane = self._lanes.meet(company_id)
            if lane is None or lane.is_resting:
                # A trial that cannot be made.
                commit_or_retry(self._env, partial(self._give_back, row_ids))
                continue
            lane.is_slow |= row.error_kind == _CUT_OFF
            lane.ready.append(Job(row_ids, company_id, telling, self._lanes.client_of(company_id)))
            self._order.remove(company_id)
            self._order.append(company_id)

    # -- sending -------------------------------------------------------------------------------------

    def _start(self, except_for=()):
        """Let calls begin where slots are free, not in the lanes `except_for`."""
        for lane in self._awake():
            if lane in except_for:
                continue
            try:
                is_ready = lane.ready and self._logins.is_ready(lane, self._until(lane))
            except AccountRefused as error:
                self._rest(lane, error)
                continue
            until = self._until(lane)
            while is_ready and self._pool.has_room() and (job := lane.next_job(time.monotonic(), until)):
                self._pool.start((lane, job), _tell, job, until)

    # -- settling ------------------------------------------------------------------------------------

    def _settle(self, ended):
        """Keep what became of each call of [((lane, job), future)]; of a login where there is no job."""
        outcomes = []
        for (lane, job), _future in ended:
            if job:
                lane.running[job.company_id] -= 1
        # Slots do not stand idle while what became of the last calls is written down.
        self._start(except_for=[lane for (lane, job), future in ended if job is None or future.exception()])
        for (lane, job), future in ended:
            if job is None:
                self._settle_login(lane, future)
                continue
            error = future.exception()
            if isinstance(error, AccountRefused) or (
                isinstance(error, TokenWanted) and lane.may_blame(job, error.refused)
            ):
                lane.doubtful.append(job)
            elif isinstance(error, TokenWanted):
                self._send_with_new_token(lane, job, error.refused)
            else:
                outcomes.append(Outcome(job, error, is_update=not error and future.result()))
                lane.note(outcomes[-1], time.monotonic())
        for lane in self._lanes:
            if lane.is_judged():
                is_account = not lane.has_worked
                outcomes += lane.end_doubts()
                if is_account:
                    self._refuse_account(lane, outcomes[-1].error)
        self._keep(outcomes)

    def _keep(self, outcomes):
        if outcomes:
            all_or_each(self._env, self._keep_at_once, outcomes, self._refuse_outcome)
            self.attempts += sum(len(outcome.job.row_ids) for outcome in outcomes)
            self._tell_scheduler()
        if failures := [outcome for outcome in outcomes if outcome.is_failure]:
            self._put_aside.update(row_id for outcome in failures for row_id in outcome.job.row_ids)
            self._spare(failures[-1].error)

    def _keep_at_once(self, outcomes):
        commit_or_retry(self._env, partial(self._rows._keep, self._worker_key, outcomes))

    def _refuse_outcome(self, outcome, error):
        self._keep_at_once([Outcome(outcome.job, error)])

    def _spare(self, error):
        """Give back what is ready for portals that are spared since `error`."""
        ready = {job.row_ids[0]: (lane, job) for lane in self._lanes for job in lane.ready}
        spared = self._rows.search(Domain("id", "in", list(ready)) & self._breakers._open()._behind(self._rows))
        row_ids = []
        for row in spared:
            lane, job = ready[row.id]
            lane.ready.remove(job)
            row_ids += job.row_ids
        if row_ids:
            commit_or_retry(self._env, partial(self._let_wait, row_ids, error))

    def _send_with_new_token(self, lane, job, refused):
        """Let `job` wait for a token, none having been good or the portal having `refused` this one."""
        lane.ready.appendleft(job)
        job.refusals += bool(refused)
        lane.refused_token = refused or lane.refused_token

    def _settle_login(self, lane, future):
        error = self._logins.settle(lane, future)
        if error is None:
            return
        if isinstance(error, AccountRefused):
            self._logins.refuse(lane)
        elif not isinstance(error, KhoDLError):
            # It is about this account only.
            log_unforeseen(_logger, "a login to the portal failed", error)
        login = Job((), min(lane.companies), None, lane.client)
        commit_or_retry(self._env, partial(self._rows._tell_breakers, [Outcome(login, error)]))
        self._rest(lane, error)
        # Behind a server that is dead other accounts would wait for the same.
        self._spare(error)

    def _let_others_log_in(self, failed, *_failure):
        if failed:
            # What is worth keeping is committed; a broken transaction could not free a lock.
            self._env.cr.rollback()
        self._logins.end()

    def _refuse_account(self, lane, error):
        self._logins.refuse(lane)
        self._rest(lane, error)

    def _rest(self, lane, error):
        """Send nothing more of `lane` in this pass; what is ready waits on with the reason."""
        lane.is_resting = True
        row_ids = [row_id for job in lane.ready for row_id in job.row_ids]
        lane.ready.clear()
        commit_or_retry(self._env, partial(self._let_wait, row_ids, error))

    def _let_wait(self, row_ids, error):
        rows = self._ours(self._rows.browse(row_ids))
        self._give_back(row_ids)
        rows._wait_for(error)


def _tell(job, until):
    # In a thread: bytes, and no record.
    is_update = tell(job.client, job.telling, until)
    job.far_id = job.client.session.far_id
    return is_update


def _place(row_id, chosen):
    """Return where a row is among those that were chosen; trials come after them."""
    return chosen.index(row_id) if row_id in chosen else len(chosen)
