import itertools
import time

from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form

from ..models.connection import kho_dl_gateway, res_config_settings
from ..models.connection.connection_messages import connection_messages
from ..models.connection.portal_profiles import PROFILE_WORDS, PROFILES
from ..models.connection.res_company import PAPERS_PROVIDERURL, PORTAL_DSTCODE
from ..protocol.errors import SecurityServerUnreachable
from .common import KhoDLCase, new_test_user


class TestSettings(KhoDLCase):
    def settings(self, **values):
        return self.env["res.config.settings"].create(values)

    # Proves V.2-1.
    def test_defaults_are_those_of_the_guideline(self):
        company = self.env["res.company"].create({"name": "New agency"})
        expected = {
            "kho_dl_api_adapter": "XrdAdapter",
            "kho_dl_download_adapter": "VXPAdapter",
            "kho_dl_directory_login_path": "mapi/login",
            "kho_dl_directory_path": "mapi/call",
            "kho_dl_directory_dstcode": False,
            "kho_dl_directory_providerurl": False,
            "kho_dl_papers_login_path": "bndp/public/v1/login",
            "kho_dl_papers_path": "bndp/public/v1/user/papers",
            "kho_dl_papers_dstcode": PORTAL_DSTCODE,
            "kho_dl_papers_providerurl": PAPERS_PROVIDERURL,
            "kho_dl_dstcode_in": "query",
            "kho_dl_auth_scheme": "bare",
            "kho_dl_token_lifetime": 30,
            "kho_dl_timeout": 30,
            "kho_dl_max_file_mb": 50,
            "kho_dl_parallel_downloads": 8,
            "kho_dl_parallel_messages": 8,
        }
        self.assertEqual({name: company[name] for name in expected}, expected)

    def test_connection_works(self):
        result = self.settings().action_kho_dl_test_connection()
        self.assertEqual(result["params"]["type"], "success")
        self.assertEqual(len(self.simulator.requests("login")), 2)

    def test_what_is_wrong_is_said(self):
        problems = []
        for field, value in (
            ("kho_dl_password", "wrong"),
            ("kho_dl_ss_url", "http://127.0.0.1:9"),
            ("kho_dl_unit_code", False),
            ("kho_dl_username", False),
            ("kho_dl_papers_path", False),
            ("kho_dl_api_adapter", " "),
        ):
            with self.subTest(field=field):
                right = self.company[field]
                self.company[field] = value
                result = self.settings().action_kho_dl_test_connection()
                self.company[field] = right
                self.assertEqual(result["params"]["type"], "danger")
                problems.append(result["params"]["message"])
        self.assertEqual(len(set(problems)), 6)
        self.assertIn("Unit code", problems[2])

    def test_the_administrator_reads_what_to_look_at(self):
        def test(fault, times=1, **values):
            self.simulator.order("login", fault, times=times, **values)
            return self.settings().action_kho_dl_test_connection()["params"]["message"]

        said = test("error_code", code=17, message="Đơn vị chưa được cấp quyền")
        self.assertIn("“Đơn vị chưa được cấp quyền”", said)
        self.assertIn("HTTP 500", test("server_error", status=500))
        self.assertIn(self.simulator.url, test("error_page"))
        # On a connection that stayed open a login goes out twice.
        self.assertIn("broke it off", test("reset", times=2))
        self.company.kho_dl_ss_url = "http://127.0.0.1:9"
        self.assertIn("Nothing answers at http://127.0.0.1:9", self.settings()._kho_dl_connection_problem())

    def test_nobody_waits_for_a_test_as_long_as_for_a_file(self):
        self.company.kho_dl_timeout = 300
        self.patch(res_config_settings, "_SECONDS_FOR_TEST", 3)
        self.simulator.order("login", "never_answer", times=None)
        began = time.monotonic()
        self.assertIn("so slowly", self.settings()._kho_dl_connection_problem())
        self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(len(self.simulator.requests("login")), 1)

    def test_a_number_out_of_range_is_named_and_nothing_else_is_shown(self):
        for name, wrong in (
            ("kho_dl_alarm_agency_hours", 0),
            ("kho_dl_timeout", 301),
            # Longer ago than the calendar goes back.
            ("kho_dl_unused_days", 800_000),
            ("kho_dl_message_days", 800_000),
            ("kho_dl_count_days", 2**31 - 1),
            ("kho_dl_retention_days", 800_000),
            ("kho_dl_retention_days", -1),
        ):
            with self.subTest(name=name), self.assertRaises(ValidationError) as refused:
                self.settings(**{name: wrong}).execute()
            self.assertNotIn("Failing row", str(refused.exception))
        self.assertIn("0", str(refused.exception))

    def test_a_certificate_that_is_not_trusted_is_not_taken_for_silence(self):
        error = SecurityServerUnreachable()
        error.is_trusted = False
        settings = self.env["kho.dl.gateway"]._settings(self.company)
        self.assertIn("REQUESTS_CA_BUNDLE", connection_messages(self.env, settings, error))

    def test_the_papers_account_may_be_another(self):
        self.company.write({"kho_dl_papers_username": "nobody", "kho_dl_papers_password": "wrong"})
        result = self.settings().action_kho_dl_test_connection()
        self.assertIn("Papers", result["params"]["message"])

    def test_secrets_are_for_system_administrators(self):
        administrator = new_test_user(self.env, "kho_admin", groups="kho_dl.group_administrator")
        for user in (self.clerk, administrator):
            with self.assertRaises(AccessError):
                self.company.with_user(user).read(["kho_dl_password"])

    def test_the_address_is_checked(self):
        for wrong in ("ftp://10.0.0.1", "http://", "http://a b", "http://user@host"):
            with self.subTest(address=wrong), self.assertRaises(ValidationError):
                self.company.kho_dl_ss_url = wrong

    def test_a_wrong_address_among_several_is_named(self):
        with self.assertRaises(ValidationError) as refused:
            self.company.kho_dl_serve_addresses = "10.0.0.1, 10.0.0.999"
        self.assertEqual(
            str(refused.exception),
            "“10.0.0.999” is no address of a security server. Write them like 10.0.0.1, 10.1.0.0/24.",
        )

    # Proves W.0-2.
    def test_header_and_bearer_are_sent_when_set(self):
        self.company.write({"kho_dl_dstcode_in": "both", "kho_dl_auth_scheme": "bearer"})
        self.make_wizard(self.make_case()).action_search()
        [request] = self.simulator.requests("papers")
        headers = {name.lower(): value for name, value in request["headers"].items()}
        self.assertEqual(headers["dstcode"], PORTAL_DSTCODE)
        self.assertTrue(headers["authorization"].startswith("Bearer "))


