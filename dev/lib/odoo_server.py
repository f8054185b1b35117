"""One Odoo over one database: install, upgrade, run a script, serve."""

import contextlib
import os
import re
import subprocess
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path

from .cache import CHECKOUT, checkout_dir
from .console import Failure, say
from .odoo_source import addons_folders
from .ports import HOST, wait_until_open
from .processes import call, running

ADDON = "kho_dl"
# No installation and no script takes so long, on a slow machine either.
_PATIENCE = 1200


@dataclass(frozen=True)
class Odoo:
    """An Odoo with its configuration, log and files in ``folder``, and its database on ``postgres``.

    ``addons`` is the folder in which it finds the add-on, by default that of the checkout; ``beside`` is one with add-ons of
    others and what they need, as pip lays it out.
    """

    source: Path
    python: Path
    folder: Path
    postgres: dict = field(repr=False)
    database: str
    addons: Path | None = None
    beside: Path | None = None

    def install(self, *options, addon=ADDON):
        """Create the database with the add-on in it, or with another ``addon`` of Odoo's own."""
        self._run("install the add-on", "-i", addon, *options)

    def upgrade(self):
        """Bring the database to the state of the checkout, its translations included."""
        self._run("upgrade the add-on", "-u", ADDON, "--i18n-overwrite")

    def copy_to(self, other, *options):
        """Make the database of ``other`` a copy of this one, files included; nobody may be connected to it.

        ``options`` are those of Odoo's `db duplicate`.
        """
        command = [self.python, "-m", "odoo", "db", f"--config={self.configuration()}", "duplicate"]
        result = subprocess.run(
            [*command, *options, self.database, other.database],
            check=False,
            env=self.environment,
            cwd=self.folder,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
        )
        if result.returncode:
            raise Failure(f"The database could not be copied: {(result.stderr.strip().splitlines() or ['?'])[-1]}")

    def shell(self, script, seconds=_PATIENCE):
        """Run the Python ``script`` in ``odoo shell``, for ``seconds`` at most, and return what it prints."""
        command = self._command("shell", "--no-http", "--log-level=warn")
        options = {"env": self.environment, "cwd": self.folder, "capture_output": True, "text": True}
        result = subprocess.run(command, check=False, input=script, timeout=seconds, **options)
        # The shell goes on after an exception, and ends well.
        if result.returncode or "Traceback" in result.stderr:
            # The database adds lines that point into its statement.
            reason = (re.findall(r"^[\w.]+: .*", result.stderr, re.MULTILINE) or ["no reason given"])[-1]
            raise Failure(f"A script in `odoo shell` failed: {reason}")
        return result.stdout

    @contextlib.contextmanager
    def serving(self, port, *options, **environment):
        """Serve on ``port`` of loopback for the length of the ``with`` block; yield the process.

        ``options`` are Odoo's own, ``environment`` goes on top of :attr:`environment`.
        """
        command = self._command("server", f"--http-port={port}", f"--db-filter=^{self.database}$", *options)
        with (
            open(self.log, "ab") as log,
            running(command, env=self.environment | environment, cwd=self.folder, stdout=log, stderr=log) as process,
        ):
            wait_until_open(port, process, 120, f"Odoo (its log: {self.log})")
            self._warm_up(port)
            yield process

    @property
    def log(self):
        """The file that the server and the installation log to."""
        return self.folder / "odoo.log"

    @property
    def environment(self):
        """The environment of every Odoo process."""
        path = os.pathsep.join(map(str, filter(None, [self.source, self.beside])))
        return {**os.environ, **self.postgres, "PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}

    def configuration(self):
        """Write the configuration file and return its path."""
        path = self.folder / "odoo.conf"
        addons = [*addons_folders(self.source), self.addons or linked_addons()]
        path.write_text(
            "[options]\n"
            f"addons_path = {','.join(map(str, addons))}\n"
            f"data_dir = {self.folder / 'data'}\n"
            f"http_interface = {HOST}\n"
            "list_db = False\n"
        )
        return path

    def _command(self, subcommand, *options):
        common = ["-c", self.configuration(), "-d", self.database]
        return [self.python, *self._program(), subcommand, *common, *options]

    def _program(self):
        """The words behind `python`: a file, as Odoo starts its process for the bus as `python FILE gevent`."""
        files = (self.source / "odoo-bin", self.source / "../../../bin/odoo")
        return next(([file.resolve()] for file in files if file.is_file()), ["-m", "odoo"])

    def _run(self, what, *options):
        command = self._command("server", "--stop-after-init", "--no-http", *options)
        with open(self.log, "ab") as log:
            before = log.tell()
            options = {"env": self.environment, "cwd": self.folder, "stdout": log, "stderr": log}
            code = call(command, seconds=_PATIENCE, **options)
        problems = _problems(self.log.read_bytes()[before:].decode(errors="replace"))
        if code:
            raise Failure(f"Odoo could not {what}: {(problems or ['no reason given'])[-1]} (its log: {self.log})")
        for problem in problems:
            say(f"  Odoo says: {problem}")

    def _warm_up(self, port):
        """Ask for the first page, so that whoever opens it does not wait for the styles to be compiled."""
        try:
            urllib.request.urlopen(f"http://{HOST}:{port}/web/login", timeout=120).close()
        except OSError as error:
            raise Failure(f"Odoo does not answer: {error} (its log: {self.log})") from None


def linked_addons():
    """The add-ons folder in the cache in which the checkout is linked under the add-on's technical name."""
    folder = checkout_dir() / "addons"
    folder.mkdir(exist_ok=True)
    link = folder / ADDON
    with contextlib.suppress(FileExistsError):
        link.symlink_to(CHECKOUT)
    return folder


def _problems(log):
    """What a log holds above the level INFO, without what Python warns of in the libraries that Odoo uses."""
    found = re.findall(r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) \S+ (\S+): (.*)", log, re.MULTILINE)
    ours = [entry for entry in found if entry[1] != "py.warnings" or f"/addons/{ADDON}/" in entry[2]]
    return list(dict.fromkeys(f"{level} {message}" for level, _logger, message in ours))
