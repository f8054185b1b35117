"""A plugin of pytest: what looks into files lives through all classes of Odoo's tests, and through leaps of the clock."""

import sys
from types import SimpleNamespace

import freezegun
import psutil

_SANDBOX = "odoo.addons.kho_dl.inspection.sandbox"


class _Process(psutil.Process):
    """This process, as Odoo looks for children that a class of tests has left behind, and ends them."""

    def children(self, recursive=False):
        """Return them without those that look into files: each class that has one would start it anew."""
        kept = sys.modules[_SANDBOX]._sandbox.process_ids
        return [child for child in super().children(recursive) if child.pid not in kept]


def pytest_collection_finish():
    """Have Odoo and frozen clocks leave it alone."""
    from odoo.tests import common

    common.psutil = SimpleNamespace(Process=_Process, wait_procs=psutil.wait_procs)
    freezegun.configure(extend_ignore_list=[_SANDBOX])
