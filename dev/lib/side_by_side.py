"""Layers of tests as processes of their own, several lanes at once."""

import contextlib
import re
import sys
import tempfile
import time

from .cache import CHECKOUT
from .console import say
from .layers import Result
from .processes import running

_COUNTS = re.compile(r"^(\d+) passed, (\d+) failed$", re.MULTILINE)
_LOOK_SECONDS = 0.2


def run_side_by_side(lanes):
    """Run each lane's layers one after the other, the lanes at once; return the :class:`Result` of each layer.

    A lane gives names of layers; several may be one iterator, from which each takes the next. What a layer
    says is printed whole when it is over.
    """
    results, under_way = [], [_results_of(lane) for lane in lanes]
    with contextlib.ExitStack() as stack:
        for lane in under_way:
            stack.callback(lane.close)
        while under_way:
            for lane in list(under_way):
                result = next(lane, lane)
                if result is lane:
                    under_way.remove(lane)
                elif result:
                    results.append(result)
            time.sleep(_LOOK_SECONDS)
    return results


def _results_of(names):
    """Run these layers one after the other; yield None as long as one runs, and its :class:`Result` when it is over."""
    for name in names:
        started = time.monotonic()
        command = [sys.executable, CHECKOUT / "dev/test", f"--only={name}"]
        with tempfile.TemporaryFile("w+") as output:
            try:
                with running(command, stdout=output, stderr=output, cwd=CHECKOUT) as process:
                    while process.poll() is None:
                        yield None
            finally:
                # Also when we are told to stop: what it said last tells what it waits for.
                output.seek(0)
                said = output.read().rstrip()
                say(f"{said}\n  {name} took {time.monotonic() - started:.0f} s\n")
        passed, failed = map(int, (_COUNTS.findall(said) or [(0, 1)])[-1])
        yield Result(passed, failed, process.returncode == 0)
