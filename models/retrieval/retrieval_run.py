import time
from contextlib import closing
from functools import partial

from psycopg2 import DatabaseError

from ...protocol.errors import (
    DatabaseNotConfirmed,
    KhoDLError,
    OutOfTime,
    ServerUnknown,
    SettingsIncomplete,
    Unexpected,
)
from ...protocol.links import is_composed
from ..common.queue_run import all_or_each
from ..common.transactions import commit_or_retry, worker_lock
from ..connection.kho_dl_breaker import OWN_SERVER
from ..gate.file_gate import Arrival, refused_values
from ..gate.gate_errors import GateError
from .retrieval_in_hand import RowsInHand
from .retrieval_verdicts import lanes_alive

# Files are attached several at once, as many as fit: an attachment needs its whole content in memory.
BATCH_BYTES = 16 * 1024 * 1024

# Hostile files may take the gate long: what it could not look at so many seconds after the time is over is fetched
# again.
LOOK_SECONDS = 15
# A file that took the gate long is not kept waiting for those after it, which may take long, too.
_BATCH_SECONDS = 3

# A file that had so many seconds and was still coming is tried again later and later, not at once.
_FAIR_SECONDS = 10

# Rows are taken for this many rounds of downloads at once: fewer statements, and enough left for other workers.
ROWS_AHEAD = 4


