"""Citizens who apply online, by the forms of the pages."""

from odoo import http
from odoo.tools import mute_logger

from ..models.connection import kho_dl_gateway
from .citizen_case import CitizenCase
from .common import is_transaction_open


class ApplicationCase(CitizenCase):
    @classmethod
    def _make_fixtures(cls, env):
        ids = super()._make_fixtures(env)
        env.company.kho_dl_apply_online = True
        env["kho.dl.procedure"].browse(ids[1]).write({"processing_days": 7, "cost_words": "150.000 đ"})
        return ids

    def setUp(self):
        super().setUp()
        self.patch(kho_dl_gateway, "is_transaction_open", is_transaction_open)

    def post(self, address, user=None, files=None, **typed):
        """Return the answer to a form of a page that is sent, without going where it leads."""
        if user:
            self.authenticate(user.login, user.login)
        self.env.flush_all()
        data = {**typed, "csrf_token": http.Request.csrf_token(self)}
        with mute_logger("odoo.http"):
            answer = self.url_open(address, data=data, files=files, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def begin(self, citizen=None, **typed):
        """Return the draft that a citizen begins for the medical licence."""
        citizen = citizen or self.an
        answer = self.post(f"/my/kho-dl/apply/{self.procedure.id}", citizen, **typed)
        self.assertEqual(answer.status_code, 303, answer.text[:500])
        return self.env["kho.dl.case"].browse(int(answer.headers["Location"].split("/")[-1]))

    def draft_address(self, draft):
        return f"/my/kho-dl/applications/{draft.id}"

    def candidates(self, draft, code):
        lookup = self.env["kho.dl.lookup"].search([("case_id", "=", draft.id)])
        return lookup.candidate_ids.filtered(lambda one: code in one.case_document_id.result_code_ids.mapped("code"))

    def choices(self, draft, missing=""):
        """Return what the page of `draft` sends with what it has chosen already; "missing" for documents without any."""
        lookup = self.env["kho.dl.lookup"].search([("case_id", "=", draft.id)])
        chosen = lookup.candidate_ids.filtered("selected")
        best = {one.case_document_id.id: str(one.id) for one in chosen}
        return {f"document_{document.id}": best.get(document.id, missing) for document in draft.document_ids}
