"""The child's own code, in this process: what the kernel would do to it is only written down."""

import gc
import io
import os
import resource
import socket
import tempfile

import pytest
from authority import NOW, pdf
from conftest import trust_of

from inspection import wire, worker
from inspection.trust import Trust
from inspection.wire import WireBroken


@pytest.fixture
def limits(monkeypatch):
    """Write down the limits that are set, and keep the log and this process's garbage."""
    found = {"collected": 0, "seldom": 0}
    monkeypatch.setattr(worker.gc, "freeze", lambda: None)
    monkeypatch.setattr(worker.gc, "set_threshold", lambda most: found.update(seldom=most))
    monkeypatch.setattr(worker.gc, "collect", lambda: found.update(collected=found["collected"] + 1))
    monkeypatch.setattr(worker.resource, "setrlimit", lambda what, values: found.update({what: values[0]}))
    monkeypatch.setattr(worker.logging, "disable", lambda level: None)
    return found


def _file(content):
    file = tempfile.TemporaryFile()
    file.write(content)
    file.flush()
    return file


def _run(ours, theirs, **values):
    options = {"memory": 2**30, "seconds": 20, "idle": 5, **values}
    worker.main(theirs.detach(), **options)
    assert ours.recv(1) == worker.READY


def test_it_answers_until_nobody_asks(limits, authority):
    ours, theirs = socket.socketpair()
    with ours, _file(authority.sign(pdf("Giay khai sinh"))) as file:
        wire.ask(ours, file.fileno(), trust_of(authority), NOW)
        wire.ask(ours, file.fileno(), Trust(), NOW)
        ours.shutdown(socket.SHUT_WR)
        _run(ours, theirs)
        first, second = wire.next_answer(ours), wire.next_answer(ours)
    assert (first.signature_state, second.signature_state) == ("valid", "unknown_signer")
    assert first.text == "Giay khai sinh"
    assert limits[resource.RLIMIT_AS] == 2**30
    assert limits[resource.RLIMIT_FSIZE] == limits[resource.RLIMIT_CORE] == 0
    assert 20 <= limits[resource.RLIMIT_CPU] < 20 + 600


def test_garbage_is_looked_for_seldom_and_after_each_file(limits):
    ours, theirs = socket.socketpair()
    with ours, _file(pdf()) as file:
        wire.ask(ours, file.fileno(), Trust(), NOW)
        wire.ask(ours, file.fileno(), Trust(), NOW)
        ours.shutdown(socket.SHUT_WR)
        _run(ours, theirs)
    assert limits["collected"] == 2
    assert limits["seldom"] > 10 * gc.get_threshold()[0]


def test_it_ends_when_idle(limits):
    ours, theirs = socket.socketpair()
    with ours:
        _run(ours, theirs, idle=0.01)


def test_a_file_that_cannot_be_read(limits):
    ours, theirs = socket.socketpair()
    read, write = os.pipe()
    with ours:
        wire.ask(ours, read, Trust(), NOW)
        ours.shutdown(socket.SHUT_WR)
        _run(ours, theirs)
        assert wire.next_answer(ours).reason == "the file could not be read"
    os.close(read)
    os.close(write)


def test_the_command_line(limits, monkeypatch):
    ours, theirs = socket.socketpair()
    with ours:
        monkeypatch.setattr(worker.sys, "argv", ["-c", "/folder", str(theirs.detach()), "1000", "2.5", "0.01"])
        worker.run()
        assert ours.recv(1) == worker.READY


def test_a_position_of_its_own():
    with _file(b"0123456789") as file, worker.FileAt(file.fileno()) as own:
        buffered = io.BufferedReader(own)
        file.seek(4)
        assert buffered.read(3) == b"012"
        assert buffered.seek(-2, os.SEEK_END) == 8 and buffered.read() == b"89"
        assert own.seek(2) == 2 and own.seek(3, os.SEEK_CUR) == 5
        with pytest.raises(ValueError):
            own.seek(-1)
        assert file.tell() == 4


@pytest.mark.parametrize("body", [b"", b"\0\0", b"\0\0\0\4[1]\n", b"\xff\xff\xff\xff", b"\0\0\0\4no", b"\0\0\0\2{}"])
def test_nonsense_as_an_answer(body):
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(body)
        theirs.shutdown(socket.SHUT_WR)
        with pytest.raises(WireBroken):
            wire.next_answer(ours)


def test_a_question_without_a_file():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ours.sendall(b"\0\0\0\2{}")
        with pytest.raises(WireBroken):
            wire.next_question(theirs)
