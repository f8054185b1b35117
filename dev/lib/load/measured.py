"""What one load without troubles gave."""

from dataclasses import dataclass
from functools import cached_property


@dataclass(frozen=True)
class Measured:
    """Ledgers by contender, what the add-on's turns have used (a `Reading`), memory of workers before and after."""

    workers: int
    nodes: int
    ledgers: dict
    spent: object
    memory_before: dict
    memory_after: dict
    telling: list
    most_connections: int

    @property
    def ours(self):
        """The ledger of the add-on."""
        return self.ledgers["add-on"]

    @property
    def cases(self):
        """How many cases the add-on's clerks have begun and ended, also after their time was over."""
        return max(1, len(self.ours.steps["open"]))

    def per_minute(self, name):
        """How many cases a minute the contender `name` did in its time."""
        ledger = self.ledgers[name]
        return ledger.cases * 60 / ledger.seconds

    @cached_property
    def busy_seconds(self):
        """How long (s) a case keeps a web worker busy, as its clerk sees it."""
        return sum(sum(times) for times in self.ours.steps.values()) / self.cases
