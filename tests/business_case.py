"""A business that two citizens may come to act for, its case and paper, and what they send from its page."""

from datetime import timedelta

from odoo import http

from .citizen_case import CitizenCase
from .common import AN

BUSINESSES = "/my/kho-dl/businesses"
# Of no province: nobody real has it.
TAX_CODE = "0012345672"


class BusinessCase(CitizenCase):
    def setUp(self):
        super().setUp()
        self.business = self.make_business("Green Pharmacy", TAX_CODE)
        self.today = self.env["kho.dl.mandate"]._today()
        self.case = self.make_case(TAX_CODE, owner_id=self.business.id)
        self.file = self.hand_in(self.case)
        self.paper = self.make_paper(owner_id=self.business.id, owner_id_number=TAX_CODE)
        self.paper.action_enter()
        self.addresses = [
            self.case_address(self.case),
            self.case_address(self.case, self.file),
            self.paper_address(self.paper),
        ]

    def make_business(self, name, code, company=None):
        values = {"name": name, "is_company": True, "email": f"{code}@example.com", "lang": "en_US"}
        business = self.env["res.partner"].create(values)
        self.verify(business, code, company)
        return business

    def note(self, citizen=None, business=None, days=300, company=None):
        """Return the mandate of the lawful representative, An where nobody is named, that the clerk notes by the form."""
        forms = self.env["kho.dl.note.representative"].with_user(self.clerk).with_company(company or self.company)
        form = forms.create(
            {
                "organisation_id": (business or self.business).id,
                "person_id": (citizen or self.an).partner_id.id,
                "paper_seen": "Registration certificate",
                "until": self.today + timedelta(days=days),
            }
        )
        form.action_note()
        return self.env["kho.dl.mandate"].search([], limit=1)

    def post(self, user, address, **values):
        self.get("/my", user)
        self.env.flush_all()
        data = {"csrf_token": http.Request.csrf_token(self), **values}
        answer = self.url_open(f"{BUSINESSES}/{address}", data=data, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def name(self, mandate, name, number, user=None, days=30, **values):
        values = {"name": name, "number": number, "until": str(self.today + timedelta(days=days)), **values}
        return self.post(user or self.an, f"{mandate.id}/name", **values)

    def named(self, mandate, citizen, number):
        """Return the mandate of `citizen`, whom the lawful representative named."""
        answer = self.name(mandate, citizen.name, number)
        self.assertEqual(answer.status_code, 303, answer.text[-2000:])
        return self.env["kho.dl.mandate"].search([("under_id", "=", mandate.id)], limit=1)

    def assert_acts(self, user):
        for address in self.addresses:
            self.assertEqual(self.get(address, user).status_code, 200, address)
        self.assertIn(self.case.name, self.text("/my/kho-dl/cases"))

    def assert_sees_nothing(self, user):
        for address in self.addresses:
            self.assertEqual(self.get(address, user).status_code, 404, address)
        pages = [self.text(page) for page in ("/my", "/my/kho-dl/cases", "/my/kho-dl/papers", BUSINESSES)]
        for secret in (self.case.name, self.paper.number, TAX_CODE, self.business.name):
            self.assertNotIn(secret, "".join(pages))

    def assert_own_only(self, user, other):
        """Check that `user` sees none of the cases of `other`, who may act for the same business."""
        self.assertEqual(self.get(self.case_address(other), user).status_code, 404)

    def personal(self):
        return self.own_case(self.an, AN)
