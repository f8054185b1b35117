import contextlib
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "dev")]

from lib.cache import run_folder  # noqa: E402 - needs the path above
from lib.odoo_source import find_odoo  # noqa: E402
from lib.pins import read_pins  # noqa: E402
from machine import Machine  # noqa: E402


@pytest.fixture(scope="session")
def everything():
    """The processes, for the whole run; the logs of all tests are in its folder."""
    with run_folder() as folder, contextlib.ExitStack() as stack:
        yield Machine(stack, find_odoo(read_pins()), Path(sys.executable), folder)


@pytest.fixture
def machine(everything):
    """The processes, and nothing left of the test before but perhaps its Odoo."""
    everything.database("DELETE FROM kho_dl_breaker")
    everything.far("DELETE", "faults")
    return everything
