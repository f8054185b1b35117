"""Which Python runs a child process, and what it has; the one of this process where no other is named."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import subprocess

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
