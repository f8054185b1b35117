"""Where the load runs: a PostgreSQL that keeps its promises, the simulator, and nodes of Odoo on one database."""

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import psycopg2

from ..benchmark.stage import OtherSide
from ..cache import run_folder
from ..console import say, step
from ..odoo_server import Odoo
from ..odoo_source import find_odoo
from ..ports import reserved_port
from ..postgres import durable_postgres
from ..simulator import simulator
from ..templates import INSTALLED, begin_with, postgres_folder
from ..venv import find_python
from .node import Node
from .prepare import PASSWORD, PROCEDURE, RESULTS, SCRIPT

_DATABASE = "kho_dl_load"
_FIRST_PORT, _FIRST_LIVE_PORT = 8600, 8650


@dataclass(frozen=True)
class Size:
    """How large the load is; `think` is the mean time (s) that a clerk takes between two steps."""

    clerks: int
    offices: int
    think: float
    files: int
    file_size: int
    latency: float


@dataclass(frozen=True)
class Clerk:
    """A clerk with an office, who serves one applicant (a contact) in the procedure."""

    login: str
    office: int
    owner: int
    procedure: int
    password: str = PASSWORD


class Place:
    """Everything that runs but the nodes, which `nodes` starts."""

    def __init__(self, folder, size, odoo, postgres, other_side, account, clerks):
        self.size = size
        # Whether everything fails on purpose just now.
        self.is_in_trouble = False
        self._lasting = ThreadPoolExecutor(1)
        self.folder, self.odoo, self.postgres, self.other_side = folder, odoo, postgres, other_side
        self.account, self.clerks = account, clerks
        self.filestore = folder / "data" / "filestore" / _DATABASE

    def restart_postgres(self):
        """Stop PostgreSQL and start it again, from whichever thread."""
        # What a thread has started ends with that thread.
        self._lasting.submit(lambda: (self.postgres.stop(), self.postgres.start())).result()

    @contextlib.contextmanager
    def nodes(self, count, workers, scheduled=1):
        """Run `count` nodes with `workers` web workers and so many `scheduled` ones each; yield them."""
        options = (
            f"--workers={workers}",
            f"--max-cron-threads={scheduled}",
            "--limit-time-real=600",
            "--limit-time-cpu=600",
            "--limit-time-real-cron=600",
        )
        with contextlib.ExitStack() as stack:
            nodes = []
            for _number in range(count):
                port = stack.enter_context(reserved_port(_FIRST_PORT))
                live = stack.enter_context(reserved_port(_FIRST_LIVE_PORT))
                nodes.append(Node(self.odoo, port, live, options))
                stack.callback(nodes[-1].stop)
                nodes[-1].start()
            for node in nodes:
                node.keep()
            yield nodes

    def wake_scheduled(self):
        """Let scheduled workers look for work at once, as Odoo does it: one that has just started sleeps for a minute first."""
        self.query("SELECT pg_notify('cron_trigger', %s)", _DATABASE, database="postgres")

    def query(self, statement, *values, database=_DATABASE):
        """Return the rows of a statement, on a connection of its own: PostgreSQL comes and goes."""
        environment = self.postgres.environment
        connection = psycopg2.connect(host=environment["PGHOST"], user=environment["PGUSER"], dbname=database)
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute(statement, values)
                return cursor.fetchall() if cursor.description else []
        finally:
            connection.close()


@contextlib.contextmanager
def place(pins, size):
    """Set everything up for a load of `size`, and take it down at the end."""
    source, python = find_odoo(pins), find_python(pins)
    with run_folder() as folder, contextlib.ExitStack() as stack:
        begin = postgres_folder(source, python)
        say("→ Starting PostgreSQL and the simulator …")
        postgres = stack.enter_context(durable_postgres(folder / "postgres", python, begin))
        simulated = stack.enter_context(simulator(python, folder))
        other_side = OtherSide(simulated.url)
        odoo = Odoo(source, python, folder, postgres.environment, _DATABASE)
        with step(f"Making {size.offices} offices with {size.clerks} clerks"):
            begin_with(odoo, INSTALLED)
            # The agencies of the files come into the simulator's directory with the first person who has some.
            other_side.add_person(5, 0, RESULTS)
            printed = odoo.shell(
                SCRIPT.format(
                    **asdict(simulated),
                    offices=size.offices,
                    clerks=size.clerks,
                    results=RESULTS,
                    procedure=PROCEDURE,
                    clerk_password=PASSWORD,
                    timeout=10,
                )
            )
        other_side.set_latency(size.latency)
        account = {"username": simulated.username, "password": simulated.password}
        clerks = [_clerk(line) for line in printed.splitlines() if line.startswith("clerk:")]
        yield Place(folder, size, odoo, postgres, other_side, account, clerks)


def _clerk(line):
    _mark, login, *numbers = line.split()
    return Clerk(login, *map(int, numbers))
