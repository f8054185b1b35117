"""What the containers of the trial do inside, without containers: the start of Odoo, and nginx in front."""

import configparser
import json
import os
import re
import subprocess
import sys

import pytest
import requests
from documents import ROOT, block, read
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
    include {place}/trial.conf;
}}
"""
_PAGE = "docs/operations.md"
# What a trial on one machine has otherwise: no TLS, its own ports and names.
_PROXY_OF_THE_TRIAL = (
    ("listen 10.0.0.10:443 ssl;", "listen 80;"),
    ("server_name office.example.gov.vn;", ""),
    ("ssl_certificate /etc/ssl/certs/office.pem;", ""),
    ("ssl_certificate_key /etc/ssl/private/office.key;", ""),
    ("/var/log/nginx/office.log", "/var/log/nginx/access.log"),
    ("server 127.0.0.1:", "server odoo:"),
    (" $host;", " $http_host;"),
)
# What a database of the trial is called, who hears its Odoo, how many are at work; it keeps no seals elsewhere.
_OPTIONS_OF_THE_TRIAL = {"addons_path", "http_interface", "workers", "dbfilter", "db_name", "kho_dl_head_folder"}
_KINDS = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def _replaced(path, *pairs):
    text = path.read_text()
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, str(new))
    return text


@pytest.fixture
def started(folder, source, environment, compose):
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
            ("addons_path = /opt/addons", f"addons_path = {own}"),
            ("/var/lib/odoo", place / "data"),
        )
        (place / "odoo.conf").write_text(f"{configuration}http_port = {port}\ngevent_port = {bus}\n")
        start = _replaced(_FOLDER / "start", ("http://simulator:8080", other_side.url))
        programs = os.pathsep.join([str(place / "bin"), str(programs_folder(machine.odoo.python)), os.environ["PATH"]])
        variables = {**machine.odoo.environment, "PATH": programs, "ODOO_RC": str(place / "odoo.conf")}
        secrets = compose["services"]["odoo"]["environment"].items()
        variables.update({name: value for name, value in secrets if name.startswith("KHO_DL_")})
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
            ("/var/log/nginx", place),
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
            assert requests.get(f"{address}/kho_dl/papers/a-secret/x.pdf", timeout=60).status_code == 404
            assert requests.get(f"{address}/web/database/manager", timeout=60).status_code == 503
            # The bus answers there, and says what it wants instead.
            assert requests.get(f"{address}/websocket", timeout=60).status_code in (400, 426)
    assert "secret" not in (place / "access.log").read_text() + (place / "error.log").read_text()
    text = said.read_text(errors="replace")
    assert "Traceback" not in text
    assert " ERROR " not in text


def _without_comments(text):
    lines = (line.strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith("#")]


def test_the_proxy_is_that_of_the_page():
    http, officers, _public = re.split(r"^server \{$", block(_PAGE, "nginx", "server {"), flags=re.MULTILINE)
    wanted = f"{http}server {{{officers}"
    for old, new in _PROXY_OF_THE_TRIAL:
        assert old in wanted, old
        wanted = wanted.replace(old, new)
    assert _without_comments((_FOLDER / "nginx.conf").read_text()) == _without_comments(wanted)


def _options(text):
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(text)
    return {name: value for name, value in parser["options"].items() if name not in _OPTIONS_OF_THE_TRIAL}


def test_odoo_and_postgresql_are_set_as_the_page_says(compose):
    assert _options((_FOLDER / "odoo.conf").read_text()) == _options(block(_PAGE, "ini", "proxy_mode"))
    system = re.findall(r"ALTER SYSTEM SET (\w+) = '?(\w+)'?;", block(_PAGE, "sql", "max_connections"))
    assert system
    wanted = " ".join(f"-c {name}={value}" for name, value in system)
    assert compose["services"]["postgres"]["command"] == f"postgres {wanted}"


@pytest.fixture(scope="module")
def compose(pins):
    """What the compose file says, read by a Python that knows the format."""
    check = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))))"
    command = [find_python(pins, "gates"), "-c", check, _FOLDER / "compose.yaml"]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout)


# Proves K.3-2.
def test_each_container_is_of_an_image_and_has_its_files(compose):
    services = compose["services"]
    assert sorted(services) == ["nginx", "odoo", "postgres", "simulator"]
    images = [service["image"] for service in services.values()]
    # Two that build one name at once get in each other's way.
    assert len(set(images)) == len(images)
    # Nobody from outside this machine.
    assert all(port.startswith("127.0.0.1:") for service in services.values() for port in service.get("ports", ()))
    image = (_FOLDER / "Dockerfile").read_text()
    assert image.rindex("USER odoo") > image.rindex("RUN ")
    place = "/opt/addons/kho_dl"
    assert f"COPY . {place}\n" in image
    for named in re.findall(rf"{place}/([\w./]+)", image):
        assert (ROOT / named).is_file()
    assert os.access(_FOLDER / "start", os.X_OK)
    # What the image installs is what the page names.
    [wanted] = [line for line in read(_PAGE).splitlines() if line.startswith('pip install "pyHanko')]
    assert wanted.removeprefix("pip install ") in image


def test_no_secret_and_nothing_that_is_not_run_is_in_the_image():
    left_out = (_FOLDER / "Dockerfile.dockerignore").read_text().splitlines()
    # Hidden files, .git and the results of tests among them.
    assert {".*", "dev", "docs", "examples", "tests"} <= set(left_out)
    for path in [*_FOLDER.iterdir()]:
        if path.name != "compose.yaml":
            assert not re.search("demo-|password", path.read_text(), re.IGNORECASE), path.name
