import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "dev"))

from lib.cache import run_folder  # noqa: E402 - needs the path above
from lib.odoo_source import find_odoo  # noqa: E402
from lib.pins import read_pins  # noqa: E402
from lib.postgres import drop_database, throwaway_postgres  # noqa: E402
from lib.templates import postgres_folder  # noqa: E402


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


@pytest.fixture
def database(environment):
    """The name of a database that is dropped afterwards."""
    name = "kho_dl_packages"
    yield name
    drop_database(name, environment, Path(sys.executable))
