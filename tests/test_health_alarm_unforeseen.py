from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..models.health.health_check import CHECKS
from .common import KhoDLCase

SECRET = "number of a person"
LOG = "odoo.addons.kho_dl.models.health.kho_dl_alarm"
# What databases, monitoring and people's filters hold: a kind that is missing here was renamed.
KINDS = """copied_database not_set_up account_refused account_ending own_server actions_off directory files_waiting files_failing
    messages_waiting messages_rejected agencies catalogue seal trust""".split()


@tagged("-at_install", "post_install")
class TestKinds(BaseCase):
    def test_kinds_are_strings_of_their_own(self):
        self.assertLessEqual(set(KINDS), set(CHECKS))

    def test_each_kind_has_words_and_a_place(self):
        for kind, check in CHECKS.items():
            with self.subTest(kind=kind):
                for words in (check.title, check.advice, check.place.words):
                    self.assertTrue(words._translate("en_US"))
                self.assertTrue(check.place.action)


class TestAlarmUnforeseen(KhoDLCase):
    """Rows of another version, and companies that cannot be measured, take the alarms of nobody else away."""

    def prepare(self):
        super().prepare()
        self.alarms = self.env["kho.dl.alarm"].sudo().with_context(lang="en_US")

    def lasting(self):
        self.env.invalidate_all()
        return self.alarms.search([("ended_on", "=", False)])

    def check(self):
        self.alarms._cron_check()
        return self.lasting()

    def test_an_alarm_of_a_kind_that_is_unknown_now_is_shown_and_closed(self):
        old = self.alarms.create({"kind": "renamed_since", "level": "danger", "facts": {"since": "2020-01-01"}})
        self.assertIn("renamed_since", old.title)
        self.assertTrue(old.advice)
        with self.assertRaises(UserError):
            old.action_open_place()
        self.assertEqual(len(self.alarms.search([]).web_read({"title": {}, "advice": {}, "kind": {}})), 1)
        self.assertFalse(self.check())
        self.assertTrue(old.ended_on)
        self.assertIn("renamed_since", old.title)

    def test_an_alarm_whose_facts_are_of_another_version_is_shown(self):
        rows = self.alarms.create(
            [
                {"kind": kind, "level": "danger", "facts": facts, "ended_on": fields.Datetime.now()}
                for kind in CHECKS
                for facts in ({}, False, {"since": 7, "until": [], "names": 1, "others": 1}, {"until": "soon"})
            ]
        )
        for row in rows:
            with self.subTest(kind=row.kind, facts=row.facts):
                self.assertTrue(row.title and row.advice)

    def begun(self, name):
        return self.env["res.company"].create({"name": name, "kho_dl_username": "begun"})

    def failing_for(self, company):
        health = self.registry["kho.dl.health"]
        works = health._measured

        def broken(records, measured):
            if company in measured:
                raise ZeroDivisionError(SECRET)
            return works(records, measured)

        return patch.object(health, "_measured", broken)

    def test_a_company_that_cannot_be_measured_silences_no_other(self):
        first, second = self.begun("First"), self.begun("Second")
        with self.failing_for(first), self.assertLogs(LOG, "ERROR") as log:
            alarms = self.check()
        self.assertEqual(alarms.company_id, second)
        self.assertIn("ZeroDivisionError", log.output[0])
        self.assertIn(f"company {first.id} ", log.output[0])
        self.assertNotIn(SECRET, log.output[0])
        self.assertEqual(self.check().company_id, first + second)

    def test_its_own_alarms_last_while_nobody_knows_and_those_of_all_end(self):
        first = self.begun("First")
        self.env.ref("kho_dl.ir_cron_process").active = False
        self.assertEqual(set(self.check().mapped("kind")), {"actions_off", "not_set_up"})
        self.env.ref("kho_dl.ir_cron_process").active = True
        with self.failing_for(first), self.assertLogs(LOG, "ERROR"):
            self.assertEqual(self.check().mapped("kind"), ["not_set_up"])

    def test_those_of_all_last_while_no_company_that_is_connected_can_be_measured(self):
        self.env.ref("kho_dl.ir_cron_process").active = False
        before = self.check()
        self.env.ref("kho_dl.ir_cron_process").active = True
        # Another one is there, of which nobody ever wanted anything.
        self.env["res.company"].create({"name": "Never connected"})
        with self.failing_for(self.company), self.assertLogs(LOG, "ERROR"):
            self.assertEqual(self.check(), before)
        self.assertFalse(self.check())

    def test_an_alarm_that_cannot_be_told_silences_no_other(self):
        self.begun("First")
        self.env.ref("kho_dl.ir_cron_process").active = False
        works = self.registry["kho.dl.alarm"]._give_activities

        def broken(alarms):
            if "not_set_up" in alarms.mapped("kind"):
                raise ZeroDivisionError
            return works(alarms)

        with patch.object(self.registry["kho.dl.alarm"], "_give_activities", broken), self.assertLogs(LOG, "ERROR"):
            self.assertEqual(self.check().mapped("kind"), ["actions_off"])
        self.assertEqual(set(self.check().mapped("kind")), {"actions_off", "not_set_up"})

    def test_a_scheduled_action_that_nobody_named_is_shown_by_its_own_name(self):
        alarm = self.alarms.create(
            {
                "kind": "actions_off",
                "level": "warning",
                "facts": {"names": ["ir_cron_of_another_version"]},
                "ended_on": fields.Datetime.now() - timedelta(days=1),
            }
        )
        self.assertIn("ir_cron_of_another_version", alarm.title)
