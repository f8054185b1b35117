"""The Python environment with Odoo's requirements and the test tools, shared by all checkouts."""

import importlib.util
import os
import subprocess
import sys
import venv

from .apt import Apt
from .cache import built, cache_dir, digest
from .console import Failure, step


def find_python(pins, group="python"):
    """The interpreter of the environment that matches the pins of ``group``, made if there is none yet."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    requirements = pins[group]["requirements"]
    # The interpreter is part of the key: a venv is a link to it.
    name = f"venv-{version}-{digest([sys.executable, requirements])}"
    return built(cache_dir() / name, lambda folder: _make(folder, requirements)) / "bin/python"


def _make(folder, requirements):
    with step(f"Making a Python environment with {len(requirements)} packages in {folder}"):
        venv.EnvBuilder(symlinks=True).create(folder)
        listing = folder / "requirements.txt"
        listing.write_text("\n".join(requirements) + "\n")
        python = folder / "bin/python"
        if importlib.util.find_spec("ensurepip"):
            subprocess.run([python, "-m", "ensurepip", "--default-pip"], stdout=subprocess.DEVNULL, check=True)
            _install(python, listing, os.environ)
            return
        # Debian's Python comes without pip; a package of the same suite has it as a wheel, which runs as it is.
        with Apt(folder / "apt") as apt:
            apt.unpack(["python3-pip-whl"], apt.folder)
            wheel = next(apt.folder.glob("usr/share/python-wheels/pip-*.whl"))
            _install(python, listing, {**os.environ, "PYTHONPATH": str(wheel)})


def _install(python, listing, environment):
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", listing]
    result = subprocess.run(command, check=False, env=environment, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        raise Failure(f"pip could not install the requirements, is the network there? It says: {_error(result.stderr)}")


def _error(output):
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    return (errors or output.splitlines() or ["nothing"])[-1]
