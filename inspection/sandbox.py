"""Looking at files in a child process, so that a hostile one takes nothing down but that."""

from __future__ import annotations

import functools
import math
import os
import socket
import subprocess
import threading
import time
import weakref
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from .descriptors import descriptor_of
from .interpreter import start_worker
from .reports import NO_TIME, NOT_STARTED, FileReport
from .trust import Trust
from .wire import WireBroken, ask, next_answer

PDF = "application/pdf"
# So many files are looked at side by side: other workers of Odoo have cores to use, too.
AT_ONCE = min(os.cpu_count() or 1, 4)
_START_SECONDS = 20
# An interpreter that hung is not waited for again so soon: others wait behind it, and the file is tried again anyway.
_REST_SECONDS = 60
# So many files of others are waited for.
_TURNS = 3
# A child at work is waited for so long (s) before another one is started: that takes a quarter of a second of a core, a file some
# milliseconds as a rule.
_WORTH_A_START = 1
_TOO_LONG = "the inspection took too long"
_ENDED = "the inspection used up its memory or time"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: `seconds` of time and of CPU, `memory` in bytes. An idle child ends after `idle`."""

    seconds: float = 20
    memory: int = 1024**3
    # A child has some 34 MiB of its own, and takes a quarter of a second of a core to start: a worker to which a case comes
    # each minute has it at hand for nine of ten cases, with 60 s for less than half of them.
    idle: float = 180


class Sandbox:
    """Owns at most one child process, started when there is something to look at. Safe for threads and forks.

    `python` runs the child, the interpreter of this process where it is empty.
    """

    def __init__(self, limits: Limits | None = None, python: str = "") -> None:
        self._limits = limits or Limits()
        self._python = python
        self._forget()
        _sandboxes.add(self)

    @property
    def process_id(self) -> int | None:
        """The child's process id, None while there is none."""
        process = self._process
        return process.pid if process else None

    @property
    def is_awake(self) -> bool:
        """Whether there is a child that can be asked."""
        # One that may be about to end by itself is not asked any more; its clock and ours differ by what a busy machine makes
        # of an answer on its way.
        is_fresh = time.monotonic() - self._used_at < self._limits.idle * 5 / 6
        process = self._process
        return process is not None and is_fresh and process.poll() is None

    def inspect(self, file: BinaryIO, trust: Trust, at: datetime, until: float = math.inf) -> FileReport:
        """Return what the PDF in `file` says; `is_examined` is False when it was too much, or not seen through by `until`.

        `until` is of time.monotonic(). The file's position stays.
        """
        with descriptor_of(file) as number:
            # Others may have brought files that take long.
            if not self._lock.acquire(timeout=_patience(self._limits, until)):
                return _not_looked_at(until)
            try:
                return self._ask(number, trust, at, until)
            finally:
                self._lock.release()

    def _ask(self, number: int, trust: Trust, at: datetime, until: float) -> FileReport:
        """Return the child's report on the file behind the descriptor `number`; the lock is held."""
        if time.monotonic() >= until or not self._is_started():
            return _not_looked_at(until)
        try:
            # None is no time for a socket: it would not wait, and not time out either.
            self._connection.settimeout(max(min(self._limits.seconds, until - time.monotonic()), 0.001))
            ask(self._connection, number, trust, at)
            report = next_answer(self._connection)
        except TimeoutError:
            report = FileReport(is_examined=False, reason=NO_TIME if time.monotonic() >= until else _TOO_LONG)
        except (WireBroken, ConnectionError):
            report = FileReport(is_examined=False, reason=_ENDED)
        else:
            self._used_at = time.monotonic()
            return report
        self._end()
        return report

    def get_ready(self) -> None:
        """Start the child, unless it is there or somebody is at it."""
        if self._lock.acquire(blocking=False):
            try:
                self._is_started()
            finally:
                self._lock.release()

    def close(self) -> None:
        """End the child, if there is one."""
        with self._lock:
            self._end()

    def _is_started(self) -> bool:
        """Return whether there is a child, started if need be; the lock is held."""
        if time.monotonic() < self._rests_until:
            return False
        try:
            self._start()
        except (OSError, WireBroken) as error:
            self._end()
            if isinstance(error, TimeoutError):
                self._rests_until = time.monotonic() + _REST_SECONDS
            return False
        return True

    def _start(self) -> None:
        if self.is_awake:
            return
        self._end()
        self._connection, theirs = socket.socketpair()
        with theirs:
            numbers = (self._limits.memory, self._limits.seconds, self._limits.idle)
            self._process = start_worker(self._python, theirs.fileno(), numbers)
        self._connection.settimeout(_START_SECONDS)
        if not self._connection.recv(1):
            raise WireBroken
        self._used_at = time.monotonic()

    def _end(self) -> None:
        if self._connection:
            self._connection.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._connection = self._process = None

    def _forget(self) -> None:
        """Begin without a child."""
        self._lock = threading.Lock()
        self._process: subprocess.Popen | None = None
        self._connection: socket.socket | None = None
        self._used_at = time.monotonic()
        self._rests_until = 0.0

    def _after_fork(self) -> None:
        """Leave the child to the process that started it, which alone may ask and end it."""
        if self._connection:
            self._connection.close()
        if self._process:
            # Not ours to wait for, and no warning that nobody did.
            self._process.returncode = 0
        self._forget()


