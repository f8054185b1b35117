"""Messages to the portal while processes die: each is accepted exactly once, or waits with a reason."""

import threading
import time
from collections import Counter

import pytest
from lib.console import Failure
from world import OWNER_NAME

CASES = 6
SOME_ACCEPTED = "SELECT 1 FROM kho_dl_outbox WHERE case_id = ANY(%s) AND state = 'accepted' OFFSET 2"
ONE_WAITS_WITH_A_REASON = """
SELECT 1 FROM kho_dl_outbox WHERE case_id = ANY(%s) AND state = 'pending' AND error IS NOT NULL
"""
OPEN = "SELECT state, error FROM kho_dl_outbox WHERE case_id = ANY(%s) AND state != 'accepted'"


@pytest.fixture
def sending(machine):
    """Return the ids of cases whose messages are being sent: some are accepted, others not yet."""
    machine.start()
    # Two at once: many calls are still to come when some are accepted.
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = TRUE, kho_dl_parallel_messages = 2")
    machine.far("POST", "faults", call="sync", fault="latency", times=None, seconds=0.3)
    cases = new_cases(machine)
    sender = threading.Thread(target=send_until_it_breaks, args=(machine,), daemon=True)
    sender.start()
    machine.database.wait_for(SOME_ACCEPTED, cases)
    yield cases
    sender.join(30)
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = FALSE, kho_dl_parallel_messages = 8")


def new_cases(machine, count=CASES):
    """Open `count` cases as a clerk."""
    api = machine.api("clerk1")
    [procedure] = api("kho.dl.procedure", "search", domain=[("code", "=", "1.012289")])
    [owner] = machine.api("admin")("res.partner", "create", vals_list=[{"name": OWNER_NAME}])
    values = {"procedure_id": procedure, "owner_id": owner, "owner_id_number": "000200099999"}
    return api("kho.dl.case", "create", vals_list=[values] * count)


def send(machine):
    """Let the scheduled action run that tells the portal."""
    api = machine.api("admin")
    [cron] = api("ir.cron", "search", domain=[("code", "=", "model._cron_send()")])
    api("ir.cron", "method_direct_trigger", [cron])


def send_until_it_breaks(machine):
    """The same, by a process that may die of it."""
    try:
        send(machine)
    except (OSError, Failure):
        return


def send_when_possible(machine, seconds=30):
    """The same, once a run that was cut off is over and Odoo has its database again."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return send(machine)
        except Failure:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)


def do_not_wait(machine):
    """Let the time pass that is left between tries, and until the trial of whom is spared."""
    machine.database("UPDATE kho_dl_outbox SET next_try_on = NULL WHERE state = 'pending'")
    machine.database("UPDATE kho_dl_breaker SET next_trial_on = '2020-01-01' WHERE opened_on IS NOT NULL")


def work(machine, cases):
    """Let the scheduled action run as often as it takes: the first pass may bring no more than the trial."""
    for _turn in range(8):
        do_not_wait(machine)
        send_when_possible(machine)
        if not machine.database(OPEN, cases):
            break


def finish(machine, cases):
    """Let the background work; then the portal knows each case once, with its one step."""
    machine.far("DELETE", "faults")
    work(machine, cases)
    assert machine.database(OPEN, cases) == []
    assert machine.database("SELECT lane FROM kho_dl_breaker WHERE opened_on IS NOT NULL") == []
    names = {name for (name,) in machine.database("SELECT name FROM kho_dl_case WHERE id = ANY(%s)", cases)}
    told = [case for case in machine.far("GET", "cases") if case["MaHoSo"] in names]
    assert Counter(case["MaHoSo"] for case in told) == dict.fromkeys(names, 1)
    assert [len(case["TienDo"]) for case in told] == [1] * CASES


def test_odoo_is_killed(machine, sending):
    machine.kill()
    assert machine.database(OPEN, sending)
    machine.start()
    finish(machine, sending)


def test_postgresql_breaks_off(machine, sending):
    machine.break_off_postgres()
    finish(machine, sending)


@pytest.mark.parametrize("fault", ["cut_body", "broken_json", "reset", "server_error", "error_page"])
def test_answers_that_go_wrong(machine, sending, fault):
    machine.far("POST", "faults", call="sync", fault=fault, times=3)
    machine.database.wait_for(ONE_WAITS_WITH_A_REASON, sending)
    finish(machine, sending)


def test_the_security_server_is_gone_and_comes_back(machine, sending):
    known = machine.far("GET", "cases")
    machine.stop_far_side()
    try:
        machine.database.wait_for(ONE_WAITS_WITH_A_REASON, sending)
    finally:
        machine.start_far_side()
    # A portal that forgot the cases would be another one: those it had taken are told to it again by hand.
    assert known
    machine.database("DELETE FROM kho_dl_outbox WHERE case_id = ANY(%s)", sending)
    machine.api("admin")("kho.dl.case", "action_tell_portal", sending)
    work(machine, sending)
    assert machine.database(OPEN, sending) == []
    assert len(machine.far("GET", "cases")) == CASES
