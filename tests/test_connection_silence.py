import time
from datetime import timedelta

from odoo import fields
from odoo.tests import freeze_time

from ..models.common import cron_budget
from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..models.retrieval import kho_dl_retrieval_queue, retrieval_run
from ..wizard import kho_dl_retrieve_wizard
from .common import CRIMINAL_RECORD, DUNG
from .leaps import let_time_leap, let_time_leap_when_heard
from .test_connection_breaker import BEGIN_SECONDS, SOON, Attaching


class TestSilence(Attaching):
    """An agency that says nothing costs one clerk the time of one request, and nobody else any."""

    def setUp(self):
        super().setUp()
        self.simulator.world.add_bulk_person(DUNG, files=10, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 60)

    def breaker(self):
        return self.env["kho.dl.breaker"].sudo()._open()

    def test_what_a_request_cut_off_counts_and_the_next_one_answers_at_once(self):
        self.simulator.order("file", "never_answer", times=None)
        clock, asked = time.monotonic, []

        def are_silent():
            # Who has asked and not noted it yet would begin to wait after the leap.
            if len(self.simulator.requests("file")) >= FAILURES_TO_OPEN:
                asked.append(clock())
            return asked and asked[-1] - asked[0] > 0.1

        let_time_leap(self, 60, are_silent)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        self.assertEqual((self.breaker().lane, self.breaker().error_kind), (rows[0].lane, "timed_out"))
        # Also when its trial is due: that is made in the background.
        with freeze_time(fields.Datetime.now() + SOON):
            started = time.monotonic()
            again = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
            self.assertLess(time.monotonic() - started, 30)
        self.assertFalse(self.simulator.requests("file"))
        self.assertEqual(set(again.mapped("state")), {"pending"})
        self.assertEqual(self.wizard.unreachable, again.case_id.unreachable)
        line = self.wizard.line_ids.filtered("selected")[:1]
        self.assertEqual(line.status, "waiting")
        self.assertIn(self.breaker().lane_name, line.message)
        self.simulator.clear_faults()
        self.later(timedelta(minutes=5))
        self.later(timedelta(minutes=5))
        self.assertEqual(set((rows | again).mapped("state")), {"done"})

    def cut_off(self, *codes, **values):
        """Attach files, the first of which is coming when the time is over; return the rows."""
        self.company.kho_dl_parallel_downloads = 1
        let_time_leap_when_heard(self, 60, "file")
        return self.attach(*codes, **values)

    def test_a_file_that_was_coming_has_not_failed(self):
        self.simulator.order("file", "slow_drip", times=None, seconds=0.2, bytes=1)
        row = self.cut_off(CRIMINAL_RECORD)[0]
        self.assertEqual((row.state, row.tries, row.error), ("pending", 0, False))
        self.assertFalse(self.env["kho.dl.breaker"].search([("failures", ">", 0)]))

    def test_a_file_that_comes_too_slowly_is_tried_later_and_later(self):
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 10)
        self.begin_in_time()
        self.simulator.order("file", "slow_drip", times=None, seconds=0.2, bytes=1)
        row = self.cut_off(CRIMINAL_RECORD)[0]
        for tries in (1, 2):
            row.sudo().next_try_on = False
            self.simulator.clear_requests()
            let_time_leap_when_heard(self, cron_budget.PASS_SECONDS + BEGIN_SECONDS, "file")
            self.env["kho.dl.retrieval"]._cron_process()
            self.assertEqual((row.state, row.tries, row.error_kind), ("pending", tries, "out_of_time"))
            self.assertEqual(len(self.simulator.requests("file")), 1, "there was no time for more")
        self.assertFalse(self.env["kho.dl.breaker"].search([("failures", ">", 0)]))

    def test_a_file_that_needs_more_than_an_actions_share_gets_what_the_pass_has_left(self):
        self.patch(cron_budget, "ends_at", lambda: time.monotonic() + 30)
        self.patch(cron_budget, "pass_ends_at", lambda: time.monotonic() + 200)
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 10)
        self.begin_in_time()
        # Twenty pieces of each.
        self.simulator.order("file", "slow_drip", times=3, seconds=0.1, bytes=100)
        row = self.cut_off(CRIMINAL_RECORD, owner_id_number=DUNG)[0]
        self.simulator.clear_requests()
        self.patch(retrieval_run, "_FAIR_SECONDS", 60)
        let_time_leap_when_heard(self, 30 + BEGIN_SECONDS, "file")
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((row.state, row.tries, row.error_kind), ("pending", 0, "out_of_time"))
        self.simulator.clear_requests()
        let_time_leap_when_heard(self, 30 + BEGIN_SECONDS, "file")
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((row.state, row.error_kind), ("done", False))
