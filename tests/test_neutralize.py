from odoo.modules.neutralize import get_neutralization_queries

from .common import KhoDLCase


class TestNeutralize(KhoDLCase):
    def test_a_copy_knows_no_account_and_reaches_nobody(self):
        self.make_wizard(self.make_case()).action_search()
        self.company.sudo().write({"kho_dl_scanner_address": "127.0.0.1:3310", "kho_dl_health_token": "secret"})
        self.env["res.config.settings"].create({}).action_kho_dl_test_connection()
        self.env.flush_all()
        for query in get_neutralization_queries(["kho_dl"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        company = self.company.sudo()
        for name in (
            "ss_url",
            "username",
            "password",
            "papers_username",
            "papers_password",
            "scanner_address",
            "health_token",
            "tested_key",
        ):
            self.assertFalse(company[f"kho_dl_{name}"], name)
        self.assertFalse(self.env["kho.dl.token"].sudo().search([]))
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        self.assertEqual(wizard.query_id.error_kind, "settings_incomplete")
