"""The ways in which an answer travels: whole, or spoilt as a fault orders it."""

from dataclasses import dataclass
from typing import Protocol

_BLOCK = b" " * 64 * 1024


class Wire(Protocol):
    """A connection on which one answer is to be sent."""

    def start(self, length: int | None) -> None:
        """Send status and headers; without `length` the end of the connection ends the body."""

    def write(self, data: bytes) -> None:
        """Send a part of the body."""

    def end(self) -> None:
        """Close the connection after this answer."""

    def reset(self) -> None:
        """Break the connection off, so that the far end gets an error."""

    def wait(self, seconds: float | None) -> bool:
        """Wait (None: without end) and return whether to go on: not when the simulator stops or the client left."""


class Delivery(Protocol):
    """How an answer travels."""

    def send(self, wire: Wire, body: bytes) -> None:
        """Send the answer with `body` on `wire`."""


@dataclass(frozen=True, slots=True)
class Whole:
    """As it should be."""

    def send(self, wire: Wire, body: bytes) -> None:
        wire.start(len(body))
        wire.write(body)


@dataclass(frozen=True, slots=True)
class Late:
    """After `seconds`, then as `delivery` does it."""

    seconds: float
    delivery: Delivery

    def send(self, wire: Wire, body: bytes) -> None:
        if wire.wait(self.seconds):
            self.delivery.send(wire, body)
        else:
            wire.end()


@dataclass(frozen=True, slots=True)
class CutOff:
    """Fewer bytes than announced: `kept`, or half of them where it is negative."""

    kept: int

    def send(self, wire: Wire, body: bytes) -> None:
        wire.start(len(body))
        wire.write(body[: self.kept if self.kept >= 0 else len(body) // 2])
        wire.end()


@dataclass(frozen=True, slots=True)
class WithoutLength:
    """Whole, but only the end of the connection tells so."""

    def send(self, wire: Wire, body: bytes) -> None:
        wire.start(None)
        wire.write(body)
        wire.end()


@dataclass(frozen=True, slots=True)
class Padded:
    """Blanks behind the body until it has `size` bytes; they are not kept in memory."""

    size: int

    def send(self, wire: Wire, body: bytes) -> None:
        left = max(0, self.size - len(body))
        wire.start(len(body) + left)
        wire.write(body)
        while left:
            wire.write(_BLOCK[:left])
            left -= min(left, len(_BLOCK))


@dataclass(frozen=True, slots=True)
class Drip:
    """The first `prefix` bytes at once, then `step` bytes at a time, `seconds` after one another."""

    step: int
    seconds: float
    prefix: int = 0

    def send(self, wire: Wire, body: bytes) -> None:
        wire.start(len(body))
        wire.write(body[: self.prefix])
        for position in range(self.prefix, len(body), self.step):
            wire.write(body[position : position + self.step])
            if not wire.wait(self.seconds):
                wire.end()
                return


@dataclass(frozen=True, slots=True)
class Never:
    """Nothing, until the client leaves."""

    def send(self, wire: Wire, body: bytes) -> None:
        wire.wait(None)
        wire.end()


@dataclass(frozen=True, slots=True)
class Reset:
    """The connection breaks."""

    def send(self, wire: Wire, body: bytes) -> None:
        wire.reset()