class Sandboxes:
    """As many sandboxes as files may be looked at side by side; whoever comes when all are busy waits. Each as `Sandbox`.

    Children are started one after the other, as there is work for them.
    """

    def __init__(self, limits: Limits | None = None, python: str = "", most: int | None = None) -> None:
        self._limits = limits or Limits()
        self._all = [Sandbox(limits, python) for _number in range(most or AT_ONCE)]
        self._after_fork()
        _sandboxes.add(self)

    @property
    def process_ids(self) -> list[int]:
        """The process ids of the children that there are."""
        return [number for sandbox in self._all if (number := sandbox.process_id)]

    def inspect(self, file: BinaryIO, trust: Trust, at: datetime, until: float = math.inf) -> FileReport:
        """Return what the PDF in `file` says, as `Sandbox.inspect` does."""
        sandbox = self._take(until)
        if sandbox is None:
            return _not_looked_at(until)
        try:
            return sandbox.inspect(file, trust, at, until)
        finally:
            with self._changes:
                self._idle.append(sandbox)
                self._changes.notify()

    def _take(self, until: float = math.inf) -> Sandbox | None:
        """Return a sandbox that is nobody else's now, None where all were busy for too long."""
        began, patience = time.monotonic(), _patience(self._limits, until)
        with self._changes:
            while (waited := time.monotonic() - began) < patience:
                is_anybody_busy = len(self._idle) < len(self._all)
                sandbox = self._next()
                if sandbox and (sandbox.process_id or not is_anybody_busy or waited >= _WORTH_A_START):
                    self._idle.remove(sandbox)
                    return sandbox
                self._changes.wait(min(max(_WORTH_A_START - waited, 0) or patience, patience - waited))
        return None

    def _next(self) -> Sandbox | None:
        """Return the idle sandbox that would be asked next, None where all are busy."""
        # One with a child, the one that was used last: it is awake.
        awake = [sandbox for sandbox in self._idle if sandbox.process_id]
        return (awake or self._idle or [None])[-1]

    def get_ready(self) -> None:
        """Start the child that would be asked next, in a thread of its own; whoever has a file by then waits for it."""
        with self._changes:
            sandbox = self._next()
        if sandbox and not sandbox.is_awake:
            threading.Thread(target=sandbox.get_ready, name="kho_dl_sandbox", daemon=True).start()

    def close(self) -> None:
        """End all children."""
        for sandbox in self._all:
            sandbox.close()

    def _after_fork(self) -> None:
        self._changes = threading.Condition()
        self._idle = list(self._all)


def _patience(limits: Limits, until: float) -> float:
    """Return how long (s) others are waited for, who have the child."""
    return max(min(_TURNS * limits.seconds, until - time.monotonic()), 0)


def _not_looked_at(until: float) -> FileReport:
    return FileReport(is_examined=False, reason=NO_TIME if time.monotonic() >= until else NOT_STARTED)


def inspect_file(
    file: BinaryIO, mimetype: str, trust: Trust, at: datetime, python: str = "", until: float = math.inf
) -> FileReport:
    """Return what `file`, whose content is known to be of `mimetype`, says; an empty report for what is no PDF.

    `at` has a time zone; `python` is the path of another interpreter for the child process. Nothing is waited for beyond
    `until` (time.monotonic()), but for the start of a child. Raises OSError where a `file` that is in memory alone cannot
    be copied to disk; whatever the content, nothing else.
    """
    if mimetype != PDF:
        return FileReport()
    return _sandboxes_of(python).inspect(file, trust, at, until)


def get_ready(python: str = "") -> None:
    """Start what looks into files beside what the caller does, as files are on their way; returns at once."""
    _sandboxes_of(python).get_ready()


def _sandboxes_of(python: str) -> Sandboxes:
    return _sandbox_of(python) if python else _sandbox


@functools.lru_cache(maxsize=4)
def _sandbox_of(python: str) -> Sandboxes:
    return Sandboxes(python=python)


_sandboxes: weakref.WeakSet[Sandbox | Sandboxes] = weakref.WeakSet()
_sandbox = Sandboxes()


def _after_fork() -> None:
    for sandbox in list(_sandboxes):
        sandbox._after_fork()


os.register_at_fork(after_in_child=_after_fork)
