import contextlib
import io
import sys
from collections import namedtuple
from pathlib import Path

import psycopg2
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dev"))

import lib.demo  # noqa: E402 - needs the path above
from documents import blocks  # noqa: E402
from lib.cache import run_folder  # noqa: E402
from lib.main_job import do_main_job  # noqa: E402
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
def demo(folder, pins):
    """A new demo in which the main job was done, at rest; in a folder of this run, and not the one that somebody keeps."""
    place = folder / "demo"
    place.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lib.demo, "checkout_dir", lambda: place)
        with (
            contextlib.redirect_stdout(io.StringIO()) as printed,
            lib.demo.running_demo(pins, 8700, fresh=True) as (odoo, port, _server),
        ):
            do_main_job(odoo, port)
    return Demo(odoo, printed.getvalue())


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
