import io
from contextlib import closing, contextmanager

from PIL import Image

from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from ..models.connection import kho_dl_gateway
from .common import AN, CRIMINAL_RECORD, KhoDLFixtures, is_transaction_open
from .inspection.authority import pdf


@tagged("-at_install", "post_install")
class TestLookupLook(KhoDLFixtures, HttpCase):
    """An officer looks at a found paper beside the list, and at a file beside the documents of a case."""

    def setUp(self):
        super().setUp()
        self.prepare()
        self.clerk.password = "kho_clerk_of_the_test"
        self.case = self.make_case(AN)

    @contextmanager
    def committing(self):
        """Give an environment of the clerk's whose cursor may commit; other requests see what was committed."""
        self.patch(kho_dl_gateway, "is_transaction_open", is_transaction_open)
        self.env.flush_all()
        with closing(self.registry.cursor()) as cr:
            yield self.env(cr=cr, user=self.clerk.id)
            cr.commit()
        self.env.invalidate_all()

    def search(self, env):
        """Return the line of the criminal record, found for the clerk."""
        wizard = env["kho.dl.retrieve.wizard"].create({"case_id": self.case.id, "consent_given": True})
        wizard.action_search()
        return self.line(wizard, CRIMINAL_RECORD)[:1]

    def get(self, address, login="kho_clerk"):
        self.authenticate(login, "kho_clerk_of_the_test")
        self.env.flush_all()
        return self.url_open(address, allow_redirects=False)

    def give(self, content):
        self.simulator.world.put_content(self.simulator.world.link_of(AN, CRIMINAL_RECORD), content)

    def looks(self):
        return self.env["kho.dl.disclosure"].search([("kind", "=", "previewed")])

    # Proves J.2-1.
    def test_pages_of_a_found_paper_are_seen_before_it_is_attached_and_it_is_on_record(self):
        with self.committing() as env:
            line = self.search(env)
            seen = line.action_look()
            self.assertEqual((seen["is_preview"], seen["title"], seen["problems"]), (True, line.name, []))
        [file] = seen["files"]
        self.assertEqual((file["page_count"], file["shown_count"], file["why_not"]), (1, 1, ""))
        answer = self.get(f"{file['address']}/1.jpg")
        self.assertEqual((answer.status_code, answer.headers["Cache-Control"]), (200, "no-store"))
        self.assertEqual(Image.open(io.BytesIO(answer.content)).format, "JPEG")
        for odd in ("0", "2", "99999999999999999999"):
            self.assertEqual(self.get(f"{file['address']}/{odd}.jpg").status_code, 404)
        self.assertFalse(self.case.document_ids.attachment_ids)
        look = self.looks()
        self.assertEqual((look.user_id, look.owner_id_number, look.case_name), (self.clerk, AN, self.case.name))
