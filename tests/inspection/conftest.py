import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from authority import Authority  # noqa: E402 - needs the path above


@pytest.fixture(scope="session")
def authority():
    return Authority()
