"""The demo: its database, kept between starts, and everything that runs around it."""

import contextlib
import hashlib
import json
import os
import shutil
from dataclasses import asdict

from .cache import CHECKOUT, checkout_dir, digest, locked_if_free
from .console import Failure, say, step
from .odoo_server import Odoo
from .odoo_source import find_odoo
from .ports import HOST, reserved_port
from .postgres import drop_database, is_given, postgres
from .simulator import simulator
from .templates import DEMO, begin_with, postgres_folder
from .venv import find_python

# Nothing that Odoo loads into a database is in these.
_NOT_LOADED = {".ci", ".git", "dev", "docs", "examples", "readme", "simulator", "tests"}

POINT_AT_SIMULATOR = """
# Branches follow, and keep the codes that somebody gave them.
env["res.company"].search([("parent_id", "=", False)]).write({{
    "kho_dl_ss_url": {url!r},
    "kho_dl_unit_code": {unit_code!r},
    "kho_dl_username": {username!r},
    "kho_dl_password": {password!r},
    # Of whoever gives papers to others, anybody may check them.
    "kho_dl_serve_addresses": "127.0.0.1",
}})
# A second agency, which issues what others find: {second_agency!r} is the system behind its security server.
second = env.ref("kho_dl.company_ha_giang", raise_if_not_found=False)
if second:
    second.write({{
        "kho_dl_sync_enabled": True,
        "kho_dl_unit_code": "H22",
        "kho_dl_username": "h22",
        "kho_dl_password": "h22-demo",
        "kho_dl_own_providerurl": {second_agency!r},
    }})
# As the language loads while the server begins, Odoo knows none of these records, and leaves them in English.
env["ir.module.module"].search([("name", "in", ["mail", "portal"])])._update_translations("vi_VN")
# As on a server that was set up in Vietnamese: what nobody chose a language for, pages before the login among it.
env["ir.default"].set("res.partner", "lang", "vi_VN")
env.cr.commit()
env["kho.dl.security.server"].action_refresh()
env.cr.commit()
# In the place of VNeID, for citizens of the main company.
providers = env["auth.oauth.provider"]
stand_in = providers.search([("client_id", "=", {client_id!r})]) or providers.create({{
    "name": "VNeID (stand-in)",
    "body": "Sign in with VNeID (stand-in)",
    "client_id": {client_id!r},
    "kho_dl_client_secret": {client_secret!r},
    "kho_dl_company_id": env.ref("base.main_company").id,
    "kho_dl_number_claim": "so_dinh_danh",
    "kho_dl_levels": "2",
}})
stand_in.with_context(lang="vi_VN").body = "Đăng nhập bằng VNeID (mô phỏng)"
stand_in.kho_dl_issuer = {url!r} + "/openid"
stand_in.action_kho_dl_discover()
stand_in.enabled = True
env.cr.commit()
"""
# A system of its own beside the province's, whose papers the simulator goes on giving.
SECOND_AGENCY = "https://sotuphap.hagiang.gov.vn"


@contextlib.contextmanager
def running_demo(pins, first_port, fresh, place=None):
    """Run the demo from the first free port on; yield its :class:`Odoo`, its port and its server process.

    It is kept in a folder of this checkout, or in ``place``.
    """
    source, python = find_odoo(pins), find_python(pins)
    # Another Odoo or another PostgreSQL needs another database.
    version = digest([str(source), str(python), os.environ.get("PGHOST"), os.environ.get("PGPORT")])
    with _place(place or checkout_dir(), version, fresh) as folder, contextlib.ExitStack() as stack:
        say("→ Starting PostgreSQL, the simulator and Odoo …")
        begin = None if is_given() else postgres_folder(source, python, DEMO)
        environment = stack.enter_context(postgres(folder / "postgres", python, begin))
        odoo = Odoo(source, python, folder, environment, f"kho_dl_demo_{folder.parent.name}_{folder.name[-1]}")
        other_side = stack.enter_context(simulator(python, folder))
        _prepare_database(odoo, other_side)
        port = stack.enter_context(reserved_port(first_port))
        # What is fetched from the second agency comes from this very Odoo, through the simulated security servers.
        other_side.order("PUT", "providers", providerurl=SECOND_AGENCY, address=f"http://{HOST}:{port}")
        yield odoo, port, stack.enter_context(odoo.serving(port))


@contextlib.contextmanager
def _place(kept, version, fresh):
    """The folder of the first demo that is not running: a second demo of this checkout gets its own."""
    for number in range(1, 10):
        folder = kept / f"demo-{version}-{number}"
        with locked_if_free(folder) as ours:
            if not ours:
                continue
            if fresh:
                shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(exist_ok=True)
            yield folder
            return
    raise Failure("Nine demos of this checkout are running: stop one of them.")


def _prepare_database(odoo, other_side):
    """Create or upgrade the database if its last preparation was for other files or another simulator."""
    note = odoo.folder / "prepared.json"
    wanted = {"files": _files_digest(), "other_side": asdict(other_side)}
    done = json.loads(note.read_text()) if note.exists() else {}
    if done == wanted:
        return
    if not done:
        # What an interrupted start left may be half a database.
        drop_database(odoo.database, odoo.postgres, odoo.python)
        with step(f"Making the demo database in {odoo.folder}"):
            if not is_given():
                begin_with(odoo, DEMO)
            odoo.install("--with-demo", "--load-language=vi_VN")
    elif done["files"] != wanted["files"]:
        with step("Upgrading the demo database to the files of this checkout"):
            odoo.upgrade()
    odoo.shell(POINT_AT_SIMULATOR.format(**wanted["other_side"], second_agency=SECOND_AGENCY))
    note.write_text(json.dumps(wanted))


def _files_digest():
    """A digest of what Odoo loads from the checkout."""
    total = hashlib.sha256()
    for path in sorted(CHECKOUT.rglob("*")):
        parts = path.relative_to(CHECKOUT).parts
        if parts[0] not in _NOT_LOADED and path.is_file() and not any(part.endswith("cache__") for part in parts):
            total.update(f"{path.relative_to(CHECKOUT)}\0".encode() + path.read_bytes())
    return total.hexdigest()
