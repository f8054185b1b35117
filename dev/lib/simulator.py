"""The other side: security server, portal and agencies, as the checkout's own ``simulator`` plays them."""

import contextlib
import json
import urllib.request
from dataclasses import dataclass

from .cache import CHECKOUT
from .ports import HOST, reserved_port, wait_until_open
from .processes import running

_FIRST_PORT = 8800


@dataclass(frozen=True)
class Simulator:
    """A running simulator: its address and the account that it lets in."""

    url: str
    unit_code: str = "H46"
    username: str = "h46"
    password: str = "h46-demo"
    client_id: str = "kho-dl-demo"
    client_secret: str = "kho-dl-demo-secret"

    def order(self, method, path, **arguments):
        """Call the simulator's own interface."""
        headers = {"Content-Type": "application/json"}
        body = json.dumps(arguments).encode()
        request = urllib.request.Request(f"{self.url}/_control/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30):
            pass


@contextlib.contextmanager
def simulator(python, folder, *options):
    """Run the simulator on a free port for the length of the ``with`` block; it logs into ``folder``."""
    with reserved_port(_FIRST_PORT) as port, simulator_on(port, python, folder, *options) as started:
        yield started


@contextlib.contextmanager
def simulator_on(port, python, folder, *options):
    """Run the simulator on ``port``, which is the caller's; ``options`` are the simulator's own."""
    path = folder / "simulator.log"
    command = [python, "-m", "simulator", "--port", str(port), *options]
    with open(path, "ab") as log, running(command, cwd=CHECKOUT, stdout=log, stderr=log) as process:
        wait_until_open(port, process, 30, f"The simulator (its log: {path})")
        yield Simulator(f"http://{HOST}:{port}")
