"""A pgbouncer between Odoo and PostgreSQL, as docs/operations.md allows it and as it does not."""

import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from documents import block
from lib.debian import find_program
from lib.odoo_server import Odoo
from lib.ports import reserved_port, wait_until_open
from lib.processes import running, user_group
from lib.templates import INSTALLED, begin_with

_USER = "nobody" if not os.geteuid() else None
_LOOK = """
facts, troubles = env["kho.dl.health"]._facts_and_troubles(env.company)
print("troubles:", [(trouble.kind, trouble.level) for trouble in troubles])
"""


def _configuration(environment, port, mode):
    """Return what docs/operations.md prints, for this PostgreSQL, which asks nobody for a password."""
    printed = block("docs/operations.md", "ini", "pool_mode")
    for old, new in (
        ("host=127.0.0.1 port=5432", f"host={environment['PGHOST']} user={environment['PGUSER']}"),
        ("listen_port = 6432", f"listen_port = {port}\nunix_socket_dir ="),
        ("auth_type = scram-sha-256", "auth_type = any"),
        ("auth_file = /etc/pgbouncer/userlist.txt", ""),
        ("pidfile = /var/run/postgresql/pgbouncer.pid", ""),
        ("logfile = /var/log/postgresql/pgbouncer.log", ""),
        ("pool_mode = session", f"pool_mode = {mode}"),
    ):
        assert old in printed
        printed = printed.replace(old, new)
    return printed


@contextlib.contextmanager
def _pgbouncer(environment, mode):
    """Run one in front of the PostgreSQL of `environment`; yield the variables that reach it."""
    program, libraries = find_program("pgbouncer")
    with tempfile.TemporaryDirectory() as name, reserved_port(6600) as port:
        place = Path(name)
        file = place / "pgbouncer.ini"
        file.write_text(_configuration(environment, port, mode))
        # It does not run as root.
        for path in (place, file):
            os.chown(path, *([user_group(_USER)] * 2 if _USER else [-1, -1]))
        with running(
            [program, file], user=_USER, env={**os.environ, **libraries}, stderr=subprocess.DEVNULL
        ) as process:
            wait_until_open(port, process, 30, "pgbouncer")
            yield {**environment, "PGHOST": "127.0.0.1", "PGPORT": str(port)}


# Proves K.3-1.
@pytest.mark.parametrize("mode", ["session", "transaction"])
def test_a_pooler_that_changes_sessions_is_noticed_at_start_and_by_health(mode, source, folder, environment, database):
    run = folder / f"pooling_{mode}"
    run.mkdir()
    direct = Odoo(source, Path(sys.executable), run, environment, database)
    begin_with(direct, INSTALLED)
    is_wrong = mode == "transaction"
    with _pgbouncer(environment, mode) as pooled:
        odoo = Odoo(source, Path(sys.executable), run, pooled, database)
        printed = odoo.shell(_LOOK)
        assert ("('transaction_pooling', 'danger')" in printed) is is_wrong
        with reserved_port(8800) as port, odoo.serving(port, "--workers=0"):
            pass
    assert ("pool_mode = session" in odoo.log.read_text()) is is_wrong
