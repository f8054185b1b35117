"""What the machine says of a load: time of processors, memory, what PostgreSQL and Odoo complained of."""

import contextlib
import math
import operator
import os
import re
from collections import Counter
from dataclasses import astuple, dataclass
from pathlib import Path

from .node import children_of

_TICK = os.sysconf("SC_CLK_TCK")
_LOST_RACE = re.compile(r"could not serialize access|serialization failure", re.IGNORECASE)
_LOST_WHERE = re.compile(
    r"could not serialize access[^\n]*\n(?:[^\n]*(?:DETAIL|CONTEXT|HINT):[^\n]*\n)*[^\n]*STATEMENT:\s*((?:[^\n]*\n\t?)+?)(?=\d{4}-)"
)
_TABLE = re.compile(r'\b(UPDATE|INSERT INTO|DELETE FROM|FROM|pg_\w+)\s*"?(\w+)"?', re.IGNORECASE)
_DEADLOCK = re.compile(r"deadlock detected")
_TRIED_AGAIN = re.compile(r"tries left, try again")


def percentile(values, share):
    """Return the value below which `share` of `values` are; nan where there are none."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] if ordered else math.nan


@dataclass(frozen=True)
class Reading:
    """Everything that counts up, at one moment: seconds of processors, bytes, connections, complaints."""

    odoo_cpu: float
    postgres_cpu: float
    calls: int
    connections: int
    logins: int
    lost_races: int
    deadlocks: int
    retries: int
    database_bytes: int
    file_bytes: int

    def __sub__(self, other):
        return Reading(*map(operator.sub, astuple(self), astuple(other)))

    def __add__(self, other):
        return Reading(*map(operator.add, astuple(self), astuple(other)))


def read(place, nodes):
    """Return the `Reading` of this moment."""
    health = place.other_side.ask("GET", "health")
    log = place.postgres.log.read_text(errors="replace")
    odoo_log = place.odoo.log.read_text(errors="replace")
    [(size,)] = place.query("SELECT pg_database_size(current_database())")
    return Reading(
        odoo_cpu=sum(_cpu_of_family(node.process.pid) for node in nodes),
        postgres_cpu=_cpu_of_family(place.postgres.pid),
        calls=health["calls"],
        connections=health["connections"],
        logins=sum(health["logins"].values()),
        lost_races=len(_LOST_RACE.findall(log)),
        deadlocks=len(_DEADLOCK.findall(log)),
        retries=len(_TRIED_AGAIN.findall(odoo_log)),
        database_bytes=size,
        file_bytes=sum(path.stat().st_size for path in place.filestore.rglob("*") if path.is_file()),
    )


def races(place):
    """Return {what was written: how often another transaction was faster} by the whole log of PostgreSQL."""
    log = place.postgres.log.read_text(errors="replace")
    found = (_TABLE.search(match[1]) for match in _LOST_WHERE.finditer(log))
    return Counter(f"{match[1].upper()} {match[2]}" if match else "?" for match in found)


def memory_of(nodes):
    """Return {pid of a worker: its own memory in MiB, without what it shares with the others}."""
    return {pid: size for node in nodes for pid in node.workers() if (size := _own_memory(pid))}


def _own_memory(pid):
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    sizes = dict(re.findall(r"^(Private_\w+|Rss):\s+(\d+)", text, re.MULTILINE))
    return sum(int(size) for name, size in sizes.items() if name.startswith("Private")) / 1024


def _cpu_of_family(pid):
    """Return the seconds of a process and all that it started, those that have ended included."""
    return _cpu_of(pid) + sum(_cpu_of_family(child) for child in children_of(pid))


def _cpu_of(pid):
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # User and system, its own and those of children that it has waited for.
        return sum(map(int, fields[11:15])) / _TICK
    return 0.0
