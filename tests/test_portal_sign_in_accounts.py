from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..simulator.identity import NUMBER_CLAIM
from .common import AN, BINH, CHAU, DUNG, new_test_user
from .sign_in_case import SignInCase

NAME = "Lê Minh Châu"
OLD = "123456789"


@tagged("-at_install", "post_install")
class TestSignInAccounts(SignInCase):
    """Whose account it is: of one subject of one provider; and how nobody comes to another person's contact."""

    # Proves I.0-6.
    def test_a_contact_whose_number_was_verified_is_joined(self):
        contact = self.make_contact(CHAU, NAME)
        case = self.make_case(CHAU, owner_id=contact.id)
        user = self.assert_in(self.sign_in(CHAU))
        self.assertEqual(user.partner_id, contact)
        self.assertEqual(self.numbers(contact), [(CHAU, "vneid")])
        self.assertIn(case.name, self.text("/my/kho-dl/cases"))

    # Proves I.0-6.
    def test_a_number_that_was_typed_opens_nothing(self):
        typed = self.make_contact(CHAU, NAME, seen=False, email="chau@example.com")
        case = self.make_case(CHAU, owner_id=typed.id)
        user = self.assert_in(self.sign_in(CHAU, email="chau@example.com", email_verified=True))
        self.assertNotEqual(user.partner_id, typed)
        # Whoever proves it has it.
        self.assertEqual((self.numbers(user.partner_id), self.numbers(typed)), ([(CHAU, "vneid")], []))
        self.assertNotIn(case.name, self.text("/my/kho-dl/cases"))
        self.assertEqual(self.get(f"/my/kho-dl/cases/{case.id}").status_code, 404)
        self.assertIn("taken away", typed.message_ids[0].body)
        self.assertNotIn(CHAU, typed.message_ids[0].body)

    def test_what_no_record_can_hold_of_a_name_or_an_address_is_left_out(self):
        odd = {"name": "Lê\x00 Châu\ud800", "email": "chau\x00@example.com", "email_verified": True}
        user = self.assert_in(self.sign_in(CHAU, acr="1", **odd))
        self.assertEqual((user.name, user.email or ""), ("Lê Châu", ""))
        # The account is called anew by the first sign-in that proves a number.
        self.assertEqual(self.assert_in(self.sign_in(CHAU, **{**odd, "name": "Lê Minh\x00 Châu"})).name, NAME)

    # Proves I.0-6.
    def test_a_mail_address_joins_nobody(self):
        own = new_test_user(self.env, "chau@example.com", groups="base.group_portal", email="chau@example.com")
        user = self.assert_in(self.sign_in(CHAU, email="chau@example.com", email_verified=True))
        self.assertNotEqual(user, own)
        self.assertNotEqual(user.partner_id, own.partner_id)
        self.assertEqual(user.email, "chau@example.com")
        self.assertFalse(self.assert_in(self.sign_in(DUNG, email="dung@example.com")).email)

    def test_a_citizen_with_a_password_keeps_the_account(self):
        contact = self.make_contact(CHAU, NAME)
        own = new_test_user(self.env, "own", groups="base.group_portal", name=NAME, partner_id=contact.id)
        self.assert_in(self.sign_in(CHAU), own)
        self.assertEqual(self.user(), own)
        # Another subject with the same number is somebody whom the provider has to explain.
        self.assertEqual(self.refused(self.sign_in(CHAU, sub="another")), "at_counter")

    # Proves I.0-7.
    def test_what_does_not_fit_is_for_the_counter(self):
        contact = self.make_contact(CHAU, NAME)
        organisation = self.env["res.partner"].create({"name": "Organisation", "is_company": True})
        for values, right in (
            ({"name": "Somebody Else"}, {"name": NAME}),
            ({"active": False}, {"active": True}),
            ({"is_company": True}, {"is_company": False}),
            ({"parent_id": organisation.id}, {"parent_id": False}),
        ):
            with self.subTest(values):
                contact.write(values)
                self.assertEqual(self.refused(self.sign_in(CHAU)), "at_counter")
                contact.write(right)
        self.assertEqual(self.numbers(contact), [(CHAU, "card")])
        self.assert_in(self.sign_in(CHAU))

    # Proves I.0-7.
    def test_an_officer_is_never_let_in_so(self):
        self.clerk.partner_id.name = NAME
        self.verify(self.clerk.partner_id, CHAU)
        self.assertEqual(self.refused(self.sign_in(CHAU)), "officer")
        # Nor where somebody linked them, nor who became one.
        self.clerk.partner_id.kho_dl_number_ids.sudo().unlink()
        user = self.assert_in(self.sign_in(CHAU))
        user.group_ids = [Command.set(self.env.ref("base.group_user").ids)]
        self.assertEqual(self.refused(self.sign_in(CHAU)), "officer")

    # Proves I.0-7.
    def test_no_mailbox_opens_it(self):
        contact = self.make_contact(CHAU, NAME, email="shop@example.com")
        user = self.assert_in(self.sign_in(CHAU))
        self.leave()
        # Its address an officer typed; its login others may read.
        for login in ("shop@example.com", user.login):
            self.ask_for_password(login)
            self.assertFalse(contact.signup_type)
        with self.assertRaisesRegex(UserError, "has no password"):
            self.env["res.users"].reset_password("shop@example.com")
        # Who has a password gets another, whoever vouches for them.
        for who in (self.an, user):
            who.write({"email": "an@example.com", "password": "a new one, long"})
            who.reset_password(who.login)
            self.assertEqual(who.partner_id.signup_type, "reset")

    def test_a_name_that_was_typed_is_not_proven_with_the_number(self):
        user = self.assert_in(self.sign_in(CHAU, acr="1"))
        user.with_user(user).write({"name": "Somebody Else"})
        self.assertEqual(user.partner_id.name, "Somebody Else")
        self.assert_in(self.sign_in(CHAU), user)
        self.assertEqual((user.partner_id.name, self.numbers(user.partner_id)), (NAME, [(CHAU, "vneid")]))
        # A name that an officer compared with the card stays until another does.
        user.partner_id.name = "As it is on the card"
        self.assert_in(self.sign_in(CHAU), user)
        self.assertEqual(user.partner_id.name, "As it is on the card")

    def test_an_account_that_was_closed_stays_closed(self):
        user = self.assert_in(self.sign_in(CHAU))
        user.active = False
        self.assertEqual(self.refused(self.sign_in(CHAU)), "closed")
        user.write({"oauth_uid": False, "oauth_provider_id": False})
        self.assertEqual(self.refused(self.sign_in(CHAU)), "closed")

    # Proves I.0-7.
    def test_another_number_than_before_opens_nothing(self):
        user = self.assert_in(self.sign_in(CHAU))
        for other in (DUNG, OLD, BINH):
            self.assertIn(self.refused(self.sign_in(CHAU, **{NUMBER_CLAIM: other})), ("other_number", "at_counter"))
        self.assertEqual(self.numbers(user.partner_id), [(CHAU, "vneid")])
        # The other way round: another subject that says the same number.
        self.assertEqual(self.refused(self.sign_in(DUNG, **{NUMBER_CLAIM: CHAU, "name": NAME})), "at_counter")
        self.assert_in(self.sign_in(CHAU), user)

    # Proves I.0-7.
    def test_twelve_digits_follow_nine(self):
        user = self.assert_in(self.sign_in(CHAU, **{NUMBER_CLAIM: OLD}))
        self.assertEqual(self.numbers(user.partner_id), [(OLD, "vneid")])
        self.assert_in(self.sign_in(CHAU), user)
        self.assertEqual(self.numbers(user.partner_id), [(OLD, "vneid"), (CHAU, "vneid")])
        # The old one is still theirs, and says nothing new of the other.
        self.assert_in(self.sign_in(CHAU, **{NUMBER_CLAIM: OLD}), user)
        self.assertEqual(self.numbers(user.partner_id), [(OLD, "vneid"), (CHAU, "vneid")])

    def test_an_old_number_verifies_no_new_one_that_was_typed(self):
        user = self.assert_in(self.sign_in(CHAU, **{NUMBER_CLAIM: OLD}))
        user.partner_id.kho_dl_id_number = CHAU
        self.assert_in(self.sign_in(CHAU, **{NUMBER_CLAIM: OLD}), user)
        self.assertEqual(self.numbers(user.partner_id), [(OLD, "vneid"), (CHAU, False)])

    # Proves I.0-8.
    def test_a_level_that_is_too_low_verifies_nothing(self):
        contact = self.make_contact(CHAU, NAME)
        for claims in (
            {"acr": "1"},
            {"acr": None},
            {"acr": ["0", "1"]},
            {"acr": True},
            {"acr": {"2": 2}},
            {"acr": "23"},
        ):
            with self.subTest(claims):
                user = self.assert_in(self.sign_in(CHAU, **claims))
                self.assertNotEqual(user.partner_id, contact)
                self.assertEqual(self.numbers(user.partner_id), [])
        self.assertEqual(self.numbers(contact), [(CHAU, "card")])
        before = user.partner_id
        # With the level the person comes to what is theirs.
        self.assert_in(self.sign_in(CHAU, acr=["2", "x"]), user)
        self.assertEqual((user.partner_id, self.numbers(contact)), (contact, [(CHAU, "vneid")]))
        self.assertFalse(before.active)
        # And from now on by that level alone.
        self.assertEqual(self.refused(self.sign_in(CHAU, acr="1")), "low_level")
        self.provider.kho_dl_levels = False
        self.assertEqual(self.refused(self.sign_in(CHAU)), "low_level")

    def test_what_is_no_number_of_a_person_verifies_nothing(self):
        for number in ("", "000000000000", "0099999902", "12345", 392000033, None, [CHAU]):
            with self.subTest(number):
                user = self.assert_in(self.sign_in(CHAU, **{NUMBER_CLAIM: number}))
                self.assertEqual(self.numbers(user.partner_id), [])

    def test_who_has_a_contact_with_a_number_is_moved_to_no_other(self):
        user = self.assert_in(self.sign_in(CHAU, acr="1"))
        self.verify(user.partner_id, DUNG)
        contact = self.make_contact(CHAU, NAME)
        self.assertEqual(self.refused(self.sign_in(CHAU)), "at_counter")
        self.assertEqual(self.numbers(contact), [(CHAU, "card")])

    # Proves I.0-7.
    def test_agencies_are_apart(self):
        second = self.make_second_company()
        other = self.make_provider(name="Other", kho_dl_company_id=second.id)
        contact = self.make_contact(CHAU, NAME)
        # What another agency verified is no reason to join here.
        user = self.assert_in(self.sign_in(CHAU, provider=other))
        self.assertNotEqual(user.partner_id, contact)
        self.assertEqual((user.company_id, user.company_ids), (second, second))
        here = self.assert_in(self.sign_in(CHAU))
        self.assertEqual(here.partner_id, contact)
        self.assertNotEqual(here, user)

    # Proves I.0-7.
    def test_a_contact_that_is_somebody_else_for_another_agency_is_not_joined(self):
        second = self.make_second_company()
        contact = self.make_contact(CHAU, NAME)
        contact.with_company(second).kho_dl_id_number = DUNG
        self.env.flush_all()
        self.env["kho.dl.id.number"].search([("number", "=", DUNG)]).sudo()._verify("card")
        self.assertEqual(self.refused(self.sign_in(CHAU)), "at_counter")

    def test_two_numbers_of_a_kind_are_two_people(self):
        contact, merged = self.make_contact(CHAU, NAME), self.make_contact(DUNG, "Phạm Quốc Dũng")
        self.env["base.partner.merge.automatic.wizard"]._merge((contact | merged).ids, contact)
        self.assertEqual(self.refused(self.sign_in(CHAU)), "at_counter")

    # Proves I.0-9.
    def test_a_case_says_whether_its_account_was_verified(self):
        user = self.assert_in(self.sign_in(CHAU))
        online = self.make_case(CHAU, owner_id=user.partner_id.id, channel="2")
        self.assertTrue(online.is_account_verified)
        self.assertTrue(online._prepare_case_message().as_wire()["TaiKhoanDuocXacThucVoiVNeID"])
        # An application is looked at as it is submitted.
        values = {"procedure_id": self.procedure.id, "owner_id": user.partner_id.id, "owner_id_number": CHAU}
        cases = self.env["kho.dl.case"].with_user(user).sudo()
        draft = cases.create({**values, "channel": "2", "is_draft": True, "officer_id": False})
        self.assertFalse(draft.is_account_verified)
        draft._submit_draft()
        self.assertTrue(draft.is_account_verified)
        # At the counter nobody signed in; a number whose card was seen is no account.
        self.assertFalse(self.make_case(CHAU, owner_id=user.partner_id.id).is_account_verified)
        self.assertFalse(self.own_case(self.an, AN, channel="2").is_account_verified)
        low = self.assert_in(self.sign_in(DUNG, acr="1"))
        self.assertFalse(self.make_case(DUNG, owner_id=low.partner_id.id, channel="2").is_account_verified)
