"""What nobody waits for who presses a button is done behind the answer: the scheduler wakes up."""

import pytest
from lib.console import Failure
from middle import ALL_ARE_THERE
from world import rows_of

TOLD = "SELECT 1 FROM kho_dl_outbox WHERE case_id = %s AND kind = 'case' AND state = 'accepted' OFFSET %s"
PATIENCE = 40  # seconds; who was not woken up looks only after a minute and more


@pytest.fixture
def with_scheduler(machine):
    """A deployment whose scheduler has nothing to do by itself, and which tells the portal."""
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = TRUE")
    machine.database("UPDATE ir_cron SET nextcall = now() AT TIME ZONE 'UTC' + interval '1 day'")
    machine.start("--workers=2", "--max-cron-threads=1")
    yield machine
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = FALSE")


def test_who_attaches_wakes_the_scheduler(with_scheduler):
    machine = with_scheduler
    number, _files = machine.new_owner(1)
    case, form = machine.open_case(number)
    machine.database.wait_for(TOLD, case, 0, seconds=PATIENCE)
    machine.attach(form)
    assert machine.database(ALL_ARE_THERE, case), rows_of(machine.database, case)
    # The case with its file.
    machine.database.wait_for(TOLD, case, 1, seconds=PATIENCE)


def test_what_was_committed_before_a_refusal_is_told_too(with_scheduler):
    machine = with_scheduler
    number, _files = machine.new_owner(1)
    case, _form = machine.open_case(number)
    machine.database.wait_for(TOLD, case, 0, seconds=PATIENCE)
    # A scheduled action of another add-on that commits, wakes the sender, and fails.
    api = machine.api("admin")
    code = f"""
record = env['kho.dl.case'].browse({case})
record.action_step('4')
env.cr.commit()
raise UserError('No.')
"""
    [model] = api("ir.model", "search", domain=[("model", "=", "kho.dl.case")])
    values = {"name": "Fails", "model_id": model, "state": "code", "code": code}
    [action] = api("ir.actions.server", "create", vals_list=[values])
    with pytest.raises(Failure):
        api("ir.actions.server", "run", [action])
    machine.database.wait_for(
        "SELECT 1 FROM kho_dl_outbox WHERE case_id = %s AND kind = 'progress' AND state = 'accepted' OFFSET 1",
        case,
        seconds=PATIENCE,
    )
