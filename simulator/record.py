"""What was asked: every request in order, so that tests can tell and people can learn."""

import threading
import time
from collections import deque

_KEPT = 20_000


class Record:
    """The last 20,000 requests."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[dict] = deque(maxlen=_KEPT)
        self._count = 0

    def add(self, **row: object) -> dict:
        """Keep a request that has just arrived; `status` of the row that is returned is filled in later."""
        with self._lock:
            self._count += 1
            row = {"number": self._count, "time": time.time(), "status": None, **row}
            self._rows.append(row)
            return row

    @property
    def count(self) -> int:
        """How many requests there were since the start, those that are forgotten included."""
        return self._count

    def rows(self, call: str | None = None) -> list[dict]:
        """Return copies of the requests of the kind `call`, or of all."""
        with self._lock:
            return [dict(row) for row in self._rows if call in (None, row["call"])]

    def clear(self) -> None:
        """Forget all requests; the numbers go on."""
        with self._lock:
            self._rows.clear()
