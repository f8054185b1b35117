from types import SimpleNamespace

import pytest
from client import PORTAL, Client

from simulator import tokens
from simulator.server import Simulator

FORBIDDEN_ACCOUNTS = [{"password": "wrong"}, {"username": "H46"}, {"password": None}, {"remember": True}]


def test_directory_login_in_the_shape_of_the_field(client):
    answer = client.directory_login().json()
    assert answer.keys() == {"session", "error_code"}
    assert answer["error_code"] == 0
    assert len(answer["session"]) == 88


def test_papers_login_in_the_shape_of_the_field(client):
    answer = client.papers_login().json()
    assert answer.keys() == {"result"}
    assert answer["result"].keys() == {"access_token", "expires_in"}
    assert answer["result"]["expires_in"] == 1800


@pytest.mark.parametrize("changes", FORBIDDEN_ACCOUNTS)
def test_only_the_account_gets_in(sim, client, changes):
    answer = client.directory_login(**changes).json()
    assert answer["error_code"] == 2
    assert "session" not in answer
    assert client.papers_login(**changes).status_code == 401
    assert sim.logins == {"directory": 0, "papers": 0}


def test_logins_are_counted(sim, client):
    client.directory()
    client.token()
    client.token()
    assert sim.logins == {"directory": 1, "papers": 2}
    sim.reset()
    assert sim.logins == {"directory": 0, "papers": 0}


def test_a_token_of_one_service_is_none_of_the_other(client):
    session, token = client.directory_login().json()["session"], client.token()
    assert client.directory(session=token).status_code == 401
    assert client.papers("000190000011", "KQ.G15.000007", token=session).status_code == 401


@pytest.mark.parametrize("prefix", ["", "Bearer "])
def test_token_bare_or_bearer(client, prefix):
    assert client.papers("000190000011", "KQ.G15.000007", token=prefix + client.token()).json()["errorCode"] == "0"


@pytest.mark.parametrize("token", ["unknown", "Bearer ", "Basic aDQ2"])
def test_unknown_token(client, token):
    answer = client.papers("000190000011", "KQ.G15.000007", token=token)
    assert answer.status_code == 401
    assert "hết hạn" in answer.json()["message"]


def test_tokens_expire_on_order(sim, client):
    session, token = client.directory_login().json()["session"], client.token()
    sim.expire_tokens()
    assert client.directory(session=session).status_code == 401
    assert client.papers("000190000011", "KQ.G15.000007", token=token).status_code == 401
    assert client.directory().status_code == 200


def test_tokens_expire_by_time(client, monkeypatch):
    now = [100.0]
    monkeypatch.setattr(tokens, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with Simulator(token_lifetime=0.2) as short:
        brief = Client(short.url, client.session)
        answer = brief.papers_login().json()["result"]
        assert answer["expires_in"] == 0.2
        assert brief.papers("000190000011", "KQ.G15.000007", token=answer["access_token"]).status_code == 200
        now[0] += 0.25
        assert brief.papers("000190000011", "KQ.G15.000007", token=answer["access_token"]).status_code == 401


@pytest.mark.parametrize("params", [None, {"dstcode": PORTAL["dstcode"]}, {**PORTAL, "dstcode": "VN:GOV:X"}])
def test_papers_login_needs_the_way_to_the_portal(client, params):
    answer = client.post("bndp/public/v1/login", {"username": "h46", "password": "h46-demo"}, params)
    assert answer.status_code == 500
    assert answer.json()["type"].startswith("Server.")