class RetrievalRun(RowsInHand):
    """One worker's pass over the queue of a company: take rows, fetch their files, attach, report.

    Bytes come from the threads of `protocol/`; every record is touched by the thread that runs this
    (rule 5 of the house). Each step commits: a row that is closed stays closed.
    """

    def __init__(
        self, env, company, domain, give_up_at, grace=None, *, leave_at=None, is_awaited=False, silence_fails=True
    ):
        """`domain` limits the rows. No file is started after `give_up_at` (time.monotonic()).

        What is under way then has `grace` seconds more, by default as long as a file may take; until `leave_at` what
        came is looked at. `is_awaited`: somebody sits before a screen until this ends, so no far system is tried that did
        not answer others. Not `silence_fails`: the time is too short to blame who says nothing in it.
        """
        # sudo: its address is the system administrators'; nobody reads it here.
        super().__init__(env, company.sudo().kho_dl_own_server)
        self._company = company
        self._domain = domain
        self._give_up_at = give_up_at
        self._grace = grace
        self._leave_at = leave_at or give_up_at + max(LOOK_SECONDS, grace or 0)
        self._is_awaited = is_awaited
        self._silence_fails = silence_fails
        self._gate = None
        # {row id: its far system} of what was taken, what the gate is asked about it, and how often the workers of the last
        # ones died: what a file needs is read when its row is taken, and not anew after each commit.
        self._lanes, self._questions, self._interrupted = {}, {}, []
        self._cut_off = self._rows.browse()
        self._has_looked = False

    def run(self):
        """Work until no row is left or the time is over; return the rows that were closed."""
        with worker_lock(self._env) as self._worker_key:
            self._fetch_and_attach()
            if self._alive:
                # Whoever answered and was cut off closed no row.
                self._commit(lambda: None, self._rows.browse())
            # Before the sign of life is let go: others finish what is left of dead workers.
            commit_or_retry(self._env, self._finish)
            if self._is_heard:
                commit_or_retry(self._env, self._closed._announce)
            self._rows._seal_now(self._company)
        return self._closed

    def _finish(self):
        self._give_back_rest()
        self._cases_with_news._send_progress()
        if not self._is_heard:
            self._closed._announce()
        self._closed._sum_up(self._is_awaited)

    @property
    def _is_heard(self):
        """Whether other applications are told of files, which must be committed by then."""
        return bool(self._env["kho.dl.case"]._mixed_in())

    def _fetch_and_attach(self):
        self._gate = self._env["kho.dl.gateway"]._gate(self._company, self._leave_at)
        try:
            with self._env["kho.dl.gateway"]._client(self._company) as client:
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

    def _fetch_round(self, client, domain):
        """Fetch and attach rows of `domain`, until none is due or the time is over."""
        times = {"give_up_at": self._give_up_at, "grace": self._grace, "silence_fails": self._silence_fails}
        requests = self._requests(client, domain)
        with closing(client.download_all(requests, is_wanted=self._is_wanted, **times)) as arriving:
            for results in arriving:
                try:
                    self._settle(results)
                finally:
                    # Also where the database broke off: the error would keep their files open until nobody holds it.
                    for result in results:
                        _close(result.download)

    def _requests(self, client, domain):
        """Yield a `FileRequest` for each row of `domain` as it is taken; rows without a usable address are closed."""
        limit = client.settings.parallel_downloads * ROWS_AHEAD
        is_last = False
        while not is_last and time.monotonic() < self._give_up_at:
            requests = self._take(domain, limit, partial(self._prepare, client), with_trials=not self._is_awaited)
            is_last = len(requests) < limit
            # Not beside others, but after them.
            domain &= ~self._rows._suspect_domain()
            self._has_more |= not is_last or any(self._interrupted)
            for row, request in requests.items():
                if isinstance(request, KhoDLError):
                    self.attempts += 1
                    self._fail(row, request)
                else:
                    yield request

    def _is_wanted(self, row_id):
        # What is behind a far system that was found dead since it was taken is given back at the end of the run.
        return self._spared.isdisjoint({self._lanes[row_id], OWN_SERVER})

    def _prepare(self, client, rows):
        """Return {row: `FileRequest`, or why there is none}."""
        self._interrupted = rows.mapped("interruptions")
        self._lanes.update({row.id: row.lane for row in rows})
        return {row: self._request(client, row) for row in rows}

    def _request(self, client, row):
        """Return the `FileRequest` of `row`, or the error because of which there is none."""
        try:
            self._questions[row.id] = row._gate_question()
            server = row.server_id._for_protocol()
            if server is None and not is_composed(row.link):
                # Never guessed: a clerk has to say which office it is.
                return ServerUnknown(row.agency_code or "")
            return client.file_request(row.id, row.link, server, row.file_name)
        except KhoDLError as error:
            return error
        except DatabaseError:
            raise
        except Exception as error:  # noqa: BLE001 - it closes the row, and is logged with its traceback
            return Unexpected(error)

    def _settle(self, results):
        """Attach or close what came back in `results`, a sequence of `FileResult`."""
        downloads = []
        rows = self._rows.browse([result.key for result in results])
        for row, result in zip(rows, results, strict=True):
            self._trials.pop(row.id, None)
            self.attempts += 1
            self._alive |= (alive := lanes_alive(self._lanes[row.id], result.error))
            self._spared -= alive
            if self._is_cut_off(result.error):
                self._cut_off |= row
                continue  # given back at the end of the run
            if result.error:
                self._fail(row, result.error)
            else:
                downloads.append((row, result.download))
        for batch in _batches(self._admitted(downloads)):
            self._attach(batch)
        if not self._is_awaited:
            self._tell_scheduler()

    def _admitted(self, downloads):
        """Yield (row, `Arrival`) for what the gate lets pass of [(row, download)]; close or put back the others."""
        for row, download in downloads:
            # The first one is always looked at, so that every run brings one.
            is_first, self._has_looked = not self._has_looked, True
            is_asked = is_first or time.monotonic() < self._leave_at
            if is_asked and (findings := self._look(row, download, self._questions[row.id], is_first)):
                yield row, Arrival(download, findings)
            else:
                _close(download)

    def _look(self, row, download, question, is_first):
        """Return the `Findings` in a file that the gate lets pass; None for another, which is closed or put back."""
        with self._only(row):
            try:
                return self._gate.admit(download, question)
            except GateError as error:
                # What only the time was too short for is given back at the end of the run.
                if is_first or not error.is_transient or time.monotonic() < self._leave_at:
                    self._turn_away(row, download, error)
        return None

    def _turn_away(self, row, download, error):
        facts = {"size": download.size, "sha256": download.sha256, **refused_values(error)}
        # What is fetched again may be another content then.
        self._fail(row, error, {} if error.is_transient else facts)

    def _is_cut_off(self, error):
        """Whether a file was coming when the time was over, and could come whole where there is more of it."""
        # Whom a short turn does not blame for its silence is asked again where there is more time.
        return isinstance(error, OutOfTime) and (
            self._is_awaited or error.seconds < _FAIR_SECONDS or not (self._silence_fails or error.is_coming)
        )

    def _attach(self, batch):
        all_or_each(self._env, self._attach_at_once, batch, lambda one, error: self._refuse(one[0], error))
        for _row, arrival in batch:
            _close(arrival.download)

    def _attach_at_once(self, batch):
        rows = self._rows.browse([row.id for row, _arrival in batch])
        self._closed |= self._commit(partial(self._attach_ours, rows, dict(batch)), rows)

    def _attach_ours(self, rows, arrivals):
        rows = self._ours(rows)
        wanted = rows - rows._no_longer_wanted()
        wanted._attach({row: arrivals[row] for row in wanted})
        return rows

    def _give_back_rest(self):
        """Let other workers have what was taken and not finished in time, which is no failure of theirs."""
        # A clerk's request is short; what the background cut off needs more time than others.
        left = self._rows.browse(self._lanes) - self._closed
        slow = self._rows if self._is_awaited else left & self._cut_off
        self._ours(slow).write({"error_kind": "out_of_time"})
        # Trials that were closed without a call are nobody's any more, too.
        self._give_back({*left.ids, *self._trials})


def _close(download):
    if download:
        download.close()


def _batches(arrivals):
    """Split the (row, arrival) so that a batch holds at most BATCH_BYTES, or one file, and nothing waits for long."""
    batch, size, began = [], 0, time.monotonic()
    for row, arrival in arrivals:
        is_late = time.monotonic() - began > _BATCH_SECONDS
        if batch and (is_late or size + arrival.download.size > BATCH_BYTES):
            yield batch
            batch, size, began = [], 0, time.monotonic()
        batch.append((row, arrival))
        size += arrival.download.size
    if batch:
        yield batch
