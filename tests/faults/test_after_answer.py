"""What nobody waits for who presses a button is done behind the answer: others hear of files, the scheduler wakes up."""

import pytest
from middle import ALL_ARE_THERE
from world import rows_of

TOLD = "SELECT 1 FROM kho_dl_outbox WHERE case_id = %s AND kind = 'case' HAVING bool_and(state = 'accepted')"
NEWS = "SELECT 1 FROM bus_bus WHERE channel LIKE %s"
PATIENCE = 40  # seconds; who was not woken up looks only after a minute and more


@pytest.fixture
def with_scheduler(machine):
    """A deployment whose scheduler has nothing to do by itself, and which tells the portal."""
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = TRUE")
    machine.database("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'")
    machine.start("--workers=2", "--max-cron-threads=1")
    yield machine
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = FALSE")


def test_who_attaches_wakes_the_scheduler_and_tells_others(with_scheduler):
    machine = with_scheduler
    number, _files = machine.new_owner(3)
    case, form = machine.open_case(number)
    machine.database.wait_for(TOLD, case, seconds=PATIENCE)
    machine.database("DELETE FROM bus_bus")
    machine.attach(form)
    assert machine.database(ALL_ARE_THERE, case), rows_of(machine.database, case)
    machine.database.wait_for(NEWS, f"%kho.dl.case%{case}%", seconds=PATIENCE)
    machine.database.wait_for(TOLD, case, seconds=PATIENCE)
