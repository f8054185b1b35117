import time
from contextlib import ExitStack
from functools import partial

from odoo.fields import Domain

from ..protocol.errors import AccountRefused, KhoDLError, SettingsIncomplete
from ..protocol.task_pool import TaskPool
from ..protocol.telling import tell
from ..protocol.tokens import TokenWanted, account_key
from .outbox_lane import LEAST_SECONDS, Job, Lane, Outcome
from .outbox_logins import Logins
from .transactions import commit_or_retry, sign_of_life

# Calls at once, over all portals: what hangs at some of them must leave room for the others.
_MOST_AT_ONCE = 64
# How often (s) new messages, and logins of other workers, are looked for while all calls are under way.
_LOOK_SECONDS = 0.5
# What may have killed its worker is in hand alone for so long (s) of a pass: it would kill at once.
_ALONE_SECONDS = 5
# Rows looked at for each company: more than are ever taken at once, as some may be in other workers' hands.
_LOOKED_AT = 100
# News for Odoo's scheduler at most so often: they cost a statement each.
_NEWS_SECONDS = 2


class OutboxRun:
    """One worker's pass over the outbox: take messages, have them sent side by side, keep what became of each.

    Calls are made by the threads of a `TaskPool`, which get bytes and hand back bytes; every record, and every token in
    the database, is touched by the thread that runs this (rule 5 of the house). Each step commits.
    """

    def __init__(self, rows, leave_at):
        """`rows` is the outbox as superuser; the pass is over at `leave_at` (time.monotonic()), whatever hangs."""
        self._rows = rows
        self._env = rows.env
        self._leave_at = leave_at
        self._breakers = self._env["kho.dl.breaker"]
        # Companies that share an account share a lane.
        self._lanes, self._lane_of, self._clients = {}, {}, {}
        self._put_aside = set()
        self._next_news_at = time.monotonic() + _NEWS_SECONDS
        self.processed = 0

    @property
    def resting_companies(self):
        """The companies whose messages cannot be sent for now, whatever is tried."""
        resting = {company_id for company_id, lane in self._lane_of.items() if lane is None or lane.is_resting}
        return self._env["res.company"].browse(resting)

    def run(self):
        """Work until nothing can be sent any more or the time is over."""
        self._order = self._rows._longest_unserved(self._rows._telling_companies())
        threads = TaskPool(_MOST_AT_ONCE, "kho_dl_outbox")
        with sign_of_life(self._env) as self._worker_key, ExitStack() as self._open, threads as self._pool:
            self._logins = Logins(self._env, self._pool, self._leave_at)
            self._open.push(self._let_others_log_in)
            suspect = self._rows._suspect_domain()
            self._work(suspect, time.monotonic() + _ALONE_SECONDS, most=1)
            self._work(~suspect, self._leave_at)
            while len(self._pool):
                self._settle(self._pool.collect(_LOOK_SECONDS))
            left = [job.row_id for lane in self._lanes.values() for job in lane.ready]
            commit_or_retry(self._env, partial(self._give_back, left))

    def _work(self, domain, until, most=None):
        self._look_at = 0.0
        while time.monotonic() < until:
            has_taken = self._take(domain, most)
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
        return [lane for lane in self._lanes.values() if not lane.is_resting and lane.has_time(now, self._leave_at)]

    # -- taking --------------------------------------------------------------------------------------

    def _take(self, domain, most):
        """Take what fits beside what is in hand, of each lane, its companies in turn; return whether there was any."""
        now = time.monotonic()
        if now < self._look_at and not any(lane.wants_more() for lane in self._awake()):
            return False
        self._look_at = now + _LOOK_SECONDS
        companies = self._env["res.company"].browse(self._order) - self.resting_companies
        free = Domain("id", "not in", list(self._put_aside)) & Domain("company_id", "in", companies.ids)
        due = domain & free & self._rows._takeable()
        spared = self._breakers._open()
        waiting = self._rows._next_of(companies, due & ~spared._behind(self._rows), _LOOKED_AT)
        for company_id in waiting:
            self._meet(company_id)
        chosen = []
        for lane in self._awake():
            if lane.wants_more():
                chosen += lane.choose(waiting, self._order)
        if most is not None:
            chosen = [] if any(lane.in_hand() for lane in self._lanes.values()) else chosen[:most]
        with_trials = spared and now + LEAST_SECONDS < self._leave_at
        if not chosen and not with_trials:
            return False
        rows, tellings = commit_or_retry(self._env, partial(self._set_running, chosen, with_trials and due))
        self._hold(tellings)
        return bool(rows)

    def _set_running(self, chosen, trials_among):
        rows = self._rows.browse(chosen).try_lock_for_update()
        if trials_among:
            rows |= rows._take_trials(trials_among)
        return rows, rows._take(self._worker_key, self._leave_at - time.monotonic())

    def _hold(self, tellings):
        """Have what was taken, {row: `Telling`}, ready in its lane."""
        for row, telling in tellings.items():
            company_id = row.company_id.id
            self._meet(company_id)
            lane = self._lane_of[company_id]
            if lane is None or lane.is_resting:
                # A trial that cannot be made.
                commit_or_retry(self._env, partial(self._give_back, [row.id]))
                continue
            lane.ready.append(Job(row.id, company_id, telling, self._clients[company_id]))
            self._order.remove(company_id)
            self._order.append(company_id)

    def _meet(self, company_id):
        """Find the lane of a company that has something to tell."""
        if company_id in self._lane_of:
            return
        company = self._env["res.company"].browse(company_id)
        try:
            client = self._open.enter_context(self._env["kho.dl.gateway"]._client(company, tokens=self._logins.handed))
        except SettingsIncomplete as error:
            self._lane_of[company_id] = None
            commit_or_retry(self._env, partial(self._rows._settings_missing, company, error))
            return
        key = account_key(client.settings, client.settings.directory)
        lane = self._lanes.setdefault(key, Lane(key, client))
        lane.companies.add(company_id)
        self._lane_of[company_id], self._clients[company_id] = lane, client
        self._share_out(lane, client.settings.parallel_messages)

    def _share_out(self, lane, width):
        lane.width = max(lane.width, width)
        most = max(1, _MOST_AT_ONCE // len(self._lanes))
        for other in self._lanes.values():
            other.width = min(other.width, most)

    # -- sending -------------------------------------------------------------------------------------

    def _start(self, except_for=()):
        """Let calls begin where slots are free, not in the lanes `except_for`."""
        for lane in self._awake():
            if lane in except_for:
                continue
            try:
                is_ready = lane.ready and self._logins.is_ready(lane)
            except AccountRefused as error:
                self._rest(lane, error)
                continue
            while is_ready and self._pool.has_room() and (job := lane.next_job(time.monotonic(), self._leave_at)):
                self._pool.start((lane, job), tell, job.client, job.telling, self._leave_at)

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
            if isinstance(error, TokenWanted):
                self._send_with_new_token(lane, job, error.refused)
            elif isinstance(error, AccountRefused):
                lane.ready.appendleft(job)
                self._refuse_account(lane, error)
            else:
                outcomes.append(self._outcome(lane, job, future))
        if outcomes:
            commit_or_retry(self._env, partial(self._rows._keep, self._worker_key, outcomes))
            self._count(len(outcomes))
        if failures := [outcome for outcome in outcomes if outcome.is_failure]:
            self._put_aside.update(outcome.job.row_id for outcome in failures)
            self._spare(failures[-1].error)

    @staticmethod
    def _outcome(lane, job, future):
        if error := future.exception():
            # Also where our own time was over: a call begins with enough for an answer.
            return Outcome(job, error)
        lane.slowest = max(lane.slowest, time.monotonic() - job.began)
        return Outcome(job, is_update=future.result())

    def _spare(self, error):
        """Give back what is ready for portals that are spared since `error`."""
        ready = {job.row_id: (lane, job) for lane in self._lanes.values() for job in lane.ready}
        spared = self._rows.search(Domain("id", "in", list(ready)) & self._breakers._open()._behind(self._rows))
        for row in spared:
            lane, job = ready[row.id]
            lane.ready.remove(job)
        if spared:
            commit_or_retry(self._env, partial(self._let_wait, spared.ids, error))

    def _send_with_new_token(self, lane, job, refused):
        """Let `job` wait for a token, none having been good or the portal having `refused` this one."""
        lane.ready.appendleft(job)
        job.refusals += bool(refused)
        lane.refused_token = refused or lane.refused_token
        if job.refusals > 1:
            self._refuse_account(lane, AccountRefused("the portal refused a fresh token"))

    def _settle_login(self, lane, future):
        error = self._logins.settle(lane, future)
        if isinstance(error, AccountRefused):
            self._refuse_account(lane, error)
        elif isinstance(error, KhoDLError):
            self._rest(lane, error)
            company = self._env["res.company"].browse(min(lane.companies))
            commit_or_retry(self._env, partial(self._rows._blame, company, error))
        elif error is not None:
            # Nobody foresaw it, and it is about this account only.
            self._rows._log_fault(error)
            self._rest(lane, error)

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
        row_ids = [job.row_id for job in lane.ready]
        lane.ready.clear()
        commit_or_retry(self._env, partial(self._let_wait, row_ids, error))

    def _let_wait(self, row_ids, error):
        self._rows.browse(row_ids)._in_hands_of(self._worker_key)._wait_for(error)

    def _give_back(self, row_ids):
        self._rows.browse(row_ids)._in_hands_of(self._worker_key)._give_back()

    def _count(self, settled):
        """Tell Odoo's scheduler now and then that work is done: a worker that dies must not count as one that did none."""
        self.processed += settled
        if time.monotonic() >= self._next_news_at:
            self._env["ir.cron"]._commit_progress(self.processed, remaining=1)
            self._next_news_at = time.monotonic() + _NEWS_SECONDS
            self.processed = 0
