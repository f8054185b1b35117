"""Runs last: what all the processes of the whole run wrote down."""

import pytest
from machine import OFFICER
from world import OWNER_NAME, PAYLOAD


def texts(everything):
    """Return {name: content} of all logs."""
    return {path.name: path.read_text(errors="replace") for path in everything.folder.rglob("*.log")}


def secrets(everything):
    """Return {what: values} of all that this run used and that no log may hold."""
    requests = everything.far("GET", "requests")
    tokens = {request["headers"]["authorization"] for request in requests if "authorization" in request["headers"]}
    bodies = [request["body"] for request in requests if isinstance(request["body"], dict)]
    tokens |= {body["session"] for body in bodies if "session" in body}
    numbers = everything.database("SELECT DISTINCT owner_id_number FROM kho_dl_case WHERE owner_id_number IS NOT NULL")
    return {
        "token": {token.removeprefix("Bearer ") for token in tokens},
        "id number": {OFFICER, *(number for (number,) in numbers)},
        "password": {"h46-demo"},
        "payload": {PAYLOAD},
        "name": {OWNER_NAME},
        "key of the external API": set(everything.keys.values()),
    }


def test_the_processes_wrote_logs(everything):
    logs = texts(everything)
    assert {"odoo.log", "postgres.log", "simulator.log"} <= logs.keys()
    assert all("odoo" in logs[name] or "database system" in logs[name] for name in ("odoo.log", "postgres.log"))


@pytest.mark.parametrize("what", ["token", "id number", "password", "payload", "name", "key of the external API"])
def test_no_log_holds_personal_data_or_secrets(everything, what):
    values = secrets(everything)[what]
    assert values, "nothing to look for: the test would not see anything"
    for name, text in texts(everything).items():
        # The simulator's own log is no part of a deployment.
        held = [] if name == "simulator.log" else [value for value in values if value in text]
        assert not held, f"{what} in {name}: {len(held)} of {len(values)}"
