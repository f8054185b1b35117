from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .business_case import BUSINESSES, TAX_CODE, BusinessCase
from .common import AN, BINH, CHAU, CRIMINAL_RECORD


@tagged("-at_install", "post_install")
class TestPortalBusiness(BusinessCase):
    """Who may act for a business sees and does what is under its tax code, as long as that stands, and nothing else."""

    def test_whoever_acts_for_a_business_reads_what_the_office_writes_to_it(self):
        self.an.partner_id.email = "an@example.com"
        self.assertFalse(self.case.is_read_online)
        mandate = self.note()
        self.case.invalidate_recordset()
        self.assertTrue(self.case.is_read_online)
        self.env["kho.dl.case.message"].with_user(self.clerk).create({"case_id": self.case.id, "body": "Come in"})
        mail = self.env["mail.mail"].sudo().search([("model", "=", "kho.dl.case")], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.an.partner_id)
        self.assertIn("Come in", self.text(self.case_address(self.case), self.an))
        mandate.with_user(self.clerk)._revoke("Left the firm")
        self.case.invalidate_recordset()
        self.assertFalse(self.case.is_read_online)

    def test_whoever_acts_for_a_business_is_written_to_in_the_own_language(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.business.lang = "en_US"
        self.an.partner_id.write({"email": "an@example.com", "lang": "vi_VN"})
        self.env.ref("kho_dl.mail_template_news").sudo().with_context(lang="vi_VN").subject = "Tin mới"
        self.note()
        self.env["kho.dl.case.message"].with_user(self.clerk).create({"case_id": self.case.id, "body": "Come in"})
        mail = self.env["mail.mail"].sudo().search([("model", "=", "kho.dl.case")], order="id desc", limit=1)
        self.assertEqual((mail.recipient_ids, mail.subject), (self.an.partner_id, "Tin mới"))

    # Proves I.0-4.
    def test_who_represents_it_by_law_and_whom_they_name_act_for_it(self):
        self.assert_sees_nothing(self.an)
        lawful = self.note()
        self.assert_acts(self.an)
        self.assert_sees_nothing(self.binh)
        named = self.named(lawful, self.binh, BINH)
        self.assert_acts(self.binh)
        self.assertEqual(
            (named.kind, named.user_id, named.until, named.company_id),
            ("named", self.an, named.until, self.company.root_id),
        )
        text = self.text("/my/kho-dl/cases", self.binh)
        self.assertIn(f"For: {self.business.name}", text)
        self.assertIn(f"For: {self.business.name}", self.text("/my/kho-dl/papers"))
        self.assertIn("My businesses", self.text("/my"))

    def test_what_is_a_persons_own_stays_their_own(self):
        lawful = self.note()
        self.named(lawful, self.binh, BINH)
        ans, binhs = self.own_case(self.an, AN), self.own_case(self.binh, BINH)
        for user, other, number in ((self.an, binhs, BINH), (self.binh, ans, AN)):
            self.assertEqual(self.get(self.case_address(other), user).status_code, 404)
            for page in ("/my/kho-dl/cases", "/my/kho-dl/papers", "/my/kho-dl/data", BUSINESSES):
                text = self.text(page)
                self.assertNotIn(other.name, text)
                self.assertNotIn(number, text)
        # A case with the business's code and somebody else's contact was mistyped.
        mistyped = self.make_case(TAX_CODE)
        self.assertEqual(self.get(self.case_address(mistyped), self.an).status_code, 404)

    def test_what_is_kept_in_a_browser_is_theirs_who_typed_it(self):
        self.named(self.note(), self.binh, BINH)
        self.case.state = "5"
        address = self.case_address(self.case)
        self.get(address, self.an)
        draft = f"/my/kho-dl/applications/{self.case.id}"
        data = {"csrf_token": http.Request.csrf_token(self), "words": "Between An and the office", "keep": "1"}
        self.url_open(f"{draft}/choose", data=data)
        data = {"csrf_token": http.Request.csrf_token(self), "agree": "1"}
        self.url_open(f"{draft}/ask", data=data, allow_redirects=False)
        login = {"csrf_token": http.Request.csrf_token(self), "login": self.binh.login, "password": self.binh.login}
        # Without signing out first.
        self.url_open("/web/login", data=login, allow_redirects=False)
        text = self.url_open(address).text
        self.assertIn(f'"uid": {self.binh.id}', text)
        self.assertNotIn("Between An and the office", text)
        self.assertNotIn("was not filed online", text)

    # Proves I.0-4.
    def test_the_minute_it_is_revoked_nothing_is_seen(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        answer = self.post(self.an, f"{named.id}/revoke", reason="Left us")
        self.assertEqual(answer.status_code, 303)
        self.assert_sees_nothing(self.binh)
        self.assertEqual((named.state, named.revoked_by, named.revoked_why), ("revoked", self.an, "Left us"))
        text = self.text(BUSINESSES, self.an)
        for words in ("Revoked", "Left us", self.an.name, "…0022"):
            self.assertIn(words, text)
        # Twice is once.
        self.assertEqual(self.post(self.an, f"{named.id}/revoke", reason="Again").status_code, 303)
        self.assertEqual(len(self.env["kho.dl.mandate"].search([("revokes_id", "=", named.id)])), 1)
        # Anew is another one.
        self.named(lawful, self.binh, BINH)
        self.assert_acts(self.binh)

    # Proves I.0-4.
    def test_who_was_named_goes_with_who_named_them(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        form = self.env["kho.dl.revoke.mandate"].with_user(self.clerk)
        form.create({"mandate_id": lawful.id, "reason": "Sold the company"}).action_revoke()
        self.env.invalidate_all()
        for user in (self.an, self.binh):
            self.assert_sees_nothing(user)
        self.assertEqual((named.state, named.revoked_why), ("revoked", "Sold the company"))
        # Whoever represents it next names anew; the old one does not come back.
        self.note()
        self.assert_acts(self.an)
        self.assert_sees_nothing(self.binh)

    def test_both_give_it_up_themselves(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        self.assertEqual(self.post(self.binh, f"{named.id}/revoke", reason="New job").status_code, 303)
        self.assert_sees_nothing(self.binh)
        self.assertEqual(self.post(self.an, f"{lawful.id}/revoke", reason="Retired").status_code, 303)
        self.assert_sees_nothing(self.an)

    def test_after_its_last_day_nothing_is_seen(self):
        lawful = self.note(days=60)
        named = self.named(lawful, self.binh, BINH)
        mandates = self.registry["kho.dl.mandate"]
        self.patch(mandates, "_today", lambda _self: named.until)
        self.assert_acts(self.binh)
        self.patch(mandates, "_today", lambda _self: lawful.until)
        self.assert_sees_nothing(self.binh)
        self.assert_acts(self.an)
        self.assertIn("Over", self.text(BUSINESSES))
        # Nobody's is longer than that of who named them.
        self.assertEqual(self.name(lawful, "Somebody", CHAU, days=20000).status_code, 303)
        [last] = self.env["kho.dl.mandate"].search([("person_number", "=", CHAU)])
        self.assertEqual(last.until, lawful.until)

    def test_another_group_of_companies_knows_nothing_of_it(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.clerk.company_ids |= elsewhere
        for contact, number in ((self.an.partner_id, AN), (self.business, TAX_CODE)):
            self.verify(contact, number, elsewhere)
        procedure = self.procedure.sudo().copy({"company_id": elsewhere.id})
        cases = self.env["kho.dl.case"].with_user(self.clerk).with_company(elsewhere)
        there = cases.create(
            {
                "procedure_id": procedure.id,
                "owner_id": self.business.id,
                "owner_id_number": TAX_CODE,
                "company_id": elsewhere.id,
            }
        )
        here = self.note()
        self.assert_acts(self.an)
        self.assertEqual(self.get(self.case_address(there)).status_code, 404)
        self.note(company=elsewhere)
        self.assertEqual(self.get(self.case_address(there)).status_code, 200)
        here._revoke("Not here")
        self.assert_sees_case_only(there)

    def assert_sees_case_only(self, case):
        self.assertEqual(self.get(self.case_address(case), self.an).status_code, 200)
        for address in self.addresses:
            self.assertEqual(self.get(address).status_code, 404, address)

    def test_a_number_that_is_corrected_or_no_more_verified_ends_it(self):
        self.note()
        for contact, number in ((self.business, TAX_CODE), (self.an.partner_id, AN)):
            contact.kho_dl_id_number = False
            self.assert_sees_nothing(self.an)
            contact.kho_dl_id_number = number
            self.assert_sees_nothing(self.an)
            self.verify(contact, number)
            self.assert_acts(self.an)
        # Two businesses whose contacts were merged: whose it is now, nobody knows.
        other = self.make_business("Other pharmacy", "0010001002")
        self.env.flush_all()
        merge = self.env["base.partner.merge.automatic.wizard"]
        merge._merge((self.business | other).ids, self.business)
        self.env.invalidate_all()
        self.assert_sees_nothing(self.an)

    # -- in the journal ------------------------------------------------------------------------------

    # Proves I.0-5.
    def test_the_journal_names_who_acted(self):
        lawful = self.note()
        self.named(lawful, self.binh, BINH)
        online = self.make_case(TAX_CODE, owner_id=self.business.id, channel="2")
        for user in (self.an, self.binh):
            lookup = self.env["kho.dl.lookup"].with_user(user).sudo()._open(online.with_user(user).sudo())
            lookup.consent_given = True
            self.assertEqual(lookup.partner_id, user.partner_id)
        values = {"channel": "2", "user_id": self.binh.id, "owner_id_number": TAX_CODE, "outcome": "none"}
        query = self.env["kho.dl.query"].create(
            {
                **values,
                "case_id": online.id,
                "procedure_id": online.procedure_id.id,
                "procedure_code": online.procedure_id.code,
                "owner_id": self.business.id,
                "codes": CRIMINAL_RECORD,
                "company_id": self.company.id,
                "consent_given": True,
                "consent_user_id": self.binh.id,
                "consent_on": "2026-01-01 00:00:00",
            }
        )
        told = "Person citizen_binh, for the business"
        self.assertIn(told, self.text("/my/kho-dl/data", self.an))
        self.assertIn("The business agreed on", self.text("/my/kho-dl/data"))
        text = self.text("/my/kho-dl/data", self.binh)
        self.assertNotIn(told, text)
        self.assertIn("You", text)
        self.assertEqual(query.user_id, self.binh)
        self.get("/my", self.binh)
        self.env["kho.dl.citizen"].with_user(self.binh)._withdraw_consent(online.id, "In its name")
        [row] = self.env["kho.dl.withdrawal"].search([("case_id", "=", online.id)])
        self.assertEqual((row.user_id, row.owner_id_number), (self.binh, TAX_CODE))

    def test_a_lookup_ends_with_the_mandate(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        online = self.make_case(TAX_CODE, owner_id=self.business.id, channel="2").with_user(self.binh).sudo()
        lookup = self.env["kho.dl.lookup"].with_user(self.binh).sudo()._open(online)
        lookup.consent_given = True
        named._revoke("Left us")
        self.env.invalidate_all()
        for act in (
            lookup._look,
            lambda: lookup._attach(lookup._offered(), seconds=1),
            lambda: lookup._take_answer(self.env["kho.dl.query"], {}),
            lambda: self.env["kho.dl.lookup"].with_user(self.binh).sudo()._open(online),
            lambda: online.withdraw_consent("In its name"),
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertFalse(self.asked())

    # Proves I.0-5.
    def test_rows_are_sealed_and_never_changed_or_deleted(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        named._revoke("Left us")
        rows = self.env["kho.dl.mandate"].search([])
        self.assertEqual(rows.mapped("kind"), ["revoked", "named", "lawful"])
        for row in rows:
            with self.assertRaises(UserError):
                row.sudo().until = "2099-01-01"
            with self.assertRaises(UserError):
                row.sudo().unlink()
        self.env["kho.dl.journal"]._seal_batch(self.company.root_id)
        self.assertTrue(all(rows.mapped("chain_position")))

    def test_numbers_stay_as_long_as_somebody_acts_by_them(self):
        lawful, chau = self.note(), self.make_citizen("citizen_chau", CHAU)
        named = self.named(lawful, self.binh, BINH)
        self.named(lawful, chau, CHAU)
        named._revoke("Left us")
        self.env["kho.dl.journal"]._seal_batch(self.company.root_id)
        self.company.root_id.kho_dl_retention_days = 1
        self.env.cr.execute("UPDATE kho_dl_mandate SET closed_on = closed_on - interval '9 days'")
        self.env.invalidate_all()
        mandates = self.env["kho.dl.mandate"].sudo()
        mandates._empty_batch(mandates._outdated_domain(self.company.root_id))
        self.assertEqual(named.person_number, False)
        self.assertEqual(mandates.search([("payload_emptied_on", "!=", False)]).mapped("kind"), ["revoked", "named"])
        self.assert_acts(self.an)
        self.assert_acts(chau)

    def test_mails_about_its_papers_go_to_the_business(self):
        self.note()
        self.an.partner_id.email = "an@example.com"
        mails = self.env["mail.mail"].sudo()
        before = mails.search([])
        self.paper._revoke("Wrong")
        self.assertEqual((mails.search([]) - before).recipient_ids, self.business)

    # -- applying ------------------------------------------------------------------------------------

    def begin(self, user, applicant):
        self.company.kho_dl_apply_online = True
        self.get("/my", user)
        self.env.flush_all()
        data = {"csrf_token": http.Request.csrf_token(self), "applicant": str(applicant.id)}
        answer = self.url_open(f"/my/kho-dl/apply/{self.procedure.id}", data=data, allow_redirects=False)
        self.env.invalidate_all()
        return answer

    # Proves I.0-4.
    def test_who_may_act_applies_for_the_business(self):
        self.company.kho_dl_apply_online = True
        page = f"/my/kho-dl/apply/{self.procedure.id}"
        self.assertNotIn('name="applicant"', self.text(page, self.an))
        self.assertEqual(self.begin(self.an, self.business).status_code, 404)
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        text = self.text(page, self.an)
        for words in ('name="applicant"', "Myself", self.business.name):
            self.assertIn(words, text)
        answer = self.begin(self.an, self.business)
        self.assertEqual(answer.status_code, 303)
        draft = self.env["kho.dl.case"].sudo().search([("is_draft", "=", True)])
        self.assertEqual((draft.owner_id, draft.owner_id_number, draft.create_uid), (self.business, TAX_CODE, self.an))
        address = f"/my/kho-dl/applications/{draft.id}"
        # Both work on the one of the business, and neither changes how it is reached.
        self.assertEqual(self.begin(self.binh, self.business).headers["Location"].split("/")[-1], str(draft.id))
        self.assertIn(self.business.name, self.text(address))
        self.env["kho.dl.citizen"].with_user(self.binh)._keep_data(draft, email="binh@example.com")
        self.assertEqual(self.business.email, f"{TAX_CODE}@example.com")
        named._revoke("Left us")
        self.env.invalidate_all()
        self.assertEqual(self.get(address).status_code, 404)
        for step in ("data", "ask", "choose", "submit", "discard"):
            data = {"csrf_token": http.Request.csrf_token(self)}
            answer = self.url_open(f"{address}/{step}", data=data, allow_redirects=False)
            self.assertEqual(answer.status_code, 404, step)
        self.assertTrue(draft.exists().is_draft)
        self.assertEqual(self.get(address, self.an).status_code, 200)

    def test_of_files_that_come_later_only_who_still_acts_is_written_to(self):
        lawful = self.note()
        self.named(lawful, self.binh, BINH)
        mails = self.env["mail.mail"].sudo()

        def told(user):
            before = mails.search([])
            user.email = f"{user.login}@example.com"
            self.case.sudo()._send_all_here(user, 1, 0)
            return bool(mails.search([]) - before)

        for user in (self.an, self.binh):
            self.assertTrue(told(user))
        lawful._revoke("Left us")
        self.env.invalidate_all()
        for user in (self.an, self.binh):
            self.assertFalse(told(user))
