"""How much a province needs: what one case was measured to cost, for so many clerks."""

import math

# A clerk who has somebody at the counter all day: cases an hour; hours and days of an office.
_CASES_AN_HOUR, _HOURS, _DAYS = 6, 8, 250
# Half of a processor or a worker is left for the hour in which everybody comes.
_USE = 0.5
_CLERKS = (40, 200, 500, 1000, 2000)
# What PostgreSQL and the system want besides (GiB), and what a scheduled worker and the gevent process take.
_OTHERS_GIB = 4
_GIB = 1024**3


def print_sizing(report, measured, size):
    """Print how many workers, cores, memory and disk so many clerks need, by what was measured."""
    spent, cases = measured.spent, measured.cases
    cpu = (spent.odoo_cpu + spent.postgres_cpu) / cases
    memory = max(measured.memory_after.values(), default=0) / 1024
    on_disk = (spent.database_bytes + spent.file_bytes) / cases
    report.section("How much a province needs", _text(measured, size, cpu, memory, on_disk))
    report.table(
        ["clerks", "cases an hour", "web workers", "cores", "memory", "disk a year"],
        [_row(clerks, measured.busy_seconds, cpu, memory, on_disk) for clerks in _CLERKS],
    )


def _text(measured, size, cpu, memory, on_disk):
    return (
        f"From this run: a case keeps a worker busy for {measured.busy_seconds:.2f} s (the waiting for the far side is in it), takes "
        f"{cpu:.2f} s of a core of this machine (Odoo and PostgreSQL), and leaves {on_disk / 1000:.0f} kB, of which files are "
        f"{size.files * size.file_size / 1000:.0f}; a worker has {memory:.2f} GiB of its own. A clerk has {_CASES_AN_HOUR} cases an hour, "
        f"for {_HOURS} hours on {_DAYS} days; workers and cores are used by half, and {_OTHERS_GIB} GiB are for PostgreSQL and the "
        "system. Change what is different with you: the four figures are in proportion."
    )


def _row(clerks, busy, cpu, memory, on_disk):
    a_second = clerks * _CASES_AN_HOUR / 3600
    workers = max(2, math.ceil(a_second * busy / _USE))
    cores = max(2, math.ceil(a_second * cpu / _USE))
    a_year = clerks * _CASES_AN_HOUR * _HOURS * _DAYS * on_disk / _GIB
    return [
        f"{clerks:,}",
        f"{clerks * _CASES_AN_HOUR:,}",
        str(workers),
        str(cores),
        f"{math.ceil((workers + 2) * max(0.2, memory) + _OTHERS_GIB)} GiB",
        f"{a_year:,.0f} GiB",
    ]
