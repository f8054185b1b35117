"""Fetching many files side by side: threads carry bytes, the caller's thread everything else."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from .download import FileRequest, FileResult
from .lanes import Lanes
from .slots import Slots
from .transport import Exchange

# Enough to look past a burst for one far system; what waits here is withheld from other workers.
_WAITING_PER_SLOT = 4
# How long (s) files that are there wait for others: each round of the caller's work costs as much for one as for many.
_TOGETHER = 0.05
# So many slots' files at most are joined: they are on disk until the caller has looked at them.
_MOST_TOGETHER = 4
# A far system that says nothing for so long (s), or for half of the time there was, until that is over has failed.
_LONG_SILENCE = 10
# What takes longer than so long (s) leaves the caller time for other work.
_MOMENT = 0.005
# How often (s) a slot is asked for where others have them all.
_ASK_AGAIN = 0.15
# An exchange may outlive the run by so long (s): what it says when the time is over is the run's to say.
_MARGIN = 0.5


class ParallelRun:
    """Fetches what `requests` yields with `fetch`, `width` at a time, each within `seconds_each`.

    Of one lane, `width_per_lane` run at a time, and a few wait. Each takes one of `slots`; where there is none, it is waited
    for until `give_up_at`.

    `requests` is advanced in the thread that reads `results`, only when a slot is free and `give_up_at`
    (time.monotonic()) is not reached. What has started is waited for no longer than `grace` seconds after that, and ends
    as TimedOut then, or as OutOfTime where bytes were coming, it began late, or not `silence_fails`; what waits for its
    lane by then is neither started nor yielded, and so is a request that, by its key, is not wanted any more when a slot is
    free. `before_wait` runs in the same thread before each wait, and `meanwhile`, once, when nothing has come after a moment.
    """

    def __init__(
        self,
        requests: Iterable[FileRequest],
        fetch: Callable[[FileRequest, Exchange], FileResult],
        *,
        width: int,
        width_per_lane: int,
        seconds_each: float,
        give_up_at: float | None,
        grace: float,
        silence_fails: bool = True,
        before_wait: Callable[[], None] = lambda: None,
        meanwhile: Callable[[], None] | None = None,
        is_wanted: Callable[[int], bool] = lambda _key: True,
        slots: Slots | None = None,
    ) -> None:
        most_waiting = _WAITING_PER_SLOT * width
        self._lanes = Lanes(requests, width=width_per_lane, most_waiting=most_waiting, slots=slots or Slots())
        self._fetch, self._width, self._seconds_each = fetch, width, seconds_each
        self._give_up_at = give_up_at
        self._leave_at = None if give_up_at is None else give_up_at + grace
        self._silence_fails, self._before_wait, self._is_wanted = silence_fails, before_wait, is_wanted
        self._meanwhile = meanwhile
        self._began = 0.0
        self._pool = ThreadPoolExecutor(width, thread_name_prefix="kho_dl_download")
        self._running: dict[Future[FileResult], tuple[FileRequest, Exchange]] = {}
        self._ready: list[Future[FileResult]] = []

    def results(self) -> Iterator[tuple[FileResult, ...]]:
        """Yield, once, all that have completed since the last yield; those that come within a moment come together.

        What is still running when the time is over is ended and yielded last. Closing the iterator early ends what is
        running likewise, joins its threads and closes its files. What `fetch` or `requests` raise ends everything, too.
        """
        try:
            self._start_more()
            while self._running or self._waits_for_slots():
                is_over = not self._wait()
                results = self._cut_off() if is_over else self._come()
                if results:
                    yield results
                if is_over:
                    return
        finally:
            self._end()

    def _wait(self) -> bool:
        """Wait until something completes, or nothing is waited for any more; return whether the time sufficed."""
        while self._running or self._waits_for_slots():
            left = self._seconds_left()
            pause = min(left, self._pause())
            if self._collect(pause):
                return True
            if pause == left:
                return False
            meanwhile, self._meanwhile = self._meanwhile, None
            if meanwhile:
                meanwhile()
        return True

    def _pause(self) -> float:
        if self._meanwhile:
            return _MOMENT
        return _ASK_AGAIN if self._waits_for_slots() else math.inf

    def _come(self) -> tuple[FileResult, ...]:
        """Return what has come, with what comes within a moment."""
        self._join(time.monotonic() + _TOGETHER)
        results = tuple(future.result() for future in self._ready)
        self._ready.clear()
        self._lanes.settle()
        return results

    def _join(self, until: float) -> None:
        """Collect what completes until `until` (time.monotonic()), nothing is under way any more, or something has failed.

        A far system that is dead is asked no more once the caller knows: that does not wait.
        """
        most = _MOST_TOGETHER * self._width
        while self._running and len(self._ready) < most and (left := until - time.monotonic()) > 0:
            if any(future.exception() or future.result().error for future in self._ready):
                return
            self._collect(left)

    def _collect(self, seconds: float) -> bool:
        """Wait for `seconds` until something completes and fill the freed slots; return whether something did."""
        self._before_wait()
        done = wait(self._running, None if seconds == math.inf else seconds, FIRST_COMPLETED).done
        if not self._running:
            time.sleep(seconds)
        for future in done:
            request, _exchange = self._running.pop(future)
            self._lanes.end(request.lane)
        self._ready.extend(done)
        self._start_more()
        return bool(done)

    def _start_more(self) -> None:
        has_dropped = True
        while has_dropped and self._has_room():
            has_dropped = False
            self._lanes.get_ready(self._width - len(self._running))
            while self._has_room() and (request := self._lanes.start()) is not None:
                if self._is_wanted(request.key):
                    self._start(request)
                else:
                    self._lanes.end(request.lane)
                    has_dropped = True

    def _start(self, request: FileRequest) -> None:
        self._began = self._began or time.monotonic()
        exchange = Exchange(min(self._seconds_each, self._seconds_left(_MARGIN)))
        self._running[self._pool.submit(self._fetch, request, exchange)] = request, exchange

    def _waits_for_slots(self) -> bool:
        return self._lanes.lack_slots() and self._has_room()

    def _has_room(self) -> bool:
        is_late = self._give_up_at is not None and time.monotonic() >= self._give_up_at
        return len(self._running) < self._width and not is_late

    def _seconds_left(self, margin: float = 0.0) -> float:
        return math.inf if self._leave_at is None else max(0.0, self._leave_at + margin - time.monotonic())

    def _cut_off(self) -> tuple[FileResult, ...]:
        """End what is running; return what that says of each."""
        long_silence = min(_LONG_SILENCE, (time.monotonic() - self._began) / 2) if self._silence_fails else math.inf
        results = tuple(
            FileResult(request.key, None, exchange.cut_off(long_silence))
            for request, exchange in self._running.values()
        )
        self._end()
        return results

    def _end(self) -> None:
        for _request, exchange in self._running.values():
            exchange.cancel()
        self._pool.shutdown(wait=True, cancel_futures=True)
        for future in (*self._running, *self._ready):
            _drop(future)


def _drop(future: Future[FileResult]) -> None:
    download = None if future.cancelled() or future.exception() else future.result().download
    if download is not None:
        download.close()
