from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError
from odoo.tests import freeze_time

from .common import KhoDLCase, new_test_user


class TestAlarm(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.alarms = self.env["kho.dl.alarm"]
        self.administrators = self.env.ref("kho_dl.group_administrator").all_user_ids.filtered("active")
        self.administrators |= new_test_user(
            self.env, "alarm", groups="kho_dl.group_administrator", email="alarm@example.com", lang="en_US"
        )
        self.administrators.email = "somebody@example.com"
        self.env["mail.mail"].search([]).unlink()

    def check(self, later=timedelta(0)):
        """Check `later` than now, and return the alarms that last."""
        with freeze_time(fields.Datetime.now() + later):
            self.alarms._cron_check()
        self.env.invalidate_all()
        return self.alarms.search([("ended_on", "=", False)])

    def activities(self):
        return self.env["mail.activity"].search([("res_model", "=", "kho.dl.alarm")])

    def mails(self):
        return self.env["mail.mail"].search([])

    def switch_off(self):
        self.env.ref("kho_dl.ir_cron_process").active = False

    def switch_on(self):
        self.env.ref("kho_dl.ir_cron_process").active = True

    def test_while_all_is_well_nobody_is_told(self):
        self.assertFalse(self.check())
        self.assertFalse(self.activities() or self.mails())

    def test_each_administrator_gets_one_activity_and_all_get_one_mail(self):
        self.switch_off()
        alarm = self.check()
        self.assertEqual((alarm.kind, alarm.level, alarm.company_id.id), ("actions_off", "danger", False))
        self.assertEqual(self.activities().user_id, self.administrators)
        self.assertEqual(len(self.activities()), len(self.administrators))
        [mail] = self.mails()
        self.assertEqual(mail.recipient_ids, self.administrators.partner_id)
        alarm = alarm.with_context(lang=self.administrators[0].lang)
        self.assertIn(alarm.title, mail.subject)
        self.assertIn(alarm.advice, mail.body_html)
        self.assertIn("/odoo/kho-dl-health", mail.body_html)

    def test_it_is_not_repeated_while_it_lasts(self):
        self.switch_off()
        first = self.check()
        self.activities().unlink()
        for hours in (1, 24, 500):
            self.company.kho_dl_alarm_directory_days = 365
            self.assertEqual(self.check(timedelta(hours=hours)), first)
        self.assertFalse(self.activities())
        self.assertEqual(len(self.mails()), 1)

    def test_it_is_taken_back_when_it_ends(self):
        self.switch_off()
        alarm = self.check()
        self.switch_on()
        self.assertFalse(self.check())
        self.assertTrue(alarm.ended_on)
        self.assertFalse(self.activities())

    def test_what_comes_back_at_once_is_the_same_alarm_and_later_a_new_one(self):
        self.switch_off()
        alarm = self.check()
        self.switch_on()
        self.check()
        self.switch_off()
        self.assertEqual(self.check(timedelta(minutes=30)), alarm)
        self.assertEqual((len(self.activities()), len(self.mails())), (len(self.administrators), 1))
        self.switch_on()
        self.check()
        self.switch_off()
        self.assertNotEqual(self.check(timedelta(hours=2)), alarm)
        self.assertEqual(len(self.mails()), 2)

    def test_who_becomes_administrator_is_told_and_who_was_one_is_not_reminded(self):
        self.switch_off()
        alarm = self.check()
        first = alarm.activity_ids.filtered(lambda activity: activity.user_id == self.administrators[-1])
        first.action_done()
        joined = new_test_user(
            self.env, "joined", groups="kho_dl.group_administrator", email="j@example.com", lang="en_US"
        )
        self.administrators[0].group_ids -= self.env.ref("kho_dl.group_administrator")
        self.check()
        self.check()
        told = alarm.activity_ids.user_id
        self.assertIn(joined, told)
        self.assertFalse((self.administrators[0] | self.administrators[-1]) & told)
        self.assertEqual(len(alarm.activity_ids), len(told))
        self.assertEqual(len(self.mails()), 1)

    def test_activities_tell_what_is_true_now(self):
        breakers = self.env["kho.dl.breaker"].sudo()
        opened = fields.Datetime.now() - timedelta(days=1)
        values = {"own_server": self.company.kho_dl_own_server, "failures": 3, "opened_on": opened}
        breakers.create({**values, "lane": "x", "lane_name": "First agency"})
        self.check()
        breakers.create({**values, "lane": "y", "lane_name": "Second agency"})
        alarm = self.check()
        self.assertEqual(len(alarm.activity_ids), len(self.administrators))
        for activity in alarm.activity_ids:
            self.assertIn("Second agency", activity.summary)
        self.assertEqual(len(self.mails()), 1)

    def test_a_company_that_was_never_connected_alarms_nobody(self):
        self.env["kho.dl.directory.refresh"].sudo().search([]).started_on -= timedelta(days=5)
        self.company.kho_dl_alarm_directory_days = 100
        self.env["res.company"].create({"name": "Never connected", "kho_dl_alarm_directory_days": 1})
        self.assertFalse(self.check())

    def test_times_are_those_of_the_reader(self):
        self.administrators[0].tz = "Asia/Ho_Chi_Minh"
        self.administrators[1].tz = False
        self.env.user.tz = "UTC"
        self.company.kho_dl_alarm_agency_hours = 1
        opened = fields.Datetime.to_datetime("2026-01-02 03:04:05")
        self.env["kho.dl.breaker"].sudo().create(
            {
                "own_server": self.company.kho_dl_own_server,
                "lane": "x",
                "lane_name": "X",
                "failures": 3,
                "opened_on": opened,
            }
        )
        alarm = self.check().filtered(lambda alarm: alarm.kind == "agencies")
        told = alarm.activity_ids.filtered(lambda activity: activity.user_id in self.administrators[:2])
        self.assertEqual(len(told), 2)
        for activity in told:
            self.assertIn("10:04 02/01/2026", activity.summary)
        self.assertIn("10:04 02/01/2026", self.mails().filtered(lambda mail: mail.res_id == alarm.id)[0].subject)

    def test_an_account_that_ends_is_told_with_its_last_day(self):
        self.company.kho_dl_account_valid_until = "2020-12-31"
        alarm = self.check()
        self.assertEqual((alarm.kind, alarm.level), ("account_ending", "danger"))
        self.assertIn("2020", alarm.title)
        self.assertEqual(self.check(), alarm)

    def test_a_trouble_of_one_company_is_told_to_its_administrators(self):
        company = self.env["res.company"].create({"name": "Other agency", "kho_dl_username": "begun"})
        outsider = new_test_user(
            self.env,
            "outsider",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        alarm = self.check()
        self.assertEqual((alarm.kind, alarm.company_id), ("not_set_up", company))
        self.assertIn(outsider, self.activities().user_id)
        self.assertNotIn(self.env.ref("base.user_admin"), self.activities().user_id)
        self.assertEqual(self.alarms.with_user(outsider).search([]), alarm)
        own = new_test_user(self.env, "own_alarm", groups="kho_dl.group_administrator")
        self.assertFalse(self.alarms.with_user(own).search([]))
        with self.assertRaises(AccessError):
            alarm.with_user(outsider).write({"ended_on": fields.Datetime.now()})

    def test_the_mail_names_the_office_and_leads_to_the_alarm(self):
        self.company.email = "agency@example.com"
        branch = self.env["res.company"].create({"name": "Ward", "parent_id": self.company.id})
        self.administrators.company_ids |= branch
        of_ward = new_test_user(
            self.env,
            "of_ward",
            groups="kho_dl.group_administrator",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        branch.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        branch.kho_dl_account_valid_until = "2020-12-31"
        alarm = self.check()
        self.assertEqual(alarm.company_id, branch)
        [mail] = self.mails().filtered(lambda mail: self.administrators[-1].partner_id in mail.recipient_ids)
        self.assertEqual(mail.subject, f"Kho DL, Ward: {alarm.with_context(lang='en_US').title}")
        # So do the activities of those who work for several offices; who works for one knows.
        said = {activity.user_id: activity.summary for activity in alarm.activity_ids}
        self.assertTrue(said[self.administrators[-1]].startswith("Ward: "), said)
        self.assertFalse(said[of_ward].startswith("Ward: "), said)
        # It has no address of its own.
        self.assertIn("agency@example.com", mail.email_from)
        self.assertIn(f"/mail/view?model=kho.dl.alarm&amp;res_id={alarm.id}", mail.body_html)
        # Whichever office is selected.
        self.assertEqual(alarm._get_redirect_suggested_company(), branch)

    def test_each_reads_it_in_the_own_language(self):
        self.env["res.lang"]._activate_lang("vi_VN")
        self.administrators.lang = "en_US"
        self.administrators[0].lang = "vi_VN"
        self.switch_off()
        self.check()
        self.assertEqual(len(self.mails()), 2)
        self.assertEqual(self.mails().recipient_ids, self.administrators.partner_id)

    def test_what_comes_from_outside_is_no_markup(self):
        self.env["kho.dl.breaker"].create(
            {
                "own_server": self.company.kho_dl_own_server,
                "lane": "VN:GOV:x",
                "lane_name": "<img src=x>",
                "opened_on": fields.Datetime.now() - timedelta(hours=9),
            }
        )
        self.check()
        [mail] = self.mails()
        self.assertNotIn("<img", mail.body_html)

    def test_facts_of_a_lasting_alarm_are_those_of_now(self):
        self.switch_off()
        before = self.check().title
        self.env.ref("kho_dl.ir_cron_send").active = False
        after = self.check()
        self.assertNotEqual(after.title, before)
        self.assertEqual(len(self.mails()), 1)

    def test_alarms_of_long_ago_are_forgotten(self):
        self.switch_off()
        alarm = self.check()
        with freeze_time(fields.Datetime.now() + timedelta(days=400)):
            self.alarms._gc_ended()
            self.assertTrue(alarm.exists())
        self.switch_on()
        self.check()
        with freeze_time(fields.Datetime.now() + timedelta(days=400)):
            self.alarms._gc_ended()
        self.assertFalse(alarm.exists())
