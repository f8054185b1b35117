from odoo import Command
from odoo.exceptions import UserError

from .common import AN, CITIZEN_CARD, CRIMINAL_RECORD, LAND, KhoDLCase


class TestWhy(KhoDLCase):
    """What would be asked, without asking."""

    users = {
        "administrator": {"login": "why_admin", "groups": "kho_dl.group_administrator"},
    }

    def look(self, number=AN):
        why = (
            self.env["kho.dl.why"]
            .with_user(self.administrator)
            .create({"procedure_id": self.procedure.id, "owner_id_number": number})
        )
        why.action_look()
        return {line.document_id.name: line for line in why.line_ids}, why

    def enter_paper(self):
        paper = self.env["kho.dl.paper"].create(
            {
                "result_code_id": self.codes[CRIMINAL_RECORD].id, "owner_id_number": AN, "owner_name": "An",
                "number": "1", "date_issued": "2026-01-01",
                "attachment_ids": [Command.create({"name": "a.pdf", "raw": b"%PDF-1.4 %%EOF"})],
            }
        )  # fmt: skip
        paper.action_enter()
        return paper

    def test_each_document_says_what_happens_and_why(self):
        self.procedure.document_ids[0].is_reusable = False
        card = self.procedure.document_ids.filtered(lambda document: document.result_code_ids.code == CITIZEN_CARD)
        card.result_code_ids = False
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land", "holds_many": True})
        self.env["kho.dl.procedure.document"].create(
            {"procedure_id": self.procedure.id, "name": "Land", "result_code_ids": [Command.set(land.ids)]}
        )
        lines, why = self.look()
        outcomes = {name: line.outcome for name, line in lines.items()}
        self.assertEqual(outcomes["Application form"], "not_reusable")
        self.assertEqual(outcomes["Citizen card"], "unmapped")
        self.assertEqual(outcomes["Land"], "number")
        record = lines["Criminal record certificate no. 1"]
        self.assertEqual(record.outcome, "asked")
        self.assertIn(CRIMINAL_RECORD, record.codes)
        self.assertIn("VN:GOV:000.00.00.G15:g15ss01", record.servers)
        self.assertEqual(
            why.summary,
            "Of 7 documents, 4 would be asked for. 1 more only when the number on the paper is typed.",
        )
        self.assertFalse(self.simulator.requests())

    def test_what_is_said_to_be_asked_is_what_the_form_asks(self):
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land", "holds_many": True})
        both = land + self.codes[CITIZEN_CARD]
        documents = self.env["kho.dl.procedure.document"].create(
            [
                {"procedure_id": self.procedure.id, "name": "Land or card", "result_code_ids": [Command.set(both.ids)]},
                {"procedure_id": self.procedure.id, "name": "Land", "result_code_ids": [Command.set(land.ids)]},
            ]
        )
        lines, why = self.look()
        self.make_wizard(self.make_case()).action_search()
        [body] = self.asked()
        asked = [row["MaKetQua"] for row in body["DanhSachDanhMucKetQua"]]
        for name, line in lines.items():
            for words in (line.codes or "").splitlines():
                code = words.split()[0]
                with self.subTest(name=name, code=code):
                    self.assertEqual(code in asked, "only when its number is typed" not in words)
        self.assertEqual(lines["Land or card"].outcome, "asked")
        self.assertEqual(lines["Land"].outcome, "number")
        self.assertIn("1 more only", why.summary)
        self.assertEqual(len(documents), 2)

    def test_our_own_papers_are_named(self):
        paper = self.enter_paper()
        lines, _why = self.look()
        line = lines["Criminal record certificate no. 1"]
        self.assertEqual((line.outcome, line.own), ("own", paper.display_name))

    def test_a_copy_of_a_paper_that_was_revoked_is_none_of_ours(self):
        paper = self.enter_paper()
        case = self.make_case()
        self.attach_all(case)
        case.sudo().state = "9"
        paper._revoke("wrong")
        self.assertFalse(self.document(self.make_case(), CRIMINAL_RECORD)._own_papers().popitem()[1])
        lines, _why = self.look()
        line = lines["Criminal record certificate no. 1"]
        self.assertEqual((line.outcome, line.own or ""), ("asked", ""))

    def test_the_paper_of_an_earlier_case_is_named_with_the_case(self):
        case = self.make_case()
        document = self.document(case, CRIMINAL_RECORD)
        document.sudo().attachment_ids = [Command.create({"name": "a.pdf", "raw": b"%PDF-1.4 %%EOF"})]
        self.assertEqual(self.look()[0][document.name].outcome, "asked")
        case.sudo().state = "9"
        line = self.look()[0][document.name]
        self.assertEqual((line.outcome, line.own), ("own", f"case {case.name}"))
        self.assertFalse(self.env["kho.dl.case"].search([("procedure_id", "=", self.procedure.id)]) - case)

    def test_a_number_that_is_none(self):
        with self.assertRaises(UserError):
            self.look("123")
