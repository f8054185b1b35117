import logging
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
# How long one example takes depends on what else the machine does.
hypothesis_settings.register_profile("bytes", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("bytes")
# As in the child process: the libraries write much about files that are made to hurt them.
logging.disable(logging.CRITICAL)

from authority import Authority  # noqa: E402 - needs the path above

from inspection.trust import Trust  # noqa: E402


def trust_of(authority):
    """Return who trusts `authority`, and knows its intermediate."""
    return Trust((authority.root.der,), (authority.middle.der,))


@pytest.fixture(scope="session")
def authority():
    return Authority()
