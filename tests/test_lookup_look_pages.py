import io
from contextlib import closing, contextmanager

from PIL import Image

from odoo import Command
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from ..models.connection import kho_dl_gateway
from .common import AN, CRIMINAL_RECORD, HEALTH, KhoDLFixtures, is_transaction_open, new_test_user
from .test_lookup_counter import CounterTours
from .test_lookup_look import LookFixtures, pages


@tagged("-at_install", "post_install")
class TestLookPages(LookFixtures, KhoDLFixtures, HttpCase):
    """Pages over HTTP, for who may see them."""

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

    def get(self, address, login="kho_clerk"):
        self.authenticate(login, login and f"{login}_of_the_test")
        self.env.flush_all()
        return self.url_open(address, allow_redirects=False)

    # Proves J.2-1.
    def test_pages_of_a_found_paper_are_seen_before_it_is_attached_and_it_is_on_record(self):
        with self.committing() as env:
            wizard = env["kho.dl.retrieve.wizard"].create({"case_id": self.case.id, "consent_given": True})
            line = self.found(wizard)
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
        # A colleague who comes by the address alone is on record, too.
        colleague = new_test_user(self.env, "colleague", "kho_dl.group_clerk", password="colleague_of_the_test")
        self.assertEqual(self.get(f"{file['address']}/1.jpg", "colleague").status_code, 200)
        self.assertEqual(self.looks().user_id, self.clerk | colleague)
        new_test_user(self.env, "outsider", "base.group_user", password="outsider_of_the_test")
        self.assertEqual(self.get(f"{file['address']}/1.jpg", "outsider").status_code, 404)
        self.assertEqual(self.get(f"{file['address']}/1.jpg", None).status_code, 303)

    # Proves J.2-2.
    def test_pages_of_a_file_on_the_case(self):
        document = self.document(self.case, HEALTH)
        document.write({"attachment_ids": [Command.create({"name": "r.pdf", "raw": pages(2)})]})
        address = f"/kho_dl/look/file/{document.id}/{document.attachment_ids.id}"
        for page, status in ((1, 200), (2, 200), (3, 404), (0, 404)):
            self.assertEqual(self.get(f"{address}/{page}.jpg").status_code, status)
        new_test_user(self.env, "outsider", "base.group_user", password="outsider_of_the_test")
        self.assertEqual(self.get(f"{address}/1.jpg", "outsider").status_code, 404)
        self.assertEqual(self.get("/kho_dl/look/file/999999999/1/1.jpg").status_code, 404)


@tagged("-at_install", "post_install")
class TestLookTours(LookFixtures, CounterTours):
    # Proves J.2-1, J.2-2.
    def test_a_clerk_looks_before_and_after(self):
        self.give(pages(12))
        case = self.make_case(AN)
        self.start("kho_dl_look", case)
        self.assertEqual(self.looks().user_id, self.clerk)
        self.assertTrue(self.document(case, CRIMINAL_RECORD).attachment_ids)

    @mute_logger("odoo.http")
    def test_an_office_that_does_not_answer_is_tried_again(self):
        self.simulator.order("file", "server_error", status=503, times=1)
        self.start("kho_dl_look_in_vain", self.make_case(AN))
