"""Many files side by side, and the end of their time."""

import socket
import threading
import time
from contextlib import ExitStack

import pytest
from byte_server import http
from many_files import PDF, downloading, name_of, one_by_one, requests_for

from protocol.errors import OutOfTime, TimedOut
from protocol.exchange import Exchange


@pytest.fixture
def runs_when_heard(monkeypatch, clock_of_runs):
    """A clock of runs that begins to run when the first bytes of an answer have come."""
    heard = Exchange.heard

    def and_run(exchange):
        heard(exchange)
        clock_of_runs.run()

    monkeypatch.setattr(Exchange, "heard", and_run)
    return clock_of_runs


def test_after_the_time_is_up_nothing_starts_and_what_started_still_comes(server, make_client, clock_of_runs):
    # Time is up once both were asked.
    both = threading.Barrier(2, lambda: clock_of_runs.leap(61))

    def answer(asked, _connection):
        both.wait(10)
        return http(PDF)

    server.answer = answer
    client = make_client(parallel_downloads=2)
    source = requests_for(client, *range(6))
    results = list(one_by_one(client.download_all(source, give_up_at=clock_of_runs.monotonic() + 60)))
    assert sorted(result.key for result in results) == [0, 1]
    assert next(source).key == 2
    for result in results:
        result.download.close()
    assert list(client.download_all(source, give_up_at=clock_of_runs.monotonic())) == []


def test_what_needs_longer_than_the_grace_after_the_time_is_up_is_left_behind(
    server, make_client, open_files, clock_of_runs
):
    def answer(asked, connection):
        if name_of(asked) == "quick":
            return http(PDF)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n%PDF-")
        for _step in range(500):
            connection.sendall(b" ")
            time.sleep(0.05)
        return None

    server.answer = answer
    client = make_client(total_timeout=60)
    give_up_at = clock_of_runs.monotonic() + 0.1
    batches = one_by_one(client.download_all(requests_for(client, "quick", "slow"), give_up_at=give_up_at, grace=0.3))
    quick, started = next(batches), time.monotonic()
    clock_of_runs.run()
    slow, nothing = next(batches), list(batches)
    assert 0.35 < time.monotonic() - started < 10
    assert not nothing
    assert (quick.key, slow.key) == ("quick", "slow")
    # It was coming, so nobody failed.
    assert (type(slow.error), slow.error.blames_remote) == (OutOfTime, False)
    quick.download.close()
    assert downloading() == []
    assert open_files() == 0


def let_begin(server, name, beginning):
    """Have `server` answer, once two files are asked for, `beginning` to the one called `name` and nothing to the other.

    Return the event until which it waits then.
    """
    gave_up, both = threading.Event(), threading.Barrier(2)

    def answer(asked, connection):
        both.wait(10)
        if name_of(asked) == name:
            connection.sendall(beginning)
        gave_up.wait(30)
        return None

    server.answer = answer
    return gave_up


def test_a_far_system_that_is_silent_until_the_time_is_up_has_failed(server, make_client, runs_when_heard):
    gave_up = let_begin(server, "stalled", b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n%PDF-")
    client = make_client(timeout=30)
    names, give_up_at = ("silent", "stalled"), runs_when_heard.monotonic() + 0.5
    results = list(one_by_one(client.download_all(requests_for(client, *names), give_up_at=give_up_at, grace=0.1)))
    gave_up.set()
    assert {result.key: type(result.error) for result in results} == dict.fromkeys(names, TimedOut)
    assert all(result.error.blames_remote for result in results)


def test_a_time_that_is_too_short_blames_nobody_for_silence(server, make_client, runs_when_heard):
    gave_up = let_begin(server, "coming", b"HTTP/1.1 200 OK\r\n")
    client = make_client(timeout=30)
    asked, give_up_at = requests_for(client, "silent", "coming"), runs_when_heard.monotonic() + 0.5
    batches = client.download_all(asked, give_up_at=give_up_at, grace=0, silence_fails=False)
    results = {result.key: result.error for result in one_by_one(batches)}
    gave_up.set()
    assert {key: type(error) for key, error in results.items()} == dict.fromkeys(results, OutOfTime)
    assert {key: error.is_coming for key, error in results.items()} == {"silent": False, "coming": True}


def test_a_connection_that_is_never_taken_holds_up_no_end(make_client, clock_of_runs):
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _place in range(4):
            waiter = waiting.enter_context(socket.socket())
            waiter.setblocking(False)
            waiter.connect_ex(full.getsockname())
        url = f"http://127.0.0.1:{full.getsockname()[1]}"
        client = make_client(ss_url=url, connect_timeout=30, timeout=30)
        client._before_call = clock_of_runs.run
        started, give_up_at = time.monotonic(), clock_of_runs.monotonic() + 0.2
        batches = client.download_all(requests_for(client, "a"), give_up_at=give_up_at, grace=0.2)
        assert len(list(one_by_one(batches))) == 1
        assert time.monotonic() - started < 15


def test_who_was_asked_at_the_last_moment_has_not_failed(server, make_client, clock_of_runs):
    gave_up = threading.Event()

    def answer(asked, _connection):
        # The late one begins in the last second of eight, and was silent for less than the half of them.
        is_first = name_of(asked) == "first"
        clock_of_runs.leap(7 if is_first else 1)
        if is_first:
            return http(PDF)
        gave_up.wait(30)
        return None

    server.answer = answer
    client = make_client(parallel_downloads=1, timeout=30)
    give_up_at = clock_of_runs.monotonic() + 8
    batches = client.download_all(requests_for(client, "first", "late"), give_up_at=give_up_at, grace=0)
    first, late = one_by_one(batches)
    gave_up.set()
    first.download.close()
    assert type(late.error) is OutOfTime
