from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.portal.own_history import OwnHistory
from ..models.store.kho_dl_serving import Call
from .citizen_case import CitizenCase
from .common import AN, BINH, CRIMINAL_RECORD, new_test_user

DATA = "/my/kho-dl/data"


@tagged("-at_install", "post_install")
class TestPortalData(CitizenCase):
    """A citizen reads at home who asked about them, and withdraws a consent (Law 91/2025)."""

    def setUp(self):
        super().setUp()
        self.case = self.own_case(self.an, AN)
        self.fetch(self.case, CRIMINAL_RECORD)

    def withdraw(self, case, user, reason="I bring them myself", **values):
        self.get("/my", user)
        token = http.Request.csrf_token(self)
        data = {"csrf_token": token, "reason": reason, **values}
        self.env.flush_all()
        answer = self.url_open(f"{self.case_address(case)}/withdraw-consent", data=data, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    def rows(self):
        return self.env["kho.dl.withdrawal"].search([("case_id", "=", self.case.id)])

    # Proves W.9-2, I.8-1.
    def test_who_asked_is_told_by_office_and_not_by_officer(self):
        self.company.name = "Department of Health"
        document = self.document(self.case, CRIMINAL_RECORD).with_context(kho_dl_reason="Hoa says it is wrong")
        document.write({"attachment_ids": [(5, 0, 0)]})
        paper = self.stored(self.an, AN)
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.env.flush_all()
        served = self.env["kho.dl.serving"]._admitted(paper.file_ids.sudo().token, "10.9.8.7", "10.9.8.7")
        self.env["kho.dl.serving"]._note(served, Call("10.9.8.7", "10.9.8.7", "GET", ""), 200, served.size)
        auditor = new_test_user(self.env, "auditor", groups="kho_dl.group_auditor", name="Lan Auditor", lang="en_US")
        page = self.env["kho.dl.person.page"].with_user(auditor).create({"numbers": AN, "reason": "Letter to Lan"})
        page.action_look()
        text = self.text(DATA, self.an).split('id="wrap"')[1].split("<footer")[0]
        for words in (
            "Department of Health",
            f"Case {self.case.name}: First medical licence",
            "At the counter",
            "You agreed on",
            "Criminal record certificate no. 1",
            "Put on the case",
            "Taken off",
            "Given to another agency",
            "Another agency",
            "Looked up for the person",
        ):
            self.assertIn(words, text)
        for words in ("Hoa", "Lan", "000188000077", "10.9.8.7", AN, "KQ.G15", "http"):
            self.assertNotIn(words, text)
        self.assertIn("Nothing is on record about you", self.text(f"{DATA}?date_to=2020-01-01"))
        for odd in ("?date_from=x", "?date_from=2020-99-99&date_to=%00", "/page/9999"):
            self.assertEqual(self.get(DATA + odd).status_code, 200, odd)

    def test_nobody_is_told_of_another(self):
        self.own_case(self.binh, BINH)
        text = self.text(DATA, self.binh)
        self.assertIn("Nothing is on record about you", text)
        self.assertNotIn(self.case.name, text)
        self.an.partner_id.kho_dl_id_number = False
        text = self.text(DATA, self.an)
        self.assertIn("not verified yet", text)
        self.assertNotIn(self.case.name, text)

    def test_what_another_group_of_companies_has_is_not_told(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.clerk.company_ids |= elsewhere
        self.an.partner_id.kho_dl_id_number = False
        self.verify(self.an.partner_id, AN, elsewhere)
        self.assertNotIn(self.case.name, self.text(DATA, self.an))

    def test_what_a_branch_that_was_closed_has_is_told(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        branch.active = False
        self.assertIn(branch, self.env["kho.dl.citizen"].with_user(self.an)._group_of(self.company.root_id))

    def test_what_another_login_asked_is_not_told_as_the_own(self):
        history = OwnHistory(self.env(user=self.an.id, su=True), [AN])
        queries = self.env["kho.dl.query"].with_env(history._env)
        for user, who in ((self.an, "You"), (self.binh, self.company.name), (self.clerk, self.company.name)):
            values = {"channel": "2", "user_id": user.id, "company_id": self.company.id}
            self.assertEqual(history._asker(queries.new(values)), who)

    # Proves W.9-3.
    def test_a_consent_given_at_the_counter_is_withdrawn_at_home(self):
        self.assertIn("withdraw-consent", self.text(self.case_address(self.case), self.an))
        answer = self.withdraw(self.case, self.an, reason="I bring them\0 myself")
        self.assertEqual(answer.status_code, 303)
        row = self.rows()
        self.assertEqual((row.user_id, row.reason, row.owner_id_number), (self.an, "I bring them myself", AN))
        text = self.text(self.case_address(self.case))
        self.assertIn("You withdrew your consent", text)
        self.assertIn("until you agree anew", text)
        self.assertNotIn("withdraw-consent", text)
        self.assertIn("I bring them myself", self.text(DATA))
        # A second time there is nothing to withdraw, and it is said so.
        answer = self.withdraw(self.case, self.an)
        self.assertEqual(answer.status_code, 200)
        self.assertIn("no consent on this case", answer.text)
        self.assertEqual(len(self.rows()), 1)
        self.case.write({"state": "10"})
        text = self.text(self.case_address(self.case))
        self.assertIn("nothing more is fetched.", text)
        self.assertNotIn("until you agree anew", text)

    def test_without_a_reason_without_a_token_and_by_others_nothing_is_withdrawn(self):
        answer = self.withdraw(self.case, self.an, reason="  ")
        self.assertIn("Say why the consent is withdrawn", answer.text)
        self.assertEqual(self.withdraw(self.case, self.an, csrf_token="").status_code, 400)
        self.assertEqual(self.withdraw(self.case, self.binh).status_code, 404)
        self.assertFalse(self.rows())
        for user in (self.an, self.binh):
            with self.assertRaises(AccessError):
                self.case.with_user(user).withdraw_consent("By RPC")
                self.env.flush_all()
        with self.assertRaises(UserError):
            self.case.with_user(self.binh).sudo().withdraw_consent("As superuser, for a stranger")
        self.assertFalse(self.rows())

    def test_a_lookup_is_open_to_the_citizen_of_the_verified_number(self):
        online = self.own_case(self.an, AN, channel="2")
        lookups = self.env["kho.dl.lookup"].sudo()
        self.assertTrue(lookups.with_user(self.an).sudo()._open(online.with_user(self.an).sudo()))
        with self.assertRaises(AccessError):
            lookups.with_user(self.binh).sudo()._open(online.with_user(self.binh).sudo())
        self.env["kho.dl.id.number"].sudo().search([("number", "=", AN)]).verified_how = False
        with self.assertRaises(AccessError):
            lookups.with_user(self.an).sudo()._open(online.with_user(self.an).sudo())
