"""Orders for faults: for which call, how often, and which of them a call suffers."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from .answers import Answer
from .effects import EFFECTS

CALLS = ("login", "directory", "sync", "catalogue", "papers", "file", "openid", "any")


@dataclass
class Fault:
    """An order: the next `times` calls (None: all) of the kind `call` whose subject holds `match` suffer `fault`, or about `share` of them.

    `parameters` are completed with the defaults of the effect. Raises ValueError for an order that makes no sense.
    """

    call: str
    fault: str
    times: int | None = 1
    match: str = ""
    parameters: Mapping[str, object] = field(default_factory=dict)
    share: float = 1

    def __post_init__(self) -> None:
        if self.call not in CALLS:
            raise ValueError(f"no such call: {self.call}; there are {', '.join(CALLS)}")
        # A list or an object cannot be looked up.
        if not isinstance(self.fault, str) or self.fault not in EFFECTS:
            raise ValueError(f"no such fault: {self.fault}; there are {', '.join(EFFECTS)}")
        if self.times is not None and (type(self.times) is not int or self.times < 1):
            raise ValueError("times is a positive number, or null for ever")
        if not isinstance(self.match, str):
            raise ValueError("match is a part of the path, a string")
        if type(self.share) not in (int, float) or not 0 < self.share <= 1:
            raise ValueError("share is a number above 0, 1 at most")
        self.parameters = EFFECTS[self.fault].parameters(self.parameters)

    def fits(self, call: str, subject: str) -> bool:
        """Tell whether a call about `subject` is meant, this time."""
        is_meant = self.call in (call, "any") and self.match in subject and self.times != 0
        return is_meant and (self.share == 1 or random.random() < self.share)

    def as_json(self) -> dict[str, object]:
        """Return the order as it can be given over HTTP."""
        order = {"call": self.call, "fault": self.fault, "times": self.times, "match": self.match, **self.parameters}
        return order if self.share == 1 else {**order, "share": self.share}


class Faults:
    """The standing orders, the oldest first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: list[Fault] = []

    def order(self, fault: Fault) -> None:
        """Add an order."""
        with self._lock:
            self._orders.append(fault)

    def clear(self) -> None:
        """Withdraw all orders."""
        with self._lock:
            self._orders.clear()

    def standing(self) -> list[dict[str, object]]:
        """Return the orders that are not used up."""
        with self._lock:
            return [order.as_json() for order in self._orders]

    def apply(self, call: str, subject: str, right: Callable[[], Answer]) -> Answer:
        """Return what the fitting orders make of the answer that `right` gets."""
        for order in self._take(call, subject):
            right = partial(EFFECTS[order.fault].apply, call, right, **order.parameters)
        return right()

    def _take(self, call: str, subject: str) -> list[Fault]:
        """Return the oldest fitting order, and the oldest that delays: a slow server can have other troubles too."""
        with self._lock:
            fitting = [order for order in self._orders if order.fits(call, subject)]
            taken = [order for order in fitting if order.fault != "latency"][:1]
            taken += [order for order in fitting if order.fault == "latency"][:1]
            for order in taken:
                if order.times is not None:
                    order.times -= 1
            self._orders = [order for order in self._orders if order.times != 0]
            return taken
