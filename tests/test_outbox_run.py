import threading
import time
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.sql_db import Cursor
from odoo.tests import freeze_time

from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..models.outbox import outbox_run
from ..models.outbox.outbox_lane import Lane
from ..simulator.server import Simulator
from .common import AN
from .leaps import hold_answers
from .test_outbox import OutboxCase


class RunCase(OutboxCase):
    def prepare(self):
        super().prepare()
        # The procedure is everybody's.
        self.procedure.company_id = False
        self.remaining = []
        commit = type(self.env["ir.cron"])._commit_progress

        def note(cron, processed=0, *, remaining=None, **options):
            self.remaining.append(remaining)
            return commit(cron, processed, remaining=remaining, **options)

        self.patch(type(self.env["ir.cron"]), "_commit_progress", note)

    def make_cases(self, count, company=None):
        """Return new cases of the company, whose first two messages wait."""
        owner = self.env["res.partner"].create({"name": "Applicant"})
        values = {"procedure_id": self.procedure.id, "owner_id": owner.id, "owner_id_number": AN}
        cases = self.env["kho.dl.case"].sudo().with_company(company or self.company)
        return cases.create([{**values, "company_id": (company or self.company).id}] * count)

    def make_company(self, name, **values):
        company = self.env["res.company"].create({"name": name})
        self._connect(company)
        company.write({"kho_dl_sync_enabled": True, **values})
        return company

    def rows(self, cases):
        return self.outbox.search([("case_id", "in", cases.ids)], order="id")

    def assert_all_told(self, cases):
        self.assertEqual(set(self.rows(cases).mapped("state")), {"accepted"})
        told = {case["MaHoSo"]: case for case in self.simulator.cases()}
        self.assertEqual([len(told[case.name]["TienDo"]) for case in cases], [1] * len(cases))

    def asked_at_once(self, most):
        """Send to a portal that answers nothing before so many wait; return how many waited then, and a moment later."""
        let_go, noted = hold_answers(self, "sync", times=None), []

        def watch():
            give_up_at = time.monotonic() + 20
            while len(self.simulator.requests("sync")) < most and time.monotonic() < give_up_at:
                time.sleep(0.01)
            # Whoever began one too many has done so by now.
            time.sleep(0.3)
            noted.append(len(self.simulator.requests("sync")))
            let_go()

        watching = threading.Thread(target=watch)
        watching.start()
        self.send()
        watching.join()
        return noted[0]

    def offices(self):
        """Return which company each case was sent for, in the order in which they came."""
        return [body["data"][0]["DonViXuLy"] for body in self.sent("DongBoHoSoMC")]


class TestSideBySide(RunCase):
    def test_several_cases_are_told_at_once_and_each_in_its_order(self):
        cases = self.make_cases(12)
        for state in ("2", "4"):
            cases.write({"state": state})
        self.assertEqual(self.asked_at_once(8), 8)
        self.assertEqual(set(self.rows(cases).mapped("state")), {"accepted"})
        for case in self.simulator.cases():
            self.assertEqual([step["TrangThai"] for step in case["TienDo"]], ["1", "2", "4"])
        self.assertEqual(self.remaining[-1], 0)

    def test_the_setting_says_how_many(self):
        self.company.kho_dl_parallel_messages = 2
        self.make_cases(5)
        self.assertEqual(self.asked_at_once(2), 2)

    def test_an_expired_token_costs_all_calls_at_once_one_login(self):
        self.make_cases(1)
        self.send()
        self.simulator.expire_tokens()
        self.simulator.clear_requests()
        cases = self.make_cases(12)
        self.simulator.order("sync", "latency", times=None, seconds=0.2)
        self.send()
        self.assert_all_told(cases)
        self.assertEqual(len(self.simulator.requests("login")), 1)

    def test_no_token_at_all_costs_one_login(self):
        self.env["kho.dl.token"].sudo().search([]).unlink()
        cases = self.make_cases(12)
        self.send()
        self.assert_all_told(cases)
        self.assertEqual(len(self.simulator.requests("login")), 1)

    def test_records_stay_with_one_thread(self):
        tellers, askers = set(), set()
        tell, execute = outbox_run.tell, Cursor.execute

        def noted_tell(*args):
            tellers.add(threading.current_thread())
            return tell(*args)

        def noted_execute(*args, **options):
            askers.add(threading.current_thread())
            return execute(*args, **options)

        self.patch(outbox_run, "tell", noted_tell)
        self.patch(Cursor, "execute", noted_execute)
        cases = self.make_cases(8)
        self.send()
        self.assert_all_told(cases)
        self.assertTrue(tellers)
        self.assertIn(threading.current_thread(), askers)
        self.assertFalse(tellers & askers)


