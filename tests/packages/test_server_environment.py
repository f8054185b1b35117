import sys
from pathlib import Path

from lib.odoo_server import Odoo
from lib.templates import INSTALLED, begin_with
from lib.venv import find_beside

INSTALL = """
env["ir.module.module"].update_list()
env["ir.module.module"].search([("name", "=", "server_environment")]).button_immediate_install()
"""
READ = """
company = env["res.company"].create({"name": "Province", "kho_dl_unit_code": "H46", "kho_dl_username": "h46"})
ward = env["res.company"].create({"name": "Ward", "parent_id": company.id})
print("password:", env["kho.dl.gateway"]._settings(ward).directory.account.password)
print("kept:", company.kho_dl_password, ward.kho_dl_password)
print("said:", env["res.config.settings"].with_context(lang="en_US").with_company(ward).create({"company_id": ward.id}).kho_dl_outside["kho_dl_password"])
"""


def test_a_password_comes_from_the_files_of_server_environment(source, folder, environment, database, pins):
    run = folder / "run_server_environment"
    run.mkdir()
    variables = {**environment, "SERVER_ENV_CONFIG": "[kho_dl]\nh46_password = 100%%s\n"}
    odoo = Odoo(source, Path(sys.executable), run, variables, database, beside=find_beside(pins))
    begin_with(odoo, INSTALLED)
    odoo.shell(INSTALL)
    printed = odoo.shell(READ)
    for words in (
        # As it is written there: no percent sign means anything.
        "password: 100%%s",
        "kept: False False",
        "said: Comes from KHO_DL_H46_PASSWORD, outside the database.",
    ):
        assert words in printed
