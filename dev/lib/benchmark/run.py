"""The whole run: one stage, the parts in turn, the page of the docs."""

import os

from ..cache import CHECKOUT
from ..console import Failure, say
from . import (
    attachments,
    catalogue,
    cost,
    directory,
    given,
    indicators,
    installing,
    memory,
    outbox,
    pages,
    retrieval,
    serving,
    store,
    tokens,
)
from .report import Report, machine
from .stage import stage

# The directory comes last: its 10,000 agencies stay.
PARTS = {
    "memory": memory.measure,
    "retrieval": retrieval.measure,
    "cost": cost.measure,
    "serving": serving.measure,
    "given": given.measure,
    "pages": pages.measure,
    "tokens": tokens.measure,
    "outbox": outbox.measure,
    "store": store.measure,
    "indicators": indicators.measure,
    "installing": installing.measure,
    "attachments": attachments.measure,
    "catalogue": catalogue.measure,
    "directory": directory.measure,
}

_PAGE = CHECKOUT / "docs" / "benchmark.md"
_MARK = "<!-- What follows is written by ./dev/bench --write. -->\n"


def run(pins, only, quick, write):
    """Measure the parts named in `only`, or all; with `write`, put the tables into the docs."""
    unknown = set(only) - set(PARTS)
    if unknown:
        raise Failure(f"There is no part {min(unknown)}: there are {', '.join(PARTS)}.")
    report = Report()
    with stage(pins) as everything:
        report.section("Machine", f"Load when the run began: {os.getloadavg()[0]:.1f}.")
        report.table(["what", "which"], machine(everything.odoo))
        for name, measure in PARTS.items():
            if not only or name in only:
                measure(everything, report, quick)
    say(f"\n{report.missed or 'No'} goal{'s' * (report.missed != 1)} missed.")
    if write:
        introduction, mark, _old = _PAGE.read_text().partition(_MARK)
        _PAGE.write_text(f"{introduction}{mark or _MARK}\n{report.text()}")
        say(f"Written: {_PAGE.relative_to(CHECKOUT)}")
