"""What was asked: every request in order, so that tests can assert it."""

import itertools
import threading
import time
from collections import deque

_KEPT = 20_000


class Record:
    """The last 20,000 requests as JSON-ready rows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._rows: deque[dict] = deque(maxlen=_KEPT)
        self._numbers = itertools.count(1)

    def add(self, **row) -> dict:
        """Keep a request; the row is returned so that its status can be filled in."""
        with self._lock:
            row = {"number": next(self._numbers), "time": time.time(), "status": None, **row}
            self._rows.append(row)
            return row

    def rows(self, call: str | None = None) -> list[dict]:
        """Return the requests of `call`, or all."""
        with self._lock:
            return [row for row in self._rows if call in (None, row["call"])]

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
