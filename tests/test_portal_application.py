import io
from contextlib import closing

from pypdf import PdfReader

from odoo.tests import tagged

from ..models.portal import kho_dl_citizen_lookup
from .application_case import ApplicationCase
from .common import AN, CRIMINAL_RECORD, DEGREE, HEALTH, LAND


@tagged("-at_install", "post_install")
class TestPortalApplication(ApplicationCase):
    """The page of a draft: what is there, what is asked and chosen, what could not be had, and what comes later."""

    def setUp(self):
        super().setUp()
        self.draft = self.begin()
        self.address = self.draft_address(self.draft)

    def ask(self):
        self.post(f"{self.address}/ask", agree="1")

    def choose(self, missing=""):
        self.post(f"{self.address}/choose", **self.choices(self.draft, missing))

    def submit(self, missing="none"):
        self.post(f"{self.address}/submit", **self.choices(self.draft, missing))

    def run_queue(self):
        self.env.flush_all()
        with closing(self.registry.cursor()) as cr:
            self.env(cr=cr)["kho.dl.retrieval"]._cron_process()
            cr.commit()
        self.env.invalidate_all()

    def page(self):
        return self.text(self.address)

    def test_what_is_typed_is_kept(self):
        self.post(f"{self.address}/data", phone="0900 000 000", email="an@example.com")
        self.assertEqual(self.draft.owner_id.phone, "0900 000 000")
        self.assertEqual(self.draft.owner_id.email, "an@example.com")
        self.assertIn('value="0900 000 000"', self.page())
        for wrong in ("nobody at home", "an@gmail"):
            self.post(f"{self.address}/data", phone="1", email=wrong)
            self.assertEqual((self.draft.owner_id.phone, self.draft.owner_id.email), ("1", "an@example.com"))
            self.assertIn(f"“{wrong}” is no e-mail address", self.page())
        self.ask()
        document = self.document(self.draft, CRIMINAL_RECORD)
        [candidate] = self.candidates(self.draft, CRIMINAL_RECORD)
        answer = self.post(f"{self.address}/choose", keep="1", **{f"document_{document.id}": "none"})
        self.assertEqual(answer.status_code, 204)
        self.assertTrue(document.is_not_had)
        self.assertFalse(candidate.selected or document.attachment_ids)
        self.post(f"{self.address}/choose", keep="1", **{f"document_{document.id}": candidate.id})
        self.assertFalse(document.is_not_had or document.attachment_ids)
        self.assertTrue(candidate.selected)

    def test_what_was_not_kept_is_said_where_the_next_form_leads(self):
        wrong = {"phone": "1", "email": "nobody at home"}
        self.post(f"{self.address}/data", **wrong)
        self.post(f"{self.address}/data", phone="1", email="an@example.com")
        self.assertNotIn("is no e-mail address", self.page())
        self.post(f"{self.address}/data", **wrong)
        self.post(f"{self.address}/submit")
        text = self.page()
        self.assertIn("is no e-mail address", text)
        self.assertIn("Not submitted yet", text)
        self.post(f"{self.address}/data", **wrong)
        self.post(f"{self.address}/submit", **self.choices(self.draft, missing="none"))
        self.assertFalse(self.draft.is_draft)
        address = self.case_address(self.draft)
        self.assertIn("is no e-mail address", self.text(address))
        self.assertNotIn("is no e-mail address", self.text(address))

    def test_a_file_in_place_of_what_is_typed_is_nothing(self):
        case, file = self.own_case(self.an, AN), ("x.txt", b"x")
        forms = {
            f"{self.address}/data": ("phone", "email", "variant", "number_1"),
            f"{self.address}/choose": ("document_1", "keep"),
            f"{self.case_address(case)}/messages": ("text",),
            f"{self.case_address(case)}/withdraw": ("reason", "confirmed"),
            "/my/kho-dl/businesses/1/name": ("name", "number", "until"),
        }
        for address, names in forms.items():
            answer = self.post(address, files=dict.fromkeys(names, file))
            self.assertLess(answer.status_code, 500, address)

    def test_circumstances_say_what_is_asked_for(self):
        procedure = self.procedure
        procedure.variant_ids = [(0, 0, {"name": "Lost"}), (0, 0, {"name": "First"})]
        lost, first = procedure.variant_ids
        procedure.document_ids[1].variant_ids = lost
        self.post(f"{self.address}/discard")
        self.draft = self.begin(variant=first.id)
        self.address = self.draft_address(self.draft)
        self.assertNotIn(procedure.document_ids[1], self.draft.document_ids.procedure_document_id)
        self.assertIn("Which of these is it?", self.page())
        self.post(f"{self.address}/data", variant=lost.id)
        self.assertEqual(self.draft.variant_id, lost)
        self.assertIn(procedure.document_ids[1], self.draft.document_ids.procedure_document_id)
        self.post(f"{self.address}/data", variant=self.procedure.copy({"code": "9"}).variant_ids[:1].id)
        self.assertEqual(self.draft.variant_id, lost)

    def test_a_paper_with_a_number_is_asked_for_when_the_number_is_typed(self):
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land", "holds_many": True})
        self.post(f"{self.address}/discard")
        self.procedure.document_ids = [
            (0, 0, {"name": "Land", "required": False, "result_code_ids": [(6, 0, land.ids)]})
        ]
        self.draft = self.begin()
        self.address = self.draft_address(self.draft)
        document = self.document(self.draft, LAND)
        self.ask()
        self.assertNotIn(LAND, str(self.asked()[-1]))
        self.assertIn("Please type its number", self.page())
        self.post(f"{self.address}/ask", **{f"number_{document.id}": "BX 123456"})
        self.assertEqual(document.paper_number, "BX 123456")
        # No second consent within the time that the answer is good.
        self.assertIn("BX 123456", str(self.asked()[-1]))
        self.assertNotIn(CRIMINAL_RECORD, str(self.asked()[-1]))

    def test_what_our_own_store_has_needs_no_question(self):
        paper = self.stored(self.an, self.draft.owner_id_number)
        page = self.page()
        for words in ("In our own store", paper.number, "Found: please choose"):
            self.assertIn(words, page)
        self.choose()
        document = self.document(self.draft, CRIMINAL_RECORD)
        self.assertEqual((document.source, document.origin_paper_id), ("local", paper))
        self.assertFalse(self.asked())
        self.assertIn("From our own store", self.page())

    # Proves I.2-4.
    def test_what_could_not_be_asked_is_for_the_clerk(self):
        self.simulator.order("papers", "server_fault", times=None)
        self.ask()
        page = self.page()
        self.assertIn("could not be asked for", page)
        self.assertIn("Could not be asked for", page)
        form = self.draft.document_ids.filtered(lambda one: not one.result_code_ids)
        self.post(f"{self.address}/submit", **{f"document_{form.id}": "none"})
        self.assertFalse(self.draft.is_draft)
        note = self.draft.activity_ids.filtered(lambda one: one.user_id == self.clerk).note
        for words in ("could not be asked", "Criminal record", "says that these are not there", "Application form"):
            self.assertIn(words, note)

    # Proves I.3-2.
    def test_what_is_turned_away_says_why_and_which_other_ways_there_are(self):
        self.ask()
        self.simulator.order("file", "error_page", times=None)
        self.choose()
        self.assertFalse(self.draft.document_ids.attachment_ids)
        page = self.page()
        self.assertIn("This file is not what its name says", page)
        self.assertIn("say that you do not have it", page)
        # What was turned away is not tried again by sending the page once more.
        asked = len(self.simulator.requests("file"))
        self.submit(missing="")
        self.assertEqual(len(self.simulator.requests("file")), asked)
        self.assertTrue(self.draft.is_draft)

    # Proves I.3-1.
    def test_files_that_take_longer_come_by_themselves(self):
        self.patch(kho_dl_citizen_lookup, "_SECONDS", 0)
        self.ask()
        self.choose()
        answer = self.get(f"{self.address}/progress").json()
        self.assertTrue(answer["under_way"])
        self.assertEqual(answer["done"], 0)
        self.assertIn("on their way from other offices", self.page())
        # The citizen may leave, and submit.
        self.submit()
        self.assertFalse(self.draft.is_draft)
        self.an.email = "an@example.com"
        self.run_queue()
        self.assertTrue(self.document(self.draft, CRIMINAL_RECORD).attachment_ids)
        self.assertEqual(self.get(f"{self.address}/progress").json()["under_way"], 0)
        mail = self.env["mail.mail"].search([("model", "=", "kho.dl.case"), ("res_id", "=", self.draft.id)])
        self.assertEqual(len(mail), 1)
        self.assertIn(self.an.partner_id, mail.recipient_ids)
        self.assertEqual(mail.author_id, self.env.ref("base.partner_root"))
        self.assertIn(f"/my/kho-dl/applications/{self.draft.id}", mail.body_html)
        self.assertNotIn(self.draft.owner_id_number, mail.body_html + mail.subject)

    def test_what_came_while_the_page_waited_needs_no_mail(self):
        self.an.email = "an@example.com"
        self.ask()
        self.choose()
        self.assertTrue(self.document(self.draft, CRIMINAL_RECORD).attachment_ids)
        self.assertFalse(self.env["mail.mail"].search([("model", "=", "kho.dl.case"), ("res_id", "=", self.draft.id)]))

    # Proves I.4-1.
    def test_the_receipt_says_what_was_submitted_and_where_it_came_from(self):
        receipt = f"/my/kho-dl/cases/{self.draft.id}/receipt"
        self.assertEqual(self.get(receipt).status_code, 404)
        self.ask()
        self.submit()
        page = self.text(f"/my/kho-dl/cases/{self.draft.id}?submitted=1")
        for words in ("Your application was submitted", self.draft.name, receipt, "Result due", "you do not have it"):
            self.assertIn(words, page)
        text = self.receipt_text(receipt)
        document = self.document(self.draft, CRIMINAL_RECORD)
        for words in (
            self.draft.name,
            self.draft.owner_id_number,
            f"From the national store, issued by {document.provenance_agency}, no. {document.provenance_paper_number}",
            document.attachment_ids.name,
            "You said that you do not have it",
        ):
            self.assertIn(words, text)
        for words in (self.clerk.name, "http://127.0.0.1:1", document.retrieval_ids.link):
            self.assertNotIn(words, text)
        self.draft.document_ids.is_not_had = False
        self.assertEqual(self.receipt_text(receipt), text, "what comes later changes the receipt")
        self.assertEqual(self.get(receipt, self.binh).status_code, 404)

    def receipt_text(self, address):
        pages = PdfReader(io.BytesIO(self.get(address).content)).pages
        # Lines are broken where the page ends.
        return " ".join(" ".join(page.extract_text() for page in pages).split())

    def test_choices_of_others_are_none(self):
        self.ask()
        other = self.begin(self.binh)
        self.post(f"{self.draft_address(other)}/ask", agree="1")
        stranger = self.candidates(other, CRIMINAL_RECORD)[:1] or self.candidates(other, DEGREE)[:1]
        self.assertTrue(stranger)
        document = self.document(self.draft, CRIMINAL_RECORD)
        for odd in (stranger.id, "0", "-1", "x", "9" * 40, ""):
            self.post(f"{self.address}/choose", self.an, **{f"document_{document.id}": odd, "document_9": "1"})
            self.assertFalse(document.attachment_ids)
        theirs = other.document_ids[0]
        self.post(f"{self.address}/choose", **{f"document_{theirs.id}": "none"})
        self.assertFalse(theirs.is_not_had)

    def test_another_paper_can_take_the_place_of_the_one_that_was_chosen(self):
        self.ask()
        self.choose()
        document = self.document(self.draft, CRIMINAL_RECORD)
        first = document.attachment_ids
        self.assertIn("Choose another", self.page())
        self.post(f"{self.address}/choose-anew/{document.id}", self.binh)
        self.assertEqual(document.attachment_ids, first)
        self.post(f"{self.address}/choose-anew/{document.id}", self.an)
        self.assertFalse(document.attachment_ids)
        kept = self.env["kho.dl.file.decision"].search([("case_document_id", "=", document.id)])
        self.assertIn("chose another paper", kept.reason)
        self.assertIn("Found: please choose", self.page())
        self.choose()
        self.assertTrue(document.attachment_ids)
        self.submit()
        self.post(f"{self.address}/choose-anew/{document.id}")
        self.assertTrue(document.attachment_ids)

    def test_a_consent_is_withdrawn_before_it_is_submitted(self):
        self.ask()
        self.assertIn("withdraw-consent", self.page())
        self.post(f"/my/kho-dl/cases/{self.draft.id}/withdraw-consent", reason="I bring it")
        self.assertNotIn("withdraw-consent", self.page())
        self.assertFalse(self.draft.has_consent)
        self.choose()
        self.assertFalse(self.document(self.draft, HEALTH).attachment_ids)
        self.assertFalse(self.document(self.draft, CRIMINAL_RECORD).attachment_ids)
