import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from authority import Authority  # noqa: E402 - needs the path above

from inspection.trust import Trust  # noqa: E402


def trust_of(authority):
    """Return who trusts `authority`, and knows its intermediate."""
    return Trust((authority.root.der,), (authority.middle.der,))


@pytest.fixture(scope="session")
def authority():
    return Authority()
