"""What goes wrong on purpose while clerks work: the far side, workers, a node, PostgreSQL."""

import contextlib
import random
import threading
import time
from collections import Counter

from ..console import say

_SHARE_OF_ERRORS = 0.3
# The third file of everybody lies with the agency that says nothing.
_SILENT = "tep-0002"
# Seconds; less where the load is shorter.
_WORKER_EVERY = 20
_NODE_RESTS = 20


class Troubles:
    """Runs beside a load for `seconds`; a context manager, after which the far side is well again."""

    def __init__(self, place, nodes, seconds):
        self._place, self._nodes, self._seconds = place, nodes, seconds
        self._over = threading.Event()
        self._threads = []
        self._chance = random.Random(7)
        self.counts = Counter()

    def __enter__(self):
        order = self._place.other_side.ask
        self._place.is_in_trouble = True
        for call in ("login", "papers", "file", "sync"):
            order("POST", "faults", call=call, fault="server_error", times=None, share=_SHARE_OF_ERRORS)
        order("POST", "faults", call="file", fault="never_answer", times=None, match=_SILENT)
        began, every = time.monotonic(), min(_WORKER_EVERY, self._seconds / 3)
        plans = [
            (self._kill_worker, [every * number for number in range(1, int(self._seconds // every))]),
            (self._restart_postgres, [self._seconds / 3, self._seconds * 2 / 3]),
        ]
        if len(self._nodes) > 1:
            plans.append((self._kill_node, [self._seconds / 2]))
        for act, moments in plans:
            self._threads.append(threading.Thread(target=self._keep_to, args=(act, moments, began)))
            self._threads[-1].start()
        return self

    def __exit__(self, *_exception):
        self._over.set()
        self._place.is_in_trouble = False
        for thread in self._threads:
            thread.join()
        self._place.other_side.set_latency(self._place.size.latency)

    def _keep_to(self, act, moments, began):
        for moment in moments:
            if self._over.wait(max(0, began + moment - time.monotonic())):
                return
            with contextlib.suppress(OSError):
                act()

    def _kill_worker(self):
        node = self._chance.choice(self._nodes)
        if node.kill_worker(self._chance):
            self.counts["workers killed"] += 1

    def _restart_postgres(self):
        say("  PostgreSQL is restarted …")
        self._place.restart_postgres()
        self.counts["restarts of PostgreSQL"] += 1

    def _kill_node(self):
        say("  One node is killed whole …")
        self._nodes[-1].kill(rest=min(_NODE_RESTS, self._seconds / 3))
        self.counts["nodes killed whole"] += 1
