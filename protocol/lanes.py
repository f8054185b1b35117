"""Which request may start next: few at a time for each far system, so that a silent one does not hold up the others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from .download import FileRequest


class Lanes:
    """Hands out `requests`, at most `width` of one lane at a time; those of a full lane wait in order.

    Up to `most_waiting` are kept waiting; then nothing is pulled from `requests` until something ends.
    """

    def __init__(self, requests: Iterable[FileRequest], *, width: int, most_waiting: int) -> None:
        self._requests = iter(requests)
        self._width, self._most_waiting = width, most_waiting
        self._waiting: list[FileRequest] = []
        self._busy: Counter[str] = Counter()

    def start(self) -> FileRequest | None:
        """Return the next request that may run, counted as running from now on; None when there is none for now."""
        # Those that wait go first, or a later one would overtake them in their own lane.
        request = self._next_waiting() or self._next_fresh()
        if request is not None:
            self._busy[request.lane] += 1
        return request

    def end(self, lane: str) -> None:
        """Note that a request of `lane` has ended."""
        self._busy[lane] -= 1

    def _next_waiting(self) -> FileRequest | None:
        for place, request in enumerate(self._waiting):
            if self._has_room(request):
                return self._waiting.pop(place)
        return None

    def _next_fresh(self) -> FileRequest | None:
        while len(self._waiting) < self._most_waiting and (request := next(self._requests, None)) is not None:
            if self._has_room(request):
                return request
            self._waiting.append(request)
        return None

    def _has_room(self, request: FileRequest) -> bool:
        return self._busy[request.lane] < self._width
