import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from conftest import rows
from lib.odoo_server import Odoo
from lib.postgres import postgres
from lib.templates import INSTALLED, PLAIN, begin_with

# What PostgreSQL holds: tables, columns, indexes, constraints, functions, triggers, sequences.
SCHEMA = """
    SELECT 'table ' || table_name FROM information_schema.tables WHERE table_schema = 'public'
    UNION SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns WHERE table_schema = 'public'
    UNION SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = 'public'
    UNION SELECT 'constraint ' || conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
    UNION SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal
    UNION SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = 'public'
"""
# What other tables hold that names us.
TRACES = {
    "ir.model.data": "SELECT count(*) FROM ir_model_data WHERE module = 'kho_dl'",
    "notes under other modules": "SELECT string_agg(module || '.' || name, ' ') FROM ir_model_data WHERE name ~ '_kho_dl_' AND module <> 'kho_dl'",
    "ir.model.constraint": "SELECT string_agg(name, ' ') FROM ir_model_constraint WHERE name LIKE '%kho_dl%'",
    "ir.model": "SELECT count(*) FROM ir_model WHERE model LIKE 'kho.dl%'",
    "ir.cron": "SELECT count(*) FROM ir_cron WHERE cron_name LIKE 'Kho DL%'",
    "ir.sequence": "SELECT count(*) FROM ir_sequence WHERE code LIKE 'kho.dl%'",
    "ir.attachment": "SELECT count(*) FROM ir_attachment WHERE res_model LIKE 'kho.dl%'",
    "mail.message": "SELECT count(*) FROM mail_message WHERE model LIKE 'kho.dl%'",
    "mail.followers": "SELECT count(*) FROM mail_followers WHERE res_model LIKE 'kho.dl%'",
    "mail.activity": "SELECT count(*) FROM mail_activity WHERE res_model LIKE 'kho.dl%'",
    "ir.config_parameter": "SELECT count(*) FROM ir_config_parameter WHERE key LIKE 'kho_dl%'",
    "res.groups": "SELECT count(*) FROM res_groups WHERE name->>'en_US' LIKE 'Kho DL%'",
    "ir.ui.view": "SELECT count(*) FROM ir_ui_view WHERE model LIKE 'kho.dl%'",
    "ir.filters": "SELECT count(*) FROM ir_filters WHERE model_id LIKE 'kho.dl%'",
    "ir.exports": "SELECT count(*) FROM ir_exports WHERE resource LIKE 'kho.dl%'",
    "base_import.mapping": "SELECT count(*) FROM base_import_mapping WHERE res_model LIKE 'kho.dl%'",
    "mail.message.subtype": "SELECT count(*) FROM mail_message_subtype WHERE res_model LIKE 'kho.dl%'",
    "ir.actions.act_window": "SELECT count(*) FROM ir_act_window WHERE res_model LIKE 'kho.dl%'",
    "mail.activity.type": "SELECT count(*) FROM mail_activity_type WHERE res_model LIKE 'kho.dl%'",
    "mail.template": "SELECT count(*) FROM mail_template WHERE model LIKE 'kho.dl%'",
    "auth.oauth.provider": "SELECT count(*) FROM auth_oauth_provider WHERE name = 'Sign-in of ours'",
    "ir.ui.menu": "SELECT count(*) FROM ir_ui_menu WHERE name->>'en_US' = 'Cases of ours'",
}
REMOVE = """
env["ir.module.module"].search([("name", "=", "kho_dl")]).button_immediate_uninstall()
"""
USE = """
env["res.company"].search([])[:1].kho_dl_unit_code = "H46"
procedure = env["kho.dl.procedure"].create({"code": "1.1", "name": "x", "document_ids": [(0, 0, {"name": "Paper"})]})
owner = env["res.partner"].create({"name": "Applicant"})
case = env["kho.dl.case"].create({"procedure_id": procedure.id, "owner_id": owner.id, "date_received": "2026-01-01"})
case.message_post(body="Removed soon")
env["ir.attachment"].create({"name": "case.pdf", "raw": b"of the case", "res_model": case._name, "res_id": case.id})
case.activity_schedule("mail.mail_activity_data_todo", user_id=env.uid)
document = case.document_ids[:1]
document.write({"attachment_ids": [(0, 0, {"name": "only-here.pdf", "raw": b"%PDF-1.4 only here %%EOF"})]})
paper = env["kho.dl.paper"].create({"result_code_id": env["kho.dl.result.code"].create({"code": "K", "name": "K"}).id,
    "owner_id": owner.id, "owner_id_number": "000190000011", "number": "1", "date_issued": "2026-01-15", "case_id": case.id})
env["ir.attachment"].create({"name": "paper.pdf", "raw": b"of the paper", "res_model": paper._name, "res_id": paper.id})
env["ir.filters"].create({"name": "Mine", "model_id": case._name, "domain": "[]", "context": "{}"})
env["ir.exports"].create({"name": "Mine", "resource": case._name, "export_fields": [(0, 0, {"name": "name"})]})
env["base_import.mapping"].create({"res_model": case._name, "column_name": "A", "field_name": "name"})
env["mail.message.subtype"].create({"name": "Mine", "res_model": case._name})
action = env["ir.actions.act_window"].create({"name": "Mine", "res_model": case._name})
env["ir.ui.menu"].create({"name": "Cases of ours", "action": f"ir.actions.act_window,{action.id}"})
env["kho.dl.case.message"].create({"case_id": case.id, "body": "Come to the counter"})
draft = {"is_draft": True, "channel": "2", "procedure_id": procedure.id, "owner_id": owner.id, "name": "NHAP-1"}
env["kho.dl.case"].create(draft).activity_schedule("kho_dl.mail_activity_type_applicant", user_id=env.uid)
env["kho.dl.mandate"]._journal({"kind": "lawful", "until": "2099-01-01", "company_id": env.company.id})
provider = {"name": "Sign-in of ours", "body": "Sign in", "kho_dl_company_id": env.company.id, "scope": "openid"}
citizen = env["res.users"].create({"name": "An", "login": "an", "group_ids": [(6, 0, env.ref("base.group_portal").ids)]})
citizen.write({"oauth_provider_id": env["auth.oauth.provider"].create(provider).id, "oauth_uid": "an"})
env.cr.commit()
print("key:", env["kho.dl.case"].search_count([]), len(document.attachment_ids))
"""
KEPT = """
for file in env["ir.attachment"].search([("name", "in", ["only-here.pdf", "case.pdf", "paper.pdf"])], order="name"):
    print("key:", file.name, env[file.res_model].browse(file.res_id).name)
"""

