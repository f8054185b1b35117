"""A plugin of pytest for Odoo's tests in several processes."""

import os
import shutil
from pathlib import Path

# Tests that take longer than most classes: begun last, one keeps a process busy while the others are done.
_LONG = "kho_dl_sweep"


def pytest_collection_modifyitems(items):
    """Begin with what takes long."""
    items.sort(key=lambda item: _LONG not in getattr(item.cls, "test_tags", ()))


def pytest_sessionstart(session):
    """Give each of the processes that share the tests files of its own: each cleans up what its database does not know."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if not worker:
        return
    from odoo.tools import config

    shared = Path(config["data_dir"])
    own = shared / worker
    shutil.copytree(shared / "filestore", own / "filestore")
    config["data_dir"] = str(own)
