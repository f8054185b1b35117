import time
from urllib.parse import quote

from passlib.context import CryptContext

from odoo.addons.mail.tests.common import MockEmail
from odoo.exceptions import AccessDenied
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import CHAU, new_test_user
from .sign_in_case import SignInCase

MAIL = "own@example.com"


@tagged("-at_install", "post_install")
class TestSignInStrangers(MockEmail, SignInCase):
    """A stranger at the pages for signing in learns of nobody whether they have an account, nor how it is called."""

    def setUp(self):
        super().setUp()
        self.own = new_test_user(
            self.env, "own-name", groups="base.group_portal", email=MAIL, password="a password, long"
        )
        self.make_contact(CHAU, "Lê Minh Châu", email="vouched@example.com")
        self.vouched = self.assert_in(self.sign_in(CHAU))

    def test_asked_for_a_new_password_the_page_says_the_same_to_all(self):
        unknown = self.ask_for_password("nobody@example.com")
        self.assertIn("has no password", unknown)
        for login in (MAIL, "own-name", "vouched@example.com", self.vouched.login, "nobody\0"):
            with self.subTest(login=login):
                self.assertEqual(self.ask_for_password(login), unknown)
        self.assertEqual(self.own.partner_id.signup_type, "reset")
        self.assertFalse(self.vouched.partner_id.signup_type)

    def test_nobodys_mailbox_is_filled(self):
        with self.mock_mail_gateway():
            for _time in range(7):
                self.ask_for_password(MAIL)
        self.assertEqual([mail["email_to"] for mail in self._mails], [[MAIL]] * 5)

    def test_a_mail_address_leads_to_no_login(self):
        for page in ("/web/reset_password", "/web/signup"):
            self.leave()
            unknown, known = (
                self.without_token(self.url_open(f"{page}?token=x&signup_email={mail}")).replace(quote(mail), "")
                for mail in ("nobody@example.com", MAIL)
            )
            self.assertEqual(known, unknown)
            self.assertIn("was used already", known)

    @mute_logger("odoo.addons.base.models.res_users")
    def test_a_login_that_nobody_has_is_refused_as_slowly_as_a_wrong_password(self):
        users = self.env["res.users"]
        slow = CryptContext(["pbkdf2_sha512", "plaintext"], deprecated=["auto"], pbkdf2_sha512__rounds=200_000)
        self.patch(self.registry["res.users"], "_crypt_context", lambda _users: slow)
        self.own.password = "another one, long"
        self.env.flush_all()

        def refused(login):
            began = time.perf_counter()
            with self.assertRaises(AccessDenied):
                users.authenticate({"type": "password", "login": login, "password": "wrong"}, {"interactive": True})
            return time.perf_counter() - began

        known = min(refused("own-name") for _time in range(3))
        for login in ("nobody", self.vouched.login, MAIL, "n" * 5000):
            self.assertGreater(min(refused(login) for _time in range(3)), known / 4, login)
