import sys
from pathlib import Path

import pytest
import requests

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from client import Client  # noqa: E402 - needs the path above

from simulator.server import Simulator  # noqa: E402


@pytest.fixture(scope="session")
def running():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def sim(running):
    """The simulator of all tests, in its first state."""
    running.reset()
    running.latency = 0.0
    return running


@pytest.fixture
def client(sim):
    """Somebody who speaks to the simulator as the guideline says, and keeps what comes as it is."""
    with requests.Session() as session:
        yield Client(sim.url, session)
