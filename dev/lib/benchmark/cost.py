"""The fixed cost of a case: beside an add-on that anybody would write first, and in statements and commits."""

import os
import statistics
from dataclasses import dataclass
from pathlib import Path

from .contenders import AddOn, Naive
from .rounds import seconds_of

_FILES, _SIZE = 10, 200_000
_ROUNDS, _QUICK = 15, 5
_MOST_TO_NAIVE = 2.5
_MOST_STATEMENTS, _MOST_COMMITS = 60, 8
_TEXT = (
    f"One case with {_FILES} files of {_SIZE // 1000} kB and no latency, over HTTP as the clerk. The naive add-on logs in, "
    "asks, and in a second request loops over `requests.get` and creates the attachments with one commit: no check of a "
    "file, no journal, no progress, nothing that goes on later. A whole case begins with its creation. CPU is that of Odoo's "
    "server process and of its children, which look into PDFs. Medians; the two take turns."
)
_COUNTED = (
    "Statements and commits of one press of “Attach”, counted in a process of its own at the cursor: all that commits on its "
    "way, and the commit with which Odoo ends the request. Commits in which nothing was asked are not counted, and nor is "
    "PostgreSQL's note to those who follow the case. The growth is that from one number of files to the next."
)
_COUNT = """
import threading
from psycopg2.extensions import TRANSACTION_STATUS_IDLE
from odoo.sql_db import Cursor

counts = dict.fromkeys(("statements", "commits"), 0)
commit = Cursor.commit

def counting_commit(cr):
    cr.flush()
    counts["commits"] += cr is env.cr and cr.connection.info.transaction_status != TRANSACTION_STATUS_IDLE
    commit(cr)

def count_statement(cr, *_what):
    counts["statements"] += cr is env.cr

Cursor.commit = counting_commit
threading.current_thread().query_hooks = (count_statement,)
clerk = env["res.users"].search([("login", "=", "clerk")])
form = env(user=clerk.id)["kho.dl.retrieve.wizard"]
for form_id in FORMS:
    env.cr.commit()
    counts.update(statements=0, commits=0)
    form.browse(form_id).action_attach()
    env.cr.commit()
    print("counted:", counts["statements"], counts["commits"])
"""


@dataclass(frozen=True)
class _Cost:
    """What one piece of work took: `wall` and `cpu` in seconds."""

    wall: float
    cpu: float


def measure(stage, report, quick):
    """Print what a case costs beside the naive add-on, and what it asks of the database."""
    stage.other_side.set_latency(0)
    contenders = [AddOn(stage), Naive(stage)]
    for contender in contenders:
        contender.whole(*stage.other_side.add_person(_FILES, _SIZE))
    report.section("The fixed cost of a case", _TEXT)
    rows = []
    for what in ("whole case", "Attach alone"):
        costs = _costs(stage, contenders, what == "whole case", _QUICK if quick else _ROUNDS)
        for measured in ("wall", "cpu"):
            ours, naive = (statistics.median(getattr(cost, measured) for cost in each) for each in costs)
            name = f"{what}, {'time' if measured == 'wall' else 'CPU'}"
            rows.append([name, f"{ours:.3f} s", f"{naive:.3f} s", _ratio(report, what, ours / naive)])
    report.table([f"{_FILES} files", "add-on", "naive", "ratio"], rows)
    report.section("Statements and commits of one Attach", _COUNTED)
    report.table(["files", "statements", "commits", "more a file"], _counted_rows(stage, report))


def _ratio(report, what, ratio):
    return report.goal(ratio, most=_MOST_TO_NAIVE) if what == "whole case" else f"{ratio:.3g}"


def _costs(stage, contenders, is_whole, rounds):
    """Return a list of `_Cost` for each of `contenders`, which take turns."""
    costs = {contender.name: [] for contender in contenders}
    for number in range(rounds):
        for contender in contenders if number % 2 else reversed(contenders):
            trial = stage.other_side.add_person(_FILES, _SIZE)
            work = (lambda c=contender, t=trial: c.whole(*t)) if is_whole else contender.prepare(*trial)
            before = _cpu_seconds(stage.server_pid)
            wall = seconds_of(work)
            costs[contender.name].append(_Cost(wall, _cpu_seconds(stage.server_pid) - before))
    return list(costs.values())


def _counted_rows(stage, report):
    sizes = (1, _FILES, 2 * _FILES)
    # The first one reads what is kept afterwards.
    forms = [stage.found_papers(stage.other_side.add_person(size, _SIZE)[0])[1] for size in (1, *sizes)]
    printed = stage.odoo.shell(f"FORMS = {forms!r}\n{_COUNT}")
    counted = [list(map(int, line.split()[1:])) for line in printed.splitlines() if line.startswith("counted:")][1:]
    rows, before = [], None
    for size, (statements, commits) in zip(sizes, counted, strict=True):
        more = "" if before is None else f"{(statements - before[1]) / (size - before[0]):.2f}"
        before = size, statements
        if size == _FILES:
            cells = [report.goal(statements, most=_MOST_STATEMENTS), report.goal(commits, most=_MOST_COMMITS)]
        else:
            cells = [str(statements), str(commits)]
        rows.append([str(size), *cells, more])
    return rows


def _cpu_seconds(process):
    """Return the CPU time of `process` and its children, whether they have ended or not."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            # The name in brackets may hold anything.
            number, parent, times = _parsed(stat.read_text())
        except OSError:
            continue
        if number == process:
            ticks += sum(times)
        elif parent == process:
            ticks += sum(times[:2])
    return ticks / os.sysconf("SC_CLK_TCK")


def _parsed(stat):
    """Return (process, its parent, [user, system, ended children's user, system]) of a line of /proc/*/stat."""
    number, fields = int(stat.split(" ", 1)[0]), stat.rpartition(")")[2].split()
    return number, int(fields[1]), list(map(int, fields[11:15]))
