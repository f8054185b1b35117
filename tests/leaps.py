"""Time that goes by when a test says so, however long a busy machine takes for what is to happen before.

Where something has to begin in a second and to be cut off at its end, a machine that stands still for that second begins
nothing. Here the second is a minute, and the minute is over once it has begun.
"""

import itertools
import select
import threading
import time
from types import SimpleNamespace

from ..protocol import parallel
from ..protocol.connections import TimedReader
from ..protocol.exchange import Exchange
from ..simulator import http_server
from ..simulator.delivery import Never

_LONG = 600
_monotonic = time.monotonic


def let_time_leap(case, seconds, happened):
    """Have `seconds` go by at once, for all of this process, as soon as `happened()`, which asks no clock."""
    clock, gone = time.monotonic, []

    def leaping():
        if not gone and happened():
            gone[:] = [seconds]
        return clock() + sum(gone)

    case.patch(time, "monotonic", leaping)
    # What the far side begins to wait for then may outlast the test, whose leaps nobody remembers.
    case.patch(http_server, "time", SimpleNamespace(monotonic=_monotonic))
    # Whoever waits for files looks at the clock at the end of the wait only.
    case.patch(parallel.ParallelRun, "_pause", lambda run: 0.02)
    # What it says of them then is its own to say.
    case.patch(parallel, "_MARGIN", seconds)


def let_time_leap_when_heard(case, seconds, call):
    """Have `seconds` go by when the first bytes of an answer to `call`, of which there was none yet, arrive."""
    heard, came = Exchange.heard, []

    def noted(exchange):
        if not came and case.simulator.requests(call):
            came.append(exchange)
        heard(exchange)

    case.patch(Exchange, "heard", noted)
    let_time_leap(case, seconds, lambda: came)


def hold_answers(case, call, times=1):
    """Have the simulator of `case` keep back its answers to `call`; return what lets all of them go."""
    ahead, is_free = itertools.count(_LONG, _LONG), threading.Event()
    # For whoever begins to wait after that, too.
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + (next(ahead) if is_free.is_set() else 0))
    case.patch(http_server, "time", clock)
    case.simulator.order(call, "latency", times=times, seconds=_LONG)
    return is_free.set


def let_silence_be_over(case):
    """Have the wait for an answer that never comes be over as it begins; all other answers have their usual time."""
    silent, send, readinto = set(), Never.send, TimedReader.readinto

    def begun(never, wire, body):
        silent.add(wire._handler.client_address[1])
        send(never, wire, body)

    def until_silent(reader, buffer):
        port, poll = reader._socket.getsockname()[1], select.poll()
        poll.register(reader._socket, select.POLLIN)
        # Behind an answer that is whole nothing is waited for.
        while not reader.is_over and reader._exchange.remaining() > 0 and not poll.poll(10):
            if port in silent:
                # The next connection may have the same port.
                silent.discard(port)
                reader._exchange.timed_out = True
                raise TimeoutError("silent")
        return readinto(reader, buffer)

    case.patch(Never, "send", begun)
    case.patch(TimedReader, "readinto", until_silent)
