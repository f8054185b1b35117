import base64
import json
import threading
import time

import pytest
import requests

from simulator.catalogue import CRIMINAL_RECORD
from simulator.effects import EFFECTS
from simulator.people import AN

HA_GIANG = "https://dichvucong.hagiang.gov.vn"
DSTCODE = "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"


@pytest.fixture
def file(client):
    """Return a function that fetches one file."""
    return lambda **options: client.file(HA_GIANG, "download/1023.pdf", DSTCODE, **options)


@pytest.fixture
def calls(client, file):
    """Return one function for each kind of call; a session and token are there before any fault."""
    session, token = client.directory_login().json()["session"], client.token()
    return {
        "login": client.directory_login,
        "directory": lambda: client.directory(session=session),
        "papers": lambda: client.papers(AN, CRIMINAL_RECORD, token=token),
        "file": file,
    }


@pytest.mark.parametrize("call", ["login", "directory", "papers", "file"])
@pytest.mark.parametrize(
    "fault, status", [("unauthorized", 401), ("server_error", 500), ("redirect", 302), ("error_page", 200)]
)
def test_faults_strike_the_call_they_are_ordered_for(sim, calls, call, fault, status):
    sim.order(call, fault)
    for other in calls.keys() - {call}:
        assert calls[other]().status_code == 200
    assert calls[call]().status_code == status
    assert calls[call]().status_code == 200


def test_every_fault_can_be_ordered_for_every_call(sim):
    for fault in EFFECTS:
        sim.order("any", fault)
    assert len(sim.faults.standing()) == len(EFFECTS) == 25


def test_times_any_match_and_clear(sim, calls, file):
    sim.order("any", "server_error", times=2)
    assert [calls["login"]().status_code, file().status_code, file().status_code] == [500, 500, 200]
    sim.order("file", "server_error", times=None, match="download/10")
    assert [file().status_code for _time in range(3)] == [500] * 3
    sim.clear_faults()
    sim.order("file", "server_error", match="download/99")
    assert file().status_code == 200
    assert len(sim.faults.standing()) == 1


def test_match_on_the_far_systems_own_query(sim, client):
    education = ("https://vanbang.moet.gov.vn:8443", "document", "VN:GOV:000.00.00.G03:g03ss01")
    sim.order("file", "server_error", match="document?id=8")
    assert client.file(*education, query="id=7&t=9").status_code == 200
    sim.order("file", "server_error", match="id=7&t=9")
    assert client.file(*education, query="id=7&t=9").status_code == 500
    # The way there is no part of what is asked: every call to the agency would fit.
    sim.clear_faults()
    sim.order("file", "server_error", match="g03ss01")
    assert client.file(*education, query="id=7&t=9").status_code == 200


def test_orders_are_taken_in_turn_and_a_delay_beside(sim, file):
    sim.order("file", "latency", times=None, seconds=0.1)
    sim.order("file", "server_error", status=503)
    sim.order("file", "empty")
    started = time.monotonic()
    assert file().status_code == 503
    assert file().content == b""
    assert len(file().content) > 1000
    assert time.monotonic() - started >= 0.3


@pytest.mark.parametrize(
    "order",
    [
        ("letter", "empty"),
        ("file", "explode"),
        ("file", "empty", 0),
        ("file", "empty", "2"),
        ("file", "latency", 1, "", {"minutes": 1}),
        ("file", "latency", 1, "", {"seconds": "soon"}),
        ("file", "latency", 1, "", {"seconds": None}),
        ("file", "latency", 1, "", {"seconds": float("inf")}),
        ("file", "latency", 1, "", {"seconds": float("nan")}),
        ("file", "latency", 1, "", {"seconds": -1}),
        ("file", "latency", True),
        ("file", "empty", 1, None),
        (["file"], "empty"),
        ("file", ["empty"]),
        ("file", "server_error", 1, "", {"status": 100}),
        ("file", "server_error", 1, "", {"status": 99999}),
        ("file", "redirect", 1, "", {"location": "a\r\nX-Injected: b"}),
        ("file", "redirect", 1, "", {"location": "https://x.vn/Phiếu"}),
        ("file", "error_code", 1, "", {"message": ["a"]}),
        ("file", "oversize", 1, "", {"bytes": 2**50}),
        ("file", "empty", 1, "", {"self": 1}),
    ],
)
def test_orders_without_sense(sim, order):
    *order, parameters = order if isinstance(order[-1], dict) else (*order, {})
    with pytest.raises(ValueError):
        sim.order(*order, **parameters)


