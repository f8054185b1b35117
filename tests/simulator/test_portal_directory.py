import json

import pytest
from client import ACCOUNT, PORTAL, Client

from simulator.server import Simulator

# The rows of the guideline's own sample (V.1), in its order.
PRINTED = [
    ("000.00.00.G01", "Bộ Công an", "VN:COM:0108212803:DVCTYBXDNTL"),
    ("000.00.00.G02", "Bộ Công thương", "VN:GOV:000.00.00.G02:tmdtktsbctss01"),
    ("000.00.00.G04", "Bộ Giao thông vận tải", "VN:GOV:000.00.00.G04:g04ss01"),
    ("000.00.00.G03", "Bộ Giáo dục và Đào tạo", "VN:GOV:000.00.00.G03:g03ss01"),
    ("000.00.00.G06", "Bộ Khoa học và Công nghệ", "VN:GOV:000.00.00.G06:g06ss01"),
    ("000.00.00.G07", "Bộ Lao động - Thương binh và Xã hội", "VN:GOV:000.00.00.G07:g07svc01"),
    ("000.00.00.G08", "Bộ Ngoại giao", "VN:GOV:000.00.00.G08:g08ss01"),
]


def rows(client):
    return client.directory().json()["result"]


def test_directory_as_in_the_guideline(client):
    found = rows(client)
    assert all(row.keys() == {"MACOQUAN", "TENCOQUAN", "DSTCODE"} for row in found)
    assert [tuple(row.values()) for row in found[:7]] == PRINTED
    dstcodes = {row["MACOQUAN"]: row["DSTCODE"] for row in found}
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


@pytest.mark.parametrize(
    "params", [{"dstcode": "VN:GOV:000.00.00.G15:g15ss01"}, {"providerurl": "https://elsewhere.vn"}]
)
def test_routing_elsewhere_is_a_fault(client, params):
    assert client.directory(params=params).status_code == 500


@pytest.mark.parametrize(
    "changes", [{"madonvi": "H99"}, {"madonvi": None}, {"service": "LayThuTuc"}, {"service": 1}, {"page": "1"}]
)
def test_what_the_portal_refuses(client, changes):
    answer = client.directory(**changes)
    assert answer.status_code == 200
    assert answer.json()["error_code"] not in (0, "0")
    assert answer.json()["message"]


def test_body_must_be_one_unambiguous_object(client):
    headers = {"Content-Type": "application/json"}
    doubled, no_number, deep = b'{"username": "a", "username": "h46"}', b'{"username": NaN}', b"[" * 100_000
    for body in (b"", b"{", b"[]", b"\xff", doubled, no_number, deep):
        answer = client.session.post(client.address("mapi/login"), data=body, headers=headers, timeout=5)
        assert answer.status_code == 400, body[:50]


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
