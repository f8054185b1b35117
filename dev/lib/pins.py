"""The pinned versions, read from ``dev/pins.toml``."""

import sys
from pathlib import Path

from .console import Failure

PYTHON_OLDEST, PYTHON_NEWEST = (3, 11), (3, 13)


def read_pins():
    """The pins as nested dicts, after a look at the Python that runs this."""
    if not PYTHON_OLDEST <= sys.version_info[:2] <= PYTHON_NEWEST:
        raise Failure(
            f"Python {sys.version_info[0]}.{sys.version_info[1]} runs this, but Odoo 19 and these commands need 3.11, "
            "3.12 or 3.13: start the command with one of them, such as `python3.11 dev/demo`."
        )
    import tomllib  # from 3.11 on, so only after the sentence above had its chance

    return tomllib.loads((Path(__file__).parents[1] / "pins.toml").read_text())
