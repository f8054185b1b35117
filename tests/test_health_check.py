from unittest.mock import patch

from prometheus_client import generate_latest

from odoo.tests import BaseCase, tagged

from ..models.health.health_check import CHECKS, SETTINGS, Check, checks_in_order, examine_all
from ..models.health.health_levels import roll_up
from ..models.health.health_metrics import as_json, as_registry
from .common import KhoDLCase, new_test_user

# What the page and the monitoring have always shown, in this order.
ORDER = """copied_database transaction_pooling secret_unread not_set_up account_refused account_ending own_server rights_missing actions_off python
    directory files_waiting files_failing messages_waiting messages_rejected mails_waiting agencies catalogue seal trust journal
    journal_unsealed journal_unchecked journal_head library renderer""".split()


@tagged("-at_install", "post_install")
class TestChecks(BaseCase):
    def test_they_stand_in_one_order(self):
        self.assertEqual([check.kind for check in checks_in_order()], ORDER)

    def test_each_names_what_it_shows_once(self):
        shown = [name for check in CHECKS.values() for name in (*check.counts, *check.times)]
        self.assertEqual(len(shown), len(set(shown)))


class TestNewCheck(KhoDLCase):
    """All that a new check needs is the check."""

    def setUp(self):
        super().setUp()
        self.enterContext(patch.dict(CHECKS))
        self.measured = []

        def pigeon_facts(env, companies):
            self.measured.append(companies)
            return {
                company.id: {"pigeons_out": env["res.company"].search_count([], limit=1) + 6} for company in companies
            }

        class Pigeons(Check):
            kind, sequence, place = "pigeons", 65, SETTINGS
            title = "%(count)s carrier pigeons did not come back"
            advice = "Look out of the window."
            measures = (pigeon_facts,)
            counts = {"pigeons_out": "Pigeons that are out."}

            def judge(self, facts, company, now):
                return (
                    self.warning(count=facts.pigeons_out) if facts.pigeons_out > company.kho_dl_alarm_rejected else None
                )

        class Feed(Pigeons):
            kind, counts = "feed", {}

            def judge(self, facts, company, now):
                return None

        self.company.kho_dl_alarm_rejected = 5

    def test_the_page_shows_it(self):
        administrator = new_test_user(self.env, "pigeons", groups="kho_dl.group_administrator")
        self.env.flush_all()
        health = self.env["kho.dl.health"].with_user(administrator).browse(self.company.id)
        self.assertEqual(
            (health.level, health.troubles),
            (
                "warning",
                [
                    {
                        "kind": "pigeons",
                        "level": "warning",
                        "title": "7 carrier pigeons did not come back",
                        "advice": "Look out of the window.",
                        "place": "Open the settings",
                    }
                ],
            ),
        )
        self.assertEqual(health.sudo().action_open_place("pigeons")["res_model"], "res.config.settings")

    def test_what_checks_share_is_measured_once(self):
        self.env["kho.dl.health"]._facts_and_troubles(self.company)
        self.assertEqual(self.measured, [self.company])

    def test_it_is_an_alarm_as_long_as_it_lasts(self):
        alarms = self.env["kho.dl.alarm"].sudo()
        alarms._cron_check()
        alarm = alarms.search([("ended_on", "=", False)])
        self.assertEqual((alarm.kind, alarm.company_id), ("pigeons", self.company))
        self.assertEqual(alarm.title, "7 carrier pigeons did not come back")
        self.company.kho_dl_alarm_rejected = 7
        alarms._cron_check()
        self.assertTrue(alarm.ended_on)

    def test_the_monitoring_has_it(self):
        measured = self.env["kho.dl.health"]._facts_and_troubles(self.company)
        told = as_json(*measured)
        self.assertEqual((told["pigeons_out"], told["troubles"]), (7, [{"kind": "pigeons", "level": "warning"}]))
        text = generate_latest(as_registry(*measured)).decode()
        self.assertIn('kho_dl_trouble{kind="pigeons"} 1.0', text)
        self.assertIn("kho_dl_pigeons_out 7.0", text)

    def test_what_is_of_the_database_is_not_added_up_over_offices(self):
        CHECKS["pigeons"].is_for_all = True
        offices = self.company | self.env["res.company"].create({"name": "Another", "parent_id": self.company.id})
        measured = examine_all(self.env, offices, None, ["pigeons", "feed"])
        with patch.dict(CHECKS, {kind: CHECKS[kind] for kind in ("pigeons", "feed")}, clear=True):
            picture = roll_up(self.company, {office: measured[office.id] for office in offices})
        self.assertEqual(picture.facts.pigeons_out, 7)
