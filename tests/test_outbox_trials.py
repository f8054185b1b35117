import time

from odoo import fields

from ..models.common import cron_budget, queue_run
from ..models.outbox import outbox_run
from ..protocol.errors import AnswerOutOfTime, DatabaseNotConfirmed, PortalRejected
from .leaps import let_time_leap, let_time_leap_when_heard
from .test_outbox_run import RunCase

# What the portal says of a token, here of a message.
TOKEN_OVER = "Token không hợp lệ"


class TestTrials(RunCase):
    def open_breaker(self):
        self.simulator.order("sync", "server_error", times=None)
        cases = self.make_cases(4)
        self.send()
        self.simulator.clear_faults()
        [breaker] = self.env["kho.dl.breaker"].search([("opened_on", "!=", False)])
        self.rows(cases).next_try_on = False
        return breaker, cases

    def assert_closed_for_others(self, **values):
        """The trial of a company with `values`, the first in turn, keeps nobody from finding that the portal is back."""
        breaker, cases = self.open_breaker()
        broken = self.make_company("A", sequence=-1, **values)
        self.env["kho.dl.token"].sudo().search([]).unlink()
        waiting = self.make_cases(3, broken)
        breaker.next_trial_on = fields.Datetime.now()
        self.send()
        self.assertFalse(breaker.opened_on)
        self.assert_all_told(cases)
        self.assertEqual(
            (set(self.rows(waiting).mapped("state")), set(self.rows(waiting).mapped("tries"))), ({"pending"}, {0})
        )

    def test_a_portal_that_refuses_an_account_has_answered(self):
        self.assert_closed_for_others(kho_dl_password="wrong")
        refused = [request for request in self.simulator.requests("login") if request["body"]["password"] == "wrong"]
        self.assertEqual(len(refused), 1)

    def test_no_trial_is_given_to_a_company_without_settings(self):
        self.assert_closed_for_others(kho_dl_unit_code=False)

    def test_no_trial_is_given_to_an_account_that_was_refused_a_moment_ago(self):
        self.assert_closed_for_others(kho_dl_password="wrong")
        breaker = self.env["kho.dl.breaker"].search([])
        breaker.write({"opened_on": fields.Datetime.now(), "next_trial_on": fields.Datetime.now(), "failures": 3})
        cases = self.make_cases(2)
        self.simulator.clear_requests()
        self.send()
        self.assert_all_told(cases)
        self.assertFalse(self.simulator.requests("login"))

    def test_a_trial_that_nobody_makes_is_claimed_by_nobody(self):
        breaker, cases = self.open_breaker()
        self.company.kho_dl_unit_code = False
        breaker.next_trial_on = fields.Datetime.now()
        trials = breaker.trials
        self.send()
        self.assertEqual((breaker.trials, bool(breaker.opened_on)), (trials, True))
        self.assertLessEqual(breaker.next_trial_on, fields.Datetime.now())
        # Nor where all that was taken for it is closed without a call.
        self.company.kho_dl_unit_code = "H46"
        self.patch(type(cases), "_prepare_case_message", lambda case: {}["x"])
        with self.assertLogs("odoo.addons.kho_dl.models.outbox.kho_dl_outbox_ending", "ERROR"):
            self.send()
        self.assertEqual((breaker.trials, bool(breaker.opened_on)), (trials, True))
        self.assertLessEqual(breaker.next_trial_on, fields.Datetime.now())

    def test_our_own_mistake_is_no_sign_of_life_of_the_portal(self):
        breaker, _cases = self.open_breaker()
        breaker.next_trial_on = fields.Datetime.now()
        failures = breaker.failures

        def fail(*_args):
            raise TypeError

        self.patch(outbox_run, "tell", fail)
        with self.assertLogs("odoo.addons.kho_dl.models.outbox.kho_dl_outbox_ending", "ERROR"):
            self.send()
        self.assertEqual((breaker.failures, bool(breaker.opened_on)), (failures, True))

    def test_only_queues_that_make_trials_are_asked(self):
        names = {queue._name for queue in self.env["kho.dl.breaker"]._queues()}
        self.assertEqual(names, {"kho.dl.outbox", "kho.dl.retrieval", "kho.dl.catalogue.sync"})


class TestPoison(RunCase):
    def test_a_message_that_is_always_denied_holds_up_itself_only(self):
        cases = self.make_cases(20)
        self.simulator.reject_case(cases[0].name, TOKEN_OVER)
        self.simulator.clear_requests()
        self.send()
        self.assert_all_told(cases[1:])
        row = self.rows(cases[0])[0]
        self.assertEqual(
            (row.state, row.error_kind, row.tries, row.is_uncertain), ("pending", "account_refused", 1, False)
        )
        self.assertLessEqual(len(self.simulator.requests("login")), 2)
        later = self.make_cases(4)
        self.send()
        self.assert_all_told(later)
        self.assertEqual((row.tries, row.next_try_on > fields.Datetime.now()), (2, True))
        logins = len(self.simulator.requests("login"))
        self.send()
        self.assertEqual(len(self.simulator.requests("login")), logins)

    def test_many_of_them_cost_one_login(self):
        cases = self.make_cases(40)
        for case in cases[::2]:
            self.simulator.reject_case(case.name, TOKEN_OVER)
        self.simulator.clear_requests()
        self.send()
        self.assert_all_told(cases[1::2])
        self.assertLessEqual(len(self.simulator.requests("login")), 2)


