"""A plugin of pytest that measures lines and branches in the code itself, where a trace of every step halves Odoo's speed.

Each process writes what it ran through to a file of its own in the folder OUT; `slipcover --merge` joins them.
"""

import ast
import json
import os
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pytest

# The folders that are measured, and where the numbers go: variables of the environment.
SOURCES, OUT = "KHO_DL_MEASURED", "KHO_DL_MEASURED_OUT"
# So many passes through a measured place before the code is written anew without it: that costs more than it saves.
_NEVER = 2**31 - 1


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config):
    """Begin, before anything measured is imported."""
    from slipcover import (  # not earlier: pytest warns of a plugin's distribution that is there already
        Slipcover,
        branch,
    )

    folders = [Path(folder).resolve() for folder in os.environ[SOURCES].split(os.pathsep)]
    early_config.measured = Slipcover(branch=True, source=list(map(str, folders)), d_miss_threshold=_NEVER)
    plain = SourceFileLoader.get_code

    def measured(loader, name):
        path = loader.get_filename(name)
        if not any(Path(path).resolve().is_relative_to(folder) for folder in folders):
            return plain(loader, name)
        tree = branch.preinstrument(ast.parse(loader.get_data(path)))
        return early_config.measured.instrument(compile(tree, path, "exec", dont_inherit=True))

    SourceFileLoader.get_code = measured


def pytest_sessionfinish(session):
    """Write down what this process ran through."""
    process = os.environ.get("PYTEST_XDIST_WORKER", "main")
    (Path(os.environ[OUT]) / f"{process}.json").write_text(json.dumps(session.config.measured.get_coverage()))
