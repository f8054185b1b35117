"""Processes that die in the middle of ten downloads."""

import pytest
from middle import AGENCIES, FILES, NONE_IS_COMING, SOME_ARE_COMING, ten_downloads
from world import assert_attached_or_reason, assert_exactly_once


@pytest.fixture
def pressed(machine):
    """Return (case, files) while some files are there and others are on their way."""
    machine.start()
    with ten_downloads(machine) as case_and_files:
        yield case_and_files


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
    machine.break_off_postgres()
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
        machine.far.add_owner(number, FILES, agencies=AGENCIES)
    finish(machine, case, expected)
