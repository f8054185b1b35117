"""Which request may start next: few at a time for each far system, so that a silent one does not hold up the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .download import FileRequest
from .slots import Slots


class Lanes:
    """Hands out `requests`, at most `width` of one lane at a time; those of a full lane wait in order.

    Up to `most_waiting` are kept waiting for a full lane; then nothing is pulled from `requests` until something ends.
    None starts without one of `slots`.
    """

    def __init__(self, requests: Iterable[FileRequest], *, width: int, most_waiting: int, slots: Slots) -> None:
        self._requests = iter(requests)
        self._width, self._most_waiting, self._slots = width, most_waiting, slots
        self._waiting: list[FileRequest] = []
        self._busy: Counter[str] = Counter()

    def lack_slots(self) -> bool:
        """Tell whether anything waits for nothing but a slot."""
        return bool(self._slots.wanted - self._slots.held)

    def get_ready(self, most: int) -> None:
        """Pull requests until `most` more could start, and ask for the slots of these."""
        wanted = self._wanted(most)
        while wanted.total() < self._busy.total() + most:
            if len(self._waiting) - (wanted - self._busy).total() >= self._most_waiting:
                break
            if (request := next(self._requests, None)) is None:
                break
            self._waiting.append(request)
            wanted = self._wanted(most)
        self._slots.wanted = wanted
        self._slots.hold(self._busy)

    def start(self) -> FileRequest | None:
        """Return the next request that may run, counted as running from now on; None when there is none for now."""
        for place, request in enumerate(self._waiting):
            # Those before it in its own lane have started, or there is no room for it either.
            if self._busy[request.lane] < min(self._width, self._slots.held[request.lane]):
                self._busy[request.lane] += 1
                return self._waiting.pop(place)
        return None

    def end(self, lane: str) -> None:
        """Note that a request of `lane` has ended."""
        self._busy[lane] -= 1

    def settle(self) -> None:
        """Note which slots are needed from now on."""
        self._slots.wanted &= self._wanted(len(self._waiting))

    def _wanted(self, most: int) -> Counter[str]:
        """Return the slots of what runs, and of up to `most` of what waits."""
        wanted = Counter(self._busy)
        for request in self._waiting:
            if most and wanted[request.lane] < self._width:
                wanted[request.lane] += 1
                most -= 1
        return wanted
