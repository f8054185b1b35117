"""Odoo as a province runs it, with worker processes and its own scheduler: it recovers without anybody's help."""

import os
import signal
import time

import pytest
from middle import ALL_ARE_THERE, SOME_ARE_COMING, ten_downloads
from world import assert_exactly_once, rows_of

PREFORK = ("--workers=2", "--max-cron-threads=1")
PATIENCE = 60  # seconds; Odoo notices a lost database within a few of its beats


@pytest.fixture
def pressed(machine):
    """Return (case, files) while some files are there and others are on their way."""
    machine.start(*PREFORK)
    with ten_downloads(machine) as case_and_files:
        yield case_and_files


def finish(machine, case, expected):
    """Wait until Odoo has brought the rest by itself; where its main process ended, it is started as a service is."""
    machine.far("DELETE", "faults")
    # As if the minute of the scheduled action were over.
    machine.database("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' WHERE active")
    deadline = time.monotonic() + PATIENCE
    while not machine.database(ALL_ARE_THERE, case):
        assert time.monotonic() < deadline, rows_of(machine.database, case)
        if machine.process.poll() is not None:
            machine.kill()
            machine.start(*PREFORK)
        machine.wake_scheduler()
        time.sleep(0.5)
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    machine.assert_no_orphans()


def test_all_of_odoo_is_killed(machine, pressed):
    case, expected = pressed
    machine.kill()
    assert machine.database(SOME_ARE_COMING, case)
    machine.start(*PREFORK)
    finish(machine, case, expected)


def test_the_worker_that_fetches_is_killed(machine, pressed):
    case, expected = pressed
    [worker] = machine.pids_fetching()
    os.kill(worker, signal.SIGKILL)
    finish(machine, case, expected)


def test_postgresql_breaks_off(machine, pressed):
    case, expected = pressed
    machine.break_off_postgres()
    finish(machine, case, expected)
