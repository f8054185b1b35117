"""Who follows README.md and docs/operations.md word for word succeeds: the same lines are run here."""

import configparser
import importlib.util
import json
import os
import re
import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psycopg2
import pytest
from conftest import rows
from documents import ROOT, block, blocks
from lib.debian import find_program
from lib.postgres import programs_folder
from packaging.requirements import Requirement

PAGE = "docs/operations.md"
_LOOK_AT_RESTORED = """
print("works:", env["kho.dl.database"]._is_confirmed())
files = env["ir.attachment"].search([("store_fname", "!=", False)])
print("files:", bool(files) and all(file.checksum == file._compute_checksum(file.raw) for file in files))
"""
_DEBIAN_12 = {"pyopenssl": "23.0.0", "urllib3": "1.26.12", "requests": "2.28.1"}
_INSTALL, _UPGRADE = "-i kho_dl", "-u kho_dl"


def test_nothing_of_the_page_is_left_out():
    """Each of these lines begins a block that a test below runs."""
    assert [each.text.splitlines()[0] for each in blocks(PAGE)] == [
        "./dev/package /tmp/kho_dl_packages",
        'pip install "pyHanko>=0.28" "pypdf>=5.9" "pypdfium2>=4.30" prometheus_client rapidfuzz clamav-client \\',
        "pip install --no-deps /tmp/kho_dl_packages/odoo_addon_kho_dl-*.whl",
        "odoo-bin -c odoo.conf -d <database> -i kho_dl --load-language=vi_VN --stop-after-init",
        "odoo-bin -c odoo.conf -d <database> -u kho_dl --stop-after-init",
        "python3 -m venv /opt/kho_dl",
        "[options]",
        "[Service]",
        "log_format without_tokens '$remote_addr [$time_local] $request_method $uri $status $body_bytes_sent';",
        "ALTER SYSTEM SET log_min_error_statement = 'panic';",
        "[databases]",
        "ALTER SYSTEM SET synchronous_standby_names = 'standby';",
        "UPDATE kho_dl_journal_chain SET checked_position = 0, checked_hash = NULL, round_position = 0, fault = NULL, "
        "fault_count = 0;",
        'curl -H "Authorization: Bearer <token>" https://office.example.gov.vn/kho_dl/health',
        'curl -H "Authorization: Bearer <token>" "https://office.example.gov.vn/kho_dl/health?format=prometheus"',
        'curl -H "Authorization: Bearer <token>" "https://office.example.gov.vn/kho_dl/statistics?days=7"',
        "promtool test rules kho_dl.rules.test.yml",
        "mkdir -p /srv/backup/filestore",
        "mkdir -p /var/lib/odoo/filestore/<database>",
        "odoo-bin db -c odoo.conf duplicate --neutralize <database> <copy>",
        "docker compose -f dev/container/compose.yaml up --build --wait",
    ]


# Proves J.6-1.
def test_the_readme_installs_it(installed):
    environment, database = installed.odoo.postgres, installed.odoo.database
    assert rows(environment, database, "SELECT state FROM ir_module_module WHERE name = 'kho_dl'") == [("installed",)]
    assert rows(environment, database, "SELECT active FROM res_lang WHERE code = 'vi_VN'") == [(True,)]
    assert block("README.md", "sh", _INSTALL) == block(PAGE, "sh", _INSTALL)


# Proves J.6-1.
def test_packages_are_built_and_what_files_need_is_there(machine):
    machine.run(block(PAGE, "sh", "./dev/package"))
    assert len(list((machine.odoo.folder / "packages").iterdir())) == 2
    assert "already satisfied" in machine.run(block(PAGE, "sh", "clamav-client"))
    site = machine.odoo.folder / "site"
    # Beside what all tests run with, not into it.
    machine.run(f'export PIP_TARGET="{site}"\n' + block(PAGE, "sh", "pip install --no-deps"))
    assert (site / "odoo/addons/kho_dl/__manifest__.py").exists()


# Proves J.6-1.
@pytest.mark.parametrize("page", ["README.md", PAGE])
def test_pip_brings_what_odoo_needs_beside_what_it_brings(page):
    """Odoo must start where there is only what Debian 12 has, or what Odoo itself asks for under Python 3.11."""
    text = block(page, "sh", "rapidfuzz").replace("\\\n", "")
    asked = {each.name.lower(): each.specifier for each in map(Requirement, shlex.split(text)[2:])}
    # Neither of the two has these: what lxml gave away, and what reads the versions in our manifest.
    assert {"lxml_html_clean", "packaging"} <= set(asked)
    # They do not fit the cryptography that pyHanko asks for, and Debian's package does not say so to pip.
    for name, version in _DEBIAN_12.items():
        assert version not in asked[name], f"pip leaves {name} {version} there"


# Proves J.6-1.
def test_a_python_of_its_own(machine):
    if not importlib.util.find_spec("ensurepip"):
        pytest.skip("This Python makes no environment with pip in it.")
    # In place of what pip would fetch.
    site = next(path for path in sys.path if path.endswith("site-packages"))
    machine.run(f'export PYTHONPATH="{site}" PIP_NO_INDEX=1\n' + block(PAGE, "sh", "python3 -m venv"))
    assert (machine.odoo.folder / "python/bin/python").exists()


# Proves J.6-1.
def test_a_new_version_and_a_neutralised_copy(installed):
    installed.run(block(PAGE, "sh", _UPGRADE))
    installed.run(block(PAGE, "sh", "duplicate"))
    [inline] = re.findall(r"`(odoo-bin neutralize [^`]*)`", (ROOT / PAGE).read_text(encoding="utf-8"))
    installed.run(inline)
    environment, copy = installed.odoo.postgres, installed.words["<copy>"]
    assert rows(environment, copy, "SELECT value FROM ir_config_parameter WHERE key = 'database.is_neutralized'")


