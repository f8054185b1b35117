from datetime import timedelta

from odoo import fields

from ..protocol.errors import TimedOut
from .alarm_case import AlarmCase


class TestAlarmOfOffices(AlarmCase):
    """What several offices of an account have at once is told once to each administrator, with the offices that are theirs."""

    def prepare(self):
        super().prepare()
        self.every = self.company | self.branches
        self.keeper = self.administrator("keeper", self.every)
        self.now = fields.Datetime.now()
        self.env["mail.mail"].search([]).unlink()

    def refuse(self, *offices, minutes=5):
        for office in offices:
            self.give_up(office, 12, "file_not_as_claimed", self.now - timedelta(minutes=minutes))

    def leave_behind(self, *offices):
        """Let the files of `offices` be those of another day."""
        files = self.env["kho.dl.retrieval"].search([("company_id", "in", [office.id for office in offices])])
        files._write_below_the_guard({"closed_on": self.now - timedelta(days=2)})

    def lasting(self, user):
        return self.alarms.search(
            [("ended_on", "=", False), ("kind", "=", "files_failing"), ("for_user_id", "=", user.id)]
        )

    def mails_to(self, user):
        failing = self.alarms.search([("kind", "=", "files_failing")])
        mails = self.env["mail.mail"].search([("model", "=", failing._name), ("res_id", "in", failing.ids)])
        return mails.filtered(lambda mail: user.partner_id in mail.recipient_ids)

    # Proves K.1-6.
    def test_one_cause_in_many_offices_is_one_alarm(self):
        offices = self.make_branches(self.company, *(f"Office {number}" for number in range(12)))
        (self.keeper | self.clerk).company_ids |= offices
        self.refuse(*offices)
        self.assertEqual(self.check(), {("files_failing", self.company)})
        alarm = self.lasting(self.keeper).with_user(self.keeper).with_context(lang="en_US")
        self.assertEqual(alarm.title, "144 of the last 144 files could not be attached")
        self.assertTrue(
            alarm.advice.startswith("Where: Office 0, Office 1, Office 10 and 9 more offices. See the causes")
        )
        [mail] = self.mails_to(self.keeper)
        self.assertIn("and 9 more offices", mail.body_html)
        self.assertIn("Another mail follows only when more offices have this trouble", mail.body_html)
        self.assertEqual(len(alarm.activity_ids.filtered(lambda activity: activity.user_id == self.keeper)), 1)

    def offices_of(self, user):
        return {name for _office_id, name in self.lasting(user).facts["where"]}

    # Proves K.1-6.
    def test_one_more_office_and_one_less_are_the_same_alarm(self):
        self.refuse(self.ward)
        self.assertEqual(self.check(), {("files_failing", self.company)})
        alarm = self.lasting(self.keeper)
        self.refuse(self.other)
        self.check()
        self.assertEqual((self.lasting(self.keeper), self.offices_of(self.keeper)), (alarm, {"Ward", "Other commune"}))
        # As many as were known, or the first mail were of an office, and silence about all others.
        self.assertEqual(len(self.mails_to(self.keeper)), 2)
        self.refuse(self.hamlet)
        self.check()
        self.assertEqual(self.offices_of(self.keeper), {"Ward", "Other commune", "Hamlet"})
        self.leave_behind(self.ward, self.other)
        self.check()
        self.assertEqual((self.lasting(self.keeper), self.offices_of(self.keeper)), (alarm, {"Hamlet"}))
        self.leave_behind(self.hamlet)
        self.assertFalse(self.check())

    def test_what_lasts_in_one_office_hides_no_others(self):
        """Few more of many are told with the next day's mail, and whoever saw to it has more to see to."""
        self.refuse(self.ward, self.other)
        self.check()
        alarm = self.lasting(self.keeper)
        alarm.activity_ids.action_done()
        self.refuse(self.hamlet)
        self.check()
        self.assertEqual((len(self.mails_to(self.keeper)), len(alarm.activity_ids)), (1, 0))
        later = timedelta(hours=25)
        for office in (self.ward, self.other, self.hamlet):
            self.give_up(office, 12, "again", self.now + later - timedelta(minutes=1))
        self.check(later)
        self.assertEqual((len(self.mails_to(self.keeper)), len(alarm.activity_ids)), (2, 1))
        self.assertIn("Hamlet", self.mails_to(self.keeper)[0].body_html)
        self.check(later)
        self.assertEqual(len(self.mails_to(self.keeper)), 2)

    def test_an_office_that_comes_and_goes_is_written_of_once_a_day(self):
        self.refuse(self.ward, self.other)
        self.check()
        for _time in range(3):
            self.leave_behind(self.other)
            self.check()
            self.refuse(self.other)
            self.check()
        self.assertEqual(len(self.mails_to(self.keeper)), 1)
        self.leave_behind(self.other)
        later = timedelta(hours=25)
        for office in (self.ward, self.other):
            self.give_up(office, 12, "again", self.now + later - timedelta(minutes=1))
            self.check(later)
        self.assertEqual(len(self.mails_to(self.keeper)), 2)

    # Proves K.1-6.
    def test_each_is_told_once_of_the_offices_that_are_theirs(self):
        of_ward = self.administrator("of_ward", self.ward)
        of_all_but_the_account = self.administrator("of_all", self.branches)
        of_the_account_alone = self.administrator("of_account", self.company)
        self.refuse(self.ward, self.hamlet, self.other)
        self.check()
        for user, offices, files in (
            (self.keeper, {"Ward", "Hamlet", "Other commune"}, 36),
            (of_all_but_the_account, {"Ward", "Hamlet", "Other commune"}, 36),
            (of_ward, {"Ward"}, 12),
        ):
            with self.subTest(user.login):
                self.assertEqual(self.offices_of(user), offices)
                [mail] = self.mails_to(user)
                [activity] = self.lasting(user).activity_ids
                self.assertEqual((mail.recipient_ids, activity.user_id), (user.partner_id, user))
                self.assertIn(f"{files} of the last {files} files", mail.subject)
                self.assertEqual(
                    {name for name in ("Hamlet", "Other commune") if name in mail.body_html}, offices - {"Ward"}
                )
                # Nor is it found among those that others were told of.
                found = self.alarms.with_user(user).search([])
                self.assertEqual(found, self.lasting(user))
                found.web_read({"title": {}, "advice": {}, "company_id": {"fields": {"display_name": {}}}})
        self.assertFalse(self.mails_to(of_the_account_alone) or self.lasting(of_the_account_alone))
        of_ward.group_ids -= self.env.ref("kho_dl.group_administrator")
        self.check()
        self.assertFalse(self.lasting(of_ward))
        self.assertFalse(self.env["mail.activity"].search([("user_id", "=", of_ward.id)]))

    def test_of_an_office_without_an_administrator_whoever_keeps_the_account_is_told(self):
        [alone] = self.make_branches(self.company, "Alone")
        self.clerk.company_ids |= alone
        of_the_account = self.administrator("of_account", self.company)
        of_ward = self.administrator("of_ward", self.ward)
        self.refuse(alone, self.ward)
        self.check()
        self.assertEqual(self.offices_of(of_the_account), {"Alone"})
        self.assertEqual(self.offices_of(of_ward), {"Ward"})
        self.assertEqual(self.offices_of(self.keeper), {"Alone", "Ward"})

    def test_where_account_and_office_have_no_administrator_that_of_the_office_between_is_told(self):
        group = self.env.ref("kho_dl.group_administrator")
        group.all_user_ids.group_ids -= group
        of_commune = self.administrator("of_commune", self.commune)
        self.refuse(self.ward)
        self.check()
        self.assertEqual(self.offices_of(of_commune), {"Ward"})

    def test_whoever_is_given_an_office_is_told_of_it(self):
        of_ward = self.administrator("of_ward", self.ward)
        self.refuse(self.ward, self.other)
        self.check()
        of_ward.company_ids |= self.other
        self.check()
        self.assertEqual(self.offices_of(of_ward), {"Ward", "Other commune"})
        self.assertEqual(len(self.mails_to(of_ward)), 2)
        of_ward.company_ids -= self.other
        self.check()
        self.assertEqual(self.offices_of(of_ward), {"Ward"})

    def test_offices_with_accounts_of_their_own_are_told_apart(self):
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.refuse(self.ward, self.hamlet, self.other)
        self.assertEqual(self.check(), {("files_failing", self.commune), ("files_failing", self.company)})

    def test_an_account_of_its_own_that_comes_and_goes_hides_no_office(self):
        self.refuse(self.ward)
        self.check()
        of_province = self.lasting(self.keeper)
        self.ward.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.refuse(self.other)
        self.check()
        alarms = self.lasting(self.keeper)
        self.assertEqual((len(alarms), set(alarms.mapped("where"))), (2, {"Ward", "Other commune"}))
        # Of the ward this person knows already.
        self.assertEqual(
            [mail.subject.split(":")[0] for mail in self.mails_to(self.keeper)],
            ["Kho DL, Other commune", "Kho DL, Ward"],
        )
        self.assertEqual((alarms - of_province).since, of_province.since)
        self.ward._kho_dl_follow("connection")
        self.check()
        self.assertEqual(
            (self.lasting(self.keeper), self.offices_of(self.keeper)), (of_province, {"Ward", "Other commune"})
        )

    def test_of_an_account_without_an_administrator_the_nearest_above_is_told(self):
        of_province = self.administrator("of_province", self.company)
        (self.keeper | self.env.ref("base.user_admin")).group_ids -= self.env.ref("kho_dl.group_administrator")
        of_other = self.administrator("of_other", self.other)
        self.ward.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.ward.kho_dl_account_valid_until = "2020-12-31"
        self.refuse(self.ward)
        self.check()
        told = self.alarms.search([("ended_on", "=", False)])
        self.assertEqual(set(told.mapped("kind")), {"files_failing", "account_ending"})
        self.assertEqual((told.told_user_ids, set(told.mapped("where"))), (of_province, {"Ward"}))
        self.assertEqual(self.alarms.with_user(of_province).search([]), told)
        self.assertEqual({activity.summary.split(":")[0] for activity in told.activity_ids}, {"Ward"})
        self.assertEqual(len(self.mails_to(of_province)), 1)
        self.assertFalse(self.mails_to(of_other))
        of_commune = self.administrator("of_commune", self.commune)
        self.check()
        self.assertEqual(self.lasting(of_commune).where, "Ward")
        self.assertFalse(self.lasting(of_province))

    def test_what_nobody_looks_after_is_kept_for_whoever_will(self):
        self.env.ref("kho_dl.group_administrator").all_user_ids.group_ids -= self.env.ref("kho_dl.group_administrator")
        self.refuse(self.ward, self.other)
        self.check()
        alarm = self.lasting(self.env["res.users"])
        self.assertEqual((alarm.company_id, alarm.where), (self.company, "Other commune, Ward"))
        self.assertEqual(self.check(), {("files_failing", self.company)})
        of_province = self.administrator("of_province", self.company)
        self.check()
        self.assertEqual((bool(alarm.ended_on), len(self.mails_to(of_province))), (True, 1))

    def test_what_an_earlier_version_told_of_is_told_of_no_more(self):
        """It had one alarm an office, of all who work there."""
        since = self.now - timedelta(days=3)
        values = {"kind": "files_failing", "level": "danger", "since": since, "told_user_ids": self.keeper.ids}
        formerly = self.alarms.create(
            [
                {**values, "company_id": office.id, "facts": {"failed": 12, "closed": 12}}
                for office in (self.ward, self.hamlet)
            ]
        )
        of_ward = self.administrator("of_ward", self.ward)
        self.refuse(self.ward, self.hamlet)
        self.check()
        self.assertTrue(all(formerly.mapped("ended_on")))
        self.assertEqual((self.lasting(self.keeper).since, len(self.mails_to(self.keeper))), (since, 0))
        self.assertEqual(len(self.lasting(self.keeper).activity_ids), 1)
        self.assertEqual(len(self.mails_to(of_ward)), 1)
        self.refuse(self.other)
        self.check()
        [mail] = self.mails_to(self.keeper)
        self.assertTrue(mail.subject.startswith("Kho DL, Other commune, "), mail.subject)

    def test_another_mail_names_those_that_joined_first(self):
        offices = self.make_branches(self.company, *(f"A{number}" for number in range(1, 4)))
        joined = self.make_branches(self.company, *(f"Z{number}" for number in range(1, 5)))
        (self.keeper | self.clerk).company_ids |= offices | joined
        self.refuse(*offices)
        self.check()
        self.refuse(*joined)
        self.check()
        self.assertEqual(
            [mail.subject.split(":")[0] for mail in self.mails_to(self.keeper)],
            ["Kho DL, Z1, Z2, Z3 and 4 more offices", "Kho DL, A1, A2, A3"],
        )
        [activity] = self.lasting(self.keeper).activity_ids
        self.assertTrue(activity.summary.startswith("Z1, Z2, Z3 and 4 more offices: "))
        self.assertEqual(self.lasting(self.keeper).where, "A1, A2, A3 and 4 more offices")

    def test_offices_that_take_turns_bring_no_mail_each(self):
        for office in (self.ward, self.hamlet, self.other):
            self.leave_behind(*self.every)
            self.refuse(office)
            self.check()
        self.assertEqual(len(self.mails_to(self.keeper)), 2)

    def test_a_check_asks_no_more_of_more_administrators(self):
        of_nothing_new, of_other_figures = [], []
        for numbers in (range(3), range(3, 30)):
            offices = self.make_branches(self.company, *(f"Office {number}" for number in numbers))
            (self.keeper | self.clerk).company_ids |= offices
            for office in offices:
                self.administrator(f"of_{office.id}", office)
            self.refuse(*offices)
            self.check()
            # What the activities say first of those that joined is said of all of them from now on.
            self.give_up(offices[0], 1, "file_too_big", self.now)
            self.check()
            of_nothing_new.append(self.statements_of_a_check())
            for office in self.env["res.company"].search([("name", "like", "Office ")]):
                self.give_up(office, 1, "file_too_big", self.now)
            of_other_figures.append(self.statements_of_a_check())
        self.assertEqual(self.alarms.search_count([("ended_on", "=", False)]), 31)
        activities = self.alarms.search([("ended_on", "=", False)]).activity_ids
        self.assertEqual(len(activities), 31)
        self.assertFalse(activities.filtered(lambda activity: ": 12 of" in activity.summary))
        self.assertEqual(*of_nothing_new)
        self.assertEqual(*of_other_figures)

    def statements_of_a_check(self):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.alarms._cron_check()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

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
