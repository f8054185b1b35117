"""The Python environment with Odoo's requirements and the test tools, shared by all checkouts."""

import contextlib
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from .apt import Apt
from .cache import built, cache_dir, digest
from .console import Failure, step


def find_python(pins, group="python"):
    """The interpreter of the environment that matches the pins of ``group``, made if there is none yet."""
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    interpreter = _interpreter(version)
    requirements = pins[group]["requirements"]
    alone = pins[group].get("alone", [])
    # The interpreter is part of the key: a venv is a link to it.
    name = f"venv-{version}-{digest([interpreter, requirements, *alone])}"
    return built(cache_dir() / name, lambda folder: _make(folder, requirements, interpreter, alone)) / "bin/python"


def find_beside(pins):
    """The folder with the add-ons of others that `Odoo.beside` takes, made if there is none yet."""
    requirements = pins["beside"]["requirements"]
    return built(cache_dir() / f"beside-{digest(requirements)}", partial(_fetch, find_python(pins), requirements))


def find_older_python(pins, name):
    """The same for the older set of pins ``name``; None where this machine has no such Python."""
    version, requirements = pins["older"][name]["python"], pins["older"][name]["requirements"]
    interpreter = _interpreter(version)
    if not interpreter:
        return None
    folder = cache_dir() / f"venv-{version}-{digest([interpreter, requirements])}"
    return built(folder, lambda made: _make(made, requirements, interpreter)) / "bin/python"


def _interpreter(version):
    # A distribution compiles its own with a profile of what Python does most; one that pyenv compiled is slower by a fourth.
    distributions = f"/usr/bin/python{version}"
    with contextlib.suppress(OSError, subprocess.CalledProcessError):
        subprocess.run([distributions, "-c", "import ensurepip, ssl, venv"], check=True, stderr=subprocess.DEVNULL)
        return distributions
    if version == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return sys.executable
    found = shutil.which(f"python{version}")
    # A shim of pyenv stands for every version, also for those that are not chosen.
    kept = sorted((Path.home() / ".pyenv/versions").glob(f"{version}.*/bin/python{version}"))
    return str(kept[-1]) if kept else found


def _make(folder, requirements, interpreter, alone=()):
    with step(f"Making a Python environment with {len(requirements) + len(alone)} packages in {folder}"):
        subprocess.run([interpreter, "-m", "venv", "--symlinks", "--without-pip", folder], check=True)
        listing = folder / "requirements.txt"
        listing.write_text("\n".join(requirements) + "\n")
        python = folder / "bin/python"
        pip = [python, "-m", "ensurepip", "--default-pip"]
        if not subprocess.run(pip, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False).returncode:
            _install(python, listing, os.environ, alone)
            return
        # Debian's Python comes without pip; a package of the same suite has it as a wheel, which runs as it is.
        with Apt(folder / "apt") as apt:
            apt.unpack(["python3-pip-whl"], apt.folder)
            wheel = next(apt.folder.glob("usr/share/python-wheels/pip-*.whl"))
            _install(python, listing, {**os.environ, "PYTHONPATH": str(wheel)}, alone)


def _fetch(python, requirements, folder):
    with step(f"Fetching {len(requirements)} packages into {folder}"):
        _pip(python, ["--no-deps", "--target", folder, *requirements], os.environ)


def _install(python, listing, environment, alone):
    for wanted in filter(None, (["--requirement", listing], alone and ["--no-deps", *alone])):
        _pip(python, wanted, environment)


def _pip(python, wanted, environment):
    pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    result = subprocess.run([*pip, *wanted], check=False, env=environment, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        raise Failure(f"pip could not install the packages, is the network there? It says: {_error(result.stderr)}")


def _error(output):
    errors = [line for line in output.splitlines() if line.startswith("ERROR")]
    return (errors or output.splitlines() or ["nothing"])[-1]
