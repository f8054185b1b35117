"""The processes of a deployment, each of which a test can kill: PostgreSQL, Odoo, the security server."""

import contextlib
import os
import signal
import time
from pathlib import Path

from lib.console import Failure
from lib.main_job import Api
from lib.odoo_server import Odoo
from lib.ports import is_free, reserved_port
from lib.postgres import private_postgres
from lib.simulator import Simulator, simulator_on
from lib.templates import INSTALLED, begin_with, postgres_folder
from world import CRIMINAL_RECORD, OWNER_NAME, PREPARE, Control, Database

OFFICER = "000188000077"
_DATABASE = "kho_dl_faults"
_PATIENCE = 30  # seconds for what was killed to be gone


class Machine:
    """Starts with PostgreSQL, the simulator and a database with the add-on in it; Odoo is started by the tests."""

    def __init__(self, stack, source, python, folder, beside=None):
        """`beside` is a folder with add-ons of others, see `Odoo`."""
        self.folder = folder
        self._python = python
        self.spool = folder / "spool"
        self.spool.mkdir()
        begin = postgres_folder(source, python)
        self.postgres = stack.enter_context(private_postgres(folder / "postgres", python, begin))
        self._far_port = stack.enter_context(reserved_port(8900))
        self._port = stack.enter_context(reserved_port(8950))
        self._live_port = stack.enter_context(reserved_port(8980))
        self._far = stack.enter_context(contextlib.ExitStack())
        self._near = stack.enter_context(contextlib.ExitStack())
        self.odoo = Odoo(source, python, folder, self.postgres.environment, _DATABASE, beside=beside)
        self.database = Database(self.postgres.environment, _DATABASE)
        self.filestore = folder / "data" / "filestore" / _DATABASE
        self.process, self._options = None, ()
        self.start_far_side()
        begin_with(self.odoo, INSTALLED)
        self.keys = self._prepare()
        self._owners = 0

    def _prepare(self):
        # Whoever has files first brings the agencies, which the directory then knows.
        self.far.add_owner("000200000000", 5)
        other_side = Simulator(f"http://127.0.0.1:{self._far_port}")
        printed = self.odoo.shell(
            PREPARE.format(
                url=other_side.url, unit_code=other_side.unit_code, username=other_side.username,
                password=other_side.password, code=CRIMINAL_RECORD, officer=OFFICER,
            )
        )  # fmt: skip
        return dict(line.split()[1:] for line in printed.splitlines() if line.startswith("key:"))

    # -- the security server and what is behind it -----------------------------------------------------

    @property
    def far_url(self):
        """The address of the security server."""
        return f"http://127.0.0.1:{self._far_port}"

    def start_far_side(self, *options):
        """Start the simulator, with nothing in it that an earlier one was given."""
        started = self._far.enter_context(simulator_on(self._far_port, self._python, self.folder, *options))
        self.far = Control(started.url)

    def stop_far_side(self):
        """End the simulator: nobody listens on its port any more."""
        self._far.close()

    # -- Odoo ------------------------------------------------------------------------------------------

    def start(self, *options, **environment):
        """Have Odoo run, by default as one process with threads and no scheduled actions of its own.

        One that runs with the same options is kept: to start is what takes longest.
        """
        chosen = (options or ("--max-cron-threads=0",), environment)
        if self.process and self.process.poll() is None:
            if self._options == chosen:
                return
            self.kill()
        started = self.odoo.serving(
            self._port, f"--gevent-port={self._live_port}", *chosen[0], TMPDIR=str(self.spool), **environment
        )
        self.process = self._near.enter_context(started)
        self._options = chosen

    def stop(self):
        """Let Odoo end in order."""
        self._near.close()

    def kill(self):
        """Kill Odoo with all its workers at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(_PATIENCE)
        self._near.close()
        # The workers share the socket: the next server must not be taken for ready because one of them lingers.
        deadline = time.monotonic() + _PATIENCE
        while (left := list(self._pids())) or not is_free(self._port):
            assert time.monotonic() < deadline, f"killed, and still there, or on its port: {left}"
            time.sleep(0.05)

    @property
    def url(self):
        """Where Odoo listens."""
        return f"http://127.0.0.1:{self._port}"

    def api(self, login):
        """Return Odoo's external API as the user `login`."""
        return Api(self._port, _DATABASE, self.keys[login])

    def work(self, turns=3):
        """Let the background do what it would do in time: no pauses, no agency spared."""
        for _turn in range(turns):
            self.database("UPDATE kho_dl_retrieval SET next_try_on = NULL WHERE state = 'pending'")
            self.database("DELETE FROM kho_dl_breaker")
            [cron] = self.api("admin")("ir.cron", "search", domain=[("code", "=", "model._cron_process()")])
            self.api("admin")("ir.cron", "method_direct_trigger", [cron])

    def break_off_postgres(self):
        """End PostgreSQL as a crash does, start it again, and ask until Odoo answers.

        Odoo's pool hands out each idle connection that broke with it once, before any code of ours runs: whoever asks then
        gets its error 500. No work is lost by that, so the tests look at the work. With workers, Odoo's main process ends
        as well and its service manager starts it again: until then nobody listens.
        """
        self.postgres.break_off()
        self.postgres.start()
        for _idle_connection in range(10):
            with contextlib.suppress(OSError, Failure):
                self.api("admin")("ir.cron", "search", domain=[], limit=1)
                return

    def wake_scheduler(self):
        """Tell Odoo's own scheduler to look for work now, as Odoo's processes tell each other."""
        Database(self.postgres.environment, "postgres")("SELECT pg_notify('cron_trigger', %s)", _DATABASE)

    # -- what a clerk does -----------------------------------------------------------------------------

    def new_owner(self, files, **options):
        """Return (number, {file name: content}) of a person with files whom nobody knows yet."""
        self._owners += 1
        number = f"0002000{self._owners:05d}"
        return number, self.far.add_owner(number, files, **options)

    def open_case(self, number, login="clerk1"):
        """Return a new case of the person, and a form that has asked with every paper ticked."""
        api = self.api(login)
        [procedure] = api("kho.dl.procedure", "search", domain=[("code", "=", "1.012289")])
        [owner] = self.api("admin")("res.partner", "create", vals_list=[{"name": OWNER_NAME}])
        values = {"procedure_id": procedure, "owner_id": owner, "owner_id_number": number}
        [case] = api("kho.dl.case", "create", vals_list=[values])
        return case, self.open_form(case, login)

    def open_form(self, case, login="clerk1", look="action_search"):
        """Return a form of the clerk `login` on a case that has asked, with every paper ticked.

        With `look` as "action_search_again" it asks also where an answer of before is still good.
        """
        api = self.api(login)
        [form] = api("kho.dl.retrieve.wizard", "create", vals_list=[{"case_id": case, "consent_given": True}])
        api("kho.dl.retrieve.wizard", look, [form])
        lines = api("kho.dl.retrieve.wizard.line", "search", domain=[("wizard_id", "=", form)])
        if lines:
            api("kho.dl.retrieve.wizard.line", "write", lines, vals={"selected": True})
        return form

    def attach(self, form, login="clerk1"):
        """Press the button."""
        self.api(login)("kho.dl.retrieve.wizard", "action_attach", [form])

    # -- what is left over -----------------------------------------------------------------------------

    def orphans(self):
        """Return what of the spool is still open in Odoo's processes, or lies in its folder."""
        held = [path for pid in self._pids() for path in _open_files(pid) if path.startswith(str(self.spool))]
        return held + [str(path) for path in self.spool.iterdir()]

    def assert_no_orphans(self, seconds=15):
        """The spool is empty, at the latest when downloads that nobody waits for have timed out."""
        deadline = time.monotonic() + seconds
        while left := self.orphans():
            assert time.monotonic() < deadline, left
            time.sleep(0.2)

    def pids_fetching(self):
        """Return the pids of Odoo's processes that hold spool files."""
        held = {pid: list(_open_files(pid)) for pid in self._pids()}
        return [pid for pid, paths in held.items() if any(path.startswith(str(self.spool)) for path in paths)]

    def _pids(self):
        """The pids of Odoo and of the processes that it started, which are all in its session."""
        for entry in Path("/proc").iterdir():
            with contextlib.suppress(OSError, ValueError):
                # Who is dead stays listed where nobody asks after orphans, as in a container without an init.
                if os.getsid(int(entry.name)) == self.process.pid and not _is_dead(entry):
                    yield int(entry.name)


def _is_dead(entry):
    # A thread that is left holds the files and sockets of them all, also where the first one has ended.
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] in "ZX" and len(
        list((entry / "task").iterdir())
    ) < 2


def _open_files(pid):
    with contextlib.suppress(OSError):
        for link in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(OSError):
                yield os.readlink(link)
