"""Two citizens with a login and a verified number each, their cases and papers, and a browser."""

from contextlib import closing

from odoo import Command
from odoo.tests import HttpCase

from ..models.connection import kho_dl_gateway
from .common import AN, BINH, CITIZEN_CARD, KhoDLFixtures, is_transaction_open, new_test_user
from .paper_case import PDF, PaperFixtures


def make_citizen(clerk, login, number):
    """Return who has a login for the pages and a number that `clerk` has seen on a card, in the environment of a superuser."""
    user = new_test_user(clerk.env, login, groups="base.group_portal", name=f"Person {login}", lang="en_US")
    verify(clerk, user.partner_id, number)
    return user


def verify(clerk, contact, number):
    """Have `clerk` see the number of `contact` on a card."""
    contact.kho_dl_id_number = number
    contact.with_user(clerk).action_kho_dl_card_seen()


class CitizenCase(PaperFixtures, KhoDLFixtures, HttpCase):
    @classmethod
    def _make_fixtures(cls, env):
        ids = super()._make_fixtures(env)
        env["res.lang"]._activate_lang("en_US")
        clerk = env["res.users"].browse(ids[0])
        citizens = [make_citizen(clerk, f"citizen_{name}", number) for name, number in (("an", AN), ("binh", BINH))]
        cls._citizen_ids = [citizen.id for citizen in citizens]
        return ids

    def setUp(self):
        super().setUp()
        self.prepare()
        self.an, self.binh = self.env["res.users"].browse(self._citizen_ids)

    def make_citizen(self, login, number):
        return make_citizen(self.clerk, login, number)

    def verify(self, contact, number, company=None):
        verify(self.clerk, contact.with_env(self.env).with_company(company or self.company), number)

    def own_case(self, citizen, number, **values):
        return self.make_case(number, owner_id=citizen.partner_id.id, **values)

    def hand_in(self, case, name="own scan.pdf", code=CITIZEN_CARD):
        """Return the file that a clerk puts on the document of `case` that wants the result `code`."""
        file = self.env["ir.attachment"].with_user(self.clerk).create({"name": name, "raw": PDF + name.encode()})
        self.document(case, code).write({"attachment_ids": [Command.link(file.id)]})
        return file

    def fetch(self, case, code):
        """Put a file from the national store on the document of `case` that wants the result `code`."""
        self.patch(kho_dl_gateway, "is_transaction_open", is_transaction_open)
        self.env.flush_all()
        with closing(self.registry.cursor()) as cr:
            # What commits works on a cursor of its own, which no request waits for.
            wizards = self.env(cr=cr, user=self.clerk.id)["kho.dl.retrieve.wizard"]
            wizard = wizards.create({"case_id": case.id, "consent_given": True})
            wizard.action_search()
            for line in wizard.line_ids:
                line.selected = line == self.line(wizard, code)[:1]
            wizard.action_attach()
            cr.commit()
        self.env.invalidate_all()

    def stored(self, citizen, owner_number, **values):
        """Return a paper of `citizen` in our own store."""
        paper = self.make_paper(owner_id=citizen.partner_id.id, owner_id_number=owner_number, **values)
        paper.action_enter()
        return paper

    def case_address(self, case, file=None):
        return f"/my/kho-dl/cases/{case.id}" + (f"/files/{file.id}" if file else "")

    def paper_address(self, paper, file=None):
        return f"/my/kho-dl/papers/{paper.id}/files/{(file or paper.file_ids).id}"

    def get(self, address, user=None, method="GET", **headers):
        """Return the answer to `user`, who stays logged in; everything that a test wrote is seen."""
        if user:
            self.authenticate(user.login, user.login)
        self.env.flush_all()
        answer = self.url_open(address, headers=headers, method=method, allow_redirects=False)
        if answer.status_code == 303 and answer.headers["Location"].endswith(f"/en{address}"):
            # Odoo's own pages name the language of who reads them in their address.
            return self.url_open(f"/en{address}", headers=headers, method=method, allow_redirects=False)
        return answer

    def text(self, address, user=None):
        """Return the page as text; small enough for a cheap telephone."""
        answer = self.get(address, user)
        self.assertEqual(answer.status_code, 200, address)
        self.assertLess(len(answer.content), 150 * 1024, address)
        return answer.text
