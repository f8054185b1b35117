"""Which Python runs the children that look at files and make copies, and what is wrong with it."""

import functools
import os
import re
import time

from ...inspection.interpreter import InterpreterUnusable, has_module, library_version
from ...inspection.sandbox import get_ready

PARAMETER = "kho_dl.python"
# From this version on pyHanko closes a hole: https://github.com/MatthiasValvekens/pyHanko/releases
SAFE_LIBRARY = (0, 36, 2)
_RENDERER = "pypdfium2"
_INTERPRETER = re.compile(r"/.*/python[0-9.]*")
# How long an answer holds: packages may be renewed while Odoo runs.
_SECONDS = 600


def child_python(env):
    """Return the path of the interpreter that the system parameter names; "" for Odoo's own."""
    # sudo: whoever looks at a file does so with the interpreter of the installation.
    path = (env["ir.config_parameter"].sudo().get_param(PARAMETER) or "").strip()
    # Whoever writes parameters may not start any other program of the server: nothing can be run from there.
    return path if not path or _INTERPRETER.fullmatch(path) else os.devnull


def wake_inspection(env):
    """Start what looks into files, unless it runs: somebody is about to choose some, which takes longer than that."""
    get_ready(child_python(env))


def child_facts(env):
    """Return the facts of the interpreter.

    {"python_fault": why it cannot be used or "", "library": its pyHanko, "has_renderer": whether it makes pictures of pages}.
    """
    fault, version, has_renderer = _asked(child_python(env), int(time.monotonic() / _SECONDS))
    return {"python_fault": fault, "library": version, "has_renderer": has_renderer}


def is_safe(version):
    """Whether pyHanko `version` has the hole closed; one that cannot be read is taken as new."""
    numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
    return not numbers or numbers >= SAFE_LIBRARY


@functools.lru_cache(maxsize=8)
def _asked(path, _turn):
    try:
        return "", library_version(path), has_module(path, _RENDERER)
    except InterpreterUnusable as error:
        return str(error) or "?", "", False
