"""Talking to the person at the terminal: steps as they happen, one sentence when something is missing."""

import contextlib
import os
import signal
import sys
import time


class Failure(Exception):
    """Something is missing or broken; the message is one sentence that says what to do."""


class Terminated(Exception):
    """SIGTERM or SIGHUP asked the command to stop."""


def say(text):
    """Print a line at once, also into a pipe or a log."""
    print(text, flush=True)


@contextlib.contextmanager
def step(text):
    """Announce a step that takes a while, and how long it took."""
    say(f"→ {text} …")
    started = time.monotonic()
    yield
    say(f"  done in {time.monotonic() - started:.1f} s")


def run_command(main):
    """Run ``main()`` as a command: its result is the exit code, a :class:`Failure` one line and code 1."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    # A shell that starts us in the background has SIGINT ignored, and our children would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    # Without bytecode each start of an Odoo compiles all of it anew, which takes longer than all the rest of the start.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    # What root makes, PostgreSQL's user must be able to read, whatever root's own habit is.
    os.umask(0o022)
    try:
        code = main()
    except Failure as failure:
        print(f"✗ {failure}", file=sys.stderr, flush=True)
        code = 1
    except (KeyboardInterrupt, Terminated):
        say("Stopped.")
        code = 130
    sys.exit(code)


def _terminate(_number, _frame):
    raise Terminated
