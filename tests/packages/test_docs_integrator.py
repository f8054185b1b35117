"""Everything in docs/integrator.md and docs/simulator.md runs as it is printed."""

import re
import subprocess
import sys
import urllib.request
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import lib.demo
import pytest
from documents import ROOT, block, blocks, read
from lib.main_job import Api, new_key, open_case
from lib.odoo_server import Odoo
from lib.ports import reserved_port, wait_until_open
from lib.processes import running

PAGE = "docs/integrator.md"
# An integrator's own application, as far as the page takes it for granted.
_LICENCE = """
from odoo import fields, models


class LicenceApplication(models.Model):
    _name = "licence.application"
    _description = "Application for a licence"
    _inherit = ["mail.thread"]

    partner_id = fields.Many2one("res.partner")
    id_number = fields.Char()
"""
_LICENCE_VIEW = """
<odoo>
    <record id="view_licence_application_form" model="ir.ui.view">
        <field name="model">licence.application</field>
        <field name="arch" type="xml"><form><header /><field name="partner_id" /></form></field>
    </record>
    <record id="access" model="ir.model.access">
        <field name="name">licence</field>
        <field name="model_id" ref="model_licence_application" />
        <field name="group_id" ref="base.group_user" />
        <field name="perm_read" eval="True" />
        <field name="perm_write" eval="True" />
        <field name="perm_create" eval="True" />
    </record>
</odoo>
"""
_PRESS = """
clerk = env["res.users"].search([("login", "=", "clerk")])
env = env(user=clerk.id)
owner = env["res.partner"].search([("name", "=", "Nguyễn Thị An")], limit=1)
application = env["licence.application"].create({"partner_id": owner.id, "id_number": "000190000011"})
view = env.ref("licence.view_licence_application_form")
print("button:", "action_kho_dl_retrieve" in application.get_view(view.id, "form")["arch"])
action = application.action_kho_dl_retrieve()
form = env[action["res_model"]].browse(action["res_id"])
form.consent_given = True
form.action_search()
form.action_attach()
print("told:", application.message_ids[:1].body)
"""
_EXAMPLE = ROOT / "examples/kho_dl_project"
_PRESS_ON_TASK = """
clerk = env["res.users"].search([("login", "=", "clerk")])
clerk.group_ids += env.ref("project.group_project_user")
other = env["res.users"].search([("login", "=", "auditor")])
other.group_ids += env.ref("project.group_project_user")
procedure = env["kho.dl.procedure"].search([("code", "=", "1.012289")])
project = env["project.project"].create({"name": "Licences", "kho_dl_procedure_id": procedure.id})
owner = env["res.partner"].search([("name", "=", "Nguyễn Thị An")], limit=1)
values = {"name": "An asks for a licence", "project_id": project.id, "partner_id": owner.id}
task = env["project.task"].with_user(clerk).create(values)


def buttons(user):
    view = env.ref("project.view_task_form2")
    return "action_kho_dl_retrieve" in task.with_user(user).get_view(view.id, "form")["arch"]


print("button:", buttons(clerk), buttons(other))
print("read by others:", task.with_user(other).web_read({"name": {}, "kho_dl_case_id": {}})[0]["name"])
action = task.action_kho_dl_retrieve()
form = task.env[action["res_model"]].browse(action["res_id"])
form.consent_given = True
form.action_search()
form.action_attach()
case = task.kho_dl_case_id
task.action_kho_dl_retrieve()
print("one case:", bool(case), task.kho_dl_case_id == case)
print("attached:", bool(case.document_ids.attachment_ids), case.officer_id == clerk)
print("told:", task.message_ids[:1].body, task.message_ids[:1].author_id == clerk.partner_id)
"""


class Trial(NamedTuple):
    """A running demo that nobody else uses: its Odoo and its port."""

    odoo: Odoo
    port: int


@pytest.fixture(scope="module")
def trial(demo, folder, pins):
    """A copy of the demo, with an integrator's two add-ons beside ours."""
    place = folder / "trial" / "demo"
    place.parent.mkdir()
    # PostgreSQL runs as a user of its own.
    subprocess.run(["cp", "--archive", demo.odoo.folder.parent, place], check=True)
    with lib.demo.running_demo(pins, 8700, fresh=False, place=place) as (odoo, port, _server):
        addons = folder / "trial" / "addons"
        _make_addons(addons)
        theirs = replace(odoo, addons=addons)
        theirs.install(addon=f"licence_kho_dl,{_EXAMPLE.name}")
        yield Trial(theirs, port)


