"""What nobody waits for who presses a button is done behind the answer: what became of files is written and sealed, others hear."""

import json

import pytest
from lib.console import Failure
from middle import ALL_ARE_THERE
from world import rows_of

TOLD = "SELECT 1 FROM kho_dl_outbox WHERE case_id = %s AND kind = 'case' AND state = 'accepted' OFFSET %s"
CONCLUDED = """
    SELECT 1 FROM kho_dl_retrieval
     WHERE case_id = %s AND is_summed_up AND is_told AND is_announced AND chain_hash IS NOT NULL
"""
NEWS = "SELECT 1 FROM bus_bus WHERE channel = %s"
WORDS = "SELECT count(*) FROM mail_message WHERE model = 'kho.dl.case' AND res_id = %s"
POPUPS = "SELECT message FROM bus_bus WHERE message LIKE '%%simple_notification%%'"
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
    # One file: its batch is the last one, of which others hear behind the answer alone.
    number, _files = machine.new_owner(1)
    case, form = machine.open_case(number)
    machine.database.wait_for(TOLD, case, 0, seconds=PATIENCE)
    machine.database("DELETE FROM bus_bus")
    machine.attach(form)
    assert machine.database(ALL_ARE_THERE, case), rows_of(machine.database, case)
    machine.database.wait_for(CONCLUDED, case, seconds=PATIENCE)
    [(name,)] = machine.database("SELECT current_database()")
    channel = json.dumps([name, "kho.dl.case", case], separators=(",", ":"))
    machine.database.wait_for(NEWS, channel, seconds=PATIENCE)
    # The case with its file.
    machine.database.wait_for(TOLD, case, 1, seconds=PATIENCE)


def test_what_a_process_left_undone_that_died_behind_its_answer_is_done_once(machine):
    machine.start()
    number, _files = machine.new_owner(1)
    case, form = machine.open_case(number)
    [(words,)] = machine.database(WORDS, case)
    # The words on the case wait, and with them what comes after.
    with machine.database.holding("LOCK TABLE mail_message IN SHARE MODE"):
        machine.attach(form)
        assert machine.database(ALL_ARE_THERE, case), rows_of(machine.database, case)
        machine.kill()
    assert not machine.database(CONCLUDED, case)
    machine.start()
    machine.database("DELETE FROM bus_bus")
    api = machine.api("admin")
    for code in ("model._cron_process()", "model._cron_seal()"):
        api("ir.cron", "method_direct_trigger", api("ir.cron", "search", domain=[("code", "=", code)]))
    assert machine.database(CONCLUDED, case)
    assert machine.database(WORDS, case) == [(words + 1,)]
    # Whoever pressed had the answer.
    assert machine.database(POPUPS) == []


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
