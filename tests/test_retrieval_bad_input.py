from odoo import Command
from odoo.exceptions import UserError

from .common import AN, CHAU, CRIMINAL_RECORD, DEGREE, DUNG, KhoDLCase


class TestBadInput(KhoDLCase):
    """Whatever comes from outside: a clear message or a safe value, and nothing else on the case is lost."""

    def person_with(self, papers):
        """Make the simulator's citizen Châu have exactly `papers`, in the portal's own words."""
        self.simulator.world.set_raw_papers(CHAU, papers)
        wizard = self.make_wizard(self.make_case(CHAU))
        wizard.action_search()
        return wizard

    def paper(self, **values):
        return {
            "MaKetQua": CRIMINAL_RECORD,
            "TenGiayTo": "Phiếu",
            "SoKyHieu": "1",
            "CoQuanChuQuan": "H22",
            "DanhSachTepDinhKem": [
                {"TenFile": "phieu.pdf", "DuongDan": "https://dichvucong.hagiang.gov.vn/download/1.pdf"}
            ],
            **values,
        }

    def test_owner_without_id_number(self):
        wizard = self.make_wizard(self.make_case(False))
        with self.assertRaisesRegex(UserError, "id number"):
            wizard.action_search()
        self.assertFalse(self.asked())

    def test_procedure_without_mapping(self):
        self.procedure.document_ids.result_code_ids = False
        wizard = self.make_wizard(self.make_case())
        with self.assertRaisesRegex(UserError, "administrator"):
            wizard.action_search()

    def test_procedure_without_documents(self):
        self.procedure.document_ids = False
        with self.assertRaises(UserError):
            self.make_wizard(self.make_case()).action_search()

    # Proves W.3-2.
    def test_unknown_agency_is_asked_and_never_guessed(self):
        wizard = self.person_with(
            [
                self.paper(
                    CoQuanChuQuan="X99", DanhSachTepDinhKem=[{"TenTep": "a.pdf", "DuongDan": "https://x.gov.vn/a.pdf"}]
                )
            ]
        )
        line = wizard.line_ids
        self.assertTrue(line.needs_server and line.message)
        self.assertFalse(line.selected)
        line.selected = True
        wizard.action_attach()
        self.assertEqual(line.status, "failed")
        self.assertIn("X99", line.message)
        self.assertFalse(self.simulator.requests("file"))

    def test_the_clerk_names_the_office(self):
        wizard = self.make_wizard(self.make_case(AN))
        self.env["kho.dl.security.server"].search([("code", "=", "000.00.00.H22")]).code = "000.00.00.Z99"
        wizard.action_search()
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertTrue(line.needs_server)
        line.server_id = self.env["kho.dl.security.server"].search([("code", "=", "000.00.00.Z99")])
        line.selected = True
        wizard.action_attach()
        self.assertEqual(line.status, "attached")

    # Proves W.3-4.
    def test_papers_of_every_odd_shape(self):
        wizard = self.person_with(
            [
                self.paper(DanhSachTepDinhKem=None),
                self.paper(DanhSachTepDinhKem=[]),
                self.paper(SoKyHieu=123456, TenGiayTo=None),
                None,
                "nonsense",
                {"MaKetQua": None},
                self.paper(
                    DanhSachTepDinhKem=[{"TenTep": None, "DuongDan": None}, None, {"DuongDan": "https://x.vn/1"}]
                ),
            ]
        )
        self.assertEqual(wizard.outcome, "found")
        self.assertEqual(len(wizard.line_ids), 4)
        self.assertIn("123456", wizard.line_ids.mapped("number"))
        self.assertTrue(all(line.name for line in wizard.line_ids))
        self.assertFalse(any(line.selected and not line.file_count for line in wizard.line_ids))

    def test_a_paper_without_files_cannot_be_attached(self):
        wizard = self.person_with([self.paper(DanhSachTepDinhKem=None)])
        self.assertFalse(wizard.line_ids.selected)
        self.assertIn("no_file", wizard.document_ids.mapped("plan"))
        wizard.line_ids.selected = True
        with self.assertRaises(UserError):
            wizard.action_attach()

    def test_names_from_outside_are_harmless(self):
        names = {
            "../../etc/passwd.pdf": None,
            "a\x00b\nc.pdf": None,
            "x" * 300 + ".pdf": None,
            "": None,
            None: None,
        }
        link = self.simulator.world.link_of(AN, CRIMINAL_RECORD)
        wizard = self.person_with(
            [
                self.paper(
                    SoKyHieu=str(number), DanhSachTepDinhKem=[{"TenTep": name, "DuongDan": f"{link}?n={number}"}]
                )
                for number, name in enumerate(names)
            ]
        )
        wizard.line_ids.selected = True
        wizard.action_attach()
        files = self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids
        self.assertEqual(len(files), len(names))
        for name in files.mapped("name"):
            self.assertTrue(name.endswith(".pdf"), name)
            self.assertLessEqual(len(name), 160)
            self.assertFalse(set(name) & set("/\\\n\x00"), name)

    def test_awkward_people_of_the_simulator(self):
        case = self.make_case(DUNG)
        self.document(case, DEGREE).write(
            {"attachment_ids": [Command.create({"name": "kept.pdf", "raw": b"%PDF-1.4 kept"})]}
        )
        wizard = self.make_wizard(case)
        wizard.action_search()
        self.assertEqual(wizard.outcome, "found")
        if wizard.line_ids.filtered("selected"):
            wizard.action_attach()
        self.assertEqual(self.document(case, DEGREE).attachment_ids.raw, b"%PDF-1.4 kept")
        for row in self.retrievals(case):
            self.assertIn(row.state, ("done", "failed"))
            self.assertTrue(row.state == "done" or row.error)

    def test_markup_in_names_stays_text(self):
        link = self.simulator.world.link_of(AN, CRIMINAL_RECORD)
        wizard = self.person_with(
            [self.paper(DanhSachTepDinhKem=[{"TenTep": "<img src=x onerror=alert(1)>.pdf", "DuongDan": link}])]
        )
        wizard.action_attach()
        self.assertNotIn("<img", wizard.case_id.message_ids[0].body)
