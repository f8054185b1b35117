import io
import zipfile

from pypdf import PdfReader

from odoo.tests import freeze_time

from ..models.common.office_time import OFFICE_TIMEZONE, moment_words
from .common import AN, KhoDLCase

ELSEWHERE = "America/Los_Angeles"


class TestOfficeTime(KhoDLCase):
    """What leaves the office has its time, whatever the clock of the computer there is set to."""

    users = {"auditor": {"login": "auditor", "groups": "kho_dl.group_auditor"}}

    def test_of_a_slip(self):
        case = self.make_case(AN).with_context(tz=ELSEWHERE)
        with freeze_time("2026-03-10 03:04:00"):
            content, _name = case._slip()
        said = "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
        self.assertIn("10:04 10/03/2026", said)

    def test_of_a_proof_pack_and_of_the_page_of_a_person(self):
        case = self.make_case(AN)
        self.make_wizard(case).action_search()
        auditor = self.env(user=self.auditor, context={"tz": ELSEWHERE})
        query = auditor["kho.dl.query"].search([("case_id", "=", case.id)])
        page = auditor["kho.dl.person.page"].create({"numbers": AN, "reason": "Letter no. 12"})
        page.action_look()
        story = zipfile.ZipFile(io.BytesIO(query._proof_pack())).read("story.html").decode()
        printed = auditor["ir.actions.report"]._render_qweb_html("kho_dl.person_page", page.ids)[0].decode()
        asked_on = moment_words(query.with_context(tz=OFFICE_TIMEZONE).env, query.asked_on)
        for made in (story, printed):
            self.assertIn(asked_on, made)
