"""Databases that are installed once for each state of Odoo and of the add-on, and copied by every run."""

import ast
import functools
import hashlib
import os
import shutil

from .cache import CHECKOUT, built, cache_dir, digest, locked_if_free
from .console import step
from .odoo_server import Odoo
from .postgres import copy_database, private_postgres

# What the add-on needs of Odoo's own, without it; and with it. The former with Odoo's demo data, for itself.
PLAIN, INSTALLED, DEMO = "kho_dl_plain", "kho_dl_template", "kho_dl_plain_demo"
_PLAIN_ADDONS = ",".join(ast.literal_eval((CHECKOUT / "__manifest__.py").read_text())["depends"])
# What an installation reads of the checkout.
_READ = (
    "__init__.py", "__manifest__.py", "hooks.py", "controllers", "data", "i18n", "i18n_extra", "inspection", "models", "protocol",
    "sealing", "security", "static/description", "views", "wizard",
)  # fmt: skip
# Scripts and styles for the browser, which each server would make anew, and each browser test, which then rolls them back.
_MAKE_SCRIPTS = """
pages = env["ir.qweb"]
scripts, styles = pages._get_bundles_to_pregenarate()
# Opened by no test of ours, and most of the work.
unused = {
    "api_doc.assets", "mail.assets_public", "web.assets_unit_tests", "web.assets_unit_tests_setup", "web.assets_web_dark",
    "web.tests_assets",
}
# Named by no page: scripts ask for them.
asked = {
    "bus.websocket_worker_assets", "web.assets_backend_lazy", "web.assets_emoji", "web.chartjs_lib", "web_tour.interactive",
}
for name in (scripts | asked) - unused:
    pages._get_asset_bundle(name, css=False, js=True).js()
for name in (styles | {"web.assets_backend_lazy"}) - unused:
    pages._get_asset_bundle(name, css=True, js=False).css()
env.cr.commit()
"""
# So many states of the add-on are kept: branches that take turns.
_KEPT = 4


def postgres_folder(source, python, name=INSTALLED):
    """Return the data of a PostgreSQL at rest, with which a server begins: that of DEMO, or that of PLAIN and INSTALLED."""
    return _template(source, python, name) / "postgres"


def begin_with(odoo, name):
    """Make the database of ``odoo`` a copy of ``name``; its PostgreSQL began with `postgres_folder`."""
    copy_database(name, odoo.database, odoo.postgres, odoo.python)
    add_files(odoo, name, _template(odoo.source, odoo.python, name))


def make_scripts(odoo):
    """Make scripts and styles where they are not there; those made before count only for files of the very same time."""
    odoo.shell(_MAKE_SCRIPTS)


def add_files(odoo, name, folder):
    """Give the database of ``odoo`` the files of ``name``, whose are in ``folder``."""
    shutil.copytree(_files(folder, name), _files(odoo.folder, odoo.database), dirs_exist_ok=True)


@functools.cache
def _template(source, python, name):
    plain_state = digest([str(source), str(python), _PLAIN_ADDONS])
    if name == DEMO:
        return built(
            cache_dir() / f"demo-{plain_state}", lambda new: _make_plain(source, python, new, DEMO, "--with-demo")
        )
    plain = built(cache_dir() / f"plain-{plain_state}", lambda new: _make_plain(source, python, new, PLAIN))
    state = digest([plain_state, _state_of_addon()])
    made = built(cache_dir() / f"template-{state}", lambda new: _make_installed(source, python, plain, new))
    os.utime(made)
    _forget_old()
    return made


def _state_of_addon():
    found = hashlib.sha256()
    for path in sorted(path for name in _READ for path in [CHECKOUT / name, *(CHECKOUT / name).rglob("*")]):
        if path.is_file() and "__pycache__" not in path.parts:
            found.update(f"{path.relative_to(CHECKOUT)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return found.hexdigest()


def _make_plain(source, python, folder, name, *options):
    with step("Making a database of Odoo's own add-ons"), private_postgres(folder / "postgres", python) as server:
        Odoo(source, python, folder, server.environment, name).install(*options, addon=_PLAIN_ADDONS)


def _make_installed(source, python, plain, folder):
    begin = plain / "postgres"
    shutil.copytree(_files(plain, PLAIN), _files(folder, PLAIN))
    with step("Making a database with the add-on"), private_postgres(folder / "postgres", python, begin) as server:
        # In one go, as on a new system: what Odoo installs by itself comes after it.
        odoo = Odoo(source, python, folder, server.environment, INSTALLED)
        odoo.install("--load-language=vi_VN")
        make_scripts(odoo)


def _files(folder, database):
    return folder / "data/filestore" / database


def _forget_old():
    newest_first = sorted(cache_dir().glob("template-*/"), key=lambda path: path.stat().st_mtime, reverse=True)
    for folder in newest_first[_KEPT:]:
        with locked_if_free(folder) as is_ours:
            if is_ours:
                shutil.rmtree(folder, ignore_errors=True)
