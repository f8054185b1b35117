from contextlib import suppress

from odoo.addons.mail.tests.common import MailCase
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .citizen_case import CitizenCase
from .common import AN, CHAU, new_test_user


@tagged("-at_install", "post_install")
class TestPortalAccounts(MailCase, CitizenCase):
    """Odoo writes the way into an account into what officers share or compose from its templates, where they read it."""

    def setUp(self):
        super().setUp()
        self.env["ir.config_parameter"].sudo().set_param("auth_signup.invitation_scope", "b2c")
        self.case = self.own_case(self.an, AN)
        groups = "kho_dl.group_clerk,base.group_partner_manager"
        self.officers = self.clerk | new_test_user(self.env, "keeper", groups=groups, company_id=self.company.id)
        groups = "base.group_erp_manager,base.group_partner_manager"
        self.manager = new_test_user(self.env, "manager", groups=groups, company_id=self.company.id)
        self.keeper = self.officers - self.clerk
        self.template = self.env.ref("auth_signup.set_password_email")

    def previewed(self, user):
        values = {"mail_template_id": self.template.id, "resource_ref": f"res.users,{self.an.id}"}
        return str(self.env(user=user.id)["mail.template.preview"].create(values).body_html)

    def test_no_officer_composes_it(self):
        values = {"model": "res.users", "res_ids": str(self.an.ids), "template_id": self.template.id}
        for officer in self.officers:
            with self.subTest(officer.login):
                self.assertNotIn("token=", self.previewed(officer))
                self.assertNotIn("token=", str(self.env(user=officer.id)["mail.compose.message"].create(values).body))

    def test_no_officer_shares_it(self):
        person = self.env["res.partner"].create({"name": "Without a login", "email": "chau@example.com"})
        self.verify(person, CHAU)
        values = {"res_model": self.case._name, "res_id": self.case.id, "partner_ids": person.ids}
        for officer in self.officers:
            with self.subTest(officer.login), suppress(AccessError):
                self.env(user=officer.id)["portal.share"].create(values).action_send_mail()
            self.assertNotIn("token=", "".join(self.case.message_ids.mapped("body")))

    def invite(self, user):
        person = self.env["res.partner"].create({"name": "Without a login", "email": "chau@example.com"})
        self.verify(person, CHAU)
        wizard = self.env(user=user.id)["portal.wizard"].create({"partner_ids": person.ids})
        wizard.user_ids.email = "typed@example.com"
        with self.mock_mail_gateway():
            wizard.user_ids.action_grant_access()

    def test_who_is_invited_to_the_pages_gets_it(self):
        self.invite(self.manager)
        self.assertIn("token=", self._mails[0]["body"])
        return self._new_mails

    def test_no_officer_reads_it_in_an_invitation_that_waits(self):
        mail = self.test_who_is_invited_to_the_pages_gets_it()
        self.assertIn("token=", mail.body_html)
        for officer in self.officers | self.manager:
            with self.subTest(officer.login), suppress(AccessError):
                self.assertNotIn("token=", str(mail.mail_message_id.with_user(officer).read(["body", "preview"])))
            with self.subTest(officer.login), self.assertRaises(AccessError):
                mail.with_user(officer).read(["body_html"])

    def test_who_manages_accounts_and_who_forgot_a_password_have_it(self):
        self.assertIn("token=", self.previewed(self.manager))
        self.assertIn("token=", str(self.template._render_field("body_html", self.an.ids)[self.an.id]))

    def test_no_officer_chooses_where_it_goes(self):
        with self.assertRaisesRegex(UserError, "Without a login.*Access Rights"):
            self.invite(self.keeper)
        self.assertFalse(self.env["res.partner"].search([("name", "=", "Without a login")]).user_ids)
        contact = self.an.partner_id
        contact.email = "an@example.com"
        with self.assertRaisesRegex(UserError, "has an account.*Access Rights"):
            contact.with_user(self.keeper).email = "typed@example.com"
        wizard = self.env(user=self.keeper.id)["portal.wizard"].create({"partner_ids": contact.ids})
        with self.assertRaisesRegex(UserError, "Access Rights"):
            wizard.user_ids.action_invite_again()
        self.an.active = False
        with self.assertRaises(UserError):
            contact.with_user(self.keeper).email = "typed@example.com"
        self.assertEqual(contact.email, "an@example.com")
        contact.with_user(self.keeper).write({"email": "an@example.com", "phone": "0912 345 678"})
        contact.with_user(self.manager).email = "said@example.com"

    def test_an_officer_keeps_the_own_address(self):
        self.verify(self.keeper.partner_id, CHAU)
        self.keeper.partner_id.with_user(self.keeper).email = "keeper@example.com"
        self.assertEqual(self.keeper.email, "keeper@example.com")

    def test_who_is_no_person_that_we_know_is_invited_as_ever(self):
        person = self.env["res.partner"].create({"name": "A supplier", "email": "supplier@example.com"})
        wizard = self.env(user=self.keeper.id)["portal.wizard"].create({"partner_ids": person.ids})
        with self.mock_mail_gateway():
            wizard.user_ids.action_grant_access()
        self.assertIn("token=", self._mails[0]["body"])
        person.with_user(self.keeper).email = "other@example.com"
