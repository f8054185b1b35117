"""What the containers of the trial do inside, without containers: the start of Odoo, and nginx in front."""

import os
import subprocess
import sys

import pytest
import requests
from documents import ROOT
from lib.debian import find_program
from lib.ports import HOST, reserved_port, wait_until_open
from lib.postgres import drop_database, programs_folder
from lib.processes import running
from lib.simulator import simulator
from lib.venv import find_python
from reader import new_machine

_FOLDER = ROOT / "dev/container"
_NGINX = """
daemon off;
pid {place}/nginx.pid;
events {{}}
http {{
    {temporary}
    access_log {place}/access.log;
    include {place}/trial.conf;
}}
"""
_KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _replaced(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, str(new))
    return text


@pytest.fixture
def started(folder, source, environment):
    """Run the start of the image as it is, with this machine's ports, and a simulator; give the port, and what it says."""
    place = folder / "container"
    place.mkdir()
    machine = new_machine(place, source, environment)
    # A file, as the packages have it: Odoo starts the process of the bus by the name that it was started by itself.
    (place / "bin/odoo").write_text(f"#!{sys.executable}\nimport odoo.cli\n\nodoo.cli.main()\n")
    (place / "bin/odoo").chmod(0o755)
    (place / "addons/kho_dl").symlink_to(ROOT)
    own = machine.odoo.configuration().read_text().split("addons_path = ")[1].splitlines()[0]
    with reserved_port(8900) as port, reserved_port(8940) as bus, simulator(machine.odoo.python, place) as other_side:
        configuration = _replaced(
            _FOLDER / "odoo.conf",
            ("addons_path = /mnt/extra-addons", f"addons_path = {own}"),
            ("/var/lib/odoo", place / "data"),
        )
        (place / "odoo.conf").write_text(f"{configuration}http_port = {port}\ngevent_port = {bus}\n")
        start = _replaced(
            _FOLDER / "start", ("http://simulator:8080", other_side.url), ("127.0.0.1:8069", f"{HOST}:{port}")
        )
        programs = os.pathsep.join([str(place / "bin"), str(programs_folder(machine.odoo.python)), os.environ["PATH"]])
        variables = {**machine.odoo.environment, "PATH": programs, "ODOO_RC": str(place / "odoo.conf")}
        said = place / "said.log"
        with (
            open(said, "wb") as log,
            running(["sh", "-c", start], env=variables, cwd=ROOT, stdout=log, stderr=log) as process,
        ):
            wait_until_open(port, process, 600, f"Odoo (it says: {said})")
            wait_until_open(bus, process, 120, "The bus")
            yield port, bus, said
    drop_database("kho_dl", environment, machine.odoo.python)


# Proves K.3-2.
def test_odoo_starts_ready_for_work_behind_the_proxy(started, folder):
    port, bus, said = started
    place = folder / "container"
    temporary = "\n".join(f"{kind}_temp_path {place}/{kind};" for kind in _KINDS)
    with reserved_port(8980) as front:
        pairs = (
            ("odoo:8069", f"{HOST}:{port}"),
            ("odoo:8072", f"{HOST}:{bus}"),
            ("listen 80;", f"listen {HOST}:{front};"),
        )
        (place / "trial.conf").write_text(_replaced(_FOLDER / "nginx.conf", *pairs))
        (place / "nginx.conf").write_text(_NGINX.format(place=place, temporary=temporary))
        program, libraries = find_program("nginx")
        command = [program, "-p", place, "-c", place / "nginx.conf", "-e", place / "error.log"]
        environment = {**os.environ, **libraries}
        with running(command, env=environment) as process:
            wait_until_open(front, process, 30, "nginx")
            address = f"http://{HOST}:{front}"
            assert requests.get(f"{address}/web/login", timeout=120).status_code == 200
            signed_in = requests.post(
                f"{address}/web/session/authenticate",
                json={"params": {"db": "kho_dl", "login": "clerk", "password": "clerk"}},
                timeout=60,
            )
            assert signed_in.json()["result"]["uid"]
            # The bus answers there, and says what it wants instead.
            assert requests.get(f"{address}/websocket", timeout=60).status_code in (400, 426)
    text = said.read_text(errors="replace")
    assert "Traceback" not in text
    assert " ERROR " not in text


# Proves K.3-2.
def test_each_container_is_of_an_image_and_has_its_files(pins):
    check = """
import sys, yaml
services = yaml.safe_load(open(sys.argv[1]))["services"]
print(sorted(services), all("image" in service for service in services.values()))
"""
    python = find_python(pins, "gates")
    command = [python, "-c", check, _FOLDER / "compose.yaml"]
    said = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    assert said.strip() == "['nginx', 'odoo', 'postgres', 'simulator'] True"
    image = (_FOLDER / "Dockerfile").read_text()
    assert "dev/container/start" in image
    assert os.access(_FOLDER / "start", os.X_OK)
    # What the image installs is what the page names.
    [wanted] = [
        line
        for line in (ROOT / "docs/operations.md").read_text().splitlines()
        if line.startswith('pip install "pyHanko')
    ]
    assert wanted.removeprefix("pip install ") in image
