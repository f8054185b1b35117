import time
from contextlib import closing
from datetime import timedelta
from functools import partial

from psycopg2 import DatabaseError

from odoo import fields
from odoo.fields import Domain

from ...protocol.errors import (
    DatabaseNotConfirmed,
    KhoDLError,
    OutOfTime,
    ServerUnknown,
    SettingsIncomplete,
    Unexpected,
)
from ...protocol.links import is_composed
from ..common.kho_dl_queue import LEASE_MARGIN
from ..common.transactions import commit_or_retry, in_mind, recall
from ..connection.account_slots import AccountSlots
from ..connection.kho_dl_breaker import OWN_SERVER
from .retrieval_attaching import Attaching
from .retrieval_looks import Task, close
from .retrieval_verdicts import lanes_alive

# Hostile files may take the gate long: what it could not look at so many seconds after the time is over is fetched
# again.
LOOK_SECONDS = 15
# A file that had so many seconds and was still coming is tried again later and later, not at once.
_FAIR_SECONDS = 10

# What attaching asks of these is as it was when the files were selected, a moment ago: closed questions never change.
_IN_MIND = {"res.company", "res.users", "res.partner", "kho.dl.query", "kho.dl.procedure.document"}

# Rows are taken for this many rounds of downloads at once: fewer statements, and enough left for other workers.
ROWS_AHEAD = 4


