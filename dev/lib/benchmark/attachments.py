"""Files of other applications: the same work in a database with the add-on and in one without it."""

import statistics
from dataclasses import replace

from ..postgres import drop_database

_FILES = 200
_ROUNDS, _QUICK = 7, 3
_MOST = 1.05
_DEPENDENCIES = "mail,base_import"
_STEPS = ("create", "change", "delete")
_TEXT = (
    f"{_FILES} small files on contacts are created, get another content, and are deleted, one after the other, in a "
    "database with Odoo's own mail alone and in one with the add-on. Both work as a user of another application, in "
    "processes of their own that take turns; the best round of each counts, for what is compared is code and not the disk. "
    "Statements are counted for one file."
)
_WORK = """
import time
user = env["res.users"].with_context(no_reset_password=True).create({
    "name": "BENCH", "login": "bench_files",
    "group_ids": [(6, 0, [env.ref("base.group_user").id, env.ref("base.group_partner_manager").id])],
})
files = env["ir.attachment"].with_user(user)
partner = env["res.partner"].create({"name": "BENCH"})
partner.flush_recordset()

def create(number):
    values = {"name": "file.txt", "raw": b"one %d" % number, "res_model": "res.partner", "res_id": partner.id}
    made.append(files.create([values]))

def change(number):
    made[number].write({"raw": b"two %d" % number})

def delete(number):
    made[number].unlink()

def seconds(step):
    started = time.perf_counter()
    for number in range(COUNT):
        step(number)
        env.flush_all()
    return time.perf_counter() - started

for turn in range(ROUNDS + 1):
    made = []
    for step in (create, change, delete):
        before = env.cr.sql_log_count
        took = seconds(step)
        # The first one reads what is kept afterwards.
        if turn:
            print("took:", step.__name__, took, (env.cr.sql_log_count - before) / COUNT)
env.cr.rollback()
"""


def measure(stage, report, quick):
    """Print what a file of another application costs with the add-on, in times of what it costs without."""
    plain = replace(stage.odoo, database=f"{stage.odoo.database}_plain")
    with_us = replace(stage.odoo, database=f"{stage.odoo.database}_beside")
    found = {plain.database: [], with_us.database: []}
    try:
        plain.install(addon=_DEPENDENCIES)
        plain.copy_to(with_us)
        with_us.install()
        for number in range(_QUICK if quick else _ROUNDS):
            # Who goes first changes each time.
            for odoo in (plain, with_us) if number % 2 else (with_us, plain):
                found[odoo.database] += _found(odoo)
    finally:
        for odoo in (plain, with_us):
            drop_database(odoo.database, odoo.postgres, odoo.python)
    report.section("Files of other applications", _TEXT)
    report.table(
        ["200 files", "without", "with", "ratio", "statements without", "with"],
        [_row(step, *found.values(), report) for step in _STEPS],
    )


def _found(odoo):
    """Return [(step, seconds, statements for one file)] of the rounds of one process."""
    printed = odoo.shell(f"COUNT, ROUNDS = {_FILES}, 3\n{_WORK}")
    words = [line.split()[1:] for line in printed.splitlines() if line.startswith("took:")]
    return [(step, float(seconds), float(statements)) for step, seconds, statements in words]


def _row(step, plain, with_us, report):
    times = [min(seconds for name, seconds, _count in found if name == step) for found in (plain, with_us)]
    counts = [statistics.median(count for name, _seconds, count in found if name == step) for found in (plain, with_us)]
    ratio = times[1] / times[0]
    # What is asked of a file that changes or goes is whose it is: one statement.
    more = report.goal(counts[1] - counts[0], most=0 if step == "create" else 1)
    return [
        step,
        f"{times[0]:.3f} s",
        f"{times[1]:.3f} s",
        report.goal(ratio, most=_MOST) if step == "create" else f"{ratio:.3g}",
        f"{counts[0]:.3g}",
        f"+{more}",
    ]
