import math
import time
from functools import partial

from ...protocol.errors import KhoDLError, OutOfTime, TimedOut
from ..common import cron_budget
from ..common.queue_run import QueueRun, TakenOver
from ..common.transactions import LOST_RACES, commit_or_retry


class CatalogueRun(QueueRun):
    """One worker's turn on the open run of a company: first the lists, then one batch of procedures after the other."""

    def __init__(self, syncs, domain, give_up_at, ends_at=math.inf):
        """`syncs` is the queue as superuser, `domain` says whose run; nothing is begun after `give_up_at` (time.monotonic()).

        No answer is waited for beyond `ends_at`, but for the lists: they come whole, so they have what the pass has left.
        """
        super().__init__(syncs)
        self._domain, self._give_up_at, self._ends_at = domain, give_up_at, ends_at

    def run(self):
        """Work until the run is done, the time is over, or the portal fails."""
        with self.alive():
            for sync, company in self._take(
                self._domain, 1, lambda rows: {row: row.company_id for row in rows}
            ).items():
                self.attempts += 1
                try:
                    with self._only(sync):
                        self._go_on(sync, company)
                except TakenOver:
                    # What is still to be read is theirs to read.
                    self._env.cr.rollback()
                commit_or_retry(self._env, partial(self._give_back, [sync.id]))

    def _go_on(self, sync, company):
        began, until, values = time.monotonic(), cron_budget.pass_ends_at(), {"tries": 0}
        connect, keep = partial(self._env["kho.dl.gateway"]._client, company), partial(self._keep_of, sync)
        try:
            if not sync.is_listed:
                with connect(until) as client:
                    self._ask(client, partial(sync._list, client, keep))
            until = self._ends_at
            with connect(until) as client:
                next_batch = partial(sync._next_batch, client, self._give_up_at, keep)
                while time.monotonic() < self._give_up_at and self._ask(client, next_batch):
                    pass
        except LOST_RACES:
            # Others were faster again and again: the next pass goes on.
            self._env.cr.rollback()
            values = {}
        except KhoDLError as error:
            self._env.cr.rollback()
            is_over = isinstance(error, OutOfTime) or (isinstance(error, TimedOut) and time.monotonic() >= until)
            if not is_over or time.monotonic() - began >= company.kho_dl_timeout:
                keep(partial(self._record_failure, sync, error))
                return
            # Our own time was over, in less than the portal may take.
            values = {"tries": max(0, sync.tries - 1)}
        values |= {"state": "pending", "lease_until": False, "interruptions": 0}
        commit_or_retry(self._env, lambda: self._ours(sync).write(values))

    def _ask(self, client, step):
        """Return what `step()` returns, which asks the portal; where it answers, what waits for it goes on."""
        self._asked = client.settings
        result = step()
        commit_or_retry(self._env, partial(self._breakers._portal_worked, client.settings))
        return result

    def _record_failure(self, sync, error):
        sync._not_now(error)
        self._breakers._portal_silent(self._asked, error)
