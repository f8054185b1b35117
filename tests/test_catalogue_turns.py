from datetime import timedelta
from unittest.mock import patch

from odoo import fields

from ..models.common import cron_budget
from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..protocol.errors import TimedOut
from .leaps import let_silence_be_over
from .test_catalogue import CatalogueCase


class TestTurns(CatalogueCase):
    """Runs are work like that of the other queues: in turn, each one worker's, and none behind a portal that is spared."""

    def test_companies_take_turns(self):
        other = self.env["res.company"].create({"name": "B"})
        self._connect(other)
        for company in self.company | other:
            self.syncs._start(company)
        served, began = [], self.env.cr.now()

        def never_done(sync, *_args):
            served.append(sync.company_id)
            return False

        for _pass in range(4):
            # There is time for one turn.
            may_begin = iter([True, False])
            # Each pass after the one before, and after the runs were made.
            self.env.cr._now = began + timedelta(minutes=len(served) + 1)
            with (
                patch.object(self.registry[self.syncs._name], "_next_batch", never_done),
                patch.object(cron_budget, "report", lambda *_args, may_begin=may_begin: next(may_begin)),
            ):
                self.syncs._cron_sync()
        self.assertEqual(served, [self.company, other] * 2)

    def test_a_run_that_another_worker_has_taken_over_is_theirs(self):
        works = {name: getattr(self.registry[self.syncs._name], name) for name in ("_list", "_next_batch")}
        for name, work in works.items():
            with self.subTest(name):
                sync = self.syncs._start(self.company)

                def be_slow(sync, *args, work=work):
                    sync.write({"worker_key": "77", "state": "running"})
                    sync.env.cr.commit()
                    return work(sync, *args)

                with patch.object(self.registry[self.syncs._name], name, be_slow):
                    self.syncs._cron_sync()
                self.assertEqual((sync.state, sync.worker_key, sync.done_count), ("running", "77", 0))
                self.assertEqual(sync.is_listed, name == "_next_batch")
                self.assertFalse(sync.error or sync.ended_on)
                sync.write({"state": "failed"})

    def test_so_is_one_that_fails_meanwhile(self):
        sync = self.syncs._start(self.company)

        def fail(sync, *_args):
            sync.write({"worker_key": "77", "state": "running"})
            sync.env.cr.commit()
            raise TimedOut

        with patch.object(self.registry[self.syncs._name], "_list", fail):
            self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.worker_key, sync.error), ("running", "77", False))


class TestSpared(CatalogueCase):
    def open_breaker(self):
        self.spare(self.company.kho_dl_portal_lane, TimedOut(), "Portal")
        self.env.cr.commit()
        return self.env["kho.dl.breaker"]._open()

    def test_a_portal_that_is_spared_is_not_asked_but_for_its_trial(self):
        breaker = self.open_breaker()
        sync = self.sync()
        self.assertFalse(self.simulator.requests("catalogue"))
        self.assertEqual((sync.state, sync.tries), ("pending", 0))
        breaker.next_trial_on = fields.Datetime.now()
        self.syncs._cron_sync()
        self.assertEqual((sync.state, bool(breaker.opened_on)), ("done", False))

    def test_a_trial_that_fails_is_the_only_call(self):
        let_silence_be_over(self)
        breaker = self.open_breaker()
        breaker.next_trial_on = fields.Datetime.now()
        self.simulator.order("catalogue", "never_answer", times=None)
        sync = self.sync()
        self.assertEqual((len(self.simulator.requests("catalogue")), sync.error_kind), (1, "timed_out"))
        self.assertEqual((breaker.failures, breaker.trials), (FAILURES_TO_OPEN + 1, 1))
        self.assertGreater(breaker.next_trial_on, fields.Datetime.now())
        sync.next_try_on = False
        self.syncs._cron_sync()
        self.assertEqual(len(self.simulator.requests("catalogue")), 1)

    def test_silence_is_counted_and_nonsense_is_not(self):
        let_silence_be_over(self)
        self.simulator.order("catalogue", "server_error", times=1, match="")
        sync = self.sync()
        self.assertFalse(self.env["kho.dl.breaker"].search([("failures", ">", 0)]))
        self.simulator.order("catalogue", "never_answer", times=1)
        sync.next_try_on = fields.Datetime.now() - timedelta(minutes=1)
        self.syncs._cron_sync()
        self.assertEqual(self.env["kho.dl.breaker"].search([]).failures, 1)
        sync.next_try_on = False
        self.syncs._cron_sync()
        self.assertEqual((sync.state, self.env["kho.dl.breaker"].search([]).failures), ("done", 0))
