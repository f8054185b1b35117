from datetime import timedelta

from odoo import fields

from ..models.health.health_check import CHECKS
from ..protocol.errors import TimedOut
from .alarm_case import AlarmCase
from .common import new_test_user


class TestAlarmOfOffices(AlarmCase):
    """What several offices of an account have at once is told once, to whoever keeps the account."""

    def prepare(self):
        super().prepare()
        self.every = self.company | self.branches
        self.keeper = self.administrator("keeper", self.every)
        self.now = fields.Datetime.now()
        self.env["mail.mail"].search([]).unlink()

    def administrator(self, login, offices):
        return new_test_user(
            self.env,
            login,
            groups="kho_dl.group_administrator",
            company_id=offices[0].id,
            company_ids=[(6, 0, offices.ids)],
            email=f"{login}@example.com",
            lang="en_US",
        )

    def refuse(self, *offices, minutes=5):
        for office in offices:
            self.give_up(office, 12, "file_not_as_claimed", self.now - timedelta(minutes=minutes))

    def leave_behind(self, *offices):
        """Let the files of `offices` be those of another day."""
        files = self.env["kho.dl.retrieval"].search([("company_id", "in", [office.id for office in offices])])
        files._write_below_the_guard({"closed_on": self.now - timedelta(days=2)})

    def lasting(self, company=None):
        lasting = [("ended_on", "=", False), ("kind", "=", "files_failing")]
        return self.alarms.search([*lasting, *([("company_id", "=", company.id)] if company else [])])

    def mails_to(self, user):
        return self.env["mail.mail"].search([]).filtered(lambda mail: user.partner_id in mail.recipient_ids)

    # Proves K.1-6.
    def test_one_cause_in_many_offices_is_one_alarm(self):
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(12)))
        (self.keeper | self.clerk).company_ids |= offices
        self.refuse(*offices)
        self.assertEqual(self.check(), {("files_failing", self.company)})
        alarm = self.lasting().with_user(self.keeper).with_context(lang="en_US")
        self.assertEqual(alarm.title, "144 of the last 144 files could not be attached")
        self.assertTrue(
            alarm.advice.startswith("Where: Office 0, Office 1, Office 10 and 9 more offices. See the causes")
        )
        [mail] = self.mails_to(self.keeper)
        self.assertIn("and 9 more offices", mail.body_html)
        self.assertEqual(len(alarm.activity_ids.filtered(lambda activity: activity.user_id == self.keeper)), 1)

    def test_one_more_office_and_one_less_are_the_same_alarm(self):
        self.refuse(self.ward)
        self.assertEqual(self.check(), {("files_failing", self.ward)})
        self.refuse(self.other)
        self.assertEqual(self.check(), {("files_failing", self.company)})
        mails = self.mails_to(self.keeper)
        self.refuse(self.hamlet)
        self.check()
        self.leave_behind(self.ward, self.other)
        self.assertEqual(self.check(), {("files_failing", self.company)})
        self.assertEqual(self.lasting().facts["offices"], ["Hamlet"])
        self.assertEqual(self.mails_to(self.keeper), mails)
        self.leave_behind(self.hamlet)
        self.assertFalse(self.check())

    def test_who_administers_an_office_alone_is_told_of_that_office(self):
        of_ward = self.administrator("of_ward", self.ward)
        self.refuse(self.ward)
        self.check()
        self.assertIn(self.keeper, self.lasting(self.ward).activity_ids.user_id)
        self.refuse(self.other)
        self.assertEqual(self.check(), {("files_failing", self.company), ("files_failing", self.ward)})
        self.assertEqual(self.lasting(self.ward).activity_ids.user_id, of_ward)
        self.assertEqual(self.lasting(self.ward).told_user_ids, of_ward)
        self.assertIn(self.keeper, self.lasting(self.company).activity_ids.user_id)
        self.assertNotIn(of_ward, self.lasting(self.company).told_user_ids)
        self.assertEqual(len(self.mails_to(of_ward)), 1)

    def test_offices_with_accounts_of_their_own_are_told_apart(self):
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.refuse(self.ward, self.hamlet, self.other)
        self.assertEqual(self.check(), {("files_failing", self.commune), ("files_failing", self.other)})

    def test_where_nobody_keeps_the_account_each_office_is_told(self):
        everybody = self.env["res.users"]._kho_dl_administrators(self.company)
        self.administrator("of_two", self.ward | self.other)
        for user in everybody:
            user.write({"company_id": self.ward.id, "company_ids": [(6, 0, self.ward.ids)]})
        self.refuse(self.ward, self.other)
        self.assertEqual(self.check(), {("files_failing", self.ward), ("files_failing", self.other)})

    def test_more_offices_with_a_trouble_are_no_more_statements(self):
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(30)))
        counts = []
        for number in (3, 30):
            trouble = CHECKS["files_failing"].danger(failed=10, closed=12)
            present = {(trouble.kind, trouble.level, office.id): trouble for office in offices[:number]}
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            [told] = self.alarms._told_once(present).values()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual((len(told.values["offices"]), told.values["failed"]), (number, 10 * number))
        # The first time also what is known ever after is read.
        self.assertGreaterEqual(*counts)

    # Proves K.1-6.
    def test_a_far_system_that_comes_and_goes_is_told_once(self):
        """Each of its outages is too short to be told of; what offices gave up in all of them is one trouble."""
        for minutes in range(300, 0, -60):
            began = self.now - timedelta(minutes=minutes)
            self.out("agency", began, began + timedelta(minutes=6))
            for office in (self.ward, self.hamlet, self.other):
                self.give_up(office, 12, f"unreachable {minutes}", began + timedelta(minutes=3))
        self.assertEqual(self.check(), {("files_failing", self.company)})

    # Proves K.1-6.
    def test_what_our_own_server_held_up_is_no_alarm_of_each_office(self):
        self.company.kho_dl_sync_enabled = True
        began = self.now - timedelta(hours=3)
        self.out("own", began, self.now - timedelta(minutes=5))
        for office in (self.ward, self.hamlet, self.other):
            self.give_up(office, 12, TimedOut.__name__, began + timedelta(minutes=30))
            self.wait(office)
        self.assertFalse(self.check())
        # What still waits long after it answered has one cause, whatever that is.
        later = timedelta(hours=self.company.kho_dl_alarm_waiting_hours + 1)
        found = {pair for pair in self.check(later) if pair[0].endswith("_waiting")}
        self.assertEqual(found, {("files_waiting", self.company), ("messages_waiting", self.company)})