# A question that nobody answers, and a case by hand: both name people of the demo.
ASK = """
env["res.company"].search([]).write({"kho_dl_ss_url": "http://127.0.0.1:9"})
case = env.ref("kho_dl.case_an")
clerk = env["res.users"].search([("login", "=", "clerk")])
form = env["kho.dl.retrieve.wizard"].with_user(clerk).create({"case_id": case.id, "consent_given": True})
form.action_search()
env["kho.dl.case"].with_user(clerk).create({"procedure_id": case.procedure_id.id, "owner_id": case.owner_id.id})
env.cr.commit()
"""
PEOPLE = """
everybody = env["res.users"].with_context(active_test=False)
print("key:", everybody.search([("login", "in", ["clerk", "khodl_admin", "auditor"])]).mapped("login"))
print("key:", env["res.partner"].with_context(active_test=False).search([("name", "=", "Nguyễn Thị An")]).mapped("name"))
"""


def lines(printed, start):
    return [line.removeprefix(start).strip() for line in printed.splitlines() if line.startswith(start)]


@pytest.fixture
def odoo(source, folder, environment, database):
    run = Path(tempfile.mkdtemp(dir=folder))
    return Odoo(source, Path(sys.executable), run, environment, database)


def traces(odoo):
    found = {name: rows(odoo.postgres, odoo.database, query) for name, query in TRACES.items()}
    return [f"{name} {left}" for name, [(left,)] in found.items() if left]


def remains_on_disk(odoo):
    odoo.shell('env["ir.attachment"]._gc_file_store(); env.cr.commit()')
    command = ["grep", "-rl", "only here", odoo.folder / "data"]
    return subprocess.run(command, check=False, capture_output=True, timeout=60).stdout


def test_nothing_is_left_behind(odoo):
    before = rows(odoo.postgres, PLAIN, SCHEMA)
    begin_with(odoo, INSTALLED)
    assert len(rows(odoo.postgres, odoo.database, SCHEMA)) > len(before)
    odoo.shell(USE)
    assert traces(odoo)
    assert remains_on_disk(odoo)
    odoo.shell(REMOVE)
    assert set(rows(odoo.postgres, odoo.database, SCHEMA)) - set(before) == set()
    assert traces(odoo) == []
    assert remains_on_disk(odoo) == b""


def test_what_a_person_chose_to_keep_stays(odoo):
    begin_with(odoo, INSTALLED)
    odoo.shell(USE + 'env["res.config.settings"].create({"kho_dl_keep_files": True}).execute()\nenv.cr.commit()')
    odoo.shell(REMOVE)
    assert traces(odoo) == []
    assert remains_on_disk(odoo)
    assert lines(odoo.shell(KEPT), "key:") == [
        "case.pdf Applicant",
        "only-here.pdf Applicant",
        "paper.pdf Applicant",
    ]


def test_the_demo_leaves_no_login_and_nobody_behind(demo):
    with postgres(demo.odoo.folder / "postgres", demo.odoo.python) as environment:
        odoo = replace(demo.odoo, postgres=environment)
        odoo.shell(ASK)
        odoo.shell(REMOVE)
        assert traces(odoo) == []
        assert lines(odoo.shell(PEOPLE), "key:") == ["[]", "[]"]
        assert "bad query" not in odoo.log.read_text()
