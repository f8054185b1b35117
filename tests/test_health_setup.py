from datetime import timedelta

from odoo import Command, fields
from odoo.tests import freeze_time

from .common import KhoDLCase

STEPS = ["address", "account", "test", "directory", "catalogue", "mapping", "acceptance"]


class TestHealthSetup(KhoDLCase):
    def settings(self, company=None):
        self.env.flush_all()
        return self.env["res.config.settings"].create({"company_id": (company or self.company).id})

    def states(self, company=None):
        return [step["state"] for step in self.settings(company).kho_dl_setup.values()]

    def step(self, name):
        """Return (state, words) of a step."""
        step = self.settings().kho_dl_setup[name]
        return step["state"], step["words"]

    def test_a_new_company_has_everything_before_it(self):
        company = self.env["res.company"].create({"name": "New agency"})
        self.assertEqual(list(self.settings(company).kho_dl_setup), STEPS)
        # Directory and procedures are those of all companies.
        self.procedure.company_id = self.company
        self.env["kho.dl.procedure"].search([("company_id", "=", False)]).active = False
        self.assertEqual(self.states(company), ["todo", "todo", "todo", "done", "todo", "todo", "todo"])
        self.assertFalse(self.simulator.requests())

    def test_address_and_account(self):
        self.assertEqual(self.step("address"), ("done", f"{self.simulator.url}, as H46"))
        self.assertEqual(self.step("account"), ("done", "h46"))
        self.company.kho_dl_unit_code = False
        self.assertEqual(self.step("address")[0], "todo")
        self.company.write({"kho_dl_unit_code": "H46", "kho_dl_password": False})
        self.assertEqual((self.step("account")[0], self.step("test")[0]), ("todo", "todo"))

    def test_an_account_that_has_ended_is_said(self):
        self.company.kho_dl_account_valid_until = fields.Date.today() + timedelta(days=400)
        state, words = self.step("account")
        self.assertEqual((state, "h46" in words, "until" in words), ("done", True, True))
        self.company.kho_dl_account_valid_until = fields.Date.today() - timedelta(days=2)
        self.assertEqual(self.step("account")[0], "failed")

    def test_a_refused_account_is_said(self):
        self.company.kho_dl_password = "wrong"
        self.make_wizard(self.make_case()).action_search()
        state, words = self.step("account")
        self.assertEqual(state, "failed")
        self.assertIn("refused", words)

    def test_what_was_refused_before_tells_nothing_of_a_new_account(self):
        self.company.kho_dl_password = "wrong"
        self.make_wizard(self.make_case()).action_search()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self.company.kho_dl_password = "another"
            self.assertEqual(self.step("account")[0], "done")

    def test_a_test_that_is_refused_is_a_refusal(self):
        self.company.kho_dl_papers_username = "nobody"
        self.settings().action_kho_dl_test_connection()
        self.assertEqual((self.step("account")[0], self.step("test")[0]), ("failed", "failed"))
        health = self.env["kho.dl.health"].browse(self.company.id)
        self.assertEqual((health.level, health.troubles[0]["kind"]), ("danger", "account_refused"))

    def test_another_way_of_the_destination_code_is_to_be_tested_anew(self):
        self.settings().action_kho_dl_test_connection()
        self.company.kho_dl_dstcode_in = "both"
        self.assertEqual(self.step("test")[0], "todo")

    def test_the_last_test_is_kept(self):
        self.assertEqual(self.step("test")[0], "todo")
        self.settings().action_kho_dl_test_connection()
        self.assertEqual(self.step("test")[0], "done")
        self.company.kho_dl_password = "wrong"
        state, words = self.step("test")
        self.assertEqual((state, "changed" in words), ("todo", True))
        said = self.settings().action_kho_dl_test_connection()["params"]["message"]
        state, words = self.step("test")
        self.assertEqual((state, said in words), ("failed", True))

    def test_a_test_that_works_ends_the_warning_of_a_refusal(self):
        self.simulator.order("papers", "unauthorized", times=2)
        self.make_wizard(self.make_case()).action_search()
        self.assertEqual(self.step("account")[0], "failed")
        with freeze_time(fields.Datetime.now() + timedelta(minutes=1)):
            self.settings().action_kho_dl_test_connection()
            self.assertEqual(self.step("account")[0], "done")

    def test_the_directory(self):
        self.assertEqual(self.step("directory")[0], "done")
        self.simulator.order("directory", "broken_json")
        self.settings().action_kho_dl_refresh_directory()
        state, words = self.step("directory")
        self.assertEqual(state, "failed")
        self.assertIn("stays as it was", words)
        self.env["kho.dl.directory.refresh"].sudo().search([]).unlink()
        self.assertEqual(self.step("directory")[0], "todo")

    def test_a_run_of_the_catalogue(self):
        self.settings().action_kho_dl_sync_catalogue()
        run = self.env["kho.dl.catalogue.sync"].sudo().search([], limit=1)
        self.assertEqual((run.company_id, self.step("catalogue")[0]), (self.company, "todo"))
        run.write({"state": "failed", "error": "No such service", "ended_on": fields.Datetime.now()})
        self.assertEqual(self.step("catalogue"), ("failed", "No such service"))
        troubles = self.env["kho.dl.health"].browse(self.company.id).troubles
        self.assertEqual([trouble["kind"] for trouble in troubles], ["catalogue"])
        run.write({"state": "done", "error": False})
        self.assertEqual(self.step("catalogue")[0], "done")

    def test_an_acceptance_run(self):
        self.assertEqual(self.step("acceptance")[0], "todo")
        run = self.env["kho.dl.acceptance"].sudo().create({"company_id": self.company.id})
        self.assertEqual(self.step("acceptance")[0], "todo")
        run.write(
            {
                "state": "done",
                "started_on": fields.Datetime.now(),
                "step_ids": [Command.create({"kind": "papers", "state": "passed"})],
            }
        )
        state, words = self.step("acceptance")
        self.assertEqual((state, "1 steps passed" in words), ("done", True))
        run.step_ids.state = "failed"
        self.assertEqual(self.step("acceptance")[0], "failed")
        self.env["kho.dl.acceptance"].sudo().create(
            {"company_id": self.env["res.company"].create({"name": "Other"}).id}
        )
        self.assertEqual(self.step("acceptance")[0], "failed")

    def test_catalogue_and_mapping(self):
        others = self.env["kho.dl.procedure"].search([]) - self.procedure
        others.active = False
        self.assertEqual(self.step("catalogue"), ("done", "1 procedures with 6 documents"))
        state, words = self.step("mapping")
        self.assertEqual((state, "5 of 6" in words, "83 %" in words), ("todo", True, True))
        self.procedure.document_ids.filtered(lambda document: not document.result_code_ids).is_reusable = False
        state, words = self.step("mapping")
        self.assertEqual((state, "100 %" in words), ("done", True))
