"""The other side: security server, portal and agencies, as the checkout's own ``simulator`` plays them."""

import contextlib
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


@contextlib.contextmanager
def simulator(python, folder):
    """Run the simulator on a free port for the length of the ``with`` block; it logs into ``folder``."""
    path = folder / "simulator.log"
    with reserved_port(_FIRST_PORT) as port, open(path, "wb") as log:
        command = [python, "-m", "simulator", "--port", str(port)]
        with running(command, cwd=CHECKOUT, stdout=log, stderr=log) as process:
            wait_until_open(port, process, 30, f"The simulator (its log: {path})")
            yield Simulator(f"http://{HOST}:{port}")
