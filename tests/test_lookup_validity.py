from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import format_date

from .common import AN, CRIMINAL_RECORD, DEGREE
from .paper_case import PaperCase

LINK = "https://dichvucong.hagiang.gov.vn/download/1023.pdf"


class TestValidity(PaperCase):
    def prepare(self):
        super().prepare()
        self.today = self.env["kho.dl.paper"]._today()

    def day(self, days):
        return self.today + timedelta(days=days)

    def stored(self, code=CRIMINAL_RECORD, **values):
        paper = self.make_paper(result_code_id=self.codes[code].id, **values)
        paper.action_enter()
        return paper

    def national(self, **values):
        """Let the portal know one criminal record of An with `values`, and look; return the wizard."""
        paper = {
            "MaKetQua": CRIMINAL_RECORD, "TenGiayTo": "Phiếu LLTP", "SoKyHieu": "1023/STP-LLTP", "CoQuanChuQuan": "H22",
            "DanhSachTepDinhKem": [{"TenFile": "a.pdf", "DuongDan": LINK}], **values,
        }  # fmt: skip
        self.simulator.world.set_raw_papers(AN, [paper])
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        return wizard

    # Proves W.9-4.
    def test_a_paper_of_ours_tells_from_when_to_when_and_what_for(self):
        self.stored(number="a", date_issued="2026-01-15", date_expiry=self.day(12), scope="Trong tỉnh")
        self.stored(DEGREE, number="b", date_expiry=self.day(31))
        wizard = self.make_wizard(self.make_case(AN))
        soon, later = self.line(wizard, CRIMINAL_RECORD), self.line(wizard, DEGREE)
        self.assertEqual((soon.validity, soon.validity_badge), ("soon", "Expires in 12 days"))
        for part in (format_date(self.env, "2026-01-15"), format_date(self.env, self.day(12)), "valid for: Trong tỉnh"):
            self.assertIn(part, soon.validity_words)
        self.assertEqual((later.validity, later.validity_badge), (False, False))
        # About to be over is a remark, and no obstacle.
        self.assertEqual((soon.selected, soon.needs_reason), (True, False))
        wizard.action_attach()
        self.assertEqual({soon.status, later.status}, {"attached"})

    def test_the_last_day_is_still_one(self):
        self.stored(date_expiry=self.today)
        line = self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD)
        self.assertEqual((line.validity, line.validity_badge), ("soon", "Expires today"))

    # Proves W.9-4.
    def test_a_paper_of_ours_that_is_over_is_shown_and_not_offered(self):
        paper = self.stored(number="9/2020", date_issued="2020-01-01", date_expiry=self.day(-1))
        wizard = self.make_wizard(self.make_case(AN))
        self.assertFalse(self.line(wizard, CRIMINAL_RECORD))
        shown = wizard.document_ids.filtered("ended_words")
        self.assertEqual(shown.case_document_id.result_code_ids.code, CRIMINAL_RECORD)
        self.assertIn(paper.number, shown.ended_words)
        self.assertIn(format_date(self.env, self.day(-1)), shown.ended_words)

    # Proves W.9-4.
    def test_a_national_paper_that_is_over_is_attached_knowingly_only(self):
        end = self.day(-3)
        wizard = self.national(NgayCap="15/01/2020", NgayHetHan=end.strftime("%d/%m/%Y"), PhamVi="Toàn quốc")
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((str(line.date_issued), line.date_expiry, line.scope), ("2020-01-15", end, "Toàn quốc"))
        self.assertEqual((line.validity, line.selected, line.needs_reason), ("over", False, True))
        self.assertEqual(line.validity_badge, f"Expired on {format_date(self.env, end)}")
        self.assertIn("This paper is over", line.message)
        line.selected = True
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.action_attach()
        self.assertFalse(self.retrievals(wizard.case_id))
        line.reason = "Law of 2025 lets it stand"
        wizard.action_attach()
        self.assertEqual((line.status, line.needs_reason), ("attached", False))
        self.assertEqual(self.retrievals(wizard.case_id).gate_reason, "Law of 2025 lets it stand")

    # Proves W.9-4.
    def test_a_copy_of_a_national_paper_ends_with_it(self):
        end = self.day(5)
        wizard = self.national(NgayCap="15/01/2020", NgayHetHan=end.strftime("%d/%m/%Y"))
        wizard.action_attach()
        wizard.case_id.state = "9"
        again = self.make_wizard(self.make_case(AN))
        line = self.line(again, CRIMINAL_RECORD)
        self.assertEqual((line.source, line.validity, line.date_expiry), ("local", "soon", end))
        again.action_attach()
        again.case_id.state = "9"
        # Nor is a copy of the copy.
        wizard.case_id.state = "8"
        with freeze_time(fields.Datetime.now() + timedelta(days=5)):
            self.assertEqual(self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD).validity, "soon")
        with freeze_time(fields.Datetime.now() + timedelta(days=6)):
            self.assertFalse(self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD))

    # Proves W.9-4.
    def test_a_copy_ends_with_its_paper_also_where_the_first_file_is_gone(self):
        end = self.day(5)
        wizard = self.national(NgayCap="15/01/2020", NgayHetHan=end.strftime("%d/%m/%Y"))
        wizard.action_attach()
        first = wizard.case_id
        first.state = "9"
        copied = self.make_wizard(self.make_case(AN))
        copied.action_attach()
        copied.case_id.state = "9"
        first.state = "4"
        document = self.document(first, CRIMINAL_RECORD)
        document.with_context(kho_dl_reason="Torn").write({"attachment_ids": [Command.clear()]})
        self.assertEqual(self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD).date_expiry, end)
        # The copy comes back to where it was copied from.
        again = self.make_wizard(first)
        for line in again.line_ids:
            line.selected = line.source == "local"
        again.action_attach()
        self.assertEqual(document.origin_document_id, self.document(copied.case_id, CRIMINAL_RECORD))
        first.state = "9"
        for case in (first, copied.case_id):
            told = self.document(case, CRIMINAL_RECORD)._told_validity()
            self.assertEqual(fields.Date.to_date(told["date_expiry"]), end)

    def test_what_our_store_knows_of_the_same_paper_is_told(self):
        self.stored(number="1023/stp-lltp", agency_code="H22", date_issued="2020-01-15", date_expiry=self.day(-3))
        line = self.line(self.national(), CRIMINAL_RECORD)
        self.assertEqual((line.source, line.validity, str(line.date_issued)), ("national", "over", "2020-01-15"))

    def test_what_nobody_knows_is_not_made_up(self):
        self.stored(number="1023/stp-lltp", agency_code="H23", date_expiry=self.day(-3))
        for values in ({}, {"NgayHetHan": "sớm"}, {"NgayHetHan": None}, {"NgayHetHan": 31}):
            with self.subTest(values):
                line = self.line(self.national(**values), CRIMINAL_RECORD)
                self.assertEqual((line.validity, line.validity_words, line.selected), (False, False, True))

    def test_the_scope_stays_as_it_was_entered(self):
        paper = self.stored(scope="Trong tỉnh")
        with self.assertRaises(UserError):
            paper.scope = "Toàn quốc"
