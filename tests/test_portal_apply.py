from datetime import datetime

from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.portal.kho_dl_citizen_submit import due_after
from .application_case import ApplicationCase
from .common import AN, BINH, CRIMINAL_RECORD


@tagged("-at_install", "post_install")
class TestPortalApply(ApplicationCase):
    """A citizen applies online, without a script."""

    # Proves II.1-3, I.2-3, I.4-2.
    def test_the_whole_way(self):
        found = self.text("/my/kho-dl/apply?search=medical+LICENCE", self.an)
        self.assertIn(f"/my/kho-dl/apply/{self.procedure.id}", found)
        about = self.text(f"/my/kho-dl/apply/{self.procedure.id}")
        for words in ("7 working days", "150.000 đ", "Health certificate"):
            self.assertIn(words, about)
        draft = self.begin()
        address = self.draft_address(draft)
        page = self.text(address)
        self.assertNotIn(draft.name, page)
        for words in ("Not submitted yet", AN, "Please hand it in", "I agree that", "I do not have it"):
            self.assertIn(words, page)
        self.assertFalse(self.asked())
        self.post(f"{address}/ask")
        self.assertFalse(self.asked())
        self.assertIn("tick first that you agree", self.text(address))
        self.post(f"{address}/ask", agree="1")
        [body] = self.asked()
        self.assertEqual((body["KenhThucHien"], body["SoDinhDanhChuSoHuu"]), ("2", AN))
        self.assertFalse(body.get("SoDinhDanhNguoiYeuCau") or body.get("HoTenNguoiYeuCau"))
        page = self.text(address)
        candidate = self.candidates(draft, CRIMINAL_RECORD)[:1]
        self.assertIn(f'value="{candidate.id}" checked="True"', " ".join(page.split()))
        self.post(f"{address}/choose", **self.choices(draft))
        document = self.document(draft, CRIMINAL_RECORD)
        self.assertEqual(document.source, "national")
        self.assertTrue(document.attachment_ids)
        self.post(f"{address}/submit", **self.choices(draft))
        self.assertTrue(draft.is_draft)
        self.assertIn("say that you do not have it", self.text(address))
        answer = self.post(f"{address}/submit", **self.choices(draft, missing="none"))
        self.assertIn(f"/my/kho-dl/cases/{draft.id}", answer.headers["Location"])
        self.assertFalse(draft.is_draft)
        self.assertRegex(draft.name, r"^H46-\d+-\d+$")
        self.assertEqual((draft.state, draft.channel), ("1", "2"))
        self.assertTrue(draft.date_submitted and draft.date_due)
        self.assertFalse(draft.officer_id)
        self.assertIn(self.clerk, draft.activity_ids.user_id)
        self.assertEqual(self.get(address).headers["Location"].split("/")[-1], str(draft.id))

    # Proves I.2-5.
    def test_beginning_twice_is_once(self):
        self.assertEqual(self.begin(), self.begin())

    # Proves I.2-5.
    def test_submitting_twice_is_once(self):
        draft = self.begin()
        for _each in range(2):
            answer = self.post(f"{self.draft_address(draft)}/submit", **self.choices(draft, missing="none"))
            self.assertIn(f"/my/kho-dl/cases/{draft.id}", answer.headers["Location"])
        self.assertEqual(len(draft.activity_ids.filtered(lambda one: one.user_id == self.clerk)), 1)
        self.assertEqual(len(draft.message_ids.filtered(lambda one: "submitted this" in one.body)), 1)

    def test_a_draft_is_discarded_or_kept_for_the_journal(self):
        draft = self.begin()
        self.assertIn("Not submitted yet", self.text("/my/kho-dl/cases"))
        self.post(f"{self.draft_address(draft)}/discard")
        self.assertFalse(draft.exists())
        draft = self.begin()
        self.post(f"{self.draft_address(draft)}/ask", agree="1")
        self.post(f"{self.draft_address(draft)}/choose", **self.choices(draft))
        self.assertTrue(draft.document_ids.attachment_ids)
        answer = self.post(f"{self.draft_address(draft)}/discard")
        self.assertEqual(answer.status_code, 303, answer.text[-1500:])
        self.assertEqual((draft.state, draft.is_draft), ("7", True))
        self.assertFalse(draft.document_ids.attachment_ids)
        self.assertEqual(self.get(self.draft_address(draft)).status_code, 404)
        self.assertNotIn("Not submitted yet", self.text("/my/kho-dl/cases"))
        self.assertNotEqual(self.begin(), draft)

    # Proves I.2-6.
    def test_questions_within_an_hour_are_limited(self):
        self.company.kho_dl_citizen_questions = 1
        draft = self.begin()
        self.post(f"{self.draft_address(draft)}/ask", agree="1")
        self.env["kho.dl.lookup"].search([])._begin_anew()
        self.post(f"{self.draft_address(draft)}/ask", agree="1")
        self.assertEqual(len(self.asked()), 1)
        self.assertIn("several times within an hour", self.text(self.draft_address(draft)))

    def test_other_people_see_nothing_of_it(self):
        draft = self.begin()
        address = self.draft_address(draft)
        self.clerk.password = "kho_clerk"
        for user in (self.binh, self.clerk):
            self.assertEqual(self.get(address, user).status_code, 404)
            self.assertEqual(self.get(f"{address}/progress").status_code, 404)
            for way in ("data", "ask", "choose", "submit", "discard"):
                self.assertEqual(self.post(f"{address}/{way}", agree="1").status_code, 404, way)
            self.assertNotIn(draft.name, self.text("/my/kho-dl/cases"))
        self.assertTrue(draft.is_draft)
        self.assertEqual(draft.owner_id_number, AN)
        self.assertNotEqual(draft.owner_id_number, BINH)

    def test_working_days(self):
        friday = datetime(2026, 11, 27, 9)
        self.assertEqual(due_after(friday, 1), datetime(2026, 11, 30, 10))
        self.assertEqual(due_after(friday, 7), datetime(2026, 12, 8, 10))

    def test_no_procedure_takes_less_than_no_time_or_longer_than_the_calendar(self):
        for days in (-1, 3651):
            with (
                self.subTest(days),
                mute_logger("odoo.sql_db"),
                self.assertRaises(CheckViolation),
                self.env.cr.savepoint(),
            ):
                self.procedure.processing_days = days

    def test_what_cannot_be_applied_for_is_not_found(self):
        self.company.kho_dl_apply_online = False
        self.assertEqual(self.get(f"/my/kho-dl/apply/{self.procedure.id}", self.an).status_code, 404)
        self.assertNotIn("First medical", self.text("/my/kho-dl/apply"))
        self.company.kho_dl_apply_online = True
        self.assertIn("First medical", self.text("/my/kho-dl/apply"))

    # Proves I.2-2.
    def test_procedures_are_found_without_marks_and_by_what_they_are(self):
        sector = self.env["kho.dl.sector"].create({"code": "G18-LV01", "name": "Khám bệnh, chữa bệnh"})
        agency = self.env["kho.dl.agency"].create({"code": "H46.12", "name": "Trạm Y tế"})
        other = self.procedure.copy({"code": "9.1", "name": "Đổi giấy phép lái xe"})
        self.procedure.write(
            {
                "sector_id": sector.id,
                "agency_ids": [(6, 0, agency.ids)],
                "variant_ids": [(0, 0, {"name": "Cấp lại do bị mất"}), (0, 0, {"name": "Cấp lần đầu"})],
            }
        )
        self.procedure.copy({"code": "9.2", "name": "Elsewhere", "company_id": self.elsewhere().id})
        for wanted, found in (
            ("?search=DOI+giay", other),
            ("?search=lai+xe+doi", other),
            ("?search=kham+benh", self.procedure),
            ("?search=bi+mat", self.procedure),
            (f"?search={self.procedure.code}", self.procedure),
            (f"?sector={sector.id}", self.procedure),
            (f"?agency={agency.id}", self.procedure),
            (f"?office={self.company.id}&search=lai+xe", other),
        ):
            text = self.text(f"/my/kho-dl/apply{wanted}", self.an)
            for procedure in (self.procedure, other):
                with self.subTest(wanted=wanted, procedure=procedure.name):
                    self.assertEqual(f"/apply/{procedure.id}" in text, procedure == found)
        everything = self.text("/my/kho-dl/apply")
        self.assertNotIn("Elsewhere", everything)
        self.assertIn("Cấp lại do bị mất; Cấp lần đầu", everything)
        for odd in (
            "?sector=x&agency=99999999999",
            "?search=%00%25_%27&office=-1",
            "/page/999",
            "?page=%C2%B2",
            "?page=" + "9" * 5000,
            "?search=" + "a+" * 999,
        ):
            self.assertEqual(self.get(f"/my/kho-dl/apply{odd}").status_code, 200, odd)

    def elsewhere(self):
        return self.env["res.company"].create({"name": "Elsewhere", "kho_dl_apply_online": True})

    def test_who_is_not_verified_by_the_office_cannot_apply(self):
        procedure = self.procedure.copy({"code": "9.2", "company_id": self.elsewhere().id})
        self.assertEqual(self.get(f"/my/kho-dl/apply/{procedure.id}", self.an).status_code, 404)
        self.assertEqual(self.post(f"/my/kho-dl/apply/{procedure.id}").status_code, 404)
        self.clerk.password = "kho_clerk"
        self.verify(self.clerk.partner_id, "000188000077")
        self.assertEqual(self.get(f"/my/kho-dl/apply/{self.procedure.id}", self.clerk).status_code, 404)
        self.assertEqual(self.post(f"/my/kho-dl/apply/{self.procedure.id}").status_code, 404)

    def test_of_several_offices_one_is_chosen(self):
        branch = self.env["res.company"].create(
            {"name": "Branch", "parent_id": self.company.id, "kho_dl_apply_online": True}
        )
        self.procedure.company_id = False
        about = self.text(f"/my/kho-dl/apply/{self.procedure.id}", self.an)
        self.assertIn("To which office?", about)
        answer = self.post(f"/my/kho-dl/apply/{self.procedure.id}")
        self.assertIn("Please choose the office", answer.text)
        self.assertEqual(self.begin(office=branch.id).company_id, branch)
        self.assertEqual(self.begin(office=self.company.id).company_id, self.company)
        answer = self.post(f"/my/kho-dl/apply/{self.procedure.id}", office=self.elsewhere().id)
        self.assertIn("Please choose the office", answer.text)
