"""One request to our security server and its answer, as long as it lasts."""

from __future__ import annotations

import http.client
import threading
import time
from collections.abc import Callable

from . import recording
from .errors import KhoDLError, OutOfTime, TimedOut

# `current.exchange` is the one that this thread is in.
current = threading.local()


class Exchange:
    """One request and its answer: when it must be over, and the means to end it sooner from another thread."""

    def __init__(self, seconds: float) -> None:
        self._began = self._heard_at = time.monotonic()
        self._ends_at = self._began + seconds
        self._wake_up: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self.response: http.client.HTTPResponse | None = None
        self.timed_out = False
        # Whether the body is compressed, and has its own end.
        self.is_packed_whole = False
        self.target = ""
        self.connect_seconds = 0.0
        # How long (s) the connection may have been idle, and whether it has served before.
        self.most_idle = 0.0
        self.is_reused = False
        self.recorded: recording.RecordedExchange | None = None
        self.far_id = ""

    def remaining(self) -> float:
        """Return the seconds left, 0 or less when the time is over."""
        return self._ends_at - time.monotonic()

    @property
    def is_coming(self) -> bool:
        """Whether any of the answer has come."""
        return self._heard_at > self._began

    @property
    def is_asked(self) -> bool:
        """Whether the request went out, so that an answer was waited for."""
        return self.response is not None

    def has_more(self) -> bool:
        """Tell whether more came than the answer was to hold."""
        return bool(self.response and self.response.behind.strip())

    def was_closed_meanwhile(self) -> bool:
        """Tell whether this broke off unheard on a connection that stayed open; from now on it takes a new one."""
        is_so = self.is_reused and not (self.is_coming or self.timed_out) and self.remaining() > 0
        self.most_idle = -1.0
        if is_so:
            self.release()
            self.response = None
        return is_so

    def heard(self) -> None:
        """Note that bytes have come."""
        self._heard_at = time.monotonic()

    def cut_off(self, long_silence: float) -> KhoDLError:
        """Return what ending this exchange now says: TimedOut after a silence of `long_silence` (s), else OutOfTime."""
        now = time.monotonic()
        if now - self._heard_at >= long_silence:
            return TimedOut("no answer until the time was over", is_connected=self.is_asked)
        return OutOfTime(now - self._began, is_coming=self.is_coming)

    def cancel(self) -> None:
        """End the exchange: whoever waits for its bytes is woken up and finds the connection closed."""
        with self._lock:
            self._ends_at = 0.0
            if self._wake_up is not None:
                self._wake_up()

    def attach(self, wake_up: Callable[[], None] | None) -> None:
        """Say how whoever reads the answer is woken up; None once that is done."""
        with self._lock:
            self._wake_up = wake_up

    def release(self) -> None:
        """Close what the engine left open, as it does where it stumbles over a header."""
        if self.response is not None:
            self.response.close()
