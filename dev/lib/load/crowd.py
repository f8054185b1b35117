"""Many clerks at once, each with one case after the other, and what they met."""

import contextlib
import math
import random
import threading
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from simulator.documents import bulk_pdf

from ..console import Failure
from .prepare import RESULTS
from .web import Refused


@dataclass
class Person:
    """An applicant with files that nobody else has, and the case that was opened for them."""

    number: str
    addresses: list
    size: int
    case: int | None = None
    _places: list = field(default_factory=list)

    def contents(self):
        """Return as many files of that size, with bytes of their own, for who brings them on paper."""
        return [bulk_pdf(f"{self.number} {place}", self.size) for place in range(len(self.addresses))]


class Ledger:
    """How long each step took (s), and what else was counted; for all clerks of one contender."""

    def __init__(self):
        self.steps = defaultdict(list)
        self.counts = Counter()
        self.words = {}
        # Of cases that were begun in time, what was done of them in time: a fraction where the end came later.
        self.cases = 0.0
        self.finished = 0
        self.seconds = 0.0
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def step(self, name):
        """Time one step; one that fails is not timed."""
        began = time.perf_counter()
        yield
        with self._lock:
            self.steps[name].append(time.perf_counter() - began)

    def count(self, what, words=""):
        """Count one more of `what`, of which the first `words` are kept."""
        with self._lock:
            self.counts[what] += 1
            # One line, which ends no cell of a table.
            self.words.setdefault(what, " ".join(words.replace("|", " ").split()))

    def forget(self):
        """Begin anew."""
        for kept in (self.steps, self.counts, self.words):
            kept.clear()
        self.cases, self.finished = 0.0, 0

    def finish(self, began, until):
        """Note that a case is done that was begun at `began`; what was done after `until` does not count."""
        ended = time.monotonic()
        with self._lock:
            self.cases += min(1.0, max(0.0, until - began) / max(0.001, ended - began))
            self.finished += ended < until


class Crowd:
    """The clerks of a place, who work as one contender does."""

    def __init__(self, place, nodes, contender):
        self._place, self._size = place, place.size
        self.ledger = Ledger()
        # All are logged in before anything is timed: passwords are meant to be slow.
        self._clerks = [contender(place, nodes, clerk, self.ledger) for clerk in place.clerks]

    def close(self):
        """Send them home."""
        for clerk in self._clerks:
            clerk.close()

    def warm_up(self, cases):
        """Let them do so many cases at least, which count for nothing: modules are read, caches filled, connections opened."""
        for _round in range(math.ceil(cases / len(self._clerks))):
            self._run(0)
        self.ledger.forget()

    def work(self, seconds):
        """Let all work for so long; whoever is in the midst of a case then goes on to its end, and that part does not count."""
        self._run(seconds)
        self.ledger.seconds += seconds

    def _run(self, seconds):
        until = time.monotonic() + seconds
        threads = [
            threading.Thread(target=self._work, args=(clerk, until, random.Random(number)))
            for number, clerk in enumerate(self._clerks)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _work(self, clerk, until, chance):
        def think():
            time.sleep(self._size.think * chance.uniform(0.5, 1.5))

        # Not all at the same moment.
        time.sleep(self._size.think * chance.uniform(0, 3))
        is_first = True
        while is_first or time.monotonic() < until:
            is_first = False
            person, began = self._new_person(), time.monotonic()
            try:
                clerk.work(person, think)
            except (Refused, Failure) as error:
                self.ledger.count("case given up", str(error))
                continue
            self.ledger.finish(began, until)

    def _new_person(self):
        number, addresses = self._place.other_side.add_person(self._size.files, self._size.file_size, RESULTS)
        return Person(number, addresses, self._size.file_size)
