import logging
from datetime import timedelta

from prometheus_client.parser import text_string_to_metric_families

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged

from ..models.health.health_check import CHECKS
from .common import AN, KhoDLFixtures, new_test_user

PATH = "/kho_dl/health"


@tagged("post_install", "-at_install")
class TestHealthMonitoring(KhoDLFixtures, HttpCase):
    # Statements are counted.
    keeps_memory = False

    def setUp(self):
        super().setUp()
        self.prepare()
        self.env["res.config.settings"].create({}).action_kho_dl_new_health_token()
        self.token = self.company.kho_dl_health_token

    def get(self, path=PATH, token=None, method="GET", **headers):
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if token:
            headers["Authorization"] = f"Bearer {token}"
        return self.url_open(path, headers=headers, method=method, allow_redirects=False)

    def metrics(self, answer):
        """Return {(name, kind or None): value} of an answer in Prometheus' format."""
        return {
            (sample.name, sample.labels.get("kind")): sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
        }

    def test_healthy(self):
        answer = self.get(token=self.token)
        self.assertEqual((answer.status_code, answer.headers["Content-Type"]), (200, "application/json; charset=utf-8"))
        self.assertEqual(answer.headers["Cache-Control"], "no-store")
        self.assertNotIn("Set-Cookie", answer.headers)
        told = answer.json()
        self.assertEqual((told["status"], told["troubles"], told["files_waiting"]), ("ok", [], 0))
        self.assertRegex(told["directory_done_on"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")

    def test_unhealthy_is_503_with_the_reason(self):
        self.env.ref("kho_dl.ir_cron_process").active = False
        answer = self.get(token=self.token)
        self.assertEqual(answer.status_code, 503)
        self.assertEqual(answer.json()["troubles"], [{"kind": "actions_off", "level": "danger"}])

    def test_what_can_wait_is_told_with_200(self):
        self.env["kho.dl.breaker"].create(
            {
                "own_server": self.company.kho_dl_own_server,
                "lane": "VN:GOV:x",
                "lane_name": "An agency with a name",
                "opened_on": fields.Datetime.now() - timedelta(hours=9),
            }
        )
        answer = self.get(token=self.token)
        self.assertEqual((answer.status_code, answer.json()["status"]), (200, "warning"))
        self.assertNotIn("An agency", answer.text)

    def test_prometheus_takes_it_also_when_help_is_needed(self):
        self.env.ref("kho_dl.ir_cron_process").active = False
        of_prometheus = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.1"
        for path, accept in (
            (f"{PATH}?format=prometheus", "*/*"),
            (PATH, "text/plain"),
            (PATH, "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"),
            (PATH, of_prometheus),
            (PATH, "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.6,*/*;q=0.1"),
            (PATH, "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8"),
            (PATH, "text/plain; charset=utf-8"),
        ):
            with self.subTest(path=path, accept=accept):
                answer = self.get(path, self.token, Accept=accept)
                self.assertEqual(answer.status_code, 200)
                self.assertRegex(answer.headers["Content-Type"], "^(text/plain; version|application/openmetrics-text)")
                metrics = self.metrics(answer)
                self.assertEqual({kind for name, kind in metrics if name == "kho_dl_trouble"}, set(CHECKS))
                self.assertEqual(metrics["kho_dl_trouble", "actions_off"], 2)
                self.assertEqual(metrics["kho_dl_trouble", "directory"], 0)
                self.assertEqual(metrics["kho_dl_files_waiting", None], 0)
                self.assertGreater(metrics["kho_dl_directory_done_timestamp_seconds", None], 1e9)

    def test_json_is_for_whoever_does_not_care(self):
        for accept in ("*/*", "text/html,*/*;q=0.8", "application/json", "image/png"):
            answer = self.get(token=self.token, Accept=accept)
            self.assertEqual((answer.json()["status"], answer.headers["Vary"]), ("ok", "Accept"), accept)
        self.assertEqual(self.get(f"{PATH}?format=json", self.token, Accept="text/plain").json()["status"], "ok")

    def test_the_token_may_stand_in_the_address(self):
        self.assertEqual(self.get(f"{PATH}?token={self.token}").status_code, 200)
        self.assertEqual(self.get(f"{PATH}?token={self.token}", method="HEAD").status_code, 200)

    def test_strangers_get_what_they_get_everywhere(self):
        nothing = None
        for path, token in (
            (PATH, None),
            (PATH, "wrong"),
            (PATH, self.token[:-1]),
            (PATH, f"{self.token}x"),
            (f"{PATH}?token=", None),
            (f"{PATH}?token=%ff%00", None),
            (f"{PATH}?options=1&kwargs=2", None),
            (f"{PATH}?token=wrong&format=prometheus", None),
            (f"{PATH}?token={self.token}", "wrong"),
        ):
            with self.subTest(path=path, token=token):
                answer = self.get(path, token)
                self.assertEqual((answer.status_code, answer.content), (404, b"Not Found"))
                headers = {name: value for name, value in answer.headers.items() if name != "Date"}
                nothing = nothing or headers
                self.assertEqual(headers, nothing)

    def test_an_empty_token_is_none(self):
        self.env["res.config.settings"].create({}).action_kho_dl_no_health_token()
        for path, token in ((f"{PATH}?token=", None), (f"{PATH}?token=False", None), (PATH, self.token)):
            self.assertEqual(self.get(path, token).status_code, 404)

    def test_a_new_token_ends_the_old_one(self):
        self.env["res.config.settings"].create({}).action_kho_dl_new_health_token()
        self.assertEqual(self.get(token=self.token).status_code, 404)
        self.assertEqual(self.get(token=self.company.kho_dl_health_token).status_code, 200)

    def test_a_token_is_of_one_company(self):
        other = self.env["res.company"].create({"name": "Other agency"})
        self.env["res.config.settings"].with_company(other).create(
            {"company_id": other.id}
        ).action_kho_dl_new_health_token()
        answer = self.get(token=other.kho_dl_health_token)
        self.assertEqual(answer.status_code, 503)
        self.assertEqual([trouble["kind"] for trouble in answer.json()["troubles"]], ["not_set_up"])
        self.assertEqual(self.get(token=self.token).status_code, 200)

    def test_only_system_administrators_read_the_token(self):
        administrator = new_test_user(self.env, "monitor", groups="kho_dl.group_administrator")
        with self.assertRaises(AccessError):
            self.company.with_user(administrator).read(["kho_dl_health_token"])
        with self.assertRaises(AccessError):
            self.env["res.config.settings"].with_user(administrator).create({})

    def test_nothing_of_a_person_is_told(self):
        case = self.make_case(AN)
        for path in (PATH, f"{PATH}?format=prometheus"):
            text = self.get(path, self.token).text
            for secret in (
                AN,
                case.name,
                case.owner_id.name,
                self.clerk.name,
                self.company.kho_dl_username,
                self.token,
            ):
                self.assertNotIn(secret, text)

    def test_it_costs_few_statements_however_much_there_is(self):
        health = self.env["kho.dl.health"]
        health._facts_and_troubles(self.company)
        with self.assertQueryCount(14):
            health._facts_and_troubles(self.company)

    def test_the_token_is_not_logged(self):
        with self.assertLogs("werkzeug", logging.INFO) as logs:
            self.get(f"{PATH}?token={self.token}")
        self.assertTrue(any(PATH in line for line in logs.output))
        self.assertFalse(any(self.token in line for line in logs.output), logs.output)

    def test_ages_are_those_of_the_clock(self):
        later = fields.Datetime.now() + timedelta(days=3)
        with freeze_time(later):
            facts, troubles = self.env["kho.dl.health"]._facts_and_troubles(self.company)
        self.assertEqual([trouble.kind for trouble in troubles], ["directory"])
        self.assertLess(facts.directory_done_on, later)
