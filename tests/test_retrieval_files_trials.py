import time

from odoo import fields
from odoo.fields import Domain

from ..models.common.kho_dl_queue import MAX_INTERRUPTIONS
from ..models.common.transactions import worker_lock
from ..models.connection.kho_dl_breaker import OWN_SERVER
from ..models.retrieval.retrieval_run import RetrievalRun
from ..protocol.errors import SecurityServerUnreachable, TimedOut
from .leaps import let_time_leap
from .test_retrieval_slow_files import Waiting


class TestTrials(Waiting):
    """Files behind agencies that are spared: a trial that was never made is given back, not kept for its lease."""

    def setUp(self):
        super().setUp()
        rows = self.waiting()
        self.first, self.second = rows[:5], rows[5:]
        self.second.lane = "another agency"
        for row in self.first[0] | self.second[0]:
            self.spare(row.lane, TimedOut())
        self.breaker().next_trial_on = fields.Datetime.now()
        self.env.cr.commit()

    def breaker_of(self, rows):
        return self.breaker().filtered(lambda breaker: breaker.lane == rows[0].lane)

    def fetch(self, rows, seconds):
        RetrievalRun(
            self.env, self.company, Domain("id", "in", rows.ids), time.monotonic() + seconds, silence_fails=False
        ).run()

    def assert_free(self, rows):
        """Another worker may make the trial of the agency of `rows` at once."""
        breaker = self.breaker_of(rows)
        self.assertTrue(breaker.opened_on)
        self.assertEqual(breaker.trials, 0)
        self.assertLessEqual(breaker.next_trial_on, fields.Datetime.now())

    def test_where_the_time_was_over_before_its_turn(self):
        self.company.kho_dl_parallel_downloads = 1
        self.simulator.order("file", "latency", times=None, seconds=0.1)
        let_time_leap(self, 30, lambda: self.simulator.requests("file"))
        self.fetch(self.first | self.second, 30)
        states = {rows.filtered(lambda row: row.state == "done"): rows for rows in (self.first, self.second)}
        [unasked] = [rows for done, rows in states.items() if not done]
        self.assert_free(unasked)
        self.assertEqual(set(unasked.mapped("tries")), {0})

    def test_where_the_file_has_no_address(self):
        self.first.write({"server_id": False, "link": "file.pdf"})
        self.fetch(self.first, 20)
        self.assertIn("server_unknown", self.first.mapped("error_kind"))
        self.assert_free(self.first)

    def test_where_the_file_is_not_tried_any_more(self):
        self.first[1:].next_try_on = "2100-01-01"
        self.first[0].write({"state": "running", "worker_key": "1", "interruptions": MAX_INTERRUPTIONS - 1})
        self.fetch(self.first, 20)
        self.assertEqual(self.first[0].error_kind, "interrupted")
        self.assert_free(self.first)

    def test_where_who_makes_it_dies(self):
        breaker = self.breaker_of(self.first)
        with worker_lock(self.env) as key:
            self.first._set_running(Domain("id", "in", self.first.ids), 5, key)
            self.env.cr.commit()
            self.assertEqual((breaker.trials, breaker._due()), (1, breaker.browse()))
            self.fetch(self.first, 20)
            self.assertFalse(self.simulator.requests("file"), "it is under way")
        self.fetch(self.first, 20)
        self.assertFalse(self.breaker_of(self.first))
        self.assertIn("done", self.first.mapped("state"))

    def test_where_it_tells_nothing_of_our_own_server(self):
        self.breaker()._forget()
        self.spare(OWN_SERVER, SecurityServerUnreachable(), "Our own")
        breaker = self.breaker()
        breaker.next_trial_on = fields.Datetime.now()
        self.env.cr.commit()
        self.simulator.order("file", "reset", times=None)
        self.fetch(self.first, 20)
        self.assertTrue(self.simulator.requests("file"))
        self.assertEqual((breaker.lane, breaker.trials), (OWN_SERVER, 0))
        self.assertLessEqual(breaker.next_trial_on, fields.Datetime.now())

    def test_one_that_was_made_is_not_made_again_at_once(self):
        self.simulator.order("file", "never_answer", times=None)
        self.company.write({"kho_dl_timeout": 2, "kho_dl_total_timeout": 4})
        let_time_leap(self, 61, lambda: self.simulator.requests("file"))
        RetrievalRun(
            self.env, self.company, Domain("id", "in", self.first.ids), time.monotonic() + 30, 30, silence_fails=False
        ).run()
        self.assertGreater(self.breaker_of(self.first).next_trial_on, fields.Datetime.now())

    def test_one_that_works_frees_the_others(self):
        self.fetch(self.first, 20)
        self.assertFalse(self.breaker_of(self.first))
        self.assertIn("done", self.first.mapped("state"))
