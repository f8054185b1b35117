"""What no decent client sends, and clients that leave: the simulator goes on and prints nothing."""

import json
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from simulator.papers import Paper, PaperFile
from simulator.people import AN

FORWARD = "/VXPAdapter/RestService/forward/"
HA_GIANG, DSTCODE = "https://dichvucong.hagiang.gov.vn", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"
NONSENSE = [None, True, 5, 1.5, "", "x", [], [None], {}, {"a": []}, "\ud800", 10**30]


@pytest.fixture(autouse=True)
def nothing_is_printed(sim, capfd):
    """A thread that fails prints a traceback; it must not, and the simulator must still answer."""
    yield
    assert requests.get(f"{sim.url}/_control/health", timeout=5).json()["ok"]
    assert capfd.readouterr().err == ""


def connect(sim):
    connection = socket.create_connection(("127.0.0.1", urlsplit(sim.url).port))
    connection.settimeout(5)
    return connection


def status_of(sim, target):
    """Return the status of a GET of exactly the bytes `target`."""
    with connect(sim) as connection:
        connection.sendall(b"GET " + target + b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return int(connection.recv(65536).split()[1])


def file_target(path, providerurl=HA_GIANG):
    return f"{FORWARD}{path}?dstcode={DSTCODE}&providerurl={providerurl}".encode()


@pytest.mark.parametrize(
    "target, status",
    [
        (file_target("%zz%ff%00.pdf"), 404),
        (file_target("../download/1023.pdf"), 400),
        (file_target("..%2fdownload/1023.pdf"), 400),
        (file_target("download/%2e%2e/1023.pdf"), 400),
        (file_target("download%2F1023.pdf"), 200),
        (file_target("/download//1023.pdf"), 200),
        (file_target("download/1023.pdf", "https://[x"), 500),
        (file_target("download/1023.pdf") + b"&a=1" * 5000, 200),
        (b"/" + b"a" * 70_000, 414),
        (b"//_control//health", 404),
        (b"*", 404),
    ],
)
def test_addresses(sim, target, status):
    assert status_of(sim, target) == status


def test_plus_and_raw_letters_in_a_path(sim):
    files = tuple(PaperFile("a.pdf", f"{HA_GIANG}/{path}") for path in ("x/a+b.pdf", "x/Phiếu.pdf"))
    sim.world.add_person("000000000123", "Người", [Paper("KQ.G15.000007", "Phiếu", "1", "H22", files)])
    assert status_of(sim, file_target("x/a+b.pdf")) == 200
    assert status_of(sim, file_target("x/a%2Bb.pdf")) == 200
    assert status_of(sim, file_target("x/a%20b.pdf")) == 404
    assert status_of(sim, file_target("x/Phiếu.pdf")) == 200
    assert status_of(sim, file_target("x/Phi%E1%BA%BFu.pdf")) == 200


@pytest.mark.parametrize("head", [b"\x16\x03\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\r\n\r\n", b"A" * 70_000])
def test_what_is_no_http(sim, head):
    with connect(sim) as connection:
        connection.sendall(head)
        connection.shutdown(socket.SHUT_WR)
        while connection.recv(65536):
            pass


@pytest.mark.parametrize("value", NONSENSE, ids=repr)
def test_values_of_any_type_are_answered(sim, client, value):
    """Each field of each call holds something else; the portal says no (or yes), and nothing breaks."""
    token, session = client.token(), client.directory_login().json()["session"]
    row = {"MaKetQua": "KQ.G15.000007", "SoKyHieu": ""}
    papers = {
        "MaThuTuc": "1.012289",
        "DanhSachDanhMucKetQua": [row],
        "SoDinhDanhChuSoHuu": AN,
        "SoDinhDanhNguoiYeuCau": AN,
        "HoTenNguoiYeuCau": "x",
        "KenhThucHien": "1",
    }
    directory = {"session": session, "madonvi": "H46", "service": "LayDanhMucSSTaiTep"}
    bodies = [("mapi/login", {"username": value, "password": value}), ("mapi/login", value)]
    bodies += [("mapi/call", {**directory, name: value}) for name in directory]
    for path, body in bodies:
        # No JSON at all is sent for None, and so no media type.
        assert client.post(path, body).status_code in (200, 400, 401, *([415] if body is None else []))
    asked = [{**papers, name: value} for name in papers]
    asked += [{**papers, "DanhSachDanhMucKetQua": [{**row, name: value}]} for name in row] + [{"x": value}, value]
    for body in asked:
        assert client.ask(body, token).status_code in (200, 400, *([415] if body is None else []))
    json.loads(requests.get(f"{sim.url}/_control/requests", timeout=5).content)


def test_clients_that_leave(sim):
    post = f"POST {FORWARD}mapi/login HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n".encode()
    sim.world.add_bulk_person("000000000099", files=1, size=20_000_000, agencies=1)
    link = urlsplit(sim.world.link_of("000000000099", "KQ.G15.000007"))
    base = f"https://{link.netloc}"
    query = f"dstcode={sim.world.dstcode_of(base)}&providerurl={base}"
    get = f"GET {FORWARD}{link.path[1:]}?{query} HTTP/1.1\r\nHost: x\r\n\r\n".encode()
    before = threading.active_count()
    for sent, awaited in ((b"GE", 0), (post, 0), (post + b"{", 0), (get, 0), (get, 100)):
        with connect(sim) as connection:
            connection.sendall(sent)
            if awaited:
                connection.recv(awaited)
    deadline = time.monotonic() + 20
    while threading.active_count() > before and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= before
    # Half a question is no question.
    assert not sim.requests("login")
