"""An acceptance run whose process dies in the middle, and one that two people make at once."""

import threading
from contextlib import contextmanager, suppress

import pytest
from lib.console import Failure

NUMBER = "000190000011"
AT_ITS_PROGRESS = """
SELECT 1 FROM kho_dl_acceptance_step
 WHERE acceptance_id = %s AND kind = 'progress' AND state = 'running'
"""
STATES = "SELECT kind, state FROM kho_dl_acceptance_step WHERE acceptance_id = %s"
TEXTS = "SELECT concat_ws(' ', sent, answered, words) FROM kho_dl_acceptance_step WHERE acceptance_id = %s"


@contextmanager
def at_its_progress(machine, number):
    """Yield the id of a run that waits for the answer to the progress of its test case."""
    api = machine.api("admin")
    [run] = api(
        "kho.dl.acceptance",
        "create",
        vals_list=[
            {
                "person_number": NUMBER,
                "is_agreed": True,
                "procedure_code": "1.012289",
                "result_code": "KQ.G15.000007",
                "is_case_sent": True,
                "case_number": number,
            }
        ],
    )
    # Only the lookup, the case and its progress: within the two seconds that the portal has.
    machine.far("POST", "faults", call="sync", fault="latency", times=3, seconds=1)

    def press():
        # The line to Odoo breaks off: that is the test.
        with suppress(OSError, Failure):
            machine.api("admin")("kho.dl.acceptance", "action_run", [run])

    administrator = threading.Thread(target=press)
    administrator.start()
    machine.database.wait_for(AT_ITS_PROGRESS, run)
    yield run
    administrator.join(60)


def case_of(machine, number):
    [case] = [case for case in machine.far("GET", "cases") if case["MaHoSo"] == number]
    return case


def test_what_was_done_stays_when_odoo_is_killed_and_nothing_is_sent_twice(machine):
    machine.start()
    with at_its_progress(machine, "H46-TEST-KILLED") as run:
        machine.kill()
        before = dict(machine.database(STATES, run))
        machine.far("DELETE", "faults")
    machine.start()
    machine.far("DELETE", "requests")
    machine.api("admin")("kho.dl.acceptance", "action_run", [run])
    states = dict(machine.database(STATES, run))
    assert {kind: state for kind, state in states.items() if before[kind] == "passed"} == {
        kind: state for kind, state in before.items() if state == "passed"
    }
    # Nobody knows whether it arrived, so it is not sent again; what it belongs to is withdrawn.
    assert (before["case"], states["progress"], states["withdrawal"]) == ("passed", "failed", "passed")
    case = case_of(machine, "H46-TEST-KILLED")
    assert case["TrangThaiHoSo"] == "7"
    assert [step["TrangThai"] for step in case["TienDo"]].count("4") <= 1
    assert machine.database("SELECT state, person_number FROM kho_dl_acceptance WHERE id = %s", run) == [("done", None)]
    assert not any(NUMBER in text for (text,) in machine.database(TEXTS, run))


def test_who_makes_a_run_that_somebody_makes_is_told_so(machine):
    machine.start()
    with at_its_progress(machine, "H46-TEST-TWICE") as run, pytest.raises(Failure, match="at this moment"):
        machine.api("admin")("kho.dl.acceptance", "action_run", [run])
    states = dict(machine.database(STATES, run))
    assert "failed" not in states.values()
    assert case_of(machine, "H46-TEST-TWICE")["TrangThaiHoSo"] == "7"
