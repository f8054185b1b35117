"""The ways in which portals speak: what one of them takes, another one refuses."""

import json

import pytest
import requests
from test_case_register import CASE

from simulator.profiles import LOGIN_DSTCODE, PROFILES

ACCOUNT = {"username": "h46", "password": "h46-demo"}
CLIENT = {"client_id": "h46", "client_secret": "h46-demo"}
FIELD = ("field_2024", "client_2026")


def post(sim, path, body, **query):
    return requests.post(f"{sim.url}/XrdAdapter/RestService/forward/{path}", json=body, params=query, timeout=5)


def log_in(sim, account=ACCOUNT, dstcode=LOGIN_DSTCODE):
    return post(sim, "mapi/login", account, dstcode=dstcode)


# Proves W.1-4.
@pytest.mark.parametrize("profile", FIELD)
def test_logins_stand_behind_a_system_of_their_own(sim, profile):
    account = CLIENT if PROFILES[profile].is_client_login else ACCOUNT
    assert log_in(sim, ACCOUNT).status_code == 500
    sim.speak(profile)
    assert log_in(sim, account).json()["session"]
    assert log_in(sim, account, dstcode="").headers["X-Road-Error"] == "Server.ClientProxy.UnknownMember"
    other = ACCOUNT if account == CLIENT else CLIENT
    assert log_in(sim, other).json()["error_code"] == 2


@pytest.mark.parametrize("profile", FIELD)
def test_look_ups_and_messages_have_each_their_path(sim, profile):
    sim.speak(profile)
    account = CLIENT if PROFILES[profile].is_client_login else ACCOUNT
    known = {"session": log_in(sim, account).json()["session"], "madonvi": "H46"}
    look_up = {**known, "service": "LayDanhMucLinhVuc"}
    assert post(sim, "mapi/call", look_up).json()["error_code"] == 5
    answer = post(sim, "mapi/g", look_up)
    assert answer.headers["content-type"] == "text/html"
    assert answer.json()["data"]
    case = {**known, "service": "DongBoHoSoMC", "data": [CASE]}
    in_query = profile == "client_2026"
    right = {"isUpdating": "False"}
    body, query = (case, right) if in_query else ({**case, **right}, {})
    assert post(sim, "mapi/call", {**case, "isUpdating": False}).json()["error_code"] == 6
    assert post(sim, "mapi/call", body, **query).json()["error_code"] == 0
    again = json.loads(post(sim, "mapi/call", body, **query).content)
    assert (again["error_code"], "đã tồn tại" in again["message"]) == ("-3", True)


def test_a_profile_is_chosen_over_http(sim, client):
    chosen = client.session.put(f"{sim.url}/_control/profile", json={"profile": "field_2024"}, timeout=5)
    assert (chosen.json(), sim.profile) == ({"ok": True}, "field_2024")
    with pytest.raises(ValueError, match="no such profile"):
        sim.speak("x")
    sim.reset()
    assert sim.profile == "printed"
