"""One node: an Odoo with workers, which is started again where it ends, as a service manager does."""

import contextlib
import os
import signal
import threading
import time
from pathlib import Path

from ..console import Failure
from ..ports import is_free

_PATIENCE = 60  # seconds for what was killed to be gone


class Node:
    """An Odoo of several processes on one port; nodes share database and files."""

    def __init__(self, odoo, port, live_port, options):
        self._odoo, self.port, self._live_port, self._options = odoo, port, live_port, options
        self._running = contextlib.ExitStack()
        self._keeping = threading.Event()
        self._lock = threading.Lock()
        self._rests_until = 0.0
        self.process = None
        self.restarts = 0

    @property
    def url(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        """Start it, and wait until it answers."""
        live = f"--gevent-port={self._live_port}"
        self.process = self._running.enter_context(self._odoo.serving(self.port, live, *self._options))

    def stop(self):
        """Let it end in order, for good."""
        self._keeping.set()
        with self._lock:
            self._running.close()

    def keep(self):
        """Start it again whenever it ends, in a thread of its own, until `stop`."""
        threading.Thread(target=self._keep, daemon=True).start()

    def kill(self, rest=0.0):
        """Kill all of it at once; it is started again after `rest` seconds."""
        self._rests_until = time.monotonic() + rest
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def kill_worker(self, chance):
        """Kill one of its workers, which `chance` (random.Random) chooses; return whether there was one."""
        workers = [pid for pid in self.workers() if "gevent" not in command_of(pid).split()]
        if not workers:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(chance.choice(workers), signal.SIGKILL)
        return True

    def workers(self):
        """The pids of its workers, web and scheduled ones."""
        return [] if self.process is None else children_of(self.process.pid)

    def _keep(self):
        while not self._keeping.wait(0.5):
            if self.process.poll() is None or time.monotonic() < self._rests_until:
                continue
            with self._lock:
                if self._keeping.is_set():
                    return
                self._running.close()
                self._wait_for_port()
                # PostgreSQL may be away at this moment: the next look tries again.
                with contextlib.suppress(Failure):
                    self.restarts += 1
                    self.start()

    def _wait_for_port(self):
        deadline = time.monotonic() + _PATIENCE
        while not is_free(self.port) and time.monotonic() < deadline:
            time.sleep(0.1)


def children_of(pid):
    """The pids of the children of a process, as far as it and its threads have not ended meanwhile."""
    found = []
    with contextlib.suppress(OSError):
        for task in Path(f"/proc/{pid}/task").iterdir():
            with contextlib.suppress(OSError):
                found += map(int, (task / "children").read_text().split())
    return found


def command_of(pid):
    """The command line of a process, "" where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""