class TestTime(RunCase):
    def give(self, share, of_pass):
        self.patch(cron_budget, "ends_at", lambda: time.monotonic() + share)
        self.patch(cron_budget, "pass_ends_at", lambda: time.monotonic() + of_pass)

    def test_a_call_that_our_own_time_cuts_off_gets_what_the_pass_has_left(self):
        case = self.make_cases(1)
        self.send_slowly(share=30, of_pass=30)
        row = self.rows(case)[0]
        self.assertEqual((row.state, row.error_kind, row.is_uncertain), ("pending", "answer_out_of_time", True))
        self.assertFalse(self.env["kho.dl.breaker"].search([]))
        self.simulator.clear_requests()
        self.send_slowly(share=30, of_pass=90)
        self.assertEqual(row.state, "accepted")
        self.assertEqual(len(self.simulator.cases()), 1)

    def send_slowly(self, **times):
        """Send to a portal whose answer is coming when the action's share is over."""
        self.give(**times)
        self.simulator.clear_faults()
        self.simulator.order("sync", "slow_drip", times=None, seconds=0.1, bytes=40)
        let_time_leap_when_heard(self, times["share"], "sync")
        self.send()

    def test_a_portal_that_is_silent_in_the_rest_of_each_pass_is_spared_too(self):
        self.make_cases(4)
        self.simulator.order("sync", "never_answer", times=None)
        # So long they are waited for in truth.
        self.company.kho_dl_timeout = 1
        for _pass in range(2):
            self.rows(self.env["kho.dl.case"].search([])).write({"next_try_on": False})
            self.give(share=30, of_pass=30)
            self.simulator.clear_requests()
            let_time_leap(self, 30, lambda: len(self.simulator.requests("sync")) >= 2)
            self.send()
            self.assertIn("answer_out_of_time", self.outbox.search([]).mapped("error_kind"))
            self.env.cr.commit()
        self.assertTrue(self.env["kho.dl.breaker"].search([("opened_on", "!=", False)]))

    def test_what_was_looked_up_and_not_sent_is_sent_without_another_look(self):
        row = self.rows(self.make_cases(1))[0]
        row.is_uncertain = True
        row._not_sent(AnswerOutOfTime(20.0, is_sent=False))
        self.assertFalse(row.is_uncertain)
        row._not_sent(AnswerOutOfTime(20.0))
        self.assertTrue(row.is_uncertain)

    def test_a_refusal_that_passes_does_not_say_that_the_message_was_not_taken(self):
        row = self.rows(self.make_cases(1))[0]
        row._not_sent(PortalRejected("504", "Gateway timeout", status=504))
        self.assertTrue(row.is_uncertain)

    def test_the_scheduler_hears_at_the_end_that_something_was_done(self):
        done = []
        commit = type(self.env["ir.cron"])._commit_progress

        def note(cron, processed=0, **options):
            done.append(processed)
            return commit(cron, processed, **options)

        self.patch(type(self.env["ir.cron"]), "_commit_progress", note)
        self.patch(queue_run, "_REPORT_SECONDS", 0)
        cases = self.make_cases(6)
        self.simulator.order("sync", "latency", times=None, seconds=0.1)
        self.send()
        self.assert_all_told(cases)
        self.assertGreater(len(done), 2)
        self.assertEqual((sum(done), bool(done[-1])), (12, True))


class TestOffices(RunCase):
    def test_what_an_archived_office_still_has_to_tell_is_told(self):
        office = self.make_company("Old")
        cases = self.make_cases(2, office)
        cases.with_context(kho_dl_reason="Was there").state = "9"
        office.active = False
        self.send()
        self.assertEqual(set(self.rows(cases).mapped("state")), {"accepted"})
        told = {case["MaHoSo"]: case["TrangThaiHoSo"] for case in self.simulator.cases()}
        self.assertEqual([told[case.name] for case in cases], ["9", "9"])
        self.assertEqual(self.remaining[-1], 0)

    def test_a_database_that_turns_out_to_be_a_copy_gives_its_messages_back(self):
        cases = self.make_cases(3)

        def refuse(*_args, **_options):
            raise DatabaseNotConfirmed

        self.patch(type(self.env["kho.dl.gateway"]), "_client", refuse)
        self.send()
        rows = self.rows(cases)
        self.assertEqual((set(rows.mapped("state")), set(rows.mapped("tries"))), ({"pending"}, {0}))
        self.assertEqual(self.remaining[-1], 0)
