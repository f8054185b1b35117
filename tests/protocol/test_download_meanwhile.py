"""What the caller does while files are on their way, and who looks at each as it comes."""

import threading
import time

from byte_server import http
from test_lanes import keys_of

from protocol.directory import Server

SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
PDF = b"%PDF-1.7\n%%EOF\n"
# Longer than what comes at once takes, and than a busy machine makes of it.
SECONDS = 0.5


def requests_for(client, *keys):
    return [client.file_request(key, f"https://a.vn/{key}.pdf", SERVER, "a.pdf") for key in keys]


def test_the_caller_has_other_work_once_while_files_are_on_their_way(server, make_client):
    asked, worked = [], []

    def answer(_asked, _connection):
        asked.append(1)
        time.sleep(SECONDS)
        return http(PDF)

    server.answer = answer
    client = make_client(parallel_downloads=2)

    def work():
        # Nothing waits for it: what may be under way is.
        deadline = time.monotonic() + 10
        while len(asked) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        worked.append((threading.current_thread(), len(asked)))

    assert sorted(keys_of(client.download_all(requests_for(client, *range(4)), meanwhile=work))) == [0, 1, 2, 3]
    assert worked == [(threading.current_thread(), 2)]


def test_nothing_on_its_way_leaves_no_time_for_other_work(make_client):
    worked = []
    client = make_client(parallel_downloads=2)
    assert keys_of(client.download_all([], meanwhile=lambda: worked.append(1))) == []
    assert worked == []


def test_a_file_is_handed_over_while_others_are_on_their_way(server, make_client):
    is_first_here, seen = threading.Event(), []

    def answer(asked, _connection):
        if "/1.pdf" in asked.target:
            # It comes only when the other one was handed over.
            assert is_first_here.wait(10)
        return http(PDF)

    def arrived(key, download):
        seen.append((key, download.size, threading.current_thread() is threading.main_thread()))
        if key == 0:
            is_first_here.set()

    server.answer = answer
    client = make_client(parallel_downloads=2)
    assert sorted(keys_of(client.download_all(requests_for(client, 0, 1), arrived=arrived))) == [0, 1]
    assert seen == [(0, len(PDF), False), (1, len(PDF), False)]


def test_a_fault_of_who_looks_at_a_file_is_that_file_s(server, make_client):
    server.answer = lambda _asked, _connection: http(PDF)
    client = make_client(parallel_downloads=2)

    def arrived(key, _download):
        if key == 0:
            raise RuntimeError("no threads left")

    results = {
        result.key: result
        for batch in client.download_all(requests_for(client, 0, 1), arrived=arrived)
        for result in batch
    }
    assert isinstance(results[0].error.problem, RuntimeError)
    assert results[0].download is None
    results[1].download.close()