class TestCompanies(RunCase):
    def test_companies_take_turns_and_the_longest_unserved_is_first(self):
        first, second, third = (self.make_company(name) for name in ("A", "B", "C"))
        for company in (first, third, second):
            self.make_cases(1, company)
            with freeze_time(fields.Datetime.now() - timedelta(hours=3 - len(self.sent()))):
                self.send()
        self.simulator.clear_requests()
        self.company.kho_dl_parallel_messages = 1
        (first | second | third).kho_dl_parallel_messages = 1
        self.make_cases(3, first), self.make_cases(2, second), self.make_cases(1, third)
        self.send()
        self.assertEqual(self.offices(), ["A", "C", "B", "A", "B", "A"])

    def test_a_portal_that_hangs_costs_other_companies_nothing(self):
        hanging = self.enterContext(Simulator())
        dead = self.make_company("Dead", kho_dl_ss_url=hanging.url, kho_dl_timeout=3)
        hanging.order("sync", "never_answer", times=None)
        waiting, others = self.make_cases(20, dead), [self.make_cases(10)]
        others.append(self.make_cases(10, self.make_company("B")))
        self.simulator.order("sync", "latency", times=None, seconds=0.1)
        self.send()
        for cases in others:
            self.assert_all_told(cases)
        asked = hanging.requests("sync")
        # A slot may be free again before one failure too many is counted, against the portal or, where a busy machine did not
        # even see the connection taken, against the server before it.
        self.assertIn(len(asked), range(8, 8 + 2 * FAILURES_TO_OPEN - 1))
        last = max(request["time"] for request in self.simulator.requests("sync"))
        self.assertLess(last, asked[0]["time"] + 3, "the others waited for the one that hangs")
        tried = self.rows(waiting).filtered("tries")
        self.assertEqual(len(tried), len(asked))
        self.assertEqual(set(tried.mapped("is_uncertain")), {True})
        self.assertEqual(set(self.rows(waiting).mapped("state")), {"pending"})
        self.assertEqual(self.remaining[-1], 0, "what is spared cannot be sent now")

    def test_one_account_that_hangs_does_not_take_the_slots_of_the_others(self):
        # Both behind one security server and one portal: the slots are of the account.
        hanging = self.make_company("Hangs", kho_dl_username="h22", kho_dl_password="h22-demo", kho_dl_timeout=3)
        hanging.kho_dl_unit_code = "H22"
        self.env["kho.dl.token"].sudo().search([]).unlink()
        self.simulator.order("login", "never_answer", times=1)
        waiting = self.make_cases(9, hanging)
        self.send_for_one_login(waiting)
        cases = self.make_cases(9)
        self.send()
        self.assert_all_told(cases)

    def send_for_one_login(self, waiting):
        self.send()
        self.assertEqual(set(self.rows(waiting).mapped("state")), {"pending"})
        self.assertEqual(self.rows(waiting)[0].error_kind, "timed_out")

    def test_settings_that_are_blank_for_a_minute_close_nothing_and_stop_nobody(self):
        blank = self.make_company("Blank", kho_dl_unit_code=False)
        waiting, cases = self.make_cases(30, blank), self.make_cases(2)
        self.send()
        self.assert_all_told(cases)
        rows = self.rows(waiting)
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        self.assertEqual((set(rows.mapped("error_kind")), set(rows.mapped("tries"))), ({"settings_incomplete"}, {0}))
        self.assertIn("not set up", waiting[0].portal_words)
        self.assertEqual(self.remaining[-1], 0)
        blank.kho_dl_unit_code = "H46"
        self.send()
        self.assert_all_told(waiting)
        self.assertFalse(any(rows.mapped("error")))

    def test_a_wrong_account_is_not_tried_again_and_again(self):
        wrong = self.make_company("Wrong", kho_dl_password="wrong")
        waiting, cases = self.make_cases(30, wrong), self.make_cases(2)
        for _again in range(3):
            self.send()
        self.assert_all_told(cases)
        refused = [request for request in self.simulator.requests("login") if request["body"]["password"] == "wrong"]
        self.assertEqual(len(refused), 1)
        self.assertEqual(self.rows(waiting)[0].error_kind, "account_refused")
        self.assertEqual((set(self.rows(waiting).mapped("state")), self.remaining[-1]), ({"pending"}, 0))
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.send()
        self.assertEqual(len(self.simulator.requests("login")) - len(refused), 1)
        wrong.kho_dl_password = "h46-demo"
        self.send()
        self.assert_all_told(waiting)

    def test_a_token_that_the_portal_never_takes_is_the_account_refused(self):
        waiting = self.make_cases(10)
        self.simulator.order("sync", "unauthorized", times=None)
        for _again in range(2):
            self.send()
        self.assertEqual(len(self.simulator.requests("login")), 1)
        self.assertIn("account_refused", self.rows(waiting).mapped("error_kind"))
        self.simulator.clear_faults()
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.send()
        self.assert_all_told(waiting)


