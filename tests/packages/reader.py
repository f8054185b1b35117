"""A machine on which somebody does what README.md and docs/operations.md say."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

from documents import ROOT
from lib.odoo_server import Odoo


class Machine(NamedTuple):
    """Where the lines of a page are run: a folder, an Odoo for it, and the words in place of those in brackets."""

    odoo: Odoo
    words: dict

    def run(self, text):
        """Run the lines of a shell as they are printed, but for what a reader fills in; return what they say."""
        for printed, ours in self.words.items():
            text = text.replace(printed, str(ours))
        assert "<" not in text, text
        environment = dict(self.odoo.environment)
        environment["PATH"] = os.pathsep.join([str(self.odoo.folder / "bin"), environment["PATH"]])
        options = {"cwd": self.odoo.folder, "env": environment, "capture_output": True, "text": True, "timeout": 900}
        done = subprocess.run(["bash", "-euc", text], **options)
        assert not done.returncode, f"{text}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout + done.stderr


def new_machine(place, source, environment):
    """Return a machine in the folder `place`, with Odoo's programs under the names that the pages give them."""
    # pip fetches nothing: what the pages ask for is what all tests run with.
    programs = {"odoo-bin": "-m odoo", "pip": "-m pip", "python3": ""}
    for name, options in programs.items():
        before = "PIP_NO_INDEX=1 " if name == "pip" else ""
        path = place / "bin" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f'#!/bin/sh\nexec env {before}"{sys.executable}" {options} "$@"\n')
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    (place / "addons").mkdir()
    odoo = Odoo(source, Path(sys.executable), place, environment, "kho_dl_operator", addons=place / "addons")
    odoo.configuration()
    words = {
        "<address of this repository>": ROOT,
        "/path/to/addons": place / "addons",
        "<database>": odoo.database,
        "<copy>": f"{odoo.database}_copy",
        "/tmp/kho_dl_packages": place / "packages",
        "./dev/package": ROOT / "dev/package",
        "/opt/kho_dl": place / "python",
    }
    return Machine(odoo, words)
