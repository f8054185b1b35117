"""What every measurement plays on: a PostgreSQL that keeps its promises, the simulator, and one Odoo that serves."""

import contextlib
import json
import re
import time
import urllib.request
from collections import Counter
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import count
from pathlib import Path
from urllib.parse import quote

from ..cache import CHECKOUT, run_folder
from ..console import Failure, say, step
from ..demo import POINT_AT_SIMULATOR, SECOND_AGENCY
from ..main_job import Api, new_key
from ..odoo_server import ADDON, Odoo
from ..odoo_source import find_odoo
from ..ports import reserved_port
from ..postgres import drop_database, postgres
from ..simulator import simulator
from ..venv import find_python

MIB = 1024 * 1024
# The width that the add-on has by default, and what it lets one agency have of it.
WIDTH = 8
_AGENCIES = 5
_FIRST_PORT = 8569
# What anybody would write first, an add-on of its own beside ours.
_NAIVE = "kho_dl_naive"
# What a person's files are called, and behind which agency they lie.
_BULK_LINK = re.compile(r"https://bulk(\d+)\.gov\.vn/(.+)")
_PATIENCE = 300  # seconds for the background to finish what a request could not


class OtherSide:
    """The running simulator: orders to it, and the addresses of its files."""

    def __init__(self, url):
        self.url = url
        self._numbers = count(1)

    def ask(self, method, path, **arguments):
        """Call the simulator's own interface and return its answer."""
        body = json.dumps(arguments).encode() if arguments else None
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"{self.url}/_control/{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)

    def set_latency(self, seconds):
        """Let every call take `seconds` longer from now on; nothing else is wrong any more."""
        self.ask("DELETE", "faults")
        if seconds:
            self.ask("POST", "faults", call="any", fault="latency", times=None, seconds=seconds)

    def add_person(self, files, size, codes=None):
        """Add a person with `files` files of `size` bytes; return the id number and the files' addresses.

        Their papers are of `codes` in turn, results of the national catalogue, by default some that a doctor has. Always a new person, so always new bytes: Odoo's file store keeps equal content once.
        """
        id_number = f"000200{next(self._numbers):06d}"
        agencies = min(_AGENCIES, files)
        wanted = {"codes": list(codes)} if codes else {}
        self.ask("POST", "people/bulk", id_number=id_number, files=files, size=size, agencies=agencies, **wanted)
        return id_number, [self._address(id_number, number, number % agencies) for number in range(files)]

    def _address(self, id_number, number, agency):
        return self.address_of(f"https://bulk{agency}.gov.vn/{id_number}/tep-{number:04d}.pdf")

    def address_of(self, link):
        """The address of the file behind the portal's `link` on the security server, as the guideline composes it (V.3)."""
        agency, path = _BULK_LINK.fullmatch(link).groups()
        dstcode = quote(f"VN:GOV:000.00.00.B{int(agency):02d}:svc01", safe="")
        providerurl = quote(f"https://bulk{agency}.gov.vn", safe="")
        return f"{self.url}/VXPAdapter/RestService/forward/{path}?dstcode={dstcode}&providerurl={providerurl}"


@dataclass(frozen=True)
class Stage:
    """Everything that runs: the database's Odoo, its server's port and process id, the other side."""

    odoo: Odoo
    port: int
    server_pid: int
    other_side: OtherSide

    @cached_property
    def api(self):
        """Odoo's external API as the clerk."""
        return Api(self.port, self.odoo.database, new_key(self.odoo))

    def found_papers(self, id_number):
        """Open a case of a person, look for their papers as the clerk, tick all; return (case id, form id)."""
        api, form = self.api, "kho.dl.retrieve.wizard"
        case = self.open_case(id_number)
        form_id = api(form, "create", vals_list=[{"case_id": case, "consent_given": True}])
        api(form, "action_search", form_id)
        lines = api(f"{form}.line", "search", domain=[("wizard_id", "in", form_id)])
        api(f"{form}.line", "write", lines, vals={"selected": True})
        return case, form_id

    @cached_property
    def _case_values(self):
        [procedure] = self.api("kho.dl.procedure", "search", domain=[("code", "=", "1.012289")])
        [owner, *_others] = self.api("kho.dl.case", "search_read", domain=[], fields=["owner_id"], limit=1)
        return {"procedure_id": procedure, "owner_id": owner["owner_id"][0]}

    def open_case(self, id_number):
        """Open a case of a person as the clerk; return its id."""
        [case] = self.api("kho.dl.case", "create", vals_list=[{**self._case_values, "owner_id_number": id_number}])
        return case

    def attach(self, case, form_id, files):
        """Attach what `found_papers` found; return the moment (time.perf_counter()) when nothing was on its way.

        That moment is the end of the clerk's call, or of the check that found the background ready.
        Raises Failure unless exactly `files` files are on the case then.
        """
        self.api("kho.dl.retrieve.wizard", "action_attach", form_id)
        ended = time.perf_counter()
        deadline = time.monotonic() + _PATIENCE
        states = self._states(case)
        while states.keys() & {"pending", "running"}:
            if time.monotonic() > deadline:
                raise Failure(f"After {_PATIENCE} s some files are still on their way.")
            time.sleep(0.1)
            states = self._states(case)
            ended = time.perf_counter()
        if states["done"] != files:
            raise Failure(f"{states['done']} of {files} files were attached, so nothing was measured: {dict(states)}")
        return ended

    def _states(self, case):
        """Count the files of a case: {state, or the reason of a failure: number}."""
        rows = self.api("kho.dl.retrieval", "search_read", domain=[("case_id", "=", case)], fields=["state", "error"])
        return Counter(row["error"] if row["state"] == "failed" else row["state"] for row in rows)


@contextlib.contextmanager
def stage(pins):
    """Set everything up with the demo's users and procedures, and take it down at the end."""
    source, python = find_odoo(pins), find_python(pins)
    with run_folder() as folder, contextlib.ExitStack() as stack:
        # Durable: what a commit costs is part of what is measured.
        environment = stack.enter_context(postgres(folder / "postgres", python))
        simulated = stack.enter_context(simulator(python, folder))
        other_side = OtherSide(simulated.url)
        database = f"kho_dl_bench_{folder.name.replace('-', '_')}"
        odoo = Odoo(source, python, folder, environment, database, _linked_addons(folder / "addons"))
        stack.callback(drop_database, odoo.database, environment, python)
        with step("Making a database with the add-on and its demo data"):
            odoo.install("--with-demo", addon=_NAIVE)
            # The agencies of the files come into the simulator's directory with the first person who has some.
            other_side.add_person(_AGENCIES, 0)
            odoo.shell(POINT_AT_SIMULATOR.format(**asdict(simulated), second_agency=SECOND_AGENCY))
        say("→ Starting Odoo …")
        port = stack.enter_context(reserved_port(_FIRST_PORT))
        server = stack.enter_context(odoo.serving(port))
        yield Stage(odoo, port, server.pid, other_side)


def _linked_addons(folder):
    """Link the add-on and the naive one into `folder`, and return it."""
    folder.mkdir()
    (folder / ADDON).symlink_to(CHECKOUT)
    (folder / _NAIVE).symlink_to(Path(__file__).with_name(_NAIVE))
    return folder
