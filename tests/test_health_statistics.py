import json
import logging
from datetime import timedelta

from odoo import fields
from odoo.tests import HttpCase, freeze_time, tagged

from ..models.common.office_time import day_of
from ..models.health.statistics import statistics_of
from .common import AN, BINH, KhoDLCase, KhoDLFixtures

PATH = "/kho_dl/statistics"


@tagged("post_install", "-at_install")
class TestHealthStatistics(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.today = day_of(fields.Datetime.now())

    def told(self, company=None, days=7):
        self.env.flush_all()
        return statistics_of(self.env, company or self.company, self.today, days)

    def fetch(self, owner=AN, **values):
        case = self.make_case(owner, **values)
        wizard = self.make_wizard(case)
        wizard.action_search()
        if wizard.line_ids:
            wizard.action_attach()
        return case

    # Proves K.4-2.
    def test_a_day_by_agency_and_outcome(self):
        case = self.fetch()
        self.simulator.order("papers", "server_error", times=None)
        self.fetch(BINH)
        told = self.told()
        self.assertEqual((told["until"], told["time_zone"]), (self.today.isoformat(), "Asia/Ho_Chi_Minh"))
        # Midnight may lie between the two.
        found, failed = sorted(told["questions"], key=lambda entry: entry["outcome"] == "failed")
        day = day_of(self.env["kho.dl.query"].search([("case_id", "=", case.id)]).closed_on)
        self.assertEqual((found["day"], found["outcome"], found["count"]), (day.isoformat(), "found", 1))
        self.assertGreater(found["papers"], 0)
        self.assertEqual((failed["outcome"], failed["count"], bool(failed["reason"])), ("failed", 1, True))
        rows = self.retrievals(case)
        self.assertEqual(sum(entry["count"] for entry in told["files"]), len(rows))
        self.assertEqual(sum(entry["bytes"] for entry in told["files"]), sum(rows.mapped("size")))
        self.assertEqual({entry["agency"] for entry in told["files"]}, set(rows.mapped("agency_code")))
        for entry in (*told["questions"], *told["files"]):
            self.assertLessEqual(0, entry["median_seconds"])
            self.assertLessEqual(entry["median_seconds"], entry["p95_seconds"])

    def test_messages_and_what_was_given(self):
        self.company.kho_dl_sync_enabled = True
        case = self.make_case()
        self.env.flush_all()
        sent = self.env["kho.dl.outbox"].search_count([("case_id", "=", case.id)])
        # The moment of an answer is written in whole seconds, that of the row is not: an answer at once took no time.
        for seconds in (4, 0):
            self.env.cr.execute(
                "UPDATE kho_dl_outbox SET state = 'accepted', create_date = date_trunc('second', create_date) + interval '0.9 s',"
                " closed_on = date_trunc('second', create_date) + interval '1 s' * %s WHERE case_id = %s",
                [seconds, case.id],
            )
            [entry] = self.told()["messages"]
            self.assertEqual((entry["outcome"], entry["count"], entry["median_seconds"]), ("accepted", sent, seconds))
        self.assertEqual(self.told()["given"], [])

    # Proves K.4-2.
    def test_nothing_of_a_person_is_told(self):
        case = self.fetch()
        text = json.dumps(self.told(), ensure_ascii=False)
        for secret in (
            AN,
            case.name,
            case.owner_id.name,
            self.clerk.name,
            self.company.kho_dl_username,
            case.procedure_id.code,
            *self.retrievals(case).mapped("paper_number"),
        ):
            self.assertNotIn(str(secret), text)

    def test_days_are_those_of_the_office(self):
        case = self.fetch()
        [query] = self.env["kho.dl.query"].search([("case_id", "=", case.id)])
        # 18:00 in UTC is one o'clock of the next morning.
        for moment, day in (("2026-03-01 16:59:59", "2026-03-01"), ("2026-03-01 17:00:00", "2026-03-02")):
            self.env.cr.execute("UPDATE kho_dl_query SET closed_on = %s WHERE id = %s", [moment, query.id])
            told = statistics_of(self.env, self.company, fields.Date.to_date(day), 1)
            self.assertEqual([entry["day"] for entry in told["questions"]], [day])

    # Proves K.4-2.
    def test_branches_count_with_the_company_above_and_others_not(self):
        self.fetch()
        above = self.company
        branch = self.env["res.company"].create({"name": "A ward", "parent_id": above.id})
        stranger = self.env["res.company"].create({"name": "Other agency"})
        self.env.cr.execute("UPDATE kho_dl_query SET company_id = %s", [branch.id])
        counts = [len(self.told(company)["questions"]) for company in (above, branch, stranger)]
        self.assertEqual(counts, [1, 1, 0])


@tagged("post_install", "-at_install")
class TestStatisticsPage(KhoDLFixtures, HttpCase):
    def setUp(self):
        super().setUp()
        self.prepare()
        self.env["res.config.settings"].create({}).action_kho_dl_new_health_token()
        self.token = self.company.kho_dl_health_token

    def get(self, path=PATH, token=None, **options):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.url_open(path, headers=headers, allow_redirects=False, **options)

    # Proves K.4-2.
    def test_who_brings_the_token_of_health_is_told(self):
        answer = self.get(token=self.token)
        self.assertEqual((answer.status_code, answer.headers["Cache-Control"]), (200, "no-store"))
        self.assertNotIn("Set-Cookie", answer.headers)
        told = answer.json()
        self.assertEqual((told["questions"], told["time_zone"]), ([], "Asia/Ho_Chi_Minh"))

    def test_how_many_days(self):
        now = fields.Datetime.now()
        for days, status in (("1", 200), ("31", 200), ("0", 400), ("32", 400), ("-1", 400), ("x", 400), ("²", 400)):
            with self.subTest(days):
                self.assertEqual(self.get(f"{PATH}?days={days}", self.token).status_code, status)
        # By what is said wrongly no other figures are told in its place.
        for by, status in (("unit", 200), ("", 200), ("units", 400), ("agency", 400)):
            with self.subTest(by):
                self.assertEqual(self.get(f"{PATH}?by={by}", self.token).status_code, status)
        with freeze_time(now + timedelta(days=3)):
            told = self.get(f"{PATH}?days=2", self.token).json()
        self.assertEqual(told["from"], day_of(now + timedelta(days=2)).isoformat())

    # Proves K.4-2.
    def test_strangers_get_what_they_get_everywhere(self):
        for path, token in ((PATH, None), (PATH, "wrong"), (f"{PATH}?token=", None), (f"{PATH}?days=99", "wrong")):
            answer = self.get(path, token)
            self.assertEqual((answer.status_code, answer.content), (404, b"Not Found"))
        self.assertEqual(self.get(token=self.token, method="HEAD").status_code, 200)

    def test_the_token_is_not_logged(self):
        with self.assertLogs("werkzeug", logging.INFO) as logs:
            self.get(f"{PATH}?token={self.token}")
        self.assertTrue(any(PATH in line for line in logs.output))
        self.assertFalse(any(self.token in line for line in logs.output), logs.output)
