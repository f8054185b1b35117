"""Many messages on their way at once: a worker that is killed with them, and one company's portal that hangs."""

import socket
import threading
import time

import pytest
from test_outbox import OPEN, do_not_wait, new_cases, send_until_it_breaks, send_when_possible
from world import OWNER_NAME

STEPS = ["1", "2", "4"]
MANY = 16
EIGHT_ON_THEIR_WAY = """
SELECT 1 FROM kho_dl_outbox WHERE case_id = ANY(%s) AND state = 'running' HAVING COUNT(*) >= 8
"""
ALL_ACCEPTED = """
SELECT 1 FROM kho_dl_outbox WHERE case_id = ANY(%s) HAVING COUNT(*) = COUNT(*) FILTER (WHERE state = 'accepted')
"""


@pytest.fixture
def telling(machine):
    """Odoo, which tells the portal."""
    machine.start()
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = TRUE")
    yield machine
    machine.database("UPDATE res_company SET kho_dl_sync_enabled = FALSE")


def in_background(machine):
    sender = threading.Thread(target=send_until_it_breaks, args=(machine,), daemon=True)
    sender.start()
    return sender


def steps_at_portal(machine, cases):
    """Return {number of the case: states of its steps, in the order in which they came}."""
    names = {name for (name,) in machine.database("SELECT name FROM kho_dl_case WHERE id = ANY(%s)", cases)}
    told = [case for case in machine.far("GET", "cases") if case["MaHoSo"] in names]
    assert len(told) == len(names) == len(cases)
    return {case["MaHoSo"]: [step["TrangThai"] for step in case["TienDo"]] for case in told}


def test_odoo_is_killed_with_eight_messages_on_their_way(telling):
    cases = new_cases(telling, MANY)
    for state in STEPS[1:]:
        telling.api("clerk1")("kho.dl.case", "write", cases, vals={"state": state})
    telling.far("POST", "faults", call="sync", fault="latency", times=None, seconds=0.5)
    for _twice in range(2):
        sender = in_background(telling)
        telling.database.wait_for(EIGHT_ON_THEIR_WAY, cases)
        # In the midst: the calls of a round last half a second.
        asked = len(telling.far("GET", "requests?call=sync"))
        deadline = time.monotonic() + 30
        while len(telling.far("GET", "requests?call=sync")) < asked + 10:
            assert time.monotonic() < deadline, "the portal was not told ten more"
            time.sleep(0.05)
        telling.kill()
        sender.join(30)
        telling.start()
    telling.far("DELETE", "faults")
    for _turn in range(4):
        do_not_wait(telling)
        send_when_possible(telling)
    assert telling.database(OPEN, cases) == []
    # Nothing is lost, nothing is doubled, and each case was told in its order.
    assert set(map(tuple, steps_at_portal(telling, cases).values())) == {tuple(STEPS)}


@pytest.fixture
def second_company(telling):
    """Yield (id of a company whose security server takes connections and never answers, its cases)."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as silent:
        api = telling.api("admin")
        values = {
            "name": "Silent", "kho_dl_ss_url": f"http://127.0.0.1:{silent.getsockname()[1]}", "kho_dl_unit_code": "H22",
            "kho_dl_username": "h22", "kho_dl_password": "h22-demo", "kho_dl_sync_enabled": True, "kho_dl_timeout": 30,
        }  # fmt: skip
        [company] = api("res.company", "create", vals_list=[values])
        [procedure] = api("kho.dl.procedure", "search", domain=[("code", "=", "1.012289")])
        api("kho.dl.procedure", "write", [procedure], vals={"company_id": False})
        [owner] = api("res.partner", "create", vals_list=[{"name": OWNER_NAME}])
        values = {
            "procedure_id": procedure,
            "owner_id": owner,
            "owner_id_number": "000200099999",
            "company_id": company,
        }
        cases = api("kho.dl.case", "create", vals_list=[values] * MANY)
        yield company, cases
        telling.database(
            "UPDATE res_company SET kho_dl_sync_enabled = FALSE, kho_dl_ss_url = NULL WHERE id = %s", company
        )


def test_a_portal_that_hangs_costs_the_other_company_nothing(telling, second_company):
    _company, silent = second_company
    cases = new_cases(telling, MANY)
    began = time.monotonic()
    sender = in_background(telling)
    telling.database.wait_for(ALL_ACCEPTED, cases, seconds=20)
    assert sender.is_alive(), "the silent one was given up before its time"
    # What comes while it hangs goes at once, too.
    later = new_cases(telling, 2)
    telling.database.wait_for(ALL_ACCEPTED, later, seconds=10)
    assert time.monotonic() - began < 28, "they waited for the silent one's 30 s"
    assert {state for state, _error in telling.database(OPEN, silent)} <= {"pending", "running"}
    telling.kill()
    sender.join(30)
