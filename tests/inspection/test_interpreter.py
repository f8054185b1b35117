"""Another interpreter for the child process."""

import io
import os
import re
import sys

import pytest
from authority import NOW, pdf

from inspection import interpreter, sandbox
from inspection.interpreter import InterpreterUnusable, environment_of, library_version
from inspection.trust import Trust


def test_another_interpreter_looks_into_the_file(tmp_path):
    python = tmp_path / "python3"
    python.write_text(f'#!/bin/sh\necho used > {tmp_path}/used\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    report = sandbox.inspect_file(io.BytesIO(pdf()), sandbox.PDF, Trust(), NOW, str(python))
    sandbox._sandbox_of(str(python)).close()
    assert report.pdf.page_count == 1
    assert (tmp_path / "used").exists()


def test_a_wrong_one_is_this_machines_fault_and_no_files(tmp_path):
    for python in (str(tmp_path / "python3"), str(tmp_path)):
        report = sandbox.inspect_file(io.BytesIO(pdf()), sandbox.PDF, Trust(), NOW, python)
        assert not report.is_examined and report.is_worth_another_try


def test_one_that_hangs_is_not_waited_for_again_at_once(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "_START_SECONDS", 1)
    python = tmp_path / "python3"
    python.write_text(f"#!/bin/sh\necho x >> {tmp_path}/started\nexec sleep 60\n")
    python.chmod(0o755)
    for _turn in range(3):
        report = sandbox.inspect_file(io.BytesIO(pdf()), sandbox.PDF, Trust(), NOW, str(python))
        assert report.is_worth_another_try
    assert (tmp_path / "started").read_text() == "x\n"


def test_an_old_python_and_a_missing_library_are_said(tmp_path, monkeypatch):
    old = tmp_path / "python3"
    old.write_text(
        f'#!/bin/sh\nexec {sys.executable} -c "import sys; sys.version_info = (3, 9); exec(sys.argv[1])" "$3"\n'
    )
    old.chmod(0o755)
    with pytest.raises(InterpreterUnusable, match="Python 3.10"):
        library_version(str(old))

    def missing(name):
        raise interpreter.importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(interpreter.importlib.metadata, "version", missing)
    with pytest.raises(InterpreterUnusable, match="PackageNotFoundError"):
        library_version("")


def test_it_does_not_get_our_packages(monkeypatch):
    for name in ("PYTHONPATH", "VIRTUAL_ENV", "SECRET"):
        monkeypatch.setenv(name, "x")
    assert {"PYTHONPATH", "VIRTUAL_ENV"} <= environment_of("").keys()
    assert not {"PYTHONPATH", "VIRTUAL_ENV", "SECRET"} & environment_of("/usr/bin/python3").keys()
    assert "PATH" in environment_of("/usr/bin/python3") or "PATH" not in os.environ


def test_which_library_it_has(tmp_path, monkeypatch):
    assert re.match(r"\d+\.\d+", library_version(""))
    monkeypatch.setattr(interpreter, "environment_of", lambda _python: dict(os.environ))
    assert library_version(sys.executable) == library_version("")
    empty = tmp_path / "python3"
    empty.write_text("#!/bin/sh\necho 'ModuleNotFoundError: No module named x' >&2\nexit 1\n")
    empty.chmod(0o755)
    with pytest.raises(InterpreterUnusable, match="ModuleNotFoundError"):
        library_version(str(empty))
    with pytest.raises(InterpreterUnusable, match="FileNotFoundError"):
        library_version(str(tmp_path / "nothing"))
    empty.write_text("#!/bin/sh\nexit 1\n")
    with pytest.raises(InterpreterUnusable):
        library_version(str(empty))


def test_whether_it_has_a_module(tmp_path):
    for python in ("", sys.executable):
        assert interpreter.has_module(python, "pypdf")
        assert not interpreter.has_module(python, "no_such_module")
    assert not interpreter.has_module(str(tmp_path / "nothing"), "pypdf")
