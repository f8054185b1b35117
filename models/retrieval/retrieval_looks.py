"""What came is looked at before it is attached: side by side, as far as the time allows, and in batches that fit."""

import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count

from ...inspection.sandbox import AT_ONCE
from ...protocol.errors import KhoDLError
from ..gate.file_gate import Arrival, refused_values
from ..gate.gate_errors import GateError
from .retrieval_in_hand import RowsInHand

# Files are attached several at once, as many as fit: an attachment needs its whole content in memory.
BATCH_BYTES = 16 * 1024 * 1024
# A file that took the gate long is not kept waiting for those after it, which may take long, too.
_BATCH_SECONDS = 3


class _Pool(ThreadPoolExecutor):
    """Threads that begin nothing more once what they do is not wanted any more."""

    def __exit__(self, *_error):
        self.shutdown(cancel_futures=True)


@dataclass(frozen=True, slots=True)
class Task:
    """What a file needs, read when its row is taken and not anew after each commit: `problem` where it cannot be fetched.

    `kept` is its `Download` where it was fetched before, to be looked at.
    """

    lane: str | bool
    question: object = None
    link: str = ""
    server: object = None
    name: str = ""
    problem: KhoDLError | None = None
    kept: object = None


class LookedAt(RowsInHand):
    """Rows in hand whose files pass the gate; what it refuses is closed or put back here."""

    def __init__(self, env, server, leave_at):
        """`server` as for `RowsInHand`; nothing but the first file is looked at after `leave_at` (time.monotonic())."""
        super().__init__(env, server)
        self._leave_at = leave_at
        self._gate = None
        # {row id: task} of what was taken.
        self._tasks = {}
        # Who looks at files, and {row id: (whether it is the first one, what comes of the look)} of those that are here.
        self._pool, self._looks, self._turns = None, {}, count()

    @contextmanager
    def _looking(self):
        """Have threads that look at files side by side, and beside what is done with the first ones."""
        with _Pool(AT_ONCE, "kho_dl_gate") as self._pool:
            yield

    def _look_at(self, row_id, download):
        """Have a file looked at, while others are on their way; called in any thread."""
        # The first one is always looked at, so that every run brings one.
        is_first = next(self._turns) == 0
        look = self._pool.submit(self._look, download, self._tasks[row_id].question, is_first)
        self._looks[row_id] = is_first, look

    def _admitted(self, downloads):
        """Yield (row, `Arrival`) for what the gate lets pass of [(row, download)]; close or put back the others."""
        for row, download in downloads:
            is_first, look = self._looks.pop(row.id)
            if findings := self._findings(row, download, is_first, look):
                yield row, Arrival(download, findings)
            else:
                close(download)

    def _take_in(self, downloads):
        """Attach what the gate lets pass of [(row, download)]; what each batch needs is the heir's."""
        with closing(self._admitted(downloads)) as admitted:
            for batch in batches(admitted):
                self._attach(batch)

    def _look(self, download, question, is_first):
        # In a thread: bytes and questions, and no record.
        return self._gate.admit(download, question) if is_first or time.monotonic() < self._leave_at else None

    def _findings(self, row, download, is_first, look):
        """Return the `Findings` in a file that the gate lets pass; None for another, which is closed or put back."""
        with self._only(row):
            try:
                return look.result()
            except GateError as error:
                # What only the time was too short for is given back at the end of the run.
                if is_first or not error.is_transient or time.monotonic() < self._leave_at:
                    self._turn_away(row, download, error)
        return None

    def _turn_away(self, row, download, error):
        error.far_id = download.far_id
        facts = {"size": download.size, "sha256": download.sha256, **refused_values(error)}
        # What is fetched again may be another content then.
        self._fail(row, error, {} if error.is_transient else facts)


def close(download):
    """Let go of a `Download`, which may be None."""
    if download:
        download.close()


def batches(arrivals):
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
