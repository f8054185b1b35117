"""Real sockets on loopback; only here are the ports of anybody's choice."""

import dataclasses
import errno
import inspect
import selectors
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from protocol import reachability
from protocol.reachability import MOST_AT_ONCE, PORTS, Reach, literal_host, try_all


@contextmanager
def listening(host="127.0.0.1", backlog=50):
    """Give the port of a socket that listens and never accepts: the connection stands all the same."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as listener:
        listener.bind((host, 0))
        listener.listen(backlog)
        yield listener.getsockname()[1]


@contextmanager
def deaf():
    """Give a port whose queue is full, so that it lets new connections wait for ever."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        port = listener.getsockname()[1]
        fillers = [socket.socket() for _ in range(8)]
        try:
            for filler in fillers:
                filler.setblocking(False)
                filler.connect_ex(("127.0.0.1", port))
            time.sleep(0.1)
            yield port
        finally:
            for filler in fillers:
                filler.close()


def closed_port():
    with listening() as port:
        return port


def test_open_and_refused_side_by_side():
    with listening() as port:
        shut = closed_port()
        attempts = try_all(["127.0.0.1"], timeout=20, ports=(port, shut))
    assert [(attempt.host, attempt.port, attempt.reach) for attempt in attempts] == [
        ("127.0.0.1", port, Reach.OPEN),
        ("127.0.0.1", shut, Reach.REFUSED),
    ]
    assert all(0 <= attempt.seconds < 20 for attempt in attempts)


def test_silence_ends_in_time():
    with deaf() as port:
        started = time.monotonic()
        [attempt] = try_all(["127.0.0.1"], timeout=0.3, ports=(port,))
    assert attempt.reach is Reach.TIMED_OUT
    assert 0.25 <= attempt.seconds < 20 and time.monotonic() - started < 20


def test_patience_has_a_limit(monkeypatch):
    monkeypatch.setattr(reachability, "LONGEST_TIMEOUT", 0.2)
    with deaf() as port:
        [attempt] = try_all(["127.0.0.1"], timeout=300, ports=(port,))
    assert (attempt.reach, attempt.seconds < 20) == (Reach.TIMED_OUT, True)


def test_a_name_nobody_knows():
    # RFC 2606 keeps this top level out of every directory.
    [attempt] = try_all(["ss.so-tu-phap.invalid"], timeout=5, ports=(1,))
    assert attempt.reach is Reach.UNKNOWN_NAME


def test_a_name_is_looked_up():
    with listening() as port:
        [attempt] = try_all(["localhost"], timeout=5, ports=(port,))
    assert attempt.reach is Reach.OPEN


@pytest.mark.parametrize(
    ("error", "reach"),
    [
        (OSError(errno.EHOSTUNREACH, "No route to host"), Reach.NO_ROUTE),
        (OSError(errno.ENETUNREACH, "Network is unreachable"), Reach.NO_ROUTE),
        (OSError(errno.ETIMEDOUT, "Connection timed out"), Reach.TIMED_OUT),
        (OSError(errno.EACCES, "Permission denied"), Reach.FAILED),
    ],
)
def test_what_the_system_may_say(error, reach):
    # No test machine can be relied upon to be without a route.
    assert reachability._reach_of(error) is reach


def test_results_come_in_order_and_each_host_once():
    with listening() as port:
        attempts = try_all(["127.0.0.1", "LOCALHOST", " 127.0.0.1 "], timeout=5, ports=(port, port))
    assert [attempt.host for attempt in attempts] == ["127.0.0.1"] * 2 + ["localhost"] * 2


def test_never_more_at_once_than_allowed(monkeypatch):
    running, most, lock = 0, 0, threading.Lock()
    connect = reachability._connect

    def counted(*target):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        try:
            return connect(*target)
        finally:
            with lock:
                running -= 1

    monkeypatch.setattr(reachability, "_connect", counted)
    with listening(backlog=200) as port:
        hosts = [f"127.0.0.{number}" for number in range(1, 61)]
        attempts = try_all(hosts, timeout=5, ports=(port,), width=1000)
    assert len(attempts) == 60
    assert 1 < most <= MOST_AT_ONCE


def test_nothing_is_sent_and_the_line_is_hung_up():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        try_all(["127.0.0.1"], timeout=5, ports=(listener.getsockname()[1],))
        listener.settimeout(5)
        connection, _address = listener.accept()
        with connection, selectors.DefaultSelector() as selector:
            selector.register(connection, selectors.EVENT_READ)
            assert selector.select(5)
            assert connection.recv(10) == b""


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("10.1.2.3", "10.1.2.3"),
        (" SS.Moj.GOV.vn. ", "ss.moj.gov.vn"),
        ("fe80::1", "fe80::1"),
        ("0:0:0:0:0:0:0:1", "::1"),
        ("ss1", "ss1"),
    ],
)
def test_names_and_addresses(text, host):
    assert literal_host(text) == host


@pytest.mark.parametrize(
    "text",
    [
        "",
        "http://10.1.2.3",
        "10.1.2.3:22",
        "10.1.2.3/24",
        "10.1.2.1-9",
        "10.1.2",
        "0x7f000001",
        "2130706433",
        "127.1",
        "a@b.vn",
        "a b",
        "a.vn/path",
        "-a.vn",
        "a..vn",
        "a_b.vn",
        "máy.vn",
        "a.vn\nb.vn",
        "a" * 64 + ".vn",
        ".".join(["abcdefgh"] * 40),
        "*.vn",
        "[::1]:22",
        "fe80::1%eth0",
    ],
)
def test_what_is_no_host_is_refused_before_anything_is_tried(text):
    with pytest.raises(ValueError, match="neither"):
        literal_host(text)
    with listening() as port, pytest.raises(ValueError, match="neither"):
        try_all(["127.0.0.1", text], timeout=1, ports=(port,))


# Proves V.4-2.
def test_the_ports_are_those_of_security_servers():
    assert PORTS == (5500, 5577)
    assert inspect.signature(try_all).parameters["ports"].default == PORTS


def test_an_attempt_does_not_change():
    [attempt] = try_all(["127.0.0.1"], timeout=1, ports=(closed_port(),))
    with pytest.raises(dataclasses.FrozenInstanceError):
        attempt.reach = Reach.OPEN
