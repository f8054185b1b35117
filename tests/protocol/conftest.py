import os
import sys
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# How long one example takes depends on what else the machine does.
hypothesis_settings.register_profile("wire", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("wire")

from byte_server import ByteServer  # noqa: E402 - needs the path above

from protocol import parallel  # noqa: E402
from protocol.client import Client  # noqa: E402
from protocol.settings import Account, Service, Settings  # noqa: E402
from protocol.tokens import MemoryTokenStore  # noqa: E402


@pytest.fixture
def server():
    with ByteServer() as running:
        yield running


class Clock:
    """The time of whoever counts on it: it stands still until a test lets it run or leap, however long a busy machine takes."""

    sleep = staticmethod(time.sleep)

    def __init__(self):
        self._now, self._runs_since = time.monotonic(), None

    def monotonic(self):
        return self._now + (0 if self._runs_since is None else time.monotonic() - self._runs_since)

    def leap(self, seconds):
        self._now += seconds

    def run(self):
        if self._runs_since is None:
            self._runs_since = time.monotonic()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def clock_of_runs(monkeypatch, clock):
    """The clock by which many files side by side have their time: it is looked at all the while, and not only at its end."""
    monkeypatch.setattr(parallel, "time", clock)
    monkeypatch.setattr(parallel, "_TOGETHER", 0)
    monkeypatch.setattr(parallel.ParallelRun, "_pause", lambda run: 0.02)
    return clock


@pytest.fixture
def make_settings(server):
    """Return a function that makes complete settings for the test server, with fields of choice changed."""
    account = Account("h46", "secret-password")

    def make(**changes):
        values = {
            "ss_url": server.url,
            "unit_code": "H46",
            "directory": Service("XrdAdapter", "mapi/call", "mapi/login", account=account),
            "papers": Service(
                "XrdAdapter",
                "bndp/public/v1/user/papers",
                "bndp/public/v1/login",
                "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01",
                "https://apigiaytocanhan.dichvucong.gov.vn",
                account,
            ),
            "timeout": 5.0,
        }
        return Settings(**{**values, **changes})

    return make


@pytest.fixture
def make_client(make_settings):
    """Return a function that makes a client of the test server; all are closed at the end."""
    clients = []

    def make(**changes):
        clients.append(Client(make_settings(**changes), MemoryTokenStore()))
        return clients[-1]

    yield make
    for client in clients:
        client.close()


@pytest.fixture
def open_files(tmp_path, monkeypatch):
    """Return a function that counts the temporary files that this process holds open."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def count():
        handles = Path("/proc/self/fd")
        if not handles.is_dir():
            pytest.skip("needs /proc to see open files")
        return sum(_leads_to(handle).startswith(str(tmp_path)) for handle in handles.iterdir())

    return count


def _leads_to(handle):
    try:
        return os.readlink(handle)
    except FileNotFoundError:
        return ""  # closed since it was listed