# Proves J.6-1.
def test_the_configuration_is_one(installed):
    [odoo_part] = [each.text for each in blocks(PAGE) if each.language == "ini" and "[options]" in each.text]
    read = configparser.RawConfigParser()
    odoo_part = odoo_part.replace("/var/lib/odoo", str(installed.odoo.folder / "data"))
    read.read_string(odoo_part.replace("<database>", installed.odoo.database))
    options = dict(read["options"])
    assert options["kho_dl_head_folder"]
    path = installed.odoo.configuration()
    ours = [line for line in path.read_text().splitlines() if line.partition(" = ")[0] not in options]
    whole = "\n".join([*ours, *(f"{name} = {value}" for name, value in options.items()), ""])
    script = "from odoo.tools import config\n" + "".join(f"print({name!r}, config[{name!r}])\n" for name in options)
    # What a shell of ours does, with this file; ours is written anew by the next command.
    changed = path.with_name("changed.conf")
    changed.write_text(whole)
    command = [sys.executable, "-m", "odoo", "shell", "-c", changed, "-d", installed.odoo.database, "--no-http"]
    done = subprocess.run(
        command, input=script, env=installed.odoo.environment, capture_output=True, text=True, timeout=300
    )
    for name, value in options.items():
        # Several databases may stand there.
        assert f"{name} {[value] if name == 'db_name' else value}" in done.stdout
    service = configparser.ConfigParser()
    service.read_string(block(PAGE, "ini", "[Service]"))
    assert dict(service["Service"]) == {"restart": "always", "restartsec": "5"}


# Proves J.6-1.
def test_what_is_typed_into_postgresql(installed):
    environment = installed.odoo.postgres
    connection = psycopg2.connect(
        host=environment["PGHOST"], user=environment["PGUSER"], dbname=installed.odoo.database
    )
    connection.autocommit = True
    try:
        for each in (one.text for one in blocks(PAGE) if one.language == "sql"):
            for statement in each.strip().splitlines():
                # There is no standby here that it could wait for.
                if "pg_reload_conf" in statement and "synchronous_standby_names" in each:
                    continue
                with connection.cursor() as cursor:
                    cursor.execute(statement)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET ALL")
        connection.close()


# Proves K.3-1.
def test_what_prometheus_is_told(machine):
    program, environment = find_program("promtool")
    lines = [f'export PATH="{Path(program).parent}:$PATH"', f'cd "{ROOT}/docs/monitoring"']
    lines += [f'export {name}="{value}"' for name, value in environment.items()]
    told = machine.run("\n".join([*lines, block(PAGE, "sh", "promtool")]))
    assert "SUCCESS" in told
    checked = machine.run("\n".join([*lines, "promtool check config --syntax-only prometheus.yml"]))
    assert "SUCCESS" in checked


# Proves K.3-1.
def test_prometheus_understands_what_the_board_asks(folder):
    program, environment = find_program("promtool")
    board = json.loads((ROOT / "docs/monitoring/grafana.json").read_text())
    asked = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
    rules = [{"record": f"board_{number}", "expr": expression} for number, expression in enumerate(asked)]
    # JSON is YAML, too.
    (folder / "board.yml").write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}))
    command = [program, "check", "rules", folder / "board.yml"]
    checked = subprocess.run(
        command, check=False, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    assert f"SUCCESS: {len(asked)} rules found" in checked.stdout + checked.stderr


# Proves J.6-1.
def test_a_dump_that_breaks_off_takes_no_older_one_with_it(machine, folder):
    place = folder / "broken"
    place.mkdir()
    (place / "kho_dl.dump").write_text("of yesterday")
    words = {**machine.words, "<database>": "there_is_none", "/srv/backup": place}
    path = f'export PATH="{programs_folder(machine.odoo.python)}:$PATH"\nset +e\n'
    machine._replace(words=words).run(path + block(PAGE, "sh", "pg_dump").partition("\nrsync ")[0] + "\ntrue")
    assert (place / "kho_dl.dump").read_text() == "of yesterday"


# Proves K.3-1.
def test_a_backup_is_restored(installed, folder):
    environment, restored = installed.odoo.postgres, f"{installed.odoo.database}_restored"
    words = {
        **installed.words,
        "/var/lib/odoo": installed.odoo.folder / "data",
        "/srv/backup": folder / "backup",
    }
    rsync, variables = find_program("rsync")
    path = f'export PATH="{programs_folder(installed.odoo.python)}:{Path(rsync).parent}:$PATH"\n'
    path += "".join(f'export {name}="{value}"\n' for name, value in variables.items())
    machine = installed._replace(words=words)
    machine.run(path + block(PAGE, "sh", "pg_dump"))
    # What is left where a backup was broken off in the middle of a file; the next one is whole again.
    for copied in (folder / "backup/filestore").rglob("*"):
        if copied.is_file():
            copied.write_bytes(copied.read_bytes()[:-1])
    machine.run(path + block(PAGE, "sh", "pg_dump"))
    installed._replace(words={**words, "<database>": restored}).run(path + block(PAGE, "sh", "pg_restore"))
    printed = replace(installed.odoo, database=restored).shell(_LOOK_AT_RESTORED)
    assert "works: True" in printed
    assert "files: True" in printed
    found = rows(environment, restored, "SELECT state FROM ir_module_module WHERE name = 'kho_dl'")
    assert found == [("installed",)]
