"""Work in threads whose outcomes one thread, their owner, collects."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

# How long (s) to wait for one more outcome once some are there: what began together ends together, give or take.
_TOGETHER = 0.01


class TaskPool:
    """Runs up to `width` functions at once; a context manager, which waits at its end for what is still running.

    Only its owner's thread calls it. What runs must know by itself when its time is over. `before_wait` runs before each
    wait, in the owner's thread.
    """

    def __init__(self, width: int, name: str, before_wait: Callable[[], None] = lambda: None) -> None:
        self._width, self._before_wait = width, before_wait
        self._threads = ThreadPoolExecutor(width, thread_name_prefix=name)
        self._running: dict[Future[object], Hashable] = {}

    def __enter__(self) -> TaskPool:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._threads.shutdown(wait=True, cancel_futures=True)

    def __len__(self) -> int:
        return len(self._running)

    def has_room(self) -> bool:
        """Tell whether another function would start at once."""
        return len(self._running) < self._width

    def start(self, key: Hashable, function: Callable[..., object], *args: object) -> None:
        """Run `function(*args)` in a thread; `key` names its outcome."""
        self._running[self._threads.submit(function, *args)] = key

    def collect(self, seconds: float) -> list[tuple[Hashable, Future[object]]]:
        """Return (key, ended future) of what has ended, at the latest after `seconds`; the neighbours of the first, too."""
        self._before_wait()
        if not self._running:
            time.sleep(seconds)
            return []
        if not wait(self._running, seconds, FIRST_COMPLETED).done:
            return []
        # Each look at what ended costs its owner a round of work, and the slots of the neighbours stand idle meanwhile.
        ended = wait(self._running, _TOGETHER).done
        return [(self._running.pop(future), future) for future in ended]