def test_parameters(sim, calls, file):
    sim.order("papers", "error_code", code="17", message="Sai mã")
    answer = calls["papers"]().json()
    assert (answer["errorCode"], answer["message"], answer["result"]) == ("17", "Sai mã", None)
    sim.order("directory", "error_code", code="17")
    assert calls["directory"]().json()["error_code"] == 17
    sim.order("directory", "error_code", code="E-17")
    assert calls["directory"]().json()["error_code"] == "E-17"
    sim.order("file", "unauthorized", status=403)
    assert file().status_code == 403
    sim.order("file", "redirect", location="https://elsewhere.vn/", status=307)
    answer = file()
    assert (answer.status_code, answer.headers["Location"]) == (307, "https://elsewhere.vn/")


def test_who_follows_a_redirect_is_on_the_record(sim, client):
    sim.order("file", "redirect")
    url = client.address("download/1023.pdf", "VXPAdapter")
    client.session.get(url, params={"dstcode": DSTCODE, "providerurl": HA_GIANG}, timeout=5)
    assert [(row["call"], row["path"], row["status"]) for row in sim.requests()][1:] == [("other", "/redirected", 404)]


@pytest.mark.parametrize("call", ["directory", "papers"])
def test_broken_json_lacks_one_bracket(sim, calls, call):
    whole = calls[call]().content
    sim.order(call, "broken_json")
    broken = calls[call]().content
    assert len(broken) == len(whole) - 1
    with pytest.raises(ValueError):
        json.loads(broken)


def test_broken_json_in_place_of_a_file(sim, file):
    sim.order("file", "broken_json")
    with pytest.raises(ValueError):
        file().json()


def test_wrong_type(sim, calls, file):
    sim.order("any", "wrong_type", times=None)
    assert file().content.startswith(b"MZ")
    assert isinstance(calls["directory"]().json()["result"], str)


def test_null_result_and_a_token_refused_under_status_200(sim, calls):
    for call in ("directory", "papers"):
        sim.order(call, "null_result")
        assert calls[call]().json()["result"] is None
        sim.order(call, "token_error_200")
        answer = calls[call]()
        assert answer.status_code == 200
        assert "Token" in answer.json()["message"]


def test_wrappings(sim, file):
    content = file().content
    sim.order("file", "base64")
    assert base64.b64decode(file().content) == content
    sim.order("file", "json_base64")
    assert base64.b64decode(file().json()["result"]["NoiDung"]) == content


@pytest.mark.parametrize("parameters, kept", [({}, None), ({"bytes": 100}, 100), ({"bytes": 0}, 0)])
def test_cut_body(sim, file, parameters, kept):
    content = file().content
    sim.order("file", "cut_body", **parameters)
    with file(stream=True) as answer:
        assert int(answer.headers["Content-Length"]) == len(content)
        got = b""
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            for chunk in answer.iter_content(1):
                got += chunk
    assert got == content[: len(content) // 2 if kept is None else kept]


def test_no_length(sim, file):
    content = file().content
    sim.order("file", "no_length")
    answer = file()
    assert "Content-Length" not in answer.headers
    assert answer.content == content


def test_oversize(sim, calls, file):
    sim.order("any", "oversize", times=2, bytes=3_000_000)
    content = file().content
    assert len(content) == 3_000_000
    assert content.startswith(b"%PDF-")
    answer = calls["directory"]()
    assert len(answer.content) == 3_000_000
    assert answer.json()["result"]


def test_reset_breaks_the_connection(sim, file):
    sim.order("file", "reset")
    with pytest.raises(requests.ConnectionError) as raised:
        file()
    assert "Connection reset by peer" in str(raised.value)


def test_slow_drip(sim, file):
    content = file().content
    sim.order("file", "slow_drip", bytes=len(content) // 5, seconds=0.05)
    started = time.monotonic()
    assert file().content == content
    assert 0.2 <= time.monotonic() - started < 20


def test_slow_drip_after_a_prefix(sim, file):
    sim.order("file", "slow_drip", prefix=4096, bytes=1, seconds=60)
    with file(stream=True) as answer:
        started = time.monotonic()
        assert answer.raw.read(4096).startswith(b"%PDF-")
        assert time.monotonic() - started < 30


@pytest.mark.parametrize("status", [204, 304])
def test_statuses_without_a_body_leave_the_connection_usable(sim, file, status):
    sim.order("file", "server_error", status=status)
    answer = file()
    assert (answer.status_code, answer.content, "Content-Length" in answer.headers) == (status, b"", False)
    assert file().content.startswith(b"%PDF-")


def test_never_answer_ends_when_the_client_leaves(sim, client):
    sim.order("file", "never_answer")
    before = threading.active_count()
    url = client.address("download/1023.pdf", "VXPAdapter")
    params = {"dstcode": DSTCODE, "providerurl": HA_GIANG}
    with pytest.raises(requests.ReadTimeout):
        requests.get(url, params=params, timeout=0.2)
    deadline = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before


def test_a_replaced_answer_never_reaches_the_portal(sim, client):
    sim.order("login", "server_error")
    client.directory_login()
    assert sim.logins["directory"] == 0
