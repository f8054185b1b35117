"""A database with what the add-on depends on, made once a version: test runs begin from a copy of it."""

import ast
import subprocess

from .cache import CHECKOUT, built, cache_dir, digest
from .console import step
from .odoo_server import Odoo
from .postgres import postgres

LANGUAGE = "--load-language=vi_VN"


def copy_template(source, python, folder, database):
    """Put a PostgreSQL cluster and Odoo's files into ``folder``, with the add-on not yet installed in ``database``."""
    manifest = ast.literal_eval((CHECKOUT / "__manifest__.py").read_text())
    key = digest([str(source), str(python), manifest["depends"], database])
    template = built(
        cache_dir() / f"template-{key}", lambda new: _make(source, python, new, database, manifest["depends"])
    )
    # cp keeps the owner, which PostgreSQL insists on.
    subprocess.run(["cp", "-a", template / "postgres", template / "data", folder], check=True)


def _make(source, python, folder, database, modules):
    with (
        step("Making a database of Odoo without the add-on, once: test runs begin from a copy"),
        postgres(folder / "postgres", python, durable=False) as environment,
    ):
        Odoo(source, python, folder, environment, database).install(modules, LANGUAGE)
