"""Free TCP ports on loopback, not given to two runs at once."""

import contextlib
import socket
import time

from .cache import cache_dir, locked_if_free
from .console import Failure

HOST = "127.0.0.1"


@contextlib.contextmanager
def reserved_port(first):
    """Yield the first free port from ``first`` on, and keep it from other runs of these commands.

    The lock closes the gap between finding a free port and the server's own bind.
    """
    for port in range(first, first + 200):
        with locked_if_free(cache_dir() / "ports" / str(port)) as ours:
            if ours and _is_free(port):
                yield port
                return
    raise Failure(f"No port from {first} to {first + 199} is free on {HOST}: choose another one with --port.")


def wait_until_open(port, process, seconds, what):
    """Wait until ``process`` listens on ``port``; ``what`` names it in the sentence when it does not."""
    deadline = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex((HOST, port)) == 0:
                return
        time.sleep(0.1)
    raise Failure(f"{what} did not open port {port}.")


def _is_free(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True
