"""How much a province needs: what one case was measured to cost, for so many clerks."""

import math

# As docs/operations.md has it: cases of a clerk a day, how much of them in the busiest hour, days of an office.
_CASES_A_DAY, _BUSIEST_HOUR, _DAYS = 40, 1 / 4, 250
# Half of a processor or a worker is left free in that hour.
_USE = 0.5
_CLERKS = (20, 100, 500, 1000, 2000)
# What a worker takes at the least (GiB), files on their way included, and what PostgreSQL and the system want besides.
_WORKER_GIB, _OTHERS_GIB = 0.4, 4
_GIB = 1024**3


def print_sizing(report, measured, size):
    """Print how many workers, cores, memory and disk so many clerks need, by what was measured."""
    spent, cases = measured.spent, measured.cases
    cpu = (spent.odoo_cpu + spent.postgres_cpu) / cases
    memory = max(measured.memory_after.values(), default=0) / 1024
    on_disk = (spent.database_bytes + spent.file_bytes) / cases
    report.section("How much a province needs", _text(measured, size, cpu, memory, on_disk))
    report.table(
        ["clerks", "cases a minute, at most", "web workers", "cores", "memory", "disk a year"],
        [_row(clerks, measured.busy_seconds, cpu, memory, on_disk) for clerks in _CLERKS],
    )


def _text(measured, size, cpu, memory, on_disk):
    return (
        f"From this run: a case keeps a worker busy for {measured.busy_seconds:.2f} s (the waiting for the far side is in it), takes "
        f"{cpu:.2f} s of a core of this machine (Odoo and PostgreSQL), and leaves {on_disk / 1000:.0f} kB, of which files are "
        f"{size.files * size.file_size / 1000:.0f}; a worker has {memory:.2f} GiB of its own. A clerk has {_CASES_A_DAY} cases a day, "
        f"on {_DAYS} days, a quarter of them in the busiest hour; workers and cores are used by half, a worker is planned with "
        f"{_WORKER_GIB} GiB at the least, and {_OTHERS_GIB} GiB are for PostgreSQL and the system. Full cores do fewer: "
        "[operations.md](operations.md) plans with those. Change what is different with you: the four figures are in proportion."
    )


def _row(clerks, busy, cpu, memory, on_disk):
    a_second = clerks * _CASES_A_DAY * _BUSIEST_HOUR / 3600
    workers = max(2, math.ceil(a_second * busy / _USE))
    cores = max(2, math.ceil(a_second * cpu / _USE))
    a_year = clerks * _CASES_A_DAY * _DAYS * on_disk / _GIB
    return [
        f"{clerks:,}",
        f"{a_second * 60:.0f}",
        str(workers),
        str(cores),
        f"{math.ceil((workers + 2) * max(_WORKER_GIB, memory) + _OTHERS_GIB)} GiB",
        f"{a_year:,.0f} GiB",
    ]
