"""What every worker on a queue does alike, whatever one piece of its work is; see `kho.dl.queue`."""

import logging
import time
from contextlib import contextmanager
from functools import partial

from ...protocol.errors import DatabaseNotConfirmed, SettingsIncomplete
from .cron_budget import scheduler
from .transactions import LOST_RACES, commit_or_retry, is_connection_lost, worker_lock
from .unforeseen import apart

_logger = logging.getLogger(__name__)

# Odoo's scheduler hears at most so often (s) of what was done: it costs a statement.
_REPORT_SECONDS = 2


class TakenOver(Exception):
    """Another worker has the row by now, as this one was thought dead: its outcome counts."""


# What ends a run, and closes no row.
_ABOUT_ALL = (*LOST_RACES, SettingsIncomplete, DatabaseNotConfirmed, TakenOver)


class QueueRun:
    """One worker's pass over a queue: rows that it takes, the trials among them, and what becomes of them; each step commits.

    Whoever inherits it says in `run` what the work is, and is `alive` meanwhile.
    """

    def __init__(self, rows):
        """`rows` is the queue as superuser."""
        self._rows, self._env = rows, rows.env
        self._worker_key = None
        self._breakers = self._env["kho.dl.breaker"]
        # {row id: (breaker, until when its trial is claimed)} of the trials that were claimed.
        self._trials = {}
        self._report_at = time.monotonic() + _REPORT_SECONDS
        # So many rows were worked on, and Odoo was told of so many of them.
        self.attempts = self._reported = 0

    @property
    def unreported(self):
        """How many rows were worked on since Odoo's scheduler last heard of any."""
        return self.attempts - self._reported

    @contextmanager
    def alive(self):
        """Hold the sign of life by which others know that what is taken meanwhile is in hand."""
        if self._worker_key:
            yield
            return
        with worker_lock(self._env, self._taking()) as self._worker_key:
            yield
        self._worker_key = None

    def _taking(self):
        """Return what takes more with the sign of life, in its statement: the `take` of `worker_lock`; None for nothing."""

    def run_apart(self):
        """Return `unreported` after `run()`; where that fails as a whole, others have their turns all the same.

        What it had in hand is taken over.
        """
        apart(self._env, _logger, f"a run of {self._rows._name} ended", self.run)
        return self.unreported

    def _take(self, domain, limit, prepare, with_trials=True):
        """Set up to `limit` rows of `domain` running; return {row: what is to be done}, as `prepare(rows)` returns it.

        `prepare` may close rows, and leave them out. It reads before the commit: no transaction stays open afterwards.
        """
        prepared, trials = commit_or_retry(
            self._env, partial(self._set_running, domain, limit, prepare, with_trials=with_trials)
        )
        self._trials.update(trials)
        return prepared

    def _set_running(self, domain, limit, prepare, with_trials):
        rows, claims = self._rows._set_running(domain, limit, self._worker_key, with_trials)
        prepared = prepare(rows)
        trials = {row.id: claims[row] for row in prepared if row in claims}
        _unclaim(claims[row] for row in set(claims).difference(prepared))
        return prepared, trials

    def _ours(self, rows):
        return rows._in_hands_of(self._worker_key)

    def _keep_of(self, row, action):
        """Run and commit `action()`, which keeps what became of `row`; raise TakenOver where it is not ours any more."""

        def act():
            if not self._ours(row):
                raise TakenOver
            return action()

        return commit_or_retry(self._env, act)

    def _give_back(self, row_ids):
        """Let other workers have what was taken and not worked on, and make the trials that it was to be."""
        self._ours(self._rows.browse(row_ids))._give_back()
        _unclaim(self._trials[row_id] for row_id in self._trials.keys() & set(row_ids))

    def _tell_scheduler(self):
        """Tell Odoo's scheduler now and then that work is done: a worker that dies must not count as one that did none."""
        # One is kept for the end: what remains then is gone on with at once only where something was done.
        news = self.unreported - 1
        if news > 0 and time.monotonic() >= self._report_at:
            scheduler(self._env)._commit_progress(news, remaining=1)
            self._report_at = time.monotonic() + _REPORT_SECONDS
            self._reported += news

    # -- what nobody foresaw -------------------------------------------------------------------------

    @contextmanager
    def _only(self, row):
        """Close `row` for what goes wrong in here: also an error that nobody foresaw costs no other row anything."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - see `undo`
            undo(self._env, error)
            self._refuse(row, error)

    def _refuse(self, row, error):
        """Close `row`, about which `error` arose that nobody foresaw."""
        commit_or_retry(self._env, lambda: self._ours(row)._close_faulty(error))


def all_or_each(env, step, pieces, refuse):
    """Call `step(pieces)`, which commits; where it fails, piece by piece, and `refuse(piece, error)` what fails alone."""
    try:
        step(pieces)
    except Exception as error:  # noqa: BLE001 - see `undo`
        undo(env, error)
        if len(pieces) == 1:
            refuse(pieces[0], error)
            return
        for piece in pieces:
            all_or_each(env, step, [piece], refuse)


def undo(env, error):
    """Undo what ended with `error`; raise it where it says nothing of any one row."""
    if isinstance(error, _ABOUT_ALL) or is_connection_lost(error):
        raise error
    # Whatever a batch did is undone: a savepoint would not cover what was flushed before it.
    env.cr.rollback()


def _unclaim(claims):
    """Let others make the trials that were claimed and not made."""
    for breaker, until in claims:
        breaker._unclaim(until)
