"""Papers given to others by several workers: one limit for all of them, and what one was told holds in all at once."""

import contextlib
import hashlib
import socket
import threading

import pytest
import requests

PREFORK = ("--workers=2", "--max-cron-threads=0")
LARGE = 24_000_000
SMALL = 20_000
LIMIT = 30
PATIENCE = 60
_PAPERS = """
company = env.company
company.write({{
    "kho_dl_own_providerurl": "https://dvc.example.gov.vn",
    "kho_dl_serve_addresses": "127.0.0.1",
    "kho_dl_serve_per_minute": {limit},
}})
code = env["kho.dl.result.code"].search([], limit=1)
for size in {sizes}:
    content = b"%PDF-1.4 " + bytes(size - 14) + b"%%EOF"
    paper = env["kho.dl.paper"].create({{
        "result_code_id": code.id, "owner_id_number": "000200000001", "date_issued": "2026-01-01", "agency": "A",
        "attachment_ids": [(0, 0, {{"name": "paper.pdf", "raw": content}})],
    }})
    paper.action_enter()
    print("place:", paper.file_ids._address().removeprefix("https://dvc.example.gov.vn"))
env.cr.commit()
"""


@pytest.fixture(scope="module")
def printed(everything):
    return everything.odoo.shell(_PAPERS.format(limit=LIMIT, sizes=(SMALL, LARGE, SMALL)))


@pytest.fixture
def places(machine, printed):
    """Return the addresses of a small, a large and another small paper of our store, served by two workers."""
    machine.start(*PREFORK)
    return [line.split()[1] for line in printed.splitlines() if line.startswith("place:")]


def get(machine, place, caller="VN/A"):
    return requests.get(f"{machine.url}{place}", headers={"X-Road-Client": caller}, timeout=PATIENCE)


def statuses(machine, place, calls, caller, threads=4):
    """Return how the server answered `calls` calls of one caller, of which several come at once."""
    found = []

    def keep_calling():
        found.extend(get(machine, place, caller).status_code for _call in range(calls // threads))

    workers = [threading.Thread(target=keep_calling) for _thread in range(threads)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(PATIENCE)
    return found


def begun(machine, place):
    """Return a connection on which the file of `place` has begun to come, and that takes no more of it."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(PATIENCE)
    host, port = machine.url.removeprefix("http://").split(":")
    connection.connect((host, int(port)))
    connection.sendall(f"GET {place} HTTP/1.1\r\nHost: {host}\r\nX-Road-Client: VN/SLOW\r\n\r\n".encode())
    assert b" 200 " in connection.recv(20)
    return connection


def rows(machine, caller):
    return machine.database("SELECT status, size, sha256 FROM kho_dl_serving WHERE caller = %s", caller)


def test_the_limit_is_one_for_all_workers(machine, places):
    found = statuses(machine, places[0], 3 * LIMIT // 4 * 4, "VN/MANY")
    given = found.count(200)
    assert set(found) == {200, 429}
    # Those that were being answered when the last one was counted.
    assert LIMIT <= given < LIMIT + 4
    assert len(rows(machine, "VN/MANY")) == given
    assert get(machine, places[0], "VN/OTHER").status_code == 200


def test_what_is_taken_back_is_taken_back_in_all_workers(machine, places):
    assert set(statuses(machine, places[2], 16, "VN/BEFORE")) == {200}
    machine.api("admin")("res.company", "write", [1], vals={"kho_dl_serve_addresses": "10.0.0.1"})
    assert set(statuses(machine, places[2], 16, "VN/FOREIGN")) == {404}
    machine.api("admin")("res.company", "write", [1], vals={"kho_dl_serve_addresses": "127.0.0.1"})
    assert set(statuses(machine, places[2], 16, "VN/AGAIN")) == {200}
    machine.api("admin")("kho.dl.paper.file", "action_withdraw", _file_of(machine, places[2]))
    assert set(statuses(machine, places[2], 16, "VN/AFTER")) == {404}
    assert not rows(machine, "VN/FOREIGN") + rows(machine, "VN/AFTER")


def test_readers_that_take_nothing_are_cut_off_and_do_not_keep_the_workers(machine, places):
    # Odoo's workers wait 2 s for a reader, so only the last of these may still be there; a buffering web server in
    # front is what slow agencies need (docs/operations.md).
    with contextlib.ExitStack() as stack:
        for _reader in range(6):
            stack.enter_context(begun(machine, places[1]))
        answer = get(machine, places[0], "VN/QUICK")
        assert (answer.status_code, len(answer.content)) == (200, SMALL)
        assert not machine.database(
            "SELECT query FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()"
        )


def test_what_had_begun_to_come_is_in_the_journal_after_a_crash(machine, places):
    with begun(machine, places[1]):
        machine.kill()
    [(status, size, sha256)] = rows(machine, "VN/SLOW")[-1:]
    assert (status, size) == (200, LARGE)
    assert sha256 == hashlib.sha256(b"%PDF-1.4 " + bytes(LARGE - 14) + b"%%EOF").hexdigest()


def _file_of(machine, place):
    return [
        row[0] for row in machine.database("SELECT id FROM kho_dl_paper_file WHERE token = %s", place.split("/")[3])
    ]
