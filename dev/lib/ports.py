"""Free TCP ports on loopback, not given to two runs at once."""

import contextlib
import socket
import time

from .console import Failure

HOST = "127.0.0.1"


@contextlib.contextmanager
def reserved_port(first):
    """Yield the first free port from ``first`` on, and keep it from other runs of these commands.

    A claim closes the gap between finding a free port and the server's own bind. It is an abstract Unix socket: like a
    port it belongs to the machine, not to a user or a cache folder, and goes with the process that holds it.
    """
    for port in range(first, first + 200):
        with socket.socket(socket.AF_UNIX) as claim:
            if _can_bind(claim, f"\0kho_dl-port-{port}") and is_free(port):
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


def is_free(port):
    """Return whether nobody listens on ``port``."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return _can_bind(probe, (HOST, port))


def _can_bind(bound, address):
    try:
        bound.bind(address)
    except OSError:
        return False
    return True