def _make_addons(addons):
    addons.mkdir()
    (addons / "kho_dl").symlink_to(ROOT)
    (addons / _EXAMPLE.name).symlink_to(_EXAMPLE)
    _make_addon(addons / "licence", ["mail"], _LICENCE, _LICENCE_VIEW)
    _make_addon(
        addons / "licence_kho_dl",
        ["licence", "kho_dl"],
        block(PAGE, "python", "_prepare_kho_dl_case"),
        f"<odoo>{block(PAGE, 'xml', 'action_kho_dl_retrieve')}</odoo>",
    )


def _make_addon(addon, depends, models, views):
    addon.mkdir()
    manifest = {"name": addon.name, "depends": depends, "data": ["views.xml"], "license": "LGPL-3", "author": "A"}
    (addon / "__manifest__.py").write_text(repr(manifest))
    (addon / "__init__.py").write_text("from . import models\n")
    (addon / "models.py").write_text(models, encoding="utf-8")
    (addon / "views.xml").write_text(views, encoding="utf-8")


def test_nothing_of_the_page_is_left_out():
    kinds = [(each.language, each.text.splitlines()[0]) for each in blocks(PAGE)]
    assert [kind for kind, _line in kinds] == ["python", "xml", "python", "python", "python"], kinds


# Proves J.6-1.
def test_the_button_on_a_model_of_ones_own(trial):
    printed = trial.odoo.shell(_PRESS)
    assert "button: True" in printed
    assert "Phiếu lý lịch tư pháp" in printed.partition("told:")[2]


# Proves K.4-3.
def test_the_example_puts_the_button_on_tasks_of_a_project(trial):
    printed = trial.odoo.shell(_PRESS_ON_TASK)
    assert "button: True False" in printed
    assert "read by others: An asks for a licence" in printed
    assert "one case: True True" in printed
    assert "attached: True True" in printed
    told = printed.partition("told:")[2]
    assert "Phiếu lý lịch tư pháp" in told
    assert told.strip().endswith("True")


# Proves K.4-3.
def test_the_example_is_short_and_the_readme_leads_to_it():
    files = [*_EXAMPLE.glob("*.py"), *_EXAMPLE.glob("*.xml")]
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in files) < 60
    for name in ("README.md", "README.vi.md", PAGE):
        assert "examples/kho_dl_project" in read(name), name


# Proves J.6-1.
def test_the_script_and_the_finishing_of_its_case(trial):
    script, finishing = block(PAGE, "python", "form.action_search()"), block(PAGE, "python", "kho_dl_reason")
    for_state = "\nfor state in ('2', '4'):\n    case.write({'state': state})\n"
    # The shell takes a block at its blank line.
    printed = trial.odoo.shell(f"{script}\n{for_state}\n{finishing}\nprint('state:', case.state)\n")
    assert re.search(r"^found$", printed, re.MULTILINE)
    assert re.search(r"^True Phiếu lý lịch tư pháp", printed, re.MULTILINE)
    assert re.search(r"^Phiếu lý lịch tư pháp attached \['.+'\]$", printed, re.MULTILINE)
    assert "state: 9" in printed


# Proves J.6-1.
def test_the_script_on_the_external_api(trial):
    api = Api(trial.port, trial.odoo.database, new_key(trial.odoo))
    case_id = open_case(api)
    script = block(PAGE, "python", "import requests")
    key = api.headers["Authorization"].removeprefix("bearer ")
    # What a reader fills in.
    script, count = re.subn(
        r"^URL, KEY, CASE = .*$",
        f"URL, KEY, CASE = 'http://127.0.0.1:{trial.port}', {key!r}, {case_id}",
        script,
        flags=re.MULTILINE,
    )
    assert count == 1
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=180)
    assert not done.returncode, done.stderr
    assert "'sha256': '" in done.stdout


# Proves J.6-1.
def test_the_simulator_starts_and_takes_orders_as_it_says(tmp_path):
    [start, order] = [each.text for each in blocks("docs/simulator.md") if each.language == "sh"]
    with reserved_port(8780) as port:
        command = start.split()
        assert command[:3] == ["python", "-m", "simulator"]
        arguments = [str(port) if word == "8080" else word for word in command[1:]]
        with (
            open(tmp_path / "log", "w") as log,
            running([sys.executable, *arguments], cwd=ROOT, stdout=log, stderr=log) as process,
        ):
            wait_until_open(port, process, 30, "The simulator")
            ordered = order.replace(":8080", f":{port}")
            for line in re.split(r"\n(?=curl)", ordered.strip()):
                subprocess.run(["bash", "-euc", f"{line} --fail --silent"], check=True, timeout=60)
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                assert answer.status == 200


def test_the_example_of_a_test_with_the_simulator_is_python():
    [example] = [each.text for each in blocks("docs/simulator.md") if each.language == "python"]
    compile(example.replace("…", "..."), str(Path("docs/simulator.md")), "exec")
