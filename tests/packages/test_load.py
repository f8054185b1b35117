"""What `./dev/load` says of a small deployment, also while everything fails in turn."""

import contextlib
import io
import re
from argparse import Namespace

from conftest import ROOT
from lib.load.run import run

OPTIONS = Namespace(
    clerks=2, offices=2, workers=[1], nodes=2, minutes=0.15, think=0.1, files=3, kilobytes=20, latency=0.02, faults=True,
    background=False, write=False,
)  # fmt: skip
# What must be so on any machine, however full: the rest are ratios.
NEVER = (
    "error answers that a clerk saw",
    "of these with a wrong byte",
    "files on a case twice",
    "files lost",
    "still on their way",
    "steps that the portal took twice",
)


# Proves K.2-1.
def test_nothing_is_lost_doubled_or_wrong(pins, monkeypatch):
    monkeypatch.syspath_prepend(ROOT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        run(pins, OPTIONS)
    text = printed.getvalue()
    for what in NEVER:
        rows = re.findall(rf"\| {what} +\| (\d+) ", text)
        assert rows, text
        assert set(rows) == {"0"}, text
    attached = list(map(int, re.findall(r"\| files attached, each compared with the far side's +\| (\d+)", text)))
    assert len(attached) == 2, text
    assert 0 < attached[0] < attached[1], text
    assert re.search(r"\| restarts of PostgreSQL +\| 2 ", text), text
    assert re.search(r"\| nodes killed whole +\| 1 ", text), text
    assert re.search(r"\| search +\| .+ \| .+ \| .+ \| .+ \| [\d.]+ ", text), text