class TestSparing(RunCase):
    def breaker(self):
        return self.env["kho.dl.breaker"].search([])

    def test_a_portal_that_fails_is_spared_tried_and_served_again(self):
        self.company.kho_dl_parallel_messages = 1
        cases = self.make_cases(6)
        self.simulator.order("sync", "server_error", times=None)
        for _again in range(3):
            self.send()
        self.assertEqual(len(self.simulator.requests("sync")), FAILURES_TO_OPEN)
        self.assertEqual((self.breaker().lane_name, self.breaker().messages_waiting), ("The national portal", 12))
        self.assertEqual(self.remaining[-1], 0)
        # The trial is one message; it fails, then it works, and the others follow at once.
        self.breaker().next_trial_on = fields.Datetime.now()
        self.send()
        self.assertEqual(len(self.simulator.requests("sync")), FAILURES_TO_OPEN + 1)
        self.simulator.clear_faults()
        self.breaker().next_trial_on = fields.Datetime.now()
        self.send()
        self.assert_all_told(cases)
        self.assertFalse(self.breaker().opened_on)

    def test_a_portal_that_asks_for_time_has_it(self):
        self.company.kho_dl_parallel_messages = 1
        self.make_cases(FAILURES_TO_OPEN)
        self.simulator.order("sync", "server_error", times=None, status=503, retry_after=1200)
        self.send()
        soon = fields.Datetime.now() + timedelta(minutes=19)
        self.assertGreater(self.breaker().next_trial_on, soon)
        tried = self.env["kho.dl.outbox"].search([("tries", ">", 0)])
        self.assertEqual(len(tried), FAILURES_TO_OPEN)
        self.assertTrue(all(message.next_try_on > soon for message in tried))

    def test_trying_now_wakes_the_sender(self):
        self.make_cases(4)
        self.simulator.order("sync", "server_error", times=None)
        self.send()
        self.env["ir.cron.trigger"].sudo().search([]).unlink()
        self.breaker().action_try_now()
        triggered = self.env["ir.cron.trigger"].sudo().search([]).cron_id
        self.assertIn(self.env.ref("kho_dl.ir_cron_send"), triggered)
        self.assertTrue(self.breaker().opened_on)

    def test_who_was_asked_is_blamed_whatever_the_settings_are_by_then(self):
        asked = (self.company.kho_dl_own_server, self.company.kho_dl_portal_lane)
        self.make_cases(1)
        keep = type(self.outbox)._keep

        def move_and_keep(outbox, *told):
            self.company.write({"kho_dl_ss_url": False, "kho_dl_directory_dstcode": "VN:GOV:000.00.00.G22:other"})
            return keep(outbox, *told)

        self.simulator.order("sync", "server_error", times=None)
        with patch.object(type(self.outbox), "_keep", move_and_keep):
            self.send()
        self.assertEqual((self.breaker().own_server, self.breaker().lane), asked)

    def test_another_portal_behind_the_same_server_goes_on(self):
        other = self.make_company("Other", kho_dl_directory_dstcode="VN:GOV:000.00.00.G22:vpcpcdvcqgsub01")
        self.assertNotEqual(other.kho_dl_portal_lane, self.company.kho_dl_portal_lane)
        self.make_cases(4)
        self.simulator.order("sync", "server_error", times=4)
        self.send()
        self.assertEqual(len(self.breaker().filtered("opened_on")), 1)
        cases = self.make_cases(2, other)
        self.send()
        self.assert_all_told(cases)
        health = self.env["kho.dl.health"]
        self.assertEqual(health._facts_and_troubles(self.company)[0].agencies_out_names, ("The national portal",))
        self.assertFalse(health._facts_and_troubles(other)[0].agencies_out)


class TestRemaining(RunCase):
    def test_what_waits_for_a_person_or_for_its_time_is_not_remaining(self):
        refused, later = self.make_cases(2)
        self.simulator.reject_case(refused.name, "Thiếu")
        self.rows(later)[0].next_try_on = fields.Datetime.now() + timedelta(hours=1)
        self.send()
        self.assertEqual(self.remaining[-1], 0)

    def test_what_there_was_no_time_for_remains_and_is_free_again(self):
        cases = self.make_cases(20)
        with patch.object(Lane, "has_time", lambda lane, now, leave_at: len(self.simulator.requests("sync")) < 8):
            self.send()
        rows = self.rows(cases)
        states = Counter(rows.mapped("state"))
        self.assertEqual(set(states), {"accepted", "pending"})
        self.assertEqual((self.remaining[-1], set(rows.filtered(lambda row: row.state == "pending").mapped("tries"))),
                         (states["pending"], {0}))  # fmt: skip
        self.send()
        self.assert_all_told(cases)
