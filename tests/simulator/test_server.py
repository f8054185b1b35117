import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from client import Client
from conftest import ROOT

from simulator.server import Simulator

HA_GIANG = "https://dichvucong.hagiang.gov.vn"
DSTCODE = "VN:GOV:000.00.00.H22:hagiangvdxpsvc01"


def fetch(url):
    """Fetch one file on a connection of its own."""
    with requests.Session() as session:
        return Client(url, session).file(HA_GIANG, "download/1023.pdf", DSTCODE)


def wait_for_threads(count):
    deadline = time.monotonic() + 20
    while threading.active_count() > count and time.monotonic() < deadline:
        time.sleep(0.02)
    assert threading.active_count() <= count


def test_latency_does_not_serialise():
    with Simulator(latency=0.3) as slow, ThreadPoolExecutor(64) as pool:
        started = time.monotonic()
        answers = list(pool.map(fetch, [slow.url] * 64))
        assert {answer.status_code for answer in answers} == {200}
        assert len({answer.content for answer in answers}) == 1
        # One after the other they would take 19 s.
        assert 0.3 <= time.monotonic() - started < 15
        assert len(slow.requests("file")) == 64


def test_parallel_logins_and_world_changes(sim):
    def work(number):
        sim.world.add_person(f"{number:012d}", "Người", ())
        with requests.Session() as session:
            return Client(sim.url, session).token()

    with ThreadPoolExecutor(16) as pool:
        tokens = list(pool.map(work, range(48)))
    assert len(set(tokens)) == 48
    assert sim.logins["papers"] == 48
    assert [row["number"] for row in sim.requests()] == sorted({row["number"] for row in sim.requests()})


def test_connections_stay_open(sim):
    with socket.create_connection(sim.url.removeprefix("http://").split(":")) as connection:
        connection.settimeout(5)
        for _time in range(3):
            connection.sendall(b"GET /_control/health HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize(
    "head, status",
    [
        (b"Transfer-Encoding: chunked", b"411"),
        (b"Content-Length: -1", b"400"),
        (b"Content-Length:", b"400"),
        (b"Content-Length: \xb2", b"400"),
        (b"Content-Length: 2\r\nContent-Length: 3", b"400"),
        (b"Content-Length: " + b"9" * 5000, b"413"),
        (b"Content-Length: 99999999999", b"413"),
    ],
)
def test_bodies_that_are_not_read_end_the_connection(sim, head, status):
    with socket.create_connection(sim.url.removeprefix("http://").split(":")) as connection:
        connection.settimeout(5)
        start = b"POST /XrdAdapter/RestService/forward/mapi/login HTTP/1.1\r\nHost: x\r\n"
        connection.sendall(start + head + b"\r\n\r\n")
        answer = b""
        while chunk := connection.recv(65536):
            answer += chunk
    assert answer.startswith(b"HTTP/1.1 " + status)
    assert b"Connection: close" in answer


def test_stopping_releases_everything():
    before = threading.active_count()
    simulator = Simulator()
    simulator.start()
    simulator.order("file", "never_answer", times=2)
    simulator.order("file", "slow_drip", seconds=60)
    failures = []

    def suffer():
        try:
            fetch(simulator.url)
        except requests.RequestException as error:
            failures.append(error)

    threads = [threading.Thread(target=suffer) for _client in range(3)]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 10
    while len(simulator.requests("file")) < 3:
        assert time.monotonic() < deadline, "three were to ask"
        time.sleep(0.01)
    simulator.stop()
    simulator.stop()
    for thread in threads:
        thread.join(20)
    assert len(failures) == 3
    wait_for_threads(before)


def test_an_outage_and_back_on_the_same_port(client):
    with Simulator() as simulator:
        url = simulator.url
        idle = Client(url, client.session)
        assert idle.directory().status_code == 200
        simulator.stop()
        with pytest.raises(requests.ConnectionError):
            idle.directory()
        simulator.start()
        assert simulator.url == url
        assert idle.directory().status_code == 200


def test_as_a_program():
    command = [sys.executable, "-m", "simulator", "--port", "0", "--agencies", "3", "--token-lifetime", "60"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        url = line.removeprefix("listening on ").strip()
        health = requests.get(f"{url}/_control/health", timeout=20).json()
        process.terminate()
        rest, errors = process.communicate(timeout=60)
    assert health["agencies"] == 15
    assert (process.returncode, rest, errors) == (0, "", "")


def test_a_port_that_is_taken_is_said(sim):
    port = sim.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "simulator", "--port", port], cwd=ROOT, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 1
    assert "cannot listen on" in done.stderr and "Traceback" not in done.stderr


def test_it_knows_nothing_of_the_add_on():
    for path in (ROOT / "simulator").glob("*.py"):
        lines = [line.strip() for line in path.read_text().splitlines()]
        imports = [line.split()[1] for line in lines if line.startswith(("import ", "from "))]
        assert not [name for name in imports if name.partition(".")[0] in ("odoo", "protocol", "simulator")]
