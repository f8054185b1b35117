from datetime import timedelta

from odoo import Command, http
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .application_case import ApplicationCase
from .common import AN, CITIZEN_CARD, CRIMINAL_RECORD, HEALTH


@tagged("-at_install", "post_install")
class TestPortalSupplement(ApplicationCase):
    """More documents that the office asks for are handed in online, exactly these, and the case goes on."""

    def setUp(self):
        super().setUp()
        self.company.kho_dl_sync_enabled = True
        self.case = self.own_case(self.an, AN, channel="2", state="2")
        self.criminal_record, self.health = (self.document(self.case, code) for code in (CRIMINAL_RECORD, HEALTH))

    def ask_for(self, documents, case=None, **values):
        case = case or self.case
        case.state = "5"
        case.supplement_ids.write({"asked_document_ids": [Command.set(documents.ids)], **values})
        return case.supplement_ids

    def way(self, case=None, action="hand-in"):
        return f"{self.case_address(case or self.case)}/{action}"

    def today(self):
        return self.env["kho.dl.paper"]._today()

    def test_words_for_one_request_are_not_in_the_next(self):
        words = {"keep": "1", "words": "My doctor is away"}
        self.ask_for(self.health)
        self.post(f"{self.draft_address(self.case)}/choose", self.an, **words)
        self.assertIn(words["words"], self.text(self.case_address(self.case)))
        self.case.state = "4"
        self.ask_for(self.health)
        self.assertNotIn(words["words"], self.text(self.case_address(self.case)))
        self.post(f"{self.draft_address(self.case)}/choose", **words)
        self.post(self.way(), **words)
        self.assertEqual(self.case.state, "4")
        self.assertNotIn("kho_dl_words", http.root.session_store.get(self.session.sid))

    def test_words_follow_where_not_everybody_needs_what_is_missing(self):
        self.case.document_ids.procedure_document_id.sudo().required = False
        self.case.state = "5"
        request, one = self.case.supplement_ids, self.health
        self.assertIn(one.name, request.content)
        request.asked_document_ids = one
        self.assertEqual(request.content, one.name)
        request.asked_document_ids = False
        self.assertIn(f"; {one.name}", request.content)

    # Proves I.5-4.
    def test_exactly_what_is_asked_for_is_shown_with_its_day(self):
        self.case.state = "5"
        wanted = self.case.document_ids.filtered("required")
        request = self.case.supplement_ids
        self.assertEqual(request.asked_document_ids, wanted)
        self.assertEqual(request.content, "; ".join(wanted.mapped("name")), "What not everybody needs is not asked for")
        request.asked_document_ids -= wanted[0]
        self.assertEqual(request.content, "; ".join(wanted[1:].mapped("name")))
        request.content = "By Friday, please"
        request.asked_document_ids += wanted[0]
        self.assertEqual(request.content, "By Friday, please")
        self.ask_for(self.health, content="The one of 2020 is too old", hand_in_by=self.today() + timedelta(days=5))
        text = self.text(self.case_address(self.case), self.an)
        papers = text.split('id="papers"')[1].split("</ol>")[0]
        self.assertIn("Health certificate", papers)
        self.assertNotIn("Criminal record", papers)
        for words in ("Hand in by:", "The one of 2020 is too old", "Send to the office", "I do not have it"):
            self.assertIn(words, text)
        self.assertNotIn("This day has passed", text)
        self.case.supplement_ids.hand_in_by = self.today() - timedelta(days=1)
        self.assertIn("This day has passed", self.text(self.case_address(self.case)))
        with self.assertRaises(ValidationError):
            self.case.supplement_ids.asked_document_ids = self.own_case(self.an, AN).document_ids[0]

    # Proves I.5-5.
    def test_what_was_found_is_chosen_and_sent_and_the_case_goes_on(self):
        asked = self.ask_for(self.criminal_record | self.health)
        address = self.case_address(self.case)
        self.assertIn("I agree that", self.text(address, self.an))
        answer = self.post(f"{self.draft_address(self.case)}/ask", agree="1")
        self.assertIn(f"{address}#", answer.headers["Location"])
        page = self.text(address)
        candidate = self.candidates(self.case, CRIMINAL_RECORD)[:1]
        self.assertIn(f'value="{candidate.id}"', page)
        chosen = {f"document_{self.criminal_record.id}": str(candidate.id)}
        answer = self.post(self.way(), **chosen)
        self.assertIn("Not sent yet", answer.text)
        self.assertEqual((self.case.state, self.criminal_record.source), ("5", "national"))
        answer = self.post(self.way(), words="The doctor is ill")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.case.state, "2")
        self.assertTrue(asked.received_on)
        self.assertFalse(asked.received_by)
        self.assertIn(self.criminal_record.name, asked.note)
        self.assertIn(f"Not handed in: {self.health.name}. The doctor is ill", asked.note)
        self.assertEqual(self.case.activity_ids.mapped("summary"), ["The applicant handed in more documents"])
        [told] = self.case.sudo()._prepare_case_message().as_wire()["DanhSachHoSoBoSung"]
        self.assertEqual(
            (told["TrangThaiBoSung"], told["NguoiTiepNhanBoSung"], told["ThongTinTiepNhan"]),
            ("1", self.company.name, asked.note),
        )
        self.assertTrue(told["NgayTiepNhanBoSung"])
        step = self.case.outbox_ids.filtered(lambda row: row.kind == "progress").sorted("id")[-1:]
        self.assertEqual(self.case.sudo()._prepare_progress_message(step.sudo()).officer, "")
        text = self.text(address)
        self.assertNotIn("Send to the office", text)
        self.assertIn("Received", text)

    def test_sending_twice_is_once(self):
        self.ask_for(self.health)
        for _each in range(2):
            answer = self.post(self.way(), self.an, words="I bring it", **{f"document_{self.health.id}": "none"})
            self.assertEqual(answer.status_code, 303)
        self.assertEqual((self.case.state, len(self.case.activity_ids)), ("2", 1))
        self.assertEqual(len(self.case.supplement_ids), 1)

    def test_what_was_not_had_is_asked_anew(self):
        self.health.sudo().is_not_had = True
        self.case.state = "5"
        self.assertFalse(self.health.is_not_had)

    def test_for_a_case_of_the_counter_nobody_is_asked(self):
        case = self.own_case(self.an, AN, state="4")
        health = self.document(case, HEALTH)
        self.ask_for(health, case)
        text = self.text(self.case_address(case), self.an)
        self.assertIn("Health certificate", text.split('id="papers"')[1])
        self.assertNotIn("Look for my papers", text)
        self.post(f"{self.draft_address(case)}/ask", agree="1")
        self.assertFalse(self.asked())
        self.assertIn("the office itself asks the national store", self.text(self.case_address(case)))
        answer = self.post(self.way(case), **{f"document_{health.id}": "none"})
        self.assertEqual(answer.status_code, 303)
        self.assertEqual((case.state, case.supplement_ids.note), ("4", f"Not handed in: {health.name}"))

    def test_what_was_not_asked_for_cannot_be_handed_in(self):
        self.ask_for(self.health)
        card = self.document(self.case, CITIZEN_CARD)
        self.assertEqual(self.env["kho.dl.citizen"].with_user(self.an)._open_documents(self.case.sudo()), self.health)
        self.post(self.way(), self.an, **{f"document_{card.id}": "none"})
        self.assertFalse(card.is_not_had)

    @mute_logger("odoo.http")
    def test_strangers_and_cases_that_do_not_wait(self):
        self.clerk.password = self.clerk.login
        self.ask_for(self.health)
        for user in (self.binh, self.clerk):
            self.assertEqual(self.post(self.way(), user, words="x").status_code, 404)
        self.assertEqual(self.case.state, "5")
        self.get("/my", self.an)
        self.assertEqual(self.url_open(self.way(), data={"words": "x"}).status_code, 400)
        self.case.state = "4"
        self.assertEqual(self.post(self.way(), self.an, words="x").status_code, 303)
        self.assertEqual((self.case.state, self.case.activity_ids), ("4", self.case.activity_ids.browse()))

    def test_a_draft_is_neither_written_about_nor_withdrawn(self):
        draft = self.begin()
        for action, said in (
            ("messages", {"text": "x"}),
            ("withdraw", {"reason": "x", "confirmed": "1"}),
            ("hand-in", {"words": "x"}),
        ):
            self.assertEqual(self.post(self.way(draft, action), self.an, **said).status_code, 404, action)
        self.assertEqual((draft.state, draft.is_draft), ("1", True))
