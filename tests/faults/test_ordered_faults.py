"""Each fault that the other side can be ordered to have, in each call that can have it."""

import pytest
from lib.console import Failure
from world import assert_attached_or_reason, assert_exactly_once, rows_of

from simulator.effects import EFFECTS

# As long as the settings of these tests make anybody wait, or much more than they allow.
PARAMETERS = {
    "latency": {"seconds": 0.5},
    "oversize": {"bytes": 60 * 1024 * 1024},
    "slow_drip": {"bytes": 100, "seconds": 0.5},
}
# What real systems do.
ODD = {"byte_order_mark", "false_encoding", "wrapped", "named_in_header"}
# What must not keep anything back.
HARMLESS = {
    "file": {"latency", "base64", "json_base64", "no_length", *ODD},
    "papers": {"latency", "no_length", *ODD},
    "login": {"latency", "no_length", *ODD},
    "directory": {"latency", "no_length", *ODD},
}
# Success without a list of papers means that there are none (wire §3): this lie cannot be seen through.
SAYS_NONE = {"null_result", "json_base64"}


@pytest.fixture(scope="module")
def served(everything):
    """Odoo, which none of these tests ends."""
    everything.start()
    # Whom earlier tests knew, a simulator that was started anew may not.
    everything.api("admin")("kho.dl.security.server", "action_refresh")
    return everything


@pytest.fixture
def far(served):
    """The other side, in order before and after."""
    served.database("DELETE FROM kho_dl_breaker")
    served.far("DELETE", "faults")
    yield served.far
    served.far("DELETE", "faults")


def order(far, call, fault, **options):
    far("POST", "faults", call=call, fault=fault, times=None, **options, **PARAMETERS.get(fault, {}))


@pytest.mark.parametrize("fault", EFFECTS)
def test_a_file(served, far, fault):
    number, expected = served.new_owner(3, agencies=3)
    case, form = served.open_case(number)
    [(name, content), *others] = expected.items()
    order(far, "file", fault, match=name)
    served.attach(form)
    assert_attached_or_reason(served.database, case)
    states = {row[0]: row[1] for row in rows_of(served.database, case)}
    assert [states[other] for other, _content in others] == ["done", "done"]
    if fault in HARMLESS["file"]:
        assert states[name] == "done"
    served.assert_no_orphans()
    far("DELETE", "faults")
    served.work(turns=1)
    if {row[0]: row[1] for row in rows_of(served.database, case)}[name] == "failed":
        # What cannot pass by itself is the clerk's to try again.
        served.attach(form)
    assert_exactly_once(served.database, served.filestore, case, expected)
    served.assert_no_orphans()


@pytest.mark.parametrize("call", ["papers", "login"])
@pytest.mark.parametrize("fault", EFFECTS)
def test_a_question(served, far, call, fault):
    number, expected = served.new_owner(1)
    if call == "login":
        far("POST", "expire")
    order(far, call, fault)
    case, form = served.open_case(number)
    [(outcome, message)] = served.database("SELECT outcome, message FROM kho_dl_query WHERE case_id = %s", case)
    if fault in HARMLESS[call]:
        assert outcome == "found"
    if call == "papers" and fault in SAYS_NONE:
        assert outcome == "none"
    else:
        # "None" would send the applicant for a paper that exists.
        assert outcome == "found" or (outcome == "failed" and message), (outcome, message)
    far("DELETE", "faults")
    form = served.open_form(case, look="action_search_again")
    served.attach(form)
    served.work(turns=1)
    assert_exactly_once(served.database, served.filestore, case, expected)


@pytest.mark.parametrize("fault", EFFECTS)
def test_the_directory(served, far, fault):
    known = "SELECT count(*) FROM kho_dl_security_server WHERE active"
    before = served.database(known)
    order(far, "directory", fault)
    try:
        served.api("admin")("kho.dl.security.server", "action_refresh")
    except Failure:
        # A refusal in words; the journal of refreshes holds it, too.
        assert fault not in HARMLESS["directory"]
    assert served.database(known) == before
    far("DELETE", "faults")
    served.api("admin")("kho.dl.security.server", "action_refresh")
    assert served.database(known) == before
