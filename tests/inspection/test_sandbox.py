import io
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from authority import NOW, pdf
from conftest import ROOT, trust_of
from slow_pdfs import LARGE, SLOW

from inspection import sandbox as module
from inspection.reports import NOT_STARTED, FileReport
from inspection.sandbox import Limits, Sandbox, inspect_file
from inspection.trust import Trust

PDF = "application/pdf"


@pytest.fixture
def make():
    """Return a function that makes a sandbox; all are closed at the end."""
    made = []

    def _make(**limits):
        made.append(Sandbox(Limits(**limits)))
        return made[-1]

    yield _make
    for sandbox in made:
        sandbox.close()


@pytest.fixture(scope="module")
def sandbox():
    """One for all tests that leave its child as it was, or let it start another."""
    shared = Sandbox()
    yield shared
    shared.close()


def _stream(content):
    stream = tempfile.TemporaryFile()
    stream.write(content)
    return stream


def test_a_signed_file(sandbox, authority):
    with _stream(authority.sign(pdf("Giay khai sinh"))) as file:
        report = sandbox.inspect(file, trust_of(authority), NOW)
    assert report.is_examined and report.signature_state == "valid"
    assert report.pdf.page_count == 1
    assert report.text == "Giay khai sinh"


def test_a_report_survives_json_without_the_text(sandbox, authority):
    with _stream(authority.sign(pdf("Nguyen Van Thu"))) as file:
        report = sandbox.inspect(file, trust_of(authority), NOW)
    fields = json.loads(json.dumps(report.as_json()))
    assert "Nguyen" not in json.dumps(fields)
    assert FileReport.from_json(fields).with_text("Nguyen Van Thu") == report


def test_one_child_serves_many_files(sandbox):
    numbers = set()
    for _number in range(3):
        with _stream(pdf()) as file:
            assert sandbox.inspect(file, Trust(), NOW).signature_state == "unsigned"
        numbers.add(sandbox.process_id)
    assert len(numbers) == 1 and os.getpid() not in numbers


def test_the_position_of_the_file_is_neither_used_nor_moved(sandbox):
    with _stream(pdf("Giay khai sinh")) as file:
        file.seek(123)
        assert sandbox.inspect(file, Trust(), NOW).text == "Giay khai sinh"
        assert file.tell() == 123
        assert file.read(10) == pdf("Giay khai sinh")[123:133]


def test_a_file_in_memory(sandbox):
    file = io.BytesIO(pdf("Giay khai sinh"))
    file.seek(7)
    assert sandbox.inspect(file, Trust(), NOW).text == "Giay khai sinh"
    assert file.tell() == 7


def test_a_file_that_takes_too_long(make):
    sandbox = make(seconds=0.2)
    with _stream(SLOW) as bomb, _stream(pdf()) as good:
        report = sandbox.inspect(bomb, Trust(), NOW)
        assert not report.is_examined and report.signature_state == "unknown"
        assert report.reason == "the inspection took too long"
        assert sandbox.process_id is None
        # The next has what a busy machine needs.
        sandbox._limits = Limits()
        assert sandbox.inspect(good, Trust(), NOW).is_examined


def test_a_file_that_takes_too_much_memory(make):
    sandbox = make(memory=160 * 1024**2)
    with _stream(LARGE) as bomb, _stream(pdf()) as good:
        assert len(LARGE) < 100_000
        report = sandbox.inspect(bomb, Trust(), NOW)
        assert not report.is_examined
        assert report.reason == "the inspection used up its memory or time"
        assert sandbox.inspect(good, Trust(), NOW).is_examined


def test_a_child_killed_in_the_middle(make):
    sandbox = make()
    with _stream(pdf()) as good:
        sandbox.inspect(good, Trust(), NOW)
        os.kill(sandbox.process_id, signal.SIGSTOP)
        killer = threading.Timer(0.3, os.kill, (sandbox.process_id, signal.SIGKILL))
        killer.start()
        report = sandbox.inspect(good, Trust(), NOW)
        killer.join(10)
        assert not report.is_examined
        assert sandbox.inspect(good, Trust(), NOW).is_examined


def test_a_child_killed_between_two_files(sandbox):
    with _stream(pdf()) as good:
        sandbox.inspect(good, Trust(), NOW)
        first = sandbox.process_id
        os.kill(first, signal.SIGKILL)
        _wait_until(lambda: not _is_running(first))
        assert sandbox.inspect(good, Trust(), NOW).is_examined
        assert sandbox.process_id != first


