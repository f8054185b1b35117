from contextlib import closing
from datetime import timedelta
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from odoo import fields
from odoo.exceptions import AccessDenied, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..hooks import close_sign_in_at_odoo, remove_sign_in
from ..models.connection.kho_dl_database import CONFIRMED
from ..models.portal import auth_oauth_provider
from .common import CHAU, DUNG
from .sign_in_case import SignInCase

_LOG = "odoo.addons.kho_dl.controllers.sign_in"
NAME = "Lê Minh Châu"


@tagged("-at_install", "post_install")
class TestSignIn(SignInCase):
    """The way there and back over HTTP, and everything that a provider or somebody on the way can say wrongly."""

    # Proves I.0-1.
    def test_the_first_sign_in_makes_an_account_with_a_verified_number(self):
        answer = self.sign_in(CHAU)
        user = self.assert_in(answer)
        self.assertTrue(user._is_portal())
        self.assertEqual((user.name, user.partner_id.name), (NAME, NAME))
        self.assertEqual(self.numbers(user.partner_id), [(CHAU, "vneid")])
        # It stands in logs.
        for secret in (CHAU, self.simulator.identity.claims(CHAU)["sub"]):
            self.assertNotIn(secret, user.login)
        self.assertEqual(user.company_id, self.company)
        # The second time it is the same one.
        self.assert_in(self.sign_in(CHAU), user)
        self.assertEqual(self.numbers(user.partner_id), [(CHAU, "vneid")])

    def test_the_code_is_redeemed_with_its_proof_and_the_user_info_is_not_asked_for(self):
        self.leave()
        asked = parse_qs(urlsplit(self.begin()).query)
        self.assertEqual((asked["response_type"], asked["code_challenge_method"]), (["code"], ["S256"]))
        self.assertEqual(asked["scope"][0].split()[0], "openid")
        self.sign_in(CHAU)
        paths = [row["path"].removeprefix("/openid/") for row in self.simulator.requests("openid")]
        self.assertEqual(paths[:2], ["authorize", "token"])
        self.assertNotIn("userinfo", paths)

    def test_the_user_info_is_asked_for_where_it_is_wanted(self):
        self.provider.kho_dl_asks_user = True
        self.assert_in(self.sign_in(CHAU))
        self.assertIn("/openid/userinfo", [row["path"] for row in self.simulator.requests("openid")])

    def test_the_secret_goes_in_the_form_where_that_is_wanted(self):
        self.provider.kho_dl_is_secret_in_body = True
        self.assert_in(self.sign_in(CHAU))

    def test_the_button_is_on_the_page_for_logging_in_and_keeps_where_one_wanted_to_go(self):
        self.leave()
        page = self.get("/web/login?redirect=/my/kho-dl/papers").text
        self.assertIn("Sign in with VNeID", page)
        self.assertIn(f"/kho-dl/sign-in/{self.provider.id}?redirect=%2Fmy%2Fkho-dl%2Fpapers", page)
        self.assertNotIn(self.provider.kho_dl_client_secret, page)
        answer = self.sign_in(CHAU, query="?redirect=/my/kho-dl/papers")
        self.assertEqual(urlsplit(answer.headers["Location"]).path, "/my/kho-dl/papers")

    def test_nobody_is_led_away_from_here(self):
        for address in ("https://example.com/x", "//example.com/x", "/\\example.com/x", "\\\\example.com"):
            place = urlsplit(self.sign_in(CHAU, query=f"?redirect={address}").headers["Location"])
            self.assertIn(place.hostname, (None, "127.0.0.1"), address)
            self.assertFalse(place.path.startswith(("//", "/\\")), address)

    # Proves I.0-2.
    @mute_logger(_LOG)
    def test_a_token_that_is_wrong_lets_nobody_in(self):
        wrong = (
            "nonce audience audiences issuer subject signature expired future none hmac critical unknown_key other_kind"
        )
        for form in wrong.split():
            with self.subTest(form):
                self.simulator.order("openid", "odd_id_token", match="token", form=form)
                self.assertEqual(self.refused(self.sign_in(CHAU)), "not_finished")
                self.assertFalse(self.env["res.users"].search([("oauth_provider_id", "=", self.provider.id)]))
        self.simulator.order("openid", "odd_id_token", match="token", form="es256")
        self.assert_in(self.sign_in(CHAU))

    # Proves I.0-2.
    @mute_logger(_LOG)
    def test_a_provider_that_fails_lets_nobody_in_and_leaves_nothing(self):
        faults = "server_error broken_json error_page reset redirect empty oversize cut_body null_result wrapped"
        for call in ("token", "keys"):
            for fault in faults.split():
                with self.subTest(call=call, fault=fault):
                    auth_oauth_provider._known_keys.clear()
                    self.simulator.order("openid", fault, match=call)
                    self.assertEqual(self.refused(self.sign_in(CHAU)), "not_finished")
                    self.simulator.clear_faults()
        self.assertFalse(self.env["res.users"].search([("oauth_provider_id", "=", self.provider.id)]))

    @mute_logger(_LOG)
    def test_a_provider_that_says_nothing_is_not_waited_for_long(self):
        self.simulator.order("openid", "never_answer", match="token")
        with patch("odoo.addons.kho_dl.models.portal.auth_oauth_provider._PATIENCE", 0.3):
            self.assertEqual(self.refused(self.sign_in(CHAU)), "not_finished")

    @mute_logger(_LOG)
    def test_user_info_of_somebody_else_is_refused(self):
        self.provider.kho_dl_asks_user = True
        identity, asked = self.simulator.identity, []
        claims = identity.claims

        def of_somebody_else(number):
            asked.append(number)
            return claims(number)

        with patch.object(identity, "claims", of_somebody_else):
            self.leave()
            address = self.choose(self.begin(), CHAU)
            with patch.object(type(identity), "_userinfo", lambda _self, _request: _json(claims(DUNG))):
                self.assertEqual(self.refused(self.come_back(address)), "not_finished")
        self.assertEqual(asked, [CHAU])

    # Proves I.0-2.
    @mute_logger(_LOG)
    def test_a_sign_in_counts_once_and_in_the_browser_that_began_it(self):
        self.leave()
        address = self.choose(self.begin(), CHAU)
        self.leave()
        # The victim's browser is given the attacker's way back.
        self.assertEqual(self.refused(self.come_back(address)), "too_old")
        self.begin()
        self.assertEqual(self.refused(self.come_back(address)), "too_old")
        self.leave()
        address = self.choose(self.begin(), CHAU)
        for changed in (address.replace("state=", "state=x"), address.replace("&iss=", "&iss=x")):
            self.assertIn(self.refused(self.come_back(changed)), ("too_old", "not_finished"))
        address = self.choose(self.begin(), CHAU)
        self.assert_in(self.come_back(address))
        self.leave()
        self.assertEqual(self.refused(self.come_back(address)), "too_old")

    @mute_logger(_LOG)
    def test_an_attempt_of_one_provider_does_not_end_at_another(self):
        other = self.make_provider(name="Another")
        self.leave()
        address = self.choose(self.begin(), CHAU)
        changed = address.replace(f"/{self.provider.id}/back", f"/{other.id}/back")
        self.assertEqual(self.refused(self.come_back(changed)), "too_old")

    def test_who_is_logged_in_already_stays_so_until_another_one_is_let_in(self):
        self.clerk.password = "kho_clerk"
        for user in (self.clerk, self.an):
            self.authenticate(user.login, user.login)
            self.come_back(self.choose(self.begin(), "nobody"))
            self.assertEqual(self.user(), user)
            self.come_back(self.choose(self.begin(), CHAU))
            self.assertEqual(self.user().name, NAME)

    def test_one_address_makes_us_call_only_so_often(self):
        with patch("odoo.addons.kho_dl.controllers.sign_in._MOST_A_MINUTE", 2):
            answers = [self.sign_in(CHAU) for _time in range(3)]
        self.assertEqual(self.refused(answers[2]), "too_many")
        self.assertEqual([row["path"] for row in self.simulator.requests("openid")].count("/openid/token"), 2)

    def test_the_way_by_odoo_com_is_closed_where_it_came_with_us(self):
        odoos = self.env.ref("auth_oauth.provider_openerp")
        for days, is_used, stays in ((0, False, False), (1, False, True), (0, True, True)):
            odoos.enabled = True
            self.an.oauth_provider_id = odoos if is_used else False
            self.env.flush_all()
            came_on = fields.Datetime.now() - timedelta(days=days)
            self.env.cr.execute("UPDATE auth_oauth_provider SET create_date = %s WHERE id = %s", [came_on, odoos.id])
            close_sign_in_at_odoo(self.env.cr)
            self.env.invalidate_all()
            self.assertEqual(odoos.enabled, stays, days)

    def test_without_us_odoos_own_way_is_not_open(self):
        remove_sign_in(self.env)
        self.assertFalse(self.provider.exists())
        self.assertTrue(self.env.ref("auth_oauth.provider_google").exists())

    def test_who_does_not_sign_in_there_reads_so(self):
        self.leave()
        answer = self.come_back(self.choose(self.begin(), "nobody"))
        self.assertEqual(self.refused(answer), "cancelled")
        self.assertIn("You did not sign in there", self.get("/web/login?kho_dl_refused=cancelled").text)
        self.assertNotIn("<b>x", self.get("/web/login?kho_dl_refused=<b>x").text)

    def test_a_provider_that_is_switched_off_or_another_ones_is_none(self):
        odoos = self.env.ref("auth_oauth.provider_google")
        odoos.enabled = True
        self.provider.enabled = False
        for provider in (self.provider, odoos):
            self.assertEqual(self.get(f"/kho-dl/sign-in/{provider.id}").status_code, 404)
            self.assertEqual(self.get(f"/kho-dl/sign-in/{provider.id}/back?state=x&code=y").status_code, 404)

    # Proves I.0-2.
    @mute_logger("odoo.addons.auth_oauth.controllers.main")
    def test_a_token_that_somebody_brings_opens_nothing(self):
        user = self.assert_in(self.sign_in(CHAU))
        with self.assertRaises(AccessDenied):
            self.env["res.users"].sudo().auth_oauth(self.provider.id, {"access_token": "x", "state": "{}"})
        self.assertEqual(user.oauth_provider_id, self.provider)

    def test_a_copy_of_the_database_signs_nobody_in(self):
        self.leave()
        address = self.choose(self.begin(), CHAU)
        self.env["ir.config_parameter"].sudo().set_param(CONFIRMED, "another")
        with mute_logger(_LOG):
            self.assertEqual(self.refused(self.come_back(address)), "not_finished")
        self.assertEqual(self.refused(self.get(f"/kho-dl/sign-in/{self.provider.id}")), "rest")
        self.assertNotIn("token", str([row["path"] for row in self.simulator.requests("openid")]))

    def test_the_provider_says_its_addresses(self):
        base = self.provider.kho_dl_issuer
        self.provider.write({"enabled": False, "auth_endpoint": False, "kho_dl_token_endpoint": False})
        self.discover()
        self.assertEqual(
            (self.provider.auth_endpoint, self.provider.kho_dl_token_endpoint), (f"{base}/authorize", f"{base}/token")
        )
        self.assertFalse(self.provider.kho_dl_is_secret_in_body)
        self.assertTrue(self.provider.kho_dl_redirect_uri.endswith(f"/kho-dl/sign-in/{self.provider.id}/back"))
        self.provider.kho_dl_issuer = f"{base}/"
        with self.assertRaises(UserError):
            self.discover()

    def discover(self):
        self.env.flush_all()
        with closing(self.registry.cursor()) as cr:
            # What calls others commits first.
            self.provider.with_env(self.env(cr=cr)).action_kho_dl_discover()
            cr.commit()
        self.env.invalidate_all()

    def test_a_provider_needs_tls_and_everything_that_is_asked_for(self):
        for values in (
            {"kho_dl_token_endpoint": "http://id.example.vn/token"},
            {"kho_dl_keys_endpoint": "file:///etc/passwd"},
            {"auth_endpoint": "https://name@id.example.vn/"},
            {"kho_dl_issuer": False},
            {"client_id": False},
            {"kho_dl_level_claim": False},
        ):
            with self.subTest(values), self.assertRaises(ValidationError):
                self.provider.write(values)
        with self.assertRaises(ValidationError):
            self.env.ref("auth_oauth.provider_google").auth_endpoint = False


def _json(claims):
    from ..simulator.answers import json_answer

    return json_answer(claims)
