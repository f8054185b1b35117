"""Which Python runs a child process, and what it has; the one of this process where no other is named."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# This package alone, by its folder, under a name of its own: as an add-on's part its parents would import Odoo.
_START = """
import importlib.util, sys
folder = sys.argv[1]
spec = importlib.util.spec_from_file_location(
    "kho_dl_inspection", folder + "/__init__.py", submodule_search_locations=[folder]
)
package = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
importlib.import_module("kho_dl_inspection.offline").leave_out_http()
importlib.import_module("kho_dl_inspection.worker").run()
"""
_VERSION = """
import sys
if sys.version_info < (3, 10):
    sys.exit("Python 3.10 or later is needed")
import importlib.metadata, {module}
print(importlib.metadata.version("pyHanko"))
"""
_NEEDED = "pyhanko.sign.validation, pypdf, reportlab, PIL, cryptography"
_FOUND = "import importlib.util, sys; sys.exit(importlib.util.find_spec(sys.argv[1]) is None)"
_SECONDS = 10
# All that a child gets to know of its surroundings; no passwords among it.
_ENVIRONMENT = ("PATH", "LANG", "LC_ALL")
# Where this process finds its libraries and packages: not those of another interpreter.
_OURS = ("LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


class InterpreterUnusable(OSError):
    """The interpreter that is named is none, or lacks what the children need; its text names the error's kind."""


def environment_of(python: str) -> dict[str, str]:
    """Return the environment of a child that `python` runs, this process's interpreter where it is empty."""
    names = _ENVIRONMENT if python else (*_ENVIRONMENT, *_OURS)
    return {name: os.environ[name] for name in names if name in os.environ}


def start_worker(python: str, socket_number: int, limits: Sequence[float]) -> subprocess.Popen:
    """Start `worker`, run by `python`, which answers on the socket and keeps the `limits` that it takes. Raises OSError."""
    numbers = (socket_number, *limits)
    return subprocess.Popen(
        [python or sys.executable, "-B", "-c", _START, str(Path(__file__).resolve().parent), *map(str, numbers)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=(socket_number,),
        env=environment_of(python),
        cwd="/",
        start_new_session=True,
    )


def library_version(python: str) -> str:
    """Return which pyHanko `python` has, asking it; that of this process where it is empty.

    Takes a second; raises InterpreterUnusable.
    """
    try:
        if not python:
            return importlib.metadata.version("pyHanko")
        done = subprocess.run(
            [python, "-B", "-c", _VERSION.format(module=_NEEDED)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=environment_of(python),
            cwd="/",
            text=True,
            check=False,
        )
    except (OSError, ImportError, subprocess.SubprocessError) as error:
        raise InterpreterUnusable(type(error).__name__) from None
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["?"])[-1]
        raise InterpreterUnusable(said[:200])
    return done.stdout.strip()


def has_module(python: str, name: str) -> bool:
    """Return whether `python`, or this process's interpreter where it is empty, finds the module `name`; False in doubt."""
    if not python:
        return importlib.util.find_spec(name) is not None
    try:
        done = subprocess.run(
            [python, "-B", "-c", _FOUND, name],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            env=environment_of(python),
            cwd="/",
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return not done.returncode