def test_many_threads(sandbox, authority):
    found = {}

    def look(number):
        with _stream(authority.sign(pdf(f"Giay {number}"))) as file:
            found[number] = sandbox.inspect(file, trust_of(authority), NOW)

    threads = [threading.Thread(target=look, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {number: report.text for number, report in found.items()} == {each: f"Giay {each}" for each in range(8)}
    assert {report.signature_state for report in found.values()} == {"valid"}


def test_an_idle_child_ends_by_itself_and_the_next_file_starts_another(make):
    sandbox = make(idle=0.3)
    with _stream(pdf()) as good:
        sandbox.inspect(good, Trust(), NOW)
        first = sandbox.process_id
        _wait_until(lambda: not _is_running(first))
        assert sandbox.inspect(good, Trust(), NOW).is_examined
        assert sandbox.process_id != first


def test_the_child_ends_with_its_parent():
    script = """
import io, os, sys
sys.path[:0] = [sys.argv[1]]
from datetime import datetime, timezone
from inspection.sandbox import Sandbox
from inspection.trust import Trust
sandbox = Sandbox()
sandbox.inspect(io.BytesIO(b"no pdf"), Trust(), datetime.now(timezone.utc))
print(sandbox.process_id, flush=True)
os._exit(0)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=True, timeout=60
    )
    _wait_until(lambda: not _is_running(int(done.stdout)))


def test_a_forked_process_starts_its_own_child(sandbox):
    with _stream(pdf("Giay khai sinh")) as good:
        sandbox.inspect(good, Trust(), NOW)
        ours = sandbox.process_id
        read, write = os.pipe()
        forked = os.fork()
        if not forked:
            signal.alarm(60)  # a fork of a process with threads may stand still
            before = sandbox.process_id
            text = sandbox.inspect(good, Trust(), NOW).text
            theirs = sandbox.process_id
            sandbox.close()
            os.write(write, json.dumps([before, text, theirs]).encode())
            os._exit(0)
        os.close(write)
        os.waitpid(forked, 0)
        with open(read, "rb") as pipe:
            before, text, theirs = json.load(pipe)
        assert (before, text) == (None, "Giay khai sinh") and theirs != ours
        assert sandbox.inspect(good, Trust(), NOW).is_examined
        assert sandbox.process_id == ours, "the other's end has not ended ours"


def test_a_child_that_cannot_be_started(make, monkeypatch):
    sandbox = make()
    with _stream(pdf()) as good:
        monkeypatch.setattr(sys, "executable", "/nowhere/python")
        report = sandbox.inspect(good, Trust(), NOW)
        assert (report.is_examined, report.reason) == (False, "the inspection could not be started")
        monkeypatch.setattr(sys, "executable", "/bin/true")
        assert not sandbox.inspect(good, Trust(), NOW).is_examined


def test_the_child_knows_no_secrets(make, monkeypatch):
    monkeypatch.setenv("PGPASSWORD", "secret-password")
    sandbox = make()
    with _stream(pdf()) as good:
        sandbox.inspect(good, Trust(), NOW)
    with open(f"/proc/{sandbox.process_id}/environ", "rb") as environment:
        assert b"secret-password" not in environment.read()


def test_files_are_looked_at_side_by_side(monkeypatch):
    monkeypatch.setattr(module, "_WORTH_A_START", 0)
    shared = module.Sandboxes(most=2)
    try:
        with ThreadPoolExecutor(3) as pool, _stream(pdf()) as good:
            looks = [pool.submit(shared.inspect, good, Trust(), NOW) for _number in range(6)]
            assert all(look.result().is_examined for look in looks)
        assert len(shared.process_ids) == 2
        # One file alone wakes nobody else.
        awake = shared.process_ids
        with _stream(pdf()) as good:
            shared.inspect(good, Trust(), NOW)
        assert shared.process_ids == awake
    finally:
        shared.close()
    assert shared.process_ids == []


def test_no_second_child_is_started_for_what_the_first_does_in_a_moment(monkeypatch):
    # A moment is long on a busy machine.
    monkeypatch.setattr(module, "_WORTH_A_START", 20)
    shared = module.Sandboxes(most=2)
    try:
        with _stream(pdf()) as good:
            shared.inspect(good, Trust(), NOW)
            awake = shared.process_ids
            with ThreadPoolExecutor(4) as pool:
                looks = [pool.submit(shared.inspect, good, Trust(), NOW) for _number in range(8)]
                assert all(look.result().is_examined for look in looks)
        assert shared.process_ids == awake
    finally:
        shared.close()


@contextmanager
def _looking_at_a_slow_file(shared):
    """Have a child of `shared` at work on a file that takes longer than it may; gives the future of its report."""
    with ThreadPoolExecutor(1) as pool, _stream(SLOW) as slow:
        look = pool.submit(shared.inspect, slow, Trust(), NOW)
        while not shared.process_ids:
            time.sleep(0.01)
        yield look


def test_a_file_that_takes_long_is_not_waited_for(monkeypatch):
    monkeypatch.setattr(module, "_WORTH_A_START", 0.05)
    shared = module.Sandboxes(Limits(seconds=60), most=2)
    try:
        with ThreadPoolExecutor(1) as pool, _stream(pdf()) as good, _stream(pdf()) as slow:
            shared.inspect(good, Trust(), NOW)
            [busy] = shared.process_ids
            # It takes as long as a machine may need to start the other one.
            os.kill(busy, signal.SIGSTOP)
            try:
                look = pool.submit(shared.inspect, slow, Trust(), NOW)
                _wait_until(lambda: len(shared._idle) == 1)
                assert shared.inspect(good, Trust(), NOW).is_examined
                assert not look.done()
            finally:
                os.kill(busy, signal.SIGKILL)
    finally:
        shared.close()


def test_who_gets_ready_is_asked_first():
    shared = module.Sandboxes(most=2)
    try:
        shared.get_ready()
        deadline = time.monotonic() + 20
        while not shared.process_ids:
            assert time.monotonic() < deadline
            time.sleep(0.01)
        # Also where it is not ready yet: it is waited for, and no second one is started.
        with _stream(pdf()) as file:
            assert shared.inspect(file, Trust(), NOW).is_examined
        [ready] = shared.process_ids
        shared.get_ready()
        time.sleep(0.2)
        assert shared.process_ids == [ready]
    finally:
        shared.close()


def test_nobody_gets_ready_while_all_are_busy():
    shared = module.Sandboxes(most=1)
    sandbox = shared._take()
    shared.get_ready()
    assert not shared.process_ids
    sandbox.close()


def test_who_comes_when_all_are_busy_is_told_that_nobody_looked(monkeypatch):
    monkeypatch.setattr(module, "_TURNS", 0.01)
    shared = module.Sandboxes(Limits(seconds=5), most=1)
    try:
        with _looking_at_a_slow_file(shared) as look, _stream(pdf()) as good:
            report = shared.inspect(good, Trust(), NOW)
            look.result()
        assert (report.is_examined, report.reason) == (False, NOT_STARTED)
    finally:
        shared.close()


def test_other_kinds_start_nothing(monkeypatch, make):
    monkeypatch.setattr(module, "_sandbox", make())
    report = inspect_file(io.BytesIO(b"\x89PNG"), "image/png", Trust(), NOW)
    assert report == FileReport() and report.text is None
    assert module._sandbox.process_id is None
    assert report.with_text("any") == report
    assert FileReport.from_json(report.as_json()) == report
    assert inspect_file(io.BytesIO(pdf()), PDF, Trust(), NOW).pdf.is_readable


def test_it_works_as_part_of_an_add_on_and_imports_no_library_into_odoo():
    script = """
import importlib.machinery, importlib.util, io, sys, types
from datetime import datetime, timezone
for name in ("odoo", "odoo.addons", "odoo.addons.kho_dl"):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = []
sys.modules["odoo.addons.kho_dl"].__path__ = [sys.argv[1]]
from odoo.addons.kho_dl.inspection.sandbox import inspect_file
from odoo.addons.kho_dl.inspection.trust import Trust
report = inspect_file(io.BytesIO(b"%PDF-1.7 /ByteRange"), "application/pdf", Trust(), datetime.now(timezone.utc))
assert report.is_examined and report.signature_state == "unverified", report
assert not {"pyhanko", "pypdf"} & set(sys.modules)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(ROOT)], capture_output=True, text=True, check=False, cwd="/", timeout=60
    )
    assert done.returncode == 0, done.stderr


def _is_running(process_id):
    try:
        with open(f"/proc/{process_id}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _wait_until(condition):
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)