class TestProfiles(KhoDLCase):
    """A portal that speaks otherwise than the guideline prints it."""

    def speak(self, profile):
        self.simulator.speak(profile)
        self.env["kho.dl.token"].search([]).unlink()

    def test_a_profile_sets_the_details_and_the_details_show_the_profile(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.kho_dl_profile, "printed")
        for profile, values in PROFILES.items():
            with self.subTest(profile=profile):
                self.env["res.config.settings"].create({"kho_dl_profile": profile}).execute()
                self.assertEqual(self.company.kho_dl_profile, profile)
                self.assertEqual({name: self.company[name] for name in values}, values)
        with Form(self.env["res.config.settings"]) as form:
            self.assertEqual(form.kho_dl_profile, "client_2026")
            form.kho_dl_lookup_path = "mapi/other"
            self.assertFalse(form.kho_dl_profile)
        form.record.execute()
        self.assertEqual(self.company.kho_dl_lookup_path, "mapi/other")
        with Form(self.env["res.config.settings"]) as form:
            form.kho_dl_profile = "printed"
            self.assertFalse(form.kho_dl_lookup_path)
        form.record.execute()
        self.assertEqual(self.company.kho_dl_profile, "printed")

    # Proves W.0-8 in every profile.
    def test_the_test_finds_out_which_way_the_portal_answers(self):
        for spoken, chosen in itertools.permutations(PROFILES, 2):
            with self.subTest(spoken=spoken, chosen=chosen):
                self.speak(spoken)
                self.company.kho_dl_profile = chosen
                label = dict(PROFILE_WORDS)[spoken]
                problem = self.env["res.config.settings"].create({})._kho_dl_connection_problem()
                self.assertIn(label, problem)
                # Nothing else is to be looked at then.
                self.assertNotIn("Check", problem)
                self.company.kho_dl_profile = spoken
                self.assertFalse(self.env["res.config.settings"].create({})._kho_dl_connection_problem())
        self.company.kho_dl_password = "wrong"
        self.assertNotIn("another way", self.env["res.config.settings"].create({})._kho_dl_connection_problem())

    # Proves II.1-2, V.1-1, V.2-8, W.0-3, W.0-5, W.1-4, W.7-2 in every profile.
    def test_everything_works_in_every_profile(self):
        for profile in PROFILES:
            with self.subTest(profile=profile):
                self.speak(profile)
                self.company.write({"kho_dl_profile": profile, "kho_dl_sync_enabled": True})
                case = self.make_case()
                wizard = self.make_wizard(case)
                wizard.action_search()
                self.assertEqual(wizard.outcome, "found")
                wizard.action_attach()
                self.assertIn("attached", wizard.line_ids.mapped("status"))
                with self.client() as client:
                    self.assertTrue(client.sectors())
                    self.assertTrue(client.directory().servers)
                self.env["kho.dl.outbox"]._cron_send()
                self.assertEqual(set(case.outbox_ids.mapped("state")), {"accepted"})
                number = case.name
                with self.client() as client:
                    self.assertEqual(client.find_case(number).number, number)
                self.company.kho_dl_sync_enabled = False

    def client(self):
        client = self.env["kho.dl.gateway"]._client(self.company)
        kho_dl_gateway.end_transaction(self.env.cr)
        return client
