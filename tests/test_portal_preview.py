import io
import zipfile
from dataclasses import replace

from PIL import Image

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.lookup import kho_dl_preview
from ..protocol.errors import TimedOut
from ..sealing import workshop
from .application_case import ApplicationCase
from .clamd import Clamd
from .common import AN, BINH, CRIMINAL_RECORD, HEALTH, new_test_user
from .inspection.authority import pdf


def docx():
    output = io.BytesIO()
    with zipfile.ZipFile(output, "w") as made:
        for name in ("[Content_Types].xml", "word/document.xml"):
            made.writestr(zipfile.ZipInfo(name), "<x/>")
    return output.getvalue()


@tagged("-at_install", "post_install")
class TestPortalPreview(ApplicationCase):
    """A found paper is looked at as pictures before it is chosen."""

    def setUp(self):
        super().setUp()
        self.draft = self.begin()

    def ask(self):
        """Return the candidate of the criminal record that the national store tells of."""
        self.post(f"{self.draft_address(self.draft)}/ask", self.an, agree="1")
        return self.candidates(self.draft, CRIMINAL_RECORD).filtered(lambda one: one.source == "national")[:1]

    def give(self, content):
        self.simulator.world.put_content(self.simulator.world.link_of(AN, CRIMINAL_RECORD), content)

    def paper_of(self, candidate):
        return f"{self.draft_address(self.draft)}/papers/{candidate.id}"

    def previews(self, candidate):
        return candidate.sudo().preview_ids

    def picture_of(self, candidate, page=1):
        return f"{self.paper_of(candidate)}/files/{self.previews(candidate)[0].id}/{page}.jpg"

    def looks(self):
        return self.env["kho.dl.disclosure"].search([("kind", "=", "previewed")], order="id")

    def downloads(self):
        return len(self.simulator.requests("file"))

    # Proves I.2-7.
    def test_a_national_paper_as_pictures_that_are_marked_and_journalled(self):
        candidate = self.ask()
        self.assertIn(f'href="{self.paper_of(candidate)}"', self.text(self.draft_address(self.draft)))
        page = self.text(self.paper_of(candidate), self.an)
        for words in ("Preview of page 1 of 1", "They are not the paper itself", candidate.agency):
            self.assertIn(words, page)
        answer = self.get(self.picture_of(candidate))
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "image/jpeg"))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertEqual(Image.open(io.BytesIO(answer.content)).width, 1080)
        for odd in (0, 2, 99):
            self.assertEqual(self.get(self.picture_of(candidate, odd)).status_code, 404)
        look = self.looks()
        self.assertEqual((look.user_id, look.owner_id_number, look.case_name), (self.an, AN, self.draft.name))
        self.assertIn(candidate.agency, look.paper)
        self.assertEqual(look.sha256, self.previews(candidate).sha256)
        self.text(self.paper_of(candidate))
        self.assertEqual(len(self.looks()), 1)
        self.patch(kho_dl_preview, "_ONE_LOOK_SECONDS", -1)
        self.text(self.paper_of(candidate))
        self.assertEqual(len(self.looks()), 2)
        self.assertEqual(self.downloads(), 1)
        data = self.text("/my/kho-dl/data")
        self.assertIn("Looked at before it was chosen", data)
        self.assertIn("You", data)

    # Proves I.2-7.
    def test_what_was_fetched_for_it_is_not_fetched_again(self):
        candidate = self.ask()
        self.text(self.paper_of(candidate), self.an)
        kept = self.previews(candidate)
        self.post(f"{self.draft_address(self.draft)}/choose", **self.choices(self.draft))
        document = self.document(self.draft, CRIMINAL_RECORD)
        row = document.sudo().retrieval_ids
        self.assertEqual((document.source, row.state, row.is_previewed), ("national", "done", True))
        self.assertEqual(row.sha256, kept.sha256)
        self.assertEqual(document.attachment_ids.raw, kept._bytes())
        self.assertEqual(document.check_ids.fetched_for, AN)
        self.assertEqual(self.env["kho.dl.retrieval"].search_count([("case_id", "=", self.draft.id)]), self.downloads())

    def test_a_consent_that_is_withdrawn_takes_it_away(self):
        candidate = self.ask()
        self.text(self.paper_of(candidate), self.an)
        address, kept = self.picture_of(candidate), self.previews(candidate)
        self.post(f"/my/kho-dl/cases/{self.draft.id}/withdraw-consent", reason="Changed my mind")
        self.assertFalse(kept.exists())
        for gone in (address, self.paper_of(candidate)):
            self.assertEqual(self.get(gone).status_code, 404)
        self.assertEqual(len(self.looks()), 1)

    def test_it_goes_when_the_lookup_is_over(self):
        candidate = self.ask()
        self.text(self.paper_of(candidate), self.an)
        kept = self.previews(candidate)
        candidate.lookup_id.sudo().good_until = "2020-01-01"
        page = self.text(self.paper_of(candidate))
        self.assertIn("no longer good", page)
        self.assertNotIn("Preview of page", page)
        self.env["kho.dl.lookup"]._cron_forget()
        self.assertFalse(kept.exists())
        self.assertEqual(self.get(self.paper_of(candidate)).status_code, 404)

    def test_a_paper_of_our_own(self):
        code = self.codes[HEALTH]
        self.stored(
            self.an, AN, result_code_id=code.id, attachment_ids=[Command.create({"name": "r.pdf", "raw": pdf()})]
        )
        self.text(self.draft_address(self.draft), self.an)
        candidate = self.candidates(self.draft, HEALTH)
        self.assertEqual(candidate.source, "local")
        self.assertIn("Preview of page 1 of 1", self.text(self.paper_of(candidate)))
        self.assertEqual(self.get(self.picture_of(candidate)).status_code, 200)
        self.assertEqual(self.downloads(), 0)
        self.assertFalse(self.previews(candidate).content)
        self.assertEqual(len(self.looks()), 1)

    def test_what_names_somebody_else_is_not_shown_and_yet_not_fetched_again(self):
        self.give(pdf("Ho va ten: Tran Van Khac", f"So dinh danh ca nhan: {BINH}"))
        candidate = self.ask()
        page = self.text(self.paper_of(candidate), self.an)
        self.assertIn("the office has to look into it", page)
        self.assertEqual(self.get(self.picture_of(candidate)).status_code, 404)
        self.post(f"{self.draft_address(self.draft)}/choose", **self.choices(self.draft))
        [row] = candidate.sudo().retrieval_ids
        self.assertEqual((row.state, row.error_kind), ("failed", "file_questioned"))

    def test_an_office_file_has_no_pages_and_is_given_only_after_the_scanner_saw_it(self):
        world = self.simulator.world
        [paper] = [one for one in world.papers_of(AN) if one.code == CRIMINAL_RECORD]
        [file, *_others] = paper.files
        world.learn_papers(AN, paper.number, [replace(paper, files=(replace(file, name="don.docx"),))])
        self.give(docx())
        candidate = self.ask()
        page = self.text(self.paper_of(candidate), self.an)
        self.assertIn("no pages that could be shown", page)
        self.assertNotIn("Download the file", page)
        file = f"{self.paper_of(candidate)}/files/{self.previews(candidate).id}"
        self.assertEqual(self.get(file).status_code, 404)
        self.previews(candidate).unlink()
        daemon = self.enterContext(Clamd())
        self.company.kho_dl_scanner_address = daemon.address
        self.assertIn("Download the file", self.text(self.paper_of(candidate)))
        answer = self.get(f"{self.paper_of(candidate)}/files/{self.previews(candidate).id}")
        self.assertEqual(answer.content, docx())
        self.assertEqual(answer.headers["Content-Type"], "application/octet-stream")
        self.assertIn("attachment", answer.headers["Content-Disposition"])

    def test_what_cannot_be_shown_is_said(self):
        self.give(pdf("x", encrypt="secret"))
        candidate = self.ask()
        self.assertIn("opens with a password", self.text(self.paper_of(candidate), self.an))
        self.previews(candidate).unlink()
        self.give(pdf())
        hidden = "import sys; sys.modules['pypdfium2'] = None\n"
        self.patch(workshop, "_START", hidden + workshop._START)
        self.assertIn("No picture can be made at the moment", self.text(self.paper_of(candidate)))
        # It was fetched, and is kept for the choice.
        self.assertTrue(self.previews(candidate).content)

    def test_what_is_here_needs_no_office_any_more(self):
        candidate = self.ask()
        self.text(self.paper_of(candidate), self.an)
        lane = candidate.sudo()._prepare_retrievals(self.env["kho.dl.security.server"]._server_resolver())[0]["lane"]
        for _each in range(3):
            self.env["kho.dl.breaker"]._failed(self.company.kho_dl_own_server, lane, "Office", TimedOut("silent"))
        choice = {f"document_{candidate.case_document_id.id}": candidate.id}
        self.post(f"{self.draft_address(self.draft)}/choose", **choice)
        self.assertEqual(candidate.sudo().retrieval_ids.state, "done")
        # It was not asked, so it has not answered.
        self.assertIn(lane, self.env["kho.dl.breaker"]._open().mapped("lane"))
        self.assertEqual(self.downloads(), 1)

    @mute_logger("odoo.http")
    def test_an_office_that_does_not_answer_is_spared(self):
        candidate = self.ask()
        self.simulator.order("file", "server_error", status=503, times=99)
        for _each in range(4):
            self.assertIn("does not answer at the moment", self.text(self.paper_of(candidate), self.an))
        asked = self.downloads()
        self.text(self.paper_of(candidate))
        self.assertEqual(self.downloads(), asked)

    # Proves I.2-7.
    def test_strangers_see_nothing_of_it(self):
        candidate = self.ask()
        self.text(self.paper_of(candidate), self.an)
        preview = self.previews(candidate)
        self.clerk.password = "kho_clerk"
        for user in (self.binh, self.clerk):
            own = self.begin(user) if user == self.binh else self.draft
            for address in (
                self.paper_of(candidate),
                self.picture_of(candidate),
                f"{self.draft_address(own)}/papers/{candidate.id}",
                f"{self.draft_address(own)}/papers/{candidate.id}/files/{preview.id}/1.jpg",
            ):
                self.assertEqual(self.get(address, user).status_code, 404, address)
            for name in ("kho.dl.preview", "kho.dl.upload"):
                with self.assertRaises(AccessError):
                    self.env[name].with_user(user).search([])
        self.assertEqual(len(self.looks()), 1)
        # The journal of it is for auditors: the application is not submitted.
        for group, seen in (("administrator", 0), ("auditor", 1)):
            officer = new_test_user(self.env, f"preview_{group}", f"kho_dl.group_{group}")
            self.assertEqual(len(self.looks().with_user(officer).search([])), seen)
        self.authenticate(None, None)
        self.assertEqual(self.get(self.picture_of(candidate)).status_code, 303)
