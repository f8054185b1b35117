import json
from pathlib import Path

import pytest
from client import ACCOUNT, PORTAL, Client

from simulator.server import Simulator

PRINTED = {"000.00.00.G01", "000.00.00.G02", "000.00.00.G03", "000.00.00.G04", "000.00.00.G06", "000.00.00.G07",
           "000.00.00.G08"}  # fmt: skip


def rows(client):
    return client.directory().json()["result"]


def test_directory_as_in_the_guideline(client):
    found = rows(client)
    assert all(row.keys() == {"MACOQUAN", "TENCOQUAN", "DSTCODE"} for row in found)
    dstcodes = {row["MACOQUAN"]: row["DSTCODE"] for row in found}
    assert PRINTED < dstcodes.keys()
    assert dstcodes["000.00.00.G01"] == "VN:COM:0108212803:DVCTYBXDNTL"
    assert dstcodes["000.00.00.H22"] == "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"
    assert dstcodes["000.00.00.G22"] == PORTAL["dstcode"]


@pytest.mark.parametrize(
    "params",
    [
        None,
        {"dstcode": PORTAL["dstcode"]},
        PORTAL,
        {**PORTAL, "providerurl": "https://dichvucong.gov.vn/"},
        {"dstcode": "", "providerurl": ""},
    ],
)
def test_routing_may_be_left_out_or_be_the_portals(client, params):
    assert client.directory(params=params).status_code == 200


@pytest.mark.parametrize("params", [{"dstcode": "VN:GOV:000.00.00.G15:g15ss01"}, {"providerurl": "https://elsewhere.vn"}])
def test_routing_elsewhere_is_a_fault(client, params):
    assert client.directory(params=params).status_code == 500


@pytest.mark.parametrize(
    "changes", [{"madonvi": "H22"}, {"madonvi": None}, {"service": "LayThuTuc"}, {"service": 1}, {"page": "1"}]
)
def test_what_the_portal_refuses(client, changes):
    answer = client.directory(**changes)
    assert answer.status_code == 200
    assert answer.json()["error_code"] not in (0, "0")
    assert answer.json()["message"]


def test_body_must_be_one_unambiguous_object(client):
    headers = {"Content-Type": "application/json"}
    for body in (b"", b"{", b"[]", b'{"username": "a", "username": "h46"}', b'{"username": NaN}', b"\xff"):
        answer = client.session.post(client.address("mapi/login"), data=body, headers=headers, timeout=5)
        assert answer.status_code == 400, body


def test_content_type_and_method(client):
    address = client.address("mapi/login")
    assert client.session.post(address, data=json.dumps(ACCOUNT), timeout=5).status_code == 415
    assert client.session.get(address, timeout=5).status_code == 405
    assert client.post("mapi/login", ACCOUNT, {"debug": "1"}).status_code == 400


def test_generated_agencies_stay_after_a_reset(client):
    with Simulator(agencies=10_000) as large:
        many = Client(large.url, client.session)
        codes = [row["MACOQUAN"] for row in rows(many)]
        assert len(set(codes)) == len(codes) == 10_012
        large.reset()
        assert len(rows(many)) == 10_012


def test_the_directory_changes(sim, client):
    sim.world.remove_agency("000.00.00.G15")
    sim.world.set_agency("000.00.00.H22", name="Hà Giang", dstcode="VN:GOV:new")
    sim.world.add_agency("000.00.00.H22", "Hà Giang 2", "VN:GOV:second")
    found = rows(client)
    assert "000.00.00.G15" not in {row["MACOQUAN"] for row in found}
    assert [row["DSTCODE"] for row in found if row["MACOQUAN"] == "000.00.00.H22"] == ["VN:GOV:new", "VN:GOV:second"]
    sim.reset()
    assert len(rows(client)) == 12


def test_directory_of_the_samples(client):
    """The seven printed rows are served word for word."""
    sample = Path("/work/shared/samples/directory.json")
    printed = json.loads(sample.read_text())["result"]
    assert [row for row in rows(client) if row["MACOQUAN"] in PRINTED] == printed
