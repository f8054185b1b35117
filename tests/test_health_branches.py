import base64
from datetime import timedelta

from odoo import fields
from odoo.exceptions import AccessError

from ..models.connection.kho_dl_breaker import OWN_SERVER
from ..models.connection.res_company import PORTAL_DSTCODE
from ..protocol.errors import AccountRefused
from .alarm_case import AlarmCase
from .common import AN, new_test_user
from .test_connection_branches import BranchCase
from .test_store_digitise import Authority


class TestHealthOfBranches(AlarmCase):
    """What is about an account is said, and recorded, once for all offices that work with it."""

    # Proves K.1-6.
    def test_one_account_that_ends_is_one_alarm(self):
        self.make_branches(self.company, *(f"Office {number}" for number in range(150)))
        self.company.kho_dl_account_valid_until = fields.Date.today() + timedelta(days=3)
        self.assertIn("account_ending", self.kinds(self.ward))
        self.assertEqual(self.check(), {("account_ending", self.company)})
        self.commune.kho_dl_account_valid_until = fields.Date.today() + timedelta(days=2)
        self.assertEqual(self.check(), {("account_ending", self.company), ("account_ending", self.commune)})
        (self.company | self.commune).kho_dl_account_valid_until = False
        self.assertFalse(self.check())

    # Proves K.1-6.
    def test_an_agency_that_is_down_is_one_alarm_to_who_keeps_the_account(self):
        """Files that offices gave up behind it are no alarm of each of them, neither while it is down nor afterwards."""
        keeper = self.administrator("keeper", self.company | self.branches)
        of_ward = self.administrator("of_ward", self.ward)
        offices, now = (self.ward, self.hamlet, self.other), fields.Datetime.now()
        self.company.kho_dl_sync_enabled = True
        for office in offices:
            self.give_up(office, 12, "unreachable", now - timedelta(minutes=5))
            self.wait(office)
        self.assertEqual(
            {kind for kind, _company in self.check()}, {"files_failing", "files_waiting", "messages_waiting"}
        )
        breakers = self.env["kho.dl.breaker"]
        values = {"own_server": self.company.kho_dl_own_server, "failures": 9, "opened_on": now - timedelta(days=1)}
        values["outage_since"] = values["opened_on"]
        breakers.create({**values, "lane": "agency", "lane_name": "Agency"})
        breakers.create({**values, "lane": self.company.kho_dl_portal_lane, "lane_name": "Portal"})
        self.assertEqual(self.check(), {("agencies", self.company)})
        told = self.alarms.search([("kind", "=", "agencies")]).told_user_ids
        self.assertIn(keeper, told)
        self.assertNotIn(of_ward, told)
        breakers._worked(self.company.kho_dl_own_server, ["agency", self.company.kho_dl_portal_lane])
        self.assertFalse(self.check())
        # What fails afterwards is told, and so is what still waits after hours.
        self.give_up(self.ward, 40, "file_not_as_claimed", now + timedelta(minutes=5))
        self.assertEqual(self.check(), {("files_failing", self.company)})
        waiting = {(kind, self.company) for kind in ("files_waiting", "messages_waiting")}
        self.assertLessEqual(waiting, self.check(timedelta(hours=self.company.kho_dl_alarm_waiting_hours + 1)))

    # Proves K.1-6.
    def test_an_agency_that_comes_back_for_minutes_is_still_one_alarm(self):
        now = fields.Datetime.now()
        self.company.kho_dl_sync_enabled = True
        lanes = ("agency", self.company.kho_dl_portal_lane)
        for lane in lanes:
            self.out(lane, now - timedelta(hours=11), now - timedelta(minutes=30))
            self.out(lane, now - timedelta(minutes=25))
        for office in (self.ward, self.hamlet, self.other):
            self.give_up(office, 12, "unreachable", now - timedelta(hours=2))
            self.wait(office)
        self.assertEqual(self.check(), {("agencies", self.company)})
        self.env["kho.dl.breaker"]._worked(self.company.kho_dl_own_server, lanes)
        self.assertFalse(self.check())

    def test_an_outage_ends_where_the_agency_answered_for_long(self):
        now = fields.Datetime.now()
        times = ((600, 5, True), (600, 55, True), (600, 65, False), (2, 5, False), (6000, 1500, False))
        for minutes_out, minutes_back, goes_on in times:
            with self.subTest(out=minutes_out, back=minutes_back):
                self.env["kho.dl.breaker"].search([]).unlink()
                again = now - timedelta(minutes=1)
                until = again - timedelta(minutes=minutes_back)
                since = until - timedelta(minutes=minutes_out)
                self.out("agency", since, until)
                self.out("agency", again)
                breaker = self.env["kho.dl.breaker"].search([])
                self.assertEqual((breaker.opened_on, breaker.outage_since), (again, since if goes_on else again))
                self.out("agency", now)
                self.assertEqual((breaker.opened_on, breaker.outage_since), (again, since if goes_on else again))

    def test_outages_of_each_day_are_no_outage_of_weeks(self):
        now = fields.Datetime.now()
        self.out("agency", now - timedelta(days=22), now - timedelta(days=21))
        for day in range(20, -1, -1):
            at = now - timedelta(days=day)
            self.out("agency", at - timedelta(minutes=6), at - timedelta(minutes=1) if day else None)
        breaker = self.env["kho.dl.breaker"].search([])
        self.assertEqual(breaker.outage_since, now - timedelta(minutes=6))

    def test_a_file_that_is_no_paper_fails_also_while_its_agency_is_out(self):
        now = fields.Datetime.now()
        self.administrator("of_ward", self.ward)
        self.out("agency", now - timedelta(hours=8))
        self.give_up(self.ward, 12, "file_not_as_claimed", now - timedelta(hours=2))
        self.assertIn(("files_failing", self.company), self.check())

    def test_what_our_own_server_held_up_for_an_hour_is_no_alarm_of_each_office(self):
        now = fields.Datetime.now()
        self.company.kho_dl_sync_enabled = True
        for office in (self.ward, self.other):
            self.give_up(office, 12, "security_server_unreachable", now - timedelta(hours=1))
            self.wait(office)
        self.out(OWN_SERVER, now - timedelta(minutes=90), now - timedelta(minutes=30))
        self.assertFalse(self.check())

    def test_more_offices_are_no_more_statements(self):
        self.check()
        counts = []
        for numbers in (range(5), range(5, 145)):
            self.make_branches(self.company, *(f"Office {number}" for number in numbers))
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.alarms._cron_check()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)

    def test_a_dead_server_and_a_refused_account_are_one_alarm_each(self):
        breakers, server = self.env["kho.dl.breaker"], self.company.kho_dl_own_server
        for _failure in range(3):
            breakers._failed(server, "own", "Our own security server", AccountRefused("for the test"))
        self.company.kho_dl_password = "wrong"
        self.env["kho.dl.security.server"]._refresh()
        found = self.check()
        self.assertEqual(found, {("own_server", self.company), ("account_refused", self.company)})
        self.assertLessEqual({"own_server", "account_refused"}, self.kinds(self.hamlet))

    def test_one_mail_of_seals_that_does_not_go_out_is_one_alarm(self):
        self.company.kho_dl_head_email = "archive@example.gov.vn"
        chains, offices = self.env["kho.dl.journal.chain"].sudo(), self.company | self.branches
        known = chains.search([("company_id", "in", offices.ids)])
        known |= chains.create([{"company_id": office.id} for office in offices - known.company_id])
        known.head_problem = "The mail did not go out."
        self.assertIn("journal_head", self.kinds(self.hamlet))
        self.assertEqual(self.check(), {("journal_head", self.company)})
        # One that names somebody else, for its wards too, has a mail of its own.
        self.commune.kho_dl_head_email = "commune@example.gov.vn"
        self.assertEqual(self.check(), {("journal_head", self.company), ("journal_head", self.commune)})

    def test_a_certificate_is_told_of_where_it_is_kept(self):
        authority = Authority()
        trusted = self.env["kho.dl.trust.certificate"].create(
            {"certificate": base64.b64encode(authority.root.pem), "company_id": self.commune.id}
        )
        before_it_ends = trusted.valid_until - fields.Datetime.now() - timedelta(days=2)
        self.assertIn(("trust", self.commune), found := self.check(before_it_ends))
        self.assertEqual([company for kind, company in found if kind == "trust"], [self.commune])
        trusted.sudo().company_id = False
        self.assertEqual(
            [company for kind, company in self.check(before_it_ends) if kind == "trust"],
            [self.company],
        )

    def test_missing_rights_of_all_offices_are_counted_together(self):
        self.simulator.order("papers", "server_fault", times=None, code="Server.ServerProxy.AccessDenied")
        owner = self.env["res.partner"].create({"name": "Applicant"})
        for office in (self.ward, self.other):
            values = {"procedure_id": self.procedure.id, "owner_id": owner.id, "owner_id_number": AN}
            case = self.env["kho.dl.case"].create({**values, "officer_id": self.clerk.id, "company_id": office.id})
            self.make_wizard(case.with_user(self.clerk)).action_search()
        self.assertEqual(self.check(), {("rights_missing", self.company)})
        self.assertEqual(self.alarms.search([]).facts, {"count": 2})


