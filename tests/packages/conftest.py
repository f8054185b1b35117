import contextlib
import functools
import io
import sys
from collections import namedtuple
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dev"))

import lib.demo  # noqa: E402 - needs the path above
import lib.main_job  # noqa: E402
from documents import blocks  # noqa: E402
from lib.cache import run_folder  # noqa: E402
from lib.odoo_source import find_odoo  # noqa: E402
from lib.pins import read_pins  # noqa: E402
from lib.postgres import drop_database, throwaway_postgres  # noqa: E402
from lib.templates import PLAIN, begin_with, postgres_folder  # noqa: E402
from reader import new_machine  # noqa: E402

# Its Odoo, and what was printed while the main job was done.
Demo = namedtuple("Demo", "odoo printed")


@pytest.fixture(scope="session")
def pins():
    return read_pins()


@pytest.fixture(scope="session")
def source(pins):
    """The folder with Odoo's own packages."""
    return find_odoo(pins)


@pytest.fixture(scope="session")
def folder():
    """A folder for the whole run."""
    with run_folder() as made:
        yield made


@pytest.fixture(scope="session")
def environment(source, folder):
    """The environment that leads to a PostgreSQL for the whole run."""
    python = Path(sys.executable)
    with throwaway_postgres(folder / "postgres", python, postgres_folder(source, python)) as made:
        yield made


@pytest.fixture(scope="session")
def demo(folder):
    """A new demo after `./dev/demo --once`, at rest; in a folder of this run, and not the one that somebody keeps."""
    place = folder / "demo"
    place.mkdir()
    program = str(ROOT / "dev/demo")
    command = module_from_spec(spec_from_loader("demo_command", SourceFileLoader("demo_command", program)))
    command.__loader__.exec_module(command)
    seen = []

    def do_main_job(odoo, port):
        seen.append(odoo)
        lib.main_job.do_main_job(odoo, port)

    with pytest.MonkeyPatch.context() as patch, contextlib.redirect_stdout(io.StringIO()) as printed:
        patch.setattr(sys, "argv", [program, "--once", "--fresh", "--port", "8700"])
        patch.setattr(command, "running_demo", functools.partial(lib.demo.running_demo, place=place))
        patch.setattr(command, "do_main_job", do_main_job)
        assert command.main() == 0
    return Demo(*seen, printed.getvalue())


@pytest.fixture(scope="session")
def machine(folder, source, environment):
    """What somebody has who reads the README: an Odoo without the add-on."""
    made = new_machine(folder / "reader", source, environment)
    begin_with(made.odoo, PLAIN)
    return made


@pytest.fixture(scope="session")
def installed(machine):
    """The machine after the README's steps."""
    for each in blocks("README.md"):
        if not each.text.startswith("./dev/"):
            machine.run(each.text)
    return machine


@pytest.fixture
def database(environment):
    """The name of a database that is dropped afterwards."""
    name = "kho_dl_packages"
    yield name
    drop_database(name, environment, Path(sys.executable))


def rows(environment, database, query):
    """Return what the query finds in a database, past Odoo: one of its shells takes seconds to start."""
    connection = psycopg2.connect(host=environment["PGHOST"], user=environment["PGUSER"], dbname=database)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()
