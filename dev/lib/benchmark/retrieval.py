"""Files onto a case, beside a sequential loop and a bare threaded downloader."""

import time
from dataclasses import dataclass

from ..console import say
from .contenders import AddOn, sequential, threaded
from .rounds import median_times
from .stage import MIB, WIDTH

# Files from which on the goal against the threaded downloader holds, and the latency (s) of the goal against the loop.
_MANY, _SLOW = 20, 0.2
_MOST_TO_THREADED, _LEAST_TO_SEQUENTIAL = 1.25, 6
# What is done once a case shows no more with so many files from a slow far side.
_VERY_MANY, _MOST_OF_VERY_MANY = 200, 1.15
# Seconds after which the process that looks into PDFs is not used again (`inspection/sandbox.py`).
_PAUSE = 40
_TEXT = (
    "The add-on is timed over HTTP as the clerk, from the press of “Attach” to the last file on the case: rows of the "
    "queue, download, checks, look into each PDF, hash, attachment, journal, all committed. The loop and the "
    f"{WIDTH} threads write to temporary files and keep nothing. Latency is the simulator's, on every call. Medians of "
    "the rounds given (of add-on/loop); the contenders take turns."
)


@dataclass(frozen=True)
class Load:
    """What is fetched: `files` files of `size` bytes, from a far side that takes `latency` seconds to answer."""

    latency: float
    files: int
    size: int


# 200 files of 50 MiB would be ten gigabytes a round on one case: nobody has that, so nothing is learnt from it.
_SMALL = [(files, size) for files in (1, 20, 200) for size in (MIB // 10, MIB)]
_LARGE = [(files, 50 * MIB) for files in (1, 10)]
WHOLE = [Load(latency, *one) for latency in (0.02, 0.2) for one in (*_SMALL, *_LARGE)]
QUICK = [load for load in WHOLE if load.files <= _MANY and load.size <= MIB]


def measure(stage, report, quick):
    """Print the table of retrieval."""
    contenders = [AddOn(stage), threaded(), sequential()]
    # Odoo reads its modules and fills its caches, as in an office after the first minute.
    contenders[0].attach_one()
    report.section("Retrieval", _TEXT)
    rows = []
    for load in QUICK if quick else WHOLE:
        say(f"→ {load.latency * 1000:.0f} ms, {load.files} × {load.size / MIB:.3g} MiB …")
        stage.other_side.set_latency(load.latency)
        times = median_times(
            contenders,
            lambda load=load: stage.other_side.add_person(load.files, load.size),
            most_rounds=3 if quick else 7,
            seconds_each=3 if quick else 8,
        )
        rows.append(_row(report, load, times))
    stage.other_side.set_latency(0)
    report.table(
        [
            "latency",
            "files",
            "each",
            "add-on",
            "threaded",
            "sequential",
            "rounds",
            "÷ threaded",
            "faster than loop",
        ],
        rows,
    )
    if not quick:
        _print_after_pause(report, contenders[0])


def _print_after_pause(report, add_on):
    """Print what the first file costs after a pause, when the process that looks into PDFs has to start."""
    warm = add_on.attach_one()
    time.sleep(_PAUSE)
    report.table(
        ["one small file, no latency", "seconds"],
        [
            ["while files come in", f"{warm:.2f} s"],
            [f"first one after {_PAUSE} s without any", f"{add_on.attach_one():.2f} s"],
        ],
    )


def _row(report, load, times):
    (ours, rounds), (bare, _), (loop, loops) = (times[name] for name in ("add-on", "threaded", "sequential"))
    to_bare, to_loop = ours / bare, loop / ours
    return [
        f"{load.latency * 1000:.0f} ms",
        str(load.files),
        f"{load.size / MIB:.3g} MiB",
        f"{ours:.2f} s",
        f"{bare:.2f} s",
        f"{loop:.2f} s",
        f"{rounds}/{loops}",
        _to_bare(report, load, to_bare),
        _to_loop(report, load, to_loop),
    ]


def _to_bare(report, load, ratio):
    if load.files < _MANY:
        return f"{ratio:.2f}"
    is_easiest = load.files >= _VERY_MANY and load.latency >= _SLOW
    return report.goal(ratio, most=_MOST_OF_VERY_MANY if is_easiest else _MOST_TO_THREADED)


def _to_loop(report, load, ratio):
    # Of one file no downloader can make two.
    has_goal = load.latency >= _SLOW and load.files >= _MANY
    return report.goal(ratio, least=_LEAST_TO_SEQUENTIAL) if has_goal else f"{ratio:.2f}"