class TestAccessRightsOfAccounts(BranchCase):
    # Proves K.1-6.
    def test_the_rights_of_an_account_are_listed_once(self):
        self.branches.kho_dl_unit_code = "H46.1"
        rights = self.env["kho.dl.access.right"].with_context(active_test=False)
        rights._follow_directory()
        count = rights.search_count([("company_id", "=", self.company.id)])
        self.assertTrue(count)
        self.assertFalse(rights.search([("company_id", "in", self.branches.ids)]))
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        rights._follow_directory()
        self.assertEqual(rights.search([]).company_id & (self.company | self.branches), self.company | self.commune)
        self.commune._kho_dl_follow("connection")
        rights._follow_directory()
        self.assertFalse(any(rights.search([("company_id", "=", self.commune.id)]).mapped("active")))

    def test_who_works_in_a_branch_reads_them_and_marks_none(self):
        self.env["kho.dl.access.right"]._follow_directory()
        administrator = new_test_user(
            self.env,
            "ward_administrator",
            groups="kho_dl.group_administrator",
            company_id=self.ward.id,
            company_ids=[(6, 0, self.ward.ids)],
        )
        right = self.env["kho.dl.access.right"].with_user(administrator).search([("dstcode", "=", PORTAL_DSTCODE)])
        self.assertEqual(right.company_id.ids, self.company.ids)
        with self.assertRaises(AccessError):
            right.action_mark_granted()
