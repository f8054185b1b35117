from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import AN, BINH, CRIMINAL_RECORD, LAND, KhoDLCase
from .inspection.authority import Authority, pdf
from .test_lookup_counter import CounterTours


@tagged("-at_install", "post_install")
class TestAskForOne(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.land = self.env["kho.dl.result.code"].create(
            {"code": LAND, "name": "Land certificate", "holds_many": True}
        )
        self.procedure.document_ids = [
            Command.create({"name": "Land certificate", "result_code_ids": [Command.set(self.land.ids)]})
        ]

    # Proves J.4-2.
    def test_the_paper_of_a_number_is_asked_for_alone(self):
        case = self.make_case(BINH)
        wizard = self.make_wizard(case)
        line = wizard.document_ids.filtered("needs_number")
        line.paper_number = "CH 00123"
        action = line.action_ask()
        self.assertEqual((action["res_model"], action["res_id"]), (wizard._name, wizard.id))
        [body] = self.asked()
        self.assertEqual([row.get("SoKyHieu") for row in body["DanhSachDanhMucKetQua"]], ["CH 00123"])
        self.assertEqual(set(wizard.line_ids.case_document_id.mapped("name")), {"Land certificate"})
        self.assertIn("ask", wizard.document_ids.mapped("plan"))
        # Again, as an impatient hand or a scanner does: nobody is asked what was answered.
        line.action_ask()
        self.assertEqual(len(self.asked()), 1)
        # The rest is asked for on demand, and the answer of the number stays.
        wizard.action_search()
        self.assertEqual(len(self.asked()), 2)
        self.assertNotIn("CH 00123", [row.get("SoKyHieu") for row in self.asked()[1]["DanhSachDanhMucKetQua"]])
        self.assertIn("Land certificate", wizard.line_ids.case_document_id.mapped("name"))

    def test_nobody_is_asked_without_consent_or_number(self):
        case = self.make_case(BINH)
        wizard = self.make_wizard(case, consent_given=False)
        line = wizard.document_ids.filtered("needs_number")
        for number in (False, "CH 00123"):
            line.paper_number = number
            with self.subTest(number), self.assertRaises(UserError):
                line.action_ask()
        self.assertFalse(self.asked())


@tagged("-at_install", "post_install")
class TestKeptTours(CounterTours):
    # Proves J.4-3.
    def test_a_case_is_finished_and_set_back_on_the_screen(self):
        case = self.make_case(AN)
        self.start("kho_dl_finish_with_reason", case)
        rows = self.env["kho.dl.case.decision"].search([("case_id", "=", case.id)], order="id")
        self.assertEqual(
            rows.mapped(lambda row: (row.kind, row.state_before, row.state_after, row.reason)),
            [
                ("finished", "1", "9", "The original was shown"),
                ("back", "9", "4", "Pressed by mistake"),
                ("back", "4", "2", False),
            ],
        )
        self.assertEqual(len(case.supplement_ids), 1)

    # Proves J.4-1, J.4-5.
    def test_ticks_outlive_the_window(self):
        case = self.make_case(AN)
        self.start("kho_dl_nothing_is_lost", case)
        self.assertEqual(len(self.asked()), 1)
        document = self.document(case, CRIMINAL_RECORD)
        candidates = self.env["kho.dl.lookup"].search([("case_id", "=", case.id)]).candidate_ids
        left = candidates.filtered(lambda one: one.case_document_id == document)
        self.assertFalse(any(left.mapped("selected")))
        self.assertTrue(any((candidates - left).mapped("selected")))
        self.assertFalse(case.document_ids.attachment_ids)

    # Proves J.4-1.
    def test_a_reason_outlives_the_window(self):
        broken = Authority().sign(pdf("Amount: 1")).replace(b"/Title", b"/Titel", 1)
        self.simulator.world.put_content(self.simulator.world.link_of(AN, CRIMINAL_RECORD), broken)
        case = self.make_case(AN)
        self.start("kho_dl_reason_is_kept", case)
        self.assertFalse(self.document(case, CRIMINAL_RECORD).attachment_ids)
        candidates = self.env["kho.dl.lookup"].search([("case_id", "=", case.id)]).candidate_ids
        self.assertEqual([one.reason for one in candidates if one.reason], ["The original was shown"])

    # Proves J.4-2.
    def test_enter_in_a_number_asks_for_it(self):
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land certificate", "holds_many": True})
        self.procedure.document_ids = [
            Command.clear(),
            Command.create({"name": "Land certificate", "result_code_ids": [Command.set(land.ids)]}),
        ]
        case = self.make_case(BINH)
        self.start("kho_dl_enter_in_a_number", case)
        numbers = [row["SoKyHieu"] for body in self.asked() for row in body["DanhSachDanhMucKetQua"]]
        self.assertEqual(numbers, ["CH 00123", "CH 00456"])
