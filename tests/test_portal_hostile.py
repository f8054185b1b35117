import io
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.lookup.kho_dl_preview_fetch import KhoDLLookupCandidate
from ..models.portal import kho_dl_citizen_lookup, kho_dl_citizen_preview, kho_dl_citizen_submit
from .application_case import ApplicationCase
from .common import AN, CRIMINAL_RECORD
from .inspection.authority import pdf


@tagged("-at_install", "post_install")
class TestPortalHostile(ApplicationCase):
    """What no page of ours sends, and what a script sends again and again."""

    def ask(self):
        """Return the draft, and the candidate of the criminal record that the national store tells of."""
        draft = self.begin()
        self.post(f"{self.draft_address(draft)}/ask", agree="1")
        found = self.candidates(draft, CRIMINAL_RECORD).filtered(lambda one: one.source == "national")[:1]
        return draft, found

    def paper_of(self, draft, candidate):
        return f"{self.draft_address(draft)}/papers/{candidate.id}"

    def give(self, content):
        self.simulator.world.put_content(self.simulator.world.link_of(AN, CRIMINAL_RECORD), content)

    def downloads(self):
        return len(self.simulator.requests("file"))

    def test_odd_values_in_an_address(self):
        self.get("/my", self.an)
        for address in (
            "apply?page=%C2%B2",
            "apply?page=-1",
            "apply?page=99999999999999999999999",
            "apply?search=%00%25_%27%22%3Cscript%3E&sector=%C2%B2&agency=-1&office=9999999999999",
            "apply/99999999999999999999",
            "cases?page=%C2%B2&sortby=x",
            "data?date_from=0001-01-01",
            "data?date_to=9999-12-31",
            "data?date_from=2026-13-01",
            "businesses?done=%3Cscript%3E",
        ):
            with self.subTest(address):
                answer = self.get(f"/my/kho-dl/{address}")
                self.assertIn(answer.status_code, (200, 404))
                self.assertNotIn("<script>&", answer.text)

    def test_a_file_in_place_of_words(self):
        draft = self.begin()
        address, document = self.draft_address(draft), draft.document_ids[0]
        forms = [(f"{address}/data", name) for name in ("phone", "email", "variant", f"number_{document.id}")]
        forms += [(f"{address}/choose", f"document_{document.id}"), (f"{address}/upload/{document.id}", "words")]
        forms += [(f"/my/kho-dl/apply/{self.procedure.id}", name) for name in ("office", "applicant", "variant")]
        forms += [("/my/kho-dl/businesses/1/name", name) for name in ("name", "number", "until")]
        self.assert_answered(forms)
        self.assertFalse(self.an.partner_id.phone)
        # One line is one line, whatever stands in it.
        self.post(f"{address}/data", phone="0900\r\n000 000\0", email="an@example.com\r\nX-Header: 1")
        self.assertEqual(self.an.partner_id.phone, "0900 000 000")
        self.assertNotIn("\n", self.an.partner_id.email or "")
        self.post(f"{address}/submit", **self.choices(draft, missing="none"))
        self.assertFalse(draft.is_draft)
        ways = {"messages": "text", "withdraw": "reason", "withdraw-consent": "reason", "hand-in": "words"}
        self.assert_answered([(f"{self.case_address(draft)}/{way}", name) for way, name in ways.items()])
        self.assertEqual(draft.state, "1")

    def assert_answered(self, forms):
        for address, name in forms:
            with self.subTest(address, field=name):
                answer = self.post(address, confirmed="1", files={name: ("x.html", io.BytesIO(b"<script>"))})
                self.assertIn(answer.status_code, (200, 303, 404))

    # What the gate refuses is not kept, so it is fetched again each time.
    def test_other_offices_are_not_asked_without_end_for_a_look(self):
        draft, candidate = self.ask()
        self.give(b"<html>not what it says")
        self.patch(kho_dl_citizen_lookup, "_MOST_FETCHES", 2)
        for _each in range(2):
            self.assertNotIn("very many papers", self.text(self.paper_of(draft, candidate)))
        self.assertEqual(self.downloads(), 2)
        self.assertIn("very many papers", self.text(self.paper_of(draft, candidate)))
        choice = {f"document_{candidate.case_document_id.id}": candidate.id}
        self.post(f"{self.draft_address(draft)}/choose", **choice)
        self.assertIn("very many papers", self.text(self.draft_address(draft)))
        self.assertEqual(self.downloads(), 2)
        # What asks no office goes on.
        self.post(f"{self.draft_address(draft)}/choose", **{f"document_{candidate.case_document_id.id}": "none"})
        self.assertNotIn("very many papers", self.text(self.draft_address(draft)))

    def test_nor_for_what_is_chosen_anew_again_and_again(self):
        draft, candidate = self.ask()
        self.patch(kho_dl_citizen_lookup, "_MOST_FETCHES", 2)
        document = candidate.case_document_id
        address = self.draft_address(draft)
        for _each in range(4):
            self.post(f"{address}/choose", **{f"document_{document.id}": candidate.id})
            self.post(f"{address}/choose-anew/{document.id}")
        self.assertEqual(self.downloads(), 2)

    @mute_logger("odoo.http")
    def test_pictures_are_not_made_without_end(self):
        draft, candidate = self.ask()
        self.text(self.paper_of(draft, candidate))
        self.patch(kho_dl_citizen_preview, "_MOST_PICTURES", 2)
        picture = f"{self.paper_of(draft, candidate)}/files/{candidate.sudo().preview_ids.id}/1.jpg"
        answers = [self.get(picture) for _each in range(3)]
        self.assertEqual([answer.status_code for answer in answers], [200, 200, 503])
        self.assertTrue(answers[2].headers["Retry-After"])

    def test_nor_are_applications_submitted(self):
        self.patch(kho_dl_citizen_submit, "_MOST_SUBMITTED", 1)
        first, second = (self.submitted() for _each in range(2))
        self.assertEqual((first.is_draft, second.is_draft), (False, True))
        self.assertIn("very many applications", self.text(self.draft_address(second)))

    def submitted(self):
        draft = self.begin()
        self.post(f"{self.draft_address(draft)}/submit", **self.choices(draft, missing="none"))
        return draft

    def test_who_may_no_longer_act_as_a_paper_comes_sees_nothing_of_it(self):
        draft, candidate = self.ask()
        self.give(pdf())
        fetch = KhoDLLookupCandidate._fetch_for_preview

        def fetch_and_lose(paper, seconds):
            came = fetch(paper, seconds)
            paper.env["kho.dl.id.number"].search([("number", "=", AN)]).unlink()
            paper.env.cr.commit()
            return came

        with patch.object(KhoDLLookupCandidate, "_fetch_for_preview", fetch_and_lose):
            page = self.text(self.paper_of(draft, candidate))
        self.assertIn("not offered any more", page)
        self.assertNotIn("Preview of page", page)
        self.assertFalse(candidate.sudo().preview_ids)
        self.assertFalse(self.env["kho.dl.disclosure"].search([("kind", "=", "previewed")]))
