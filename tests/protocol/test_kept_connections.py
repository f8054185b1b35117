"""Connections that stay open from one client to the next, and what may go wrong with one that waits."""

import os
import threading
import time

import pytest
from byte_server import ByteServer, as_json, http
from test_case_sync import CASE

from protocol import transport
from protocol.client import Client
from protocol.directory import Server
from protocol.errors import SecurityServerUnreachable
from protocol.kept_connections import KeptConnections
from protocol.recording import Recorder
from protocol.tokens import MemoryTokenStore

SERVER = Server("000.00.00.H22", "Hà Giang", "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
ROWS = {"result": [{"MACOQUAN": "000.00.00.G01", "TENCOQUAN": "Bộ Công an", "DSTCODE": "VN:COM:x:y"}]}
PDF = b"%PDF-1.7\n%%EOF\n"


@pytest.fixture
def kept():
    connections = KeptConnections()
    yield connections
    connections.close()


@pytest.fixture
def ask(make_settings, kept):
    """Return a function that asks for the directory with a client of its own."""
    tokens = MemoryTokenStore()

    def ask(**changes):
        with Client(make_settings(**changes), tokens, connections=kept) as client:
            return client.directory()

    return ask


def answer_all(server, **others):
    server.by_path(**{"login": as_json({"session": "abc"}), "call": as_json(ROWS), "a": http(PDF), **others})


def hang_up(server, on):
    """Have the server hang up instead of answering the next request whose target holds `on`."""
    answer, once = server.answer, [on]

    def answer_or_hang_up(asked, connection):
        return None if once and once[0] in asked.target and once.pop() else answer(asked, connection)

    server.answer = answer_or_hang_up


def test_the_next_client_uses_the_connection_of_the_one_before(server, ask):
    answer_all(server)
    for _client in range(5):
        assert ask().servers
    assert len(server.asked) == 6
    assert server.connections == 1


def test_files_side_by_side_open_as_many_as_are_fetched_at_once(server, make_settings, kept):
    answer_all(server)
    for _time in range(3):
        with Client(make_settings(parallel_downloads=4), MemoryTokenStore(), connections=kept) as client:
            links = [f"https://a.vn/{number}/a.pdf" for number in range(12)]
            requests = [client.file_request(key, link, SERVER, "a.pdf") for key, link in enumerate(links)]
            for results in client.download_all(requests):
                for result in results:
                    assert result.download.size == len(PDF)
                    result.download.close()
    assert len(server.asked) == 36
    assert server.connections <= 4


def test_a_question_goes_out_again_where_the_far_side_closed_the_connection_meanwhile(server, ask):
    answer_all(server)
    ask()
    hang_up(server, "mapi/call")
    assert ask().servers
    assert [asked.target.partition("?")[0].rpartition("/")[2] for asked in server.asked] == [
        "login",
        "call",
        "call",
        "call",
    ]
    assert server.connections == 2


def test_a_file_is_asked_for_again_likewise(server, make_settings, ask, kept):
    answer_all(server)
    ask()
    hang_up(server, "a.pdf")
    with Client(make_settings(), MemoryTokenStore(), connections=kept) as client:
        with client.download(client.file_request(1, "https://a.vn/a.pdf", SERVER, "a.pdf")) as download:
            assert download.size == len(PDF)


def test_what_is_told_goes_out_once(server, make_settings, ask, kept):
    answer_all(server)
    ask()
    hang_up(server, "mapi/call")
    before = len(server.asked)
    with (
        Client(make_settings(), MemoryTokenStore(), connections=kept) as client,
        pytest.raises(SecurityServerUnreachable),
    ):
        client.send_case(CASE, is_update=False)
    assert [asked.target.partition("?")[0].rpartition("/")[2] for asked in server.asked[before:]] == ["login", "call"]


def test_a_new_connection_that_breaks_is_not_tried_twice(server, ask):
    server.answer = lambda asked, connection: None
    with pytest.raises(SecurityServerUnreachable):
        ask()
    assert len(server.asked) == 1


def test_a_connection_that_was_closed_while_nobody_asked_costs_nothing(server, ask):
    answer_all(server)
    ask()
    for connection in tuple(server._open):
        connection.shutdown(2)
    time.sleep(0.05)
    ask()
    assert len(server.asked) == 3
    assert server.connections == 2


@pytest.mark.parametrize("limit", ["_MOST_IDLE", "_MOST_IDLE_ONCE"])
def test_a_connection_that_was_idle_for_long_is_not_used(server, make_settings, ask, kept, monkeypatch, limit):
    answer_all(server)
    ask()
    monkeypatch.setattr(transport, limit, -1)
    with Client(make_settings(), MemoryTokenStore(), connections=kept) as client:
        client.log_in(client.settings.directory)
        if limit == "_MOST_IDLE_ONCE":
            assert server.connections == 1
            answer_all(server, call=as_json({"error_code": "0"}))
            client.send_case(CASE, is_update=False)
    assert server.connections == 2


def test_a_connection_serves_a_short_silence_and_a_long_one(server, ask, make_settings):
    answer_all(server)
    ask(timeout=1)
    answer = server.answer

    def slow(asked, connection):
        time.sleep(1.2)
        return answer(asked, connection)

    server.answer = slow
    assert ask(timeout=10).servers
    assert server.connections == 1


def test_nothing_but_connections_is_shared(server, make_settings, kept):
    answer_all(server, login=http(b'{"session": "abc"}', Set_Cookie="JSESSIONID=far; Path=/"))
    first, second = (Client(make_settings(), MemoryTokenStore(), connections=kept) for _client in range(2))
    first.session.recorder, first.session.verify = Recorder(), False
    assert second.session.recorder is None
    assert second.session.verify is not False
    with first, second:
        first.directory()
        second.directory()
    assert len(first.session.recorder.take()) == 2
    assert not any("cookie" in asked.headers for asked in server.asked)
    # Whoever is closed twice gives back once.
    first.close()
    assert kept._users == {server.url: 0}


def test_another_address_has_other_connections_and_the_old_ones_go(make_settings):
    kept, tokens = KeptConnections(most_addresses=1), MemoryTokenStore()
    with ByteServer() as old, ByteServer() as new:
        for server in (old, new, new):
            answer_all(server)
            with Client(make_settings(ss_url=server.url), tokens, connections=kept) as client:
                client.directory()
        deadline = time.monotonic() + 20
        while old._open:
            assert time.monotonic() < deadline, "the connection to the old address is still open"
            time.sleep(0.01)
        assert (old.connections, new.connections) == (1, 1)
    kept.close()


def test_who_uses_an_address_keeps_it(make_settings):
    kept, tokens = KeptConnections(most_addresses=1), MemoryTokenStore()
    with ByteServer() as old, ByteServer() as new:
        answer_all(old)
        answer_all(new)
        with Client(make_settings(ss_url=old.url), tokens, connections=kept) as client:
            client.directory()
            with Client(make_settings(ss_url=new.url), tokens, connections=kept) as other:
                other.directory()
            client.directory()
        assert (old.connections, new.connections) == (1, 1)
    kept.close()


def test_threads_never_share_a_connection_at_a_time(server, ask):
    answer_all(server)
    ask()
    threads, wrong = [], []

    def ask_often():
        wrong.extend(1 for _time in range(20) if len(ask().servers) != 1)

    for _thread in range(8):
        threads.append(threading.Thread(target=ask_often))
        threads[-1].start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert len(server.asked) == 2 + 160
    assert server.connections <= 8


def test_a_child_process_begins_without_any(server, ask, kept):
    answer_all(server)
    ask()
    child = os.fork()
    if not child:
        os._exit(len(kept._adapters))
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    ask()
    assert server.connections == 1
