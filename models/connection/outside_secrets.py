"""Secrets that an operator keeps outside the database: in the environment, in Odoo's configuration, or in a file that these name."""

import logging
import os
import re
from dataclasses import dataclass

from odoo.tools import config

_logger = logging.getLogger(__name__)
_PREFIX = "KHO_DL_"
# More than a key file with all its certificates takes.
_LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Outside:
    """A secret from outside: what says so, by `name`; `problem` is why its file cannot be read.

    One that `is_shared` names several offices, so that nobody gets it.
    """

    name: str
    content: bytes = b""
    problem: str = ""
    is_shared: bool = False

    def __repr__(self):
        return f"Outside({self.name!r})"


def outside_name(part, code=""):
    """Return what the secret `part`, e.g. "PASSWORD", is called: of the office with the unit `code`, or of all."""
    office = office_of_name(code)
    return f"{_PREFIX}{office}_{part}" if office else _PREFIX + part


def office_of_name(code):
    """Return what stands for the office with the unit `code` in the names of its secrets; "" where nothing of it can."""
    return re.sub(r"[^A-Z0-9]+", "_", code.upper()).strip("_")


def is_any_outside(part, env):
    """Return whether anything outside is called as the secret `part` of some office would be, or nobody can tell."""
    ends = (part, f"{part}_FILE")
    names = (name.upper() for name in (*os.environ, *config.options))
    return "server.env.mixin" in env or any(name.startswith(_PREFIX) and name.endswith(ends) for name in names)


def find_outside(name, env):
    """Return the `Outside` called `name`, None where there is none."""
    for place in (os.environ.get, _from_configuration, _server_environment(env)):
        if value := place(name):
            return Outside(name, value.encode())
        if path := place(f"{name}_FILE"):
            return _from_file(f"{name}_FILE", path)
    return None


def _from_configuration(name):
    value = config.get(name.lower())
    return value if isinstance(value, str) else None


def _server_environment(env):
    """Return what looks into the files of OCA's `server_environment`, section `[kho_dl]`, where it is installed."""
    if "server.env.mixin" not in env:
        return lambda _name: None
    # An add-on that need not be there.
    from odoo.addons.server_environment import serv_config

    # As they are: a password may have a percent sign.
    return lambda name: serv_config.get("kho_dl", name.removeprefix(_PREFIX).lower(), raw=True, fallback=None)


def _from_file(name, path):
    try:
        with open(path, "rb") as file:
            content = file.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or type(error).__name__
        _logger.warning("Kho DL: the file that %s names cannot be read: %s", name, problem)
        return Outside(name, problem=problem)
    if len(content) > _LARGEST:
        return Outside(name, problem="too large")
    return Outside(name, content)