class RetrievalRun(Attaching):
    """One worker's pass over the queue of companies: take rows, fetch their files, attach, report.

    Bytes come from the threads of `protocol/`; every record is touched by the thread that runs this
    (rule 5 of the house). Each step commits: a row that is closed stays closed.
    """

    def __init__(
        self, env, companies, domain, give_up_at, grace=None, *, leave_at=None, is_awaited=False, silence_fails=True
    ):
        """`companies` fetch alike (`kho.dl.gateway`); `domain` limits the rows, all of theirs. No file is started after `give_up_at` (time.monotonic()).

        What is under way then has `grace` seconds more, by default as long as a file may take; until `leave_at` what
        came is looked at. `is_awaited`: somebody sits before a screen until this ends, so no far system is tried that did
        not answer others. Not `silence_fails`: the time is too short to blame who says nothing in it.
        """
        # sudo: these are the system administrators'; nobody reads them here.
        settings = companies[0].sudo()
        leave_at = leave_at or give_up_at + max(LOOK_SECONDS, grace or 0)
        super().__init__(env, settings.kho_dl_own_server, leave_at, is_awaited)
        # The first one speaks for all of them.
        self._companies, self._company = companies, companies[0]
        self._most_new = settings.kho_dl_parallel_downloads * ROWS_AHEAD
        self._lease = timedelta(seconds=settings.kho_dl_total_timeout) + LEASE_MARGIN
        self._domain = domain
        self._give_up_at = give_up_at
        self._grace = grace
        self._silence_fails = silence_fails
        self._client = self._problem = None
        # How often the workers of the last ones taken died, and {row: task} of new rows, which are taken as they are made.
        self._interrupted, self._new = [], {}
        self._cut_off = self._rows.browse()
        self._mind = {}
        # So many rows were to be taken last.
        self._share = 0

    def add(self, rows):
        """Work on `rows`, those that `make` made and others."""
        others = rows - self._rows.browse(row.id for row in self._new)
        if others:
            # Somebody is waiting for them: no pause after an earlier failure. What is read for it is read before a commit.
            commit_or_retry(self._env, others._make_due)
        # What the office had chosen that had the case before is fetched as that one does.
        self._domain |= Domain("id", "in", rows.ids) & self._rows._of_offices(self._companies)
        self._has_others = bool(others)

    def run(self):
        """Work until no row is left or the time is over; return the rows that were closed."""
        with self.alive():
            if not (self._gate or self._problem):
                self.read_settings()
            self._tasks.update({row.id: task for row, task in self._new.items()})
            if self._new and self._gate:
                self._gate.get_ready()
            self._fetch_and_attach()
            if self._alive:
                # Whoever answered and was cut off closed no row.
                self._commit(lambda: None, self._rows.browse())
            # Before the sign of life is let go: others finish what is left of dead workers.
            if not self._is_finished:
                commit_or_retry(self._env, self._finish)
            if self._is_heard:
                commit_or_retry(self._env, self._closed._announce)
            if self._owners and not (self._is_finished and self._is_sealed):
                self._rows._seal_now(self._owners)
        return self._closed

    def _finish(self):
        self._give_back_rest()
        self._cases_with_news._send_progress()
        self._conclude(self._closed)

    def read_settings(self, expected=()):
        """Read what is needed of the company; before a commit that comes anyway, and not with a transaction of its own.

        `expected` are the lanes of files that will be fetched as soon as this is `alive`.
        """
        self._expected = expected
        try:
            self._gate = self._env["kho.dl.gateway"]._gate(self._company, self._leave_at)
            self._client = self._env["kho.dl.gateway"]._client(self._company)
            self._slots = AccountSlots(self._env, self._client.settings, self._is_awaited)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - what was selected is kept first; `run` raises it
            self._problem = error

    @property
    def is_in_copy(self):
        """Whether nothing can be fetched because this database is a copy."""
        return isinstance(self._problem, DatabaseNotConfirmed)

    def _fetch_and_attach(self):
        try:
            if self._problem:
                raise self._problem
            client = self._client
            self._server = client.settings.server_key
            if not self._is_awaited:
                # One of them first: where others always wait, its turn would never come.
                self._fetch_round(client, self._domain & self._rows._suspect_domain())
            self._has_more = True
            while self._has_more and time.monotonic() < self._give_up_at:
                self._has_more = False
                self._fetch_round(client, self._domain)
        except (SettingsIncomplete, DatabaseNotConfirmed) as error:
            commit_or_retry(self._env, partial(self._rows._wait_for_settings, self._domain, error))

    def _hang_up(self):  # pylint: disable=missing-return
        # Also where nothing was fetched, as what was selected was refused.
        client, self._client = self._client, None
        if client:
            client.close()
        super()._hang_up()

    def _fetch_round(self, client, domain):
        """Fetch and attach rows of `domain`, until none is due or the time is over."""
        options = {"give_up_at": self._give_up_at, "grace": self._grace, "silence_fails": self._silence_fails}
        options |= {"is_wanted": self._is_wanted, "slots": self._slots}
        options |= {"meanwhile": self._read_ahead, "arrived": self._look_at}
        requests = self._requests(client, domain)
        with self._looking(), closing(client.download_all(requests, **options)) as arriving:
            for results in arriving:
                try:
                    self._settle(results)
                finally:
                    # Also where the database broke off: the error would keep their files open until nobody holds it.
                    for result in results:
                        close(result.download)

    def _requests(self, client, domain):
        """Yield a `FileRequest` for each row of `domain` as it is taken; rows without a usable address are closed."""
        limit = client.settings.parallel_downloads * ROWS_AHEAD
        new, self._new = self._new, {}
        yield from self._requests_of(client, new)
        is_last = bool(new) and not self._has_others
        while not is_last and time.monotonic() < self._give_up_at:
            tasks = self._take(domain, limit, self._prepare, with_trials=not self._is_awaited)
            is_last = len(tasks) < self._share
            # Not beside others, but after them.
            domain &= ~self._rows._suspect_domain()
            self._has_more |= not is_last or any(self._interrupted)
            yield from self._requests_of(client, tasks)

    def _set_running(self, domain, limit, prepare, with_trials):
        self._share = limit if self._is_awaited else self._share_of(domain, limit)
        return super()._set_running(domain, self._share, prepare, with_trials)

    def _share_of(self, domain, limit):
        """Return how many rows to take: half of those that wait, so that others who come have not too few at the end."""
        waiting = self._rows.search_count(domain & self._rows._takeable(), limit=2 * limit)
        return max(limit // ROWS_AHEAD, waiting // 2)

    def _requests_of(self, client, tasks):
        self._tasks.update({row.id: task for row, task in tasks.items()})
        # What is taken after the run was concluded is concluded again.
        self._is_finished &= not tasks
        kept = [(row, task.kept) for row, task in tasks.items() if task.kept]
        self.attempts += len(kept)
        for row, download in kept:
            self._look_at(row.id, download)
        self._take_in(kept)
        for row, task in tasks.items():
            if task.kept:
                continue
            request = self._request(client, row, task)
            if isinstance(request, KhoDLError):
                self.attempts += 1
                self._fail(row, request)
            else:
                yield request

    def _request(self, client, row, task):
        """Return the `FileRequest` of `row`, or the error because of which there is none."""
        try:
            return task.problem or client.file_request(row.id, task.link, task.server, task.name)
        except KhoDLError as error:
            return error
        except Exception as error:  # noqa: BLE001 - it closes the row, and is logged with its traceback
            return Unexpected(error)

    def _is_wanted(self, row_id):
        # What is behind a far system that was found dead since it was taken is given back at the end of the run.
        return self._spared.isdisjoint({self._tasks[row_id].lane, OWN_SERVER})

    def _prepare(self, rows):
        """Return {row: `Task`}."""
        self._interrupted = rows.mapped("interruptions")
        return {row: self._task(row) for row in rows}

    def _task(self, row):
        try:
            server = row.server_id._for_protocol()
            # Never guessed: a clerk has to say which office it is.
            problem = None if server or is_composed(row.link) else ServerUnknown(row.agency_code or "")
            kept = row._kept_download() if row.is_previewed else None
            return Task(row.lane, row._gate_question(), row.link, server, row.file_name, problem, kept)
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - it closes the row, and is logged with its traceback
            return Task(row.lane, problem=Unexpected(error))

    def make(self, vals_list):
        """Make a row of each of `vals_list`; what may be tried now is in our hands from the start. Return the rows.

        For `commit_or_retry`, while this is `alive`.
        """
        # Again where a race was lost: the rows of the first time are gone.
        self._new = {}
        if not vals_list:
            return self._rows.browse()
        breakers = self._breakers._open().filtered(lambda breaker: breaker.own_server == self._server)
        spared = set(breakers.mapped("lane"))
        ours, others = [], []
        for vals in vals_list:
            # What is here already needs nobody who is spared.
            is_free = vals.get("is_previewed") or not spared & {vals["lane"], OWN_SERVER}
            (ours if is_free and not self._problem and len(ours) < self._most_new else others).append(vals)
        lease = fields.Datetime.now() + self._lease
        running = {**self._rows._running_values(self._worker_key), "lease_until": lease}
        rows = self._rows.create([*({**vals, **running} for vals in ours), *others])
        self._new = self._prepare(rows[: len(ours)])
        self._mind = in_mind(self._env, _IN_MIND)
        return rows

    def _read_ahead(self):
        """Read whose name stands at what is attached, while the files are on their way; no transaction stays open."""
        if not self._mind:
            return
        recall(self._env, self._mind)
        # What `_message_log` and the words on the case ask for.
        user = self._env.user
        user.lang, user.partner_id.email_formatted  # noqa: B018 - read, and so in mind
        self._mind = in_mind(self._env, _IN_MIND)
        self._env.cr.commit()

    def _attach_ours(self, rows, arrivals):
        # What was in mind for the first batch is old for the next one.
        mind, self._mind = self._mind, {}
        recall(self._env, mind)
        return super()._attach_ours(rows, arrivals)

    def _settle(self, results):
        """Attach or close what came back in `results`, a sequence of `FileResult`."""
        downloads = []
        rows = self._rows.browse([result.key for result in results])
        for row, result in zip(rows, results, strict=True):
            self.attempts += 1
            self._alive |= (alive := lanes_alive(self._tasks[row.id].lane, result.error))
            self._spared -= alive
            if self._is_cut_off(result.error):
                self._cut_off |= row
                # Its trial took all its time: not again at once.
                self._trials.pop(row.id, None)
                continue  # given back at the end of the run
            if result.error:
                self._fail(row, result.error)
            else:
                downloads.append((row, result.download))
        self._take_in(downloads)
        if not self._is_awaited:
            self._tell_scheduler()

    def _is_cut_off(self, error):
        """Whether a file was coming when the time was over, and could come whole where there is more of it."""
        # Whom a short turn does not blame for its silence is asked again where there is more time.
        return isinstance(error, OutOfTime) and (
            self._is_awaited or error.seconds < _FAIR_SECONDS or not (self._silence_fails or error.is_coming)
        )

    def _give_back_rest(self):
        """Let other workers have what was taken and not finished in time, which is no failure of theirs."""
        # A clerk's request is short; what the background cut off needs more time than others.
        left = self._rows.browse(self._tasks) - self._closed
        slow = self._rows if self._is_awaited else left & self._cut_off
        self._ours(slow).write({"error_kind": "out_of_time"})
        # Trials that were closed without a call, or told nothing of what was tried, are nobody's any more, too.
        self._give_back({*left.ids, *self._trials})
