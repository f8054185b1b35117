"""The whole load: each number of workers in turn, without troubles and then with them, and the page of the docs."""

import os
from datetime import datetime, timezone

from ..benchmark.report import Report, machine
from ..benchmark.stage import WIDTH
from ..cache import CHECKOUT
from ..console import say
from .background import measure_background
from .cases import CONTENDERS, AddOn
from .compare import compare, seconds_of_telling
from .crowd import Crowd
from .figures import memory_of, races, read
from .measured import Measured
from .place import Size, place
from .sizing import print_sizing
from .tables import print_counts, print_outcome, print_steps, print_throughput, print_troubles
from .troubles import Troubles

# Contenders take turns so often, and have so much of the time each: what comes is many quick steps of the far side alone.
_TURNS = 2
_WARM_CASES = 4
_SHARES = {"far side": 0.25, "plain": 0.5, "add-on": 1}
_PAGE = CHECKOUT / "docs" / "load.md"
_MARK = "<!-- What follows is written by ./dev/load --write. -->\n"
_PATIENCE, _PATIENCE_AFTER_TROUBLES = 120, 600


def run(pins, options):
    """Measure as `options`, those of the command, say."""
    report = Report()
    size = Size(
        options.clerks, options.offices, options.think, options.files, options.kilobytes * 1000, options.latency
    )
    with place(pins, size) as everything:
        report.section("Machine and load", _words(options))
        report.table(["what", "which"], machine(everything.odoo))
        measured = []
        for workers in options.workers:
            say(f"→ {options.nodes} × {workers} workers …")
            with everything.nodes(options.nodes, workers) as nodes:
                measured.append(_measure(everything, nodes, workers, options.minutes * 60, report))
                if options.faults and workers == options.workers[-1]:
                    _measure_troubles(everything, nodes, options.minutes * 60, report)
        if len(measured) > 1:
            print_throughput(report, measured)
        if options.background:
            measure_background(everything, report)
        print_sizing(report, measured[-1], size)
    say(f"\n{report.missed or 'No'} goal{'s' * (report.missed != 1)} missed.")
    if options.write:
        introduction, mark, _old = _PAGE.read_text().partition(_MARK)
        _PAGE.write_text(f"{introduction}{mark or _MARK}\n{report.text()}")
        say(f"Written: {_PAGE.relative_to(CHECKOUT)}")
    return report.missed


def _words(options):
    return (
        f"{options.clerks} clerks of {options.offices} offices on {options.nodes} node{'s' * (options.nodes > 1)}, "
        f"{options.think:g} s between two steps on average; a case has {options.files} files of {options.kilobytes} kB; the far "
        f"side takes {options.latency * 1000:.0f} ms to answer. {options.minutes:g} minutes, of which the plain contender has as "
        f"many halves and the far side alone as many quarters. Load when the run began: {os.getloadavg()[0]:.1f}."
    )


def _measure(everything, nodes, workers, seconds, report):
    """Let the contenders take turns without any trouble, and print what came of it; return it."""
    crowds = {contender.name: Crowd(everything, nodes, contender) for contender in CONTENDERS}
    for crowd in crowds.values():
        # Workers live for days: what their first cases cost more is no everyday. There may be more workers than clerks.
        crowd.warm_up(_WARM_CASES * workers * len(nodes))
    began, before = datetime.now(timezone.utc).replace(tzinfo=None), memory_of(nodes)
    spent = None
    for _turn in range(_TURNS):
        for name, crowd in crowds.items():
            say(f"→ {name} …")
            start = read(everything, nodes)
            crowd.work(seconds * _SHARES[name] / _TURNS)
            used = read(everything, nodes) - start
            if name == AddOn.name:
                spent = used if spent is None else spent + used
    after = memory_of(nodes)
    for crowd in crowds.values():
        crowd.close()
    outcome = compare(everything, _PATIENCE)
    say(f"  Lost races: {dict(races(everything))}")
    everything.other_side.set_latency(everything.size.latency)
    ledgers = {name: crowd.ledger for name, crowd in crowds.items()}
    telling = seconds_of_telling(everything, began)
    # A scheduled worker has as many for files, and as many for messages.
    connections = WIDTH * len(nodes) * (workers + 2)
    measured = Measured(workers, len(nodes), ledgers, spent, before, after, telling, connections)
    report.section(f"{len(nodes)} × {workers} workers", _TEXT)
    print_steps(report, measured)
    print_counts(report, measured)
    print_outcome(report, outcome, are_all_to_come=True)
    return measured


def _measure_troubles(everything, nodes, seconds, report):
    """Let clerks work while everything fails in turn, and print what came of it."""
    crowd = Crowd(everything, nodes, AddOn)
    start, restarts = read(everything, nodes), sum(node.restarts for node in nodes)
    with Troubles(everything, nodes, seconds) as troubles:
        crowd.work(seconds)
    used = read(everything, nodes) - start
    crowd.close()
    outcome = compare(everything, _PATIENCE_AFTER_TROUBLES, hurry=True)
    troubles.counts["nodes that ended and were started again"] = sum(node.restarts for node in nodes) - restarts
    report.section("Under faults", _TROUBLE_TEXT)
    print_troubles(report, troubles, crowd.ledger, used)
    print_outcome(report, outcome, are_all_to_come=False)


_TEXT = (
    "Each clerk has a session over HTTP and works on one case after the other: opens it, looks for papers, attaches all, sets it "
    "to three further states, of each of which the portal is told in the background. Plain is Odoo's own contact with the same "
    "files, uploaded in one go, and written to three times. The far side alone is the question, and the files by "
    f"{WIDTH} threads, on connections that stay open, with no Odoo. They take turns. Steps are timed at the clerk, from the "
    "press to the last answer; attaching ends with the answer that all files are on the case, or else when nothing is on its "
    "way any more."
)
_TROUBLE_TEXT = (
    "The same clerks, while three of ten calls to the far side fail, the agency of each case's third file says nothing at all, a "
    "worker is killed every 20 seconds, PostgreSQL is restarted twice, and of two nodes one is killed whole and comes back after "
    "20 seconds. Who loses the connection presses again. Afterwards the far side is well, and the background brings what waited."
)
