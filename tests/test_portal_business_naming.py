import re
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.portal import kho_dl_mandate
from .business_case import BUSINESSES, TAX_CODE, BusinessCase
from .common import AN, BINH, CHAU, new_test_user


@tagged("-at_install", "post_install")
class TestPortalBusinessNaming(BusinessCase):
    """Who names whom for a business, and what that tells nobody."""

    def rows(self, **values):
        return self.env["kho.dl.mandate"].search([(name, "=", value) for name, value in values.items()])

    # -- at the counter ------------------------------------------------------------------------------

    # Proves I.0-3.
    def test_an_officer_notes_who_represents_it_with_the_paper_seen(self):
        row = self.note()
        self.assertEqual(
            (row.kind, row.user_id, row.paper_seen, row.organisation_number, row.person_number),
            ("lawful", self.clerk, "Registration certificate", TAX_CODE, AN),
        )
        with self.assertRaises(UserError):
            self.note()
        action = self.business.with_user(self.clerk).action_kho_dl_mandates()
        self.assertEqual(self.env["kho.dl.mandate"].with_user(self.clerk).search(action["domain"]), row)
        self.assertEqual(self.business.action_kho_dl_note_representative()["res_model"], "kho.dl.note.representative")
        self.assertEqual(row.with_user(self.clerk).action_revoke()["res_model"], "kho.dl.revoke.mandate")

    def test_nothing_is_noted_of_who_was_not_seen(self):
        unseen = self.env["res.partner"].create({"name": "Unseen", "kho_dl_id_number": CHAU})
        shop = self.env["res.partner"].create(
            {"name": "Unseen shop", "is_company": True, "kho_dl_id_number": "0010001002"}
        )
        mandates = self.env["kho.dl.mandate"].with_user(self.clerk)
        an, until = self.an.partner_id, self.today + timedelta(days=9)
        for organisation, person, last, paper in (
            (self.business, unseen, until, "Certificate"),
            (shop, an, until, "Certificate"),
            (an, an, until, "Certificate"),
            (self.business, self.business, until, "Certificate"),
            (self.business, an, until, "  "),
            (self.business, an, self.today - timedelta(days=1), "Certificate"),
            (self.business, an, self.today + timedelta(days=3000), "Certificate"),
            (self.business, an, False, "Certificate"),
        ):
            with self.subTest(organisation=organisation.name, person=person.name, last=last, paper=paper):
                with self.assertRaises(UserError):
                    mandates._note_lawful(organisation, person, last, paper)
        for group in ("base.group_user", "kho_dl.group_auditor", "base.group_portal"):
            user = new_test_user(self.env, f"other_{group}", groups=group)
            with self.subTest(group), self.assertRaises(AccessError):
                mandates.with_user(user)._note_lawful(self.business, an, until, "Certificate")
        self.assertFalse(self.rows())

    def test_officers_of_another_agency_see_and_end_nothing(self):
        row = self.note()
        other = self.env["res.company"].create({"name": "Other"})
        values = {"company_id": other.id, "company_ids": [(6, 0, other.ids)]}
        stranger = new_test_user(self.env, "stranger", groups="kho_dl.group_clerk", **values)
        self.assertFalse(self.env["kho.dl.mandate"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            self.env["kho.dl.revoke.mandate"].with_user(stranger).create({"mandate_id": row.id, "reason": "x"})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.root_id.id})
        stranger.write({"company_ids": [(6, 0, branch.ids)], "company_id": branch.id})
        self.assertEqual(self.env["kho.dl.mandate"].with_user(stranger).search([]), row)

    # -- online --------------------------------------------------------------------------------------

    # Proves I.0-4.
    def test_naming_tells_nothing_of_whose_a_number_is(self):
        lawful = self.note()
        answers = []
        for name, number in (
            (self.binh.name, BINH),
            ("Somebody else", CHAU),
            ("Nobody at all", "000299000099"),
        ):
            answer = self.name(lawful, name, number)
            page = self.text(BUSINESSES + "?done=named", self.an)
            for one in self.rows(under_id=lawful.id):
                page = page.replace(one.person_name, "").replace(f"…{one.person_number[-4:]}", "")
                page = page.replace(f"/{one.id}/", "").replace(f"kho_dl_reason_{one.id}", "")
                one._revoke("Next")
            self.env.cr.execute("UPDATE kho_dl_mandate SET noted_on = noted_on - interval '2 days'")
            self.env.invalidate_all()
            page = re.sub(r"[0-9a-f]{40}o\d+", "", page)
            answers.append((answer.status_code, answer.headers["Location"], page.split("Whom you named")[1][:1500]))
        self.assertEqual([answer[:2] for answer in answers], [answers[0][:2]] * 3)
        first = answers[0][2].split("Let this person")[0]
        self.assertTrue(all(answer[2].split("Let this person")[0] == first for answer in answers))

    def test_who_is_named_under_another_name_is_somebody_else(self):
        lawful = self.note()
        self.name(lawful, "Somebody Else", BINH)
        self.assert_sees_nothing(self.binh)
        [row] = self.rows(under_id=lawful.id)
        self.assertEqual(self.post(self.binh, f"{row.id}/revoke", reason="Me").status_code, 404)
        row._revoke("A slip of the pen")
        self.name(lawful, "person  CITIZEN_BINH ", BINH)
        self.assert_acts(self.binh)

    def test_mandates_are_found_by_how_they_stand(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        for end in (lambda: None, lambda: named._revoke("Left us"), lambda: lawful._revoke("Sold")):
            end()
            self.env.invalidate_all()
            for state in ("in_force", "over", "revoked", False):
                self.assertEqual(
                    self.rows(state=state), self.rows().filtered(lambda one, state=state: one.state == state)
                )

    def test_who_was_named_names_nobody(self):
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        self.assertNotIn("Name another person", self.text(BUSINESSES, self.binh))
        for mandate in (named, lawful):
            answer = self.name(mandate, "Somebody", CHAU, user=self.binh)
            self.assertEqual(answer.status_code, 404)
            with self.assertRaises(UserError):
                named._name_another("Somebody", CHAU, self.today)
        self.assertEqual(self.post(self.binh, f"{lawful.id}/revoke", reason="Mine now").status_code, 404)
        self.assertEqual(len(self.rows(state="in_force")), 2)

    # Proves I.0-3.
    def test_strangers_name_and_revoke_nothing(self):
        lawful = self.note()
        chau = self.make_citizen("citizen_chau", CHAU)
        named = self.named(lawful, self.binh, BINH)
        for user in (chau, self.clerk):
            self.clerk.password = self.clerk.login
            for mandate in (lawful, named):
                for address in (f"{mandate.id}/revoke", f"{mandate.id}/name"):
                    answer = self.post(user, address, reason="x", name="Me", number=CHAU, until=str(self.today))
                    self.assertEqual(answer.status_code, 404, (user.name, address))
        self.assert_sees_nothing(chau)
        for odd in ("0/revoke", "99999999999999999999/name", "2147483647/revoke"):
            self.assertEqual(self.post(self.an, odd, reason="x").status_code, 404, odd)
        # Another business of An's says nothing about this one.
        other = self.make_business("Other pharmacy", "0010001002")
        self.note(chau, other)
        self.assertEqual(self.post(chau, f"{named.id}/revoke", reason="x").status_code, 404)
        self.assertEqual(self.post(self.an, f"{named.id}/revoke", reason="x", csrf_token="").status_code, 400)
        self.assertEqual(self.get(f"{BUSINESSES}/{named.id}/revoke", self.an).status_code, 405)
        self.assertEqual(len(self.rows(state="in_force")), 3)
        self.logout()
        self.assertIn("/web/login", self.get(BUSINESSES).headers["Location"])

    def test_what_cannot_be_is_said_and_what_was_typed_stays(self):
        lawful = self.note()
        self.named(lawful, self.binh, BINH)
        for words, name, number, more in (
            ("as they stand on the card", "Person", "12345", {}),
            ("as they stand on the card", "Person", TAX_CODE, {}),
            ("as they stand on the card", " \0 ", CHAU, {}),
            ("Choose a day", "Typed Name", CHAU, {"until": "yesterday"}),
            ("Choose a day", "Typed Name", CHAU, {"days": -1}),
            ("already", self.binh.name, BINH, {}),
            ("already", self.an.name, AN, {}),
        ):
            with self.subTest(words=words, number=number):
                answer = self.name(lawful, name, number, **more)
                self.assertEqual(answer.status_code, 200)
                self.assertIn(words, answer.text)
                self.assertIn(f'value="{number}"', answer.text)
        answer = self.post(self.an, f"{lawful.id}/revoke", reason=" \0 ")
        self.assertIn("Say why", answer.text)
        self.assertEqual(len(self.rows(state="in_force")), 2)

    def test_numbers_are_not_tried_out(self):
        self.patch(kho_dl_mandate, "MOST_NAMED", 2)
        lawful = self.note()
        for number in (BINH, CHAU):
            self.named(lawful, self.binh, number)._revoke("Next")
        self.assertIn("come back tomorrow", self.name(lawful, "Third", "000299000099").text)
        self.env.cr.execute("UPDATE kho_dl_mandate SET noted_on = noted_on - interval '2 days'")
        self.env.invalidate_all()
        self.assertEqual(self.name(lawful, "Third", "000299000099").status_code, 303)

    def test_a_mandate_is_revoked_once_in_the_database(self):
        lawful = self.note()
        values = {"kind": "revoked", "revokes_id": lawful.id, "company_id": lawful.company_id.id, "reason": "x"}
        mandates = self.env["kho.dl.mandate"]
        mandates._journal(values)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation), self.env.cr.savepoint():
            mandates._journal(values)

    # -- whom one applies for ------------------------------------------------------------------------

    def test_whom_one_can_apply_for(self):
        citizen = self.env["kho.dl.citizen"].with_user(self.an)
        own = self.an.partner_id
        self.assertEqual(citizen._applicants(), own)
        lawful = self.note()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertEqual(citizen._applicants(self.company.root_id), own | self.business)
        self.assertEqual(citizen._applicants(elsewhere), own)
        numbers = [citizen._number_of(one, self.company) for one in (own, self.business, self.binh.partner_id)]
        self.assertEqual(numbers, [AN, TAX_CODE, False])
        self.assertFalse(citizen._number_of(self.business, elsewhere))
        lawful._revoke("Over")
        self.env.invalidate_all()
        self.assertEqual(citizen._applicants(), own)

    def test_news_of_a_case_reach_whoever_acts_for_it_today(self):
        case = self.case.sudo()
        self.assertFalse(case._citizens())
        lawful = self.note()
        named = self.named(lawful, self.binh, BINH)
        self.name(lawful, "Somebody Else", CHAU)
        self.make_citizen("citizen_chau", CHAU)
        self.assertEqual(case._citizens(), self.an | self.binh)
        named._revoke("Left us")
        self.env.invalidate_all()
        self.assertEqual(case._citizens(), self.an)
