"""Processes that die in the middle of ten downloads."""

import threading
from contextlib import suppress

import pytest
from lib.console import Failure
from world import assert_attached_or_reason, assert_exactly_once

FILES = 10
SOME_ARE_THERE = "SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s AND state = 'done'"
NONE_IS_COMING = """
SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s AND state = 'running')
"""
SOME_ARE_COMING = "SELECT 1 FROM kho_dl_retrieval WHERE case_id = %s AND state = 'running'"


@pytest.fixture
def pressed(machine):
    """Return (case, files) after a clerk's press, while some files are there and others are on their way."""
    machine.start()
    number, expected = machine.new_owner(FILES, agencies=2)
    case, form = machine.open_case(number)
    # Two agencies of four slots each: the first ones arrive at once, the last ones drip.
    for name in list(expected)[-4:]:
        machine.far("POST", "faults", call="file", fault="slow_drip", times=1, match=name, bytes=1000, seconds=0.3)

    def press():
        # The line to Odoo breaks off: that is the test.
        with suppress(OSError, Failure):
            machine.attach(form)

    clerk = threading.Thread(target=press)
    clerk.start()
    machine.database.wait_for(SOME_ARE_THERE, case)
    machine.database.wait_for(SOME_ARE_COMING, case)
    yield case, expected
    clerk.join(60)


def finish(machine, case, expected):
    """Let the background work; then everything is there once."""
    machine.far("DELETE", "faults")
    machine.work()
    assert_exactly_once(machine.database, machine.filestore, case, expected)
    machine.assert_no_orphans()


def test_odoo_is_killed(machine, pressed):
    case, expected = pressed
    machine.kill()
    assert machine.database(SOME_ARE_COMING, case)
    machine.start()
    finish(machine, case, expected)


def test_postgresql_breaks_off(machine, pressed):
    case, expected = pressed
    machine.postgres.break_off()
    machine.postgres.start()
    finish(machine, case, expected)


def test_the_security_server_is_gone_and_comes_back(machine, pressed):
    case, expected = pressed
    number = machine.database("SELECT owner_id_number FROM kho_dl_case WHERE id = %s", case)[0][0]
    machine.stop_far_side()
    try:
        machine.work(turns=1)
        machine.database.wait_for(NONE_IS_COMING, case)
        assert_attached_or_reason(machine.database, case)
    finally:
        machine.start_far_side()
        machine.far.add_owner(number, FILES, agencies=2)
    finish(machine, case, expected)
