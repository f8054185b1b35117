import time
from collections import Counter
from datetime import timedelta
from unittest.mock import patch

from odoo import fields, sql_db
from odoo.addons.base.models.ir_cron import IrCron
from odoo.tests import TransactionCase
from odoo.tools import SQL, config

from ..models.common import cron_budget
from ..models.common.cron_budget import _LEAST_SECONDS, PASS_SECONDS
from .common import own_records

STRANGER = "stranger"


class TestCronBudget(TransactionCase):
    """A pass of Odoo's scheduler over our actions ends before its watchdog, whatever remains to be done."""

    def setUp(self):
        super().setUp()
        self.now = 1000.0
        self.clock = patch.object(cron_budget.time, "monotonic", lambda: self.now)
        self.registry_enter_test_mode()
        cr = self.registry.cursor()
        self.addCleanup(cr.close)
        self.env = self.env(cr=cr)
        self.limit(120)
        # Not long ago: Odoo counts on minute by minute.
        self.lately = fields.Datetime.now() - timedelta(minutes=1)
        self.ours = own_records(self.env, "ir.cron").sorted(lambda cron: (cron.priority, cron.id))
        self.env["ir.cron.progress"].search([]).unlink()
        self.rest(self.env["ir.cron"].search([]))

    def limit(self, seconds):
        self.enterContext(patch.dict(config.options, {"limit_time_real_cron": seconds}))

    def rest(self, crons):
        crons.write({"nextcall": "2100-01-01", "active": True})
        self.env["ir.cron.trigger"].search([("cron_id", "in", crons.ids)]).unlink()

    def due(self, crons):
        crons.write({"nextcall": self.lately})
        self.env.flush_all()

    def make_stranger(self):
        """Return an action of another module, which is the first of every pass."""
        values = {"name": STRANGER, "model_id": self.env["ir.model"]._get_id("res.partner"), "priority": 0}
        return self.env["ir.cron"].create(
            {**values, "state": "code", "code": "pass", "interval_type": "minutes", "nextcall": self.lately}
        )

    def working(self, work):
        """Have `work(env)` run in the place of every action."""
        actions = type(self.env["ir.actions.server"])
        return patch.object(actions, "run", lambda action: work(action.env))

    def run_pass(self, work):
        """Run all that is due as one pass of the scheduler; return how long each had, {cron: seconds}, in this order."""
        had = Counter()

        def measured(env):
            began = self.now
            work(env)
            had[self.env["ir.cron"].browse(env.context["cron_id"])] += self.now - began

        with self.clock, self.working(measured), self.registry.cursor() as cr:
            IrCron._process_jobs_loop(cr, job_ids=[job["id"] for job in IrCron._get_all_ready_jobs(cr)])
        self.env.invalidate_all()
        return had

    def work_without_end(self, env):
        if env["ir.cron"].browse(env.context["cron_id"]).name == STRANGER:
            self.now += self.strange_seconds
            env["ir.cron"].browse(env.context["cron_id"])._trigger()
            return
        ends_at, done = cron_budget.ends_at(), 0
        while cron_budget.report(env, done, 5, ends_at - 8):
            self.now += 3
            done = 1

    def test_all_actions_of_a_pass_share_one_budget_with_their_repeats(self):
        self.due(self.ours)
        begin = self.now
        had = self.run_pass(self.work_without_end)
        self.assertLessEqual(self.now - begin, PASS_SECONDS)
        self.assertGreaterEqual(len(had), PASS_SECONDS // _LEAST_SECONDS)
        self.assertTrue(all(had.values()), "each that began did some work")

    def test_who_found_no_time_goes_first_in_the_next_pass(self):
        self.due(self.ours)
        seen = Counter()
        for _pass in range(-(-len(self.ours) // (PASS_SECONDS // _LEAST_SECONDS))):
            begin = self.now
            seen += self.run_pass(self.work_without_end)
            self.assertLessEqual(self.now - begin, PASS_SECONDS)
        self.assertEqual(set(seen), set(self.ours))

    def test_what_has_ended_is_kept_before_the_next_begins(self):
        self.due(self.ours)
        self.run_pass(self.work_without_end)
        self.due(self.ours)
        commits, ran = [], []
        with self.registry.cursor() as cr, self.clock:
            commit = cr.commit
            with (
                patch.object(cr, "commit", lambda: (commits.append(len(ran)), commit())),
                self.working(lambda env: ran.append(env.context["cron_id"])),
            ):
                IrCron._process_jobs_loop(cr, job_ids=[job["id"] for job in IrCron._get_all_ready_jobs(cr)])
        self.assertEqual(len(ran), len(self.ours))
        self.assertNotEqual(ran, self.ours.ids, "elders go first")
        self.assertLessEqual(set(range(1, len(ran) + 1)), set(commits))

    def test_in_quiet_times_all_have_their_turn_in_one_pass(self):
        for _pass in range(2):
            self.due(self.ours)
            had = self.run_pass(lambda _env: None)
            self.assertEqual(set(had), set(self.ours))

    def test_an_action_of_others_that_takes_long_leaves_ours_their_turn(self):
        self.make_stranger()
        self.strange_seconds = 30
        self.due(self.ours)
        seen = Counter()
        for _pass in range(len(self.ours)):
            begin = self.now
            seen += self.run_pass(self.work_without_end)
            self.assertLessEqual(self.now - begin, PASS_SECONDS)
        self.assertEqual(set(self.ours) - set(seen), set())

    def test_what_finds_no_time_stays_due_and_is_not_begun(self):
        self.make_stranger()
        self.strange_seconds = 50
        self.due(self.ours)
        had = self.run_pass(self.work_without_end)
        self.assertEqual([cron.name for cron in had], [STRANGER])
        self.strange_seconds = 0
        self.assertGreater(len(self.run_pass(self.work_without_end)), 1)

    def test_a_higher_limit_of_the_server_gives_ours_time_after_others(self):
        self.make_stranger()
        self.strange_seconds = 100
        self.due(self.ours)
        for limit, most in ((300, PASS_SECONDS), (0, PASS_SECONDS), (190, 15), (180, 0)):
            with self.subTest(limit=limit):
                self.limit(limit)
                had = self.run_pass(self.work_without_end)
                seconds = sum(had[cron] for cron in had if cron in self.ours)
                self.assertLessEqual(seconds, most)
                self.assertEqual(bool(seconds), bool(most))

    def test_an_action_that_is_alone_has_all_of_it_pass_after_pass_and_pressed_again(self):
        seen = []
        work = lambda _env: seen.append(cron_budget.ends_at() - self.now)  # noqa: E731
        self.due(self.ours[0])
        self.run_pass(work)
        self.due(self.ours[:3])
        with self.clock, self.working(work):
            for _press in range(2):
                self.ours[0].method_direct_trigger()
                self.now += PASS_SECONDS + 5
        self.assertEqual(seen, [PASS_SECONDS] * 3)

    def test_what_remains_is_asked_for_at_once_if_anything_was_done(self):
        cron = self.ours[0]
        env = self.env(context={"cron_id": cron.id})
        triggers = lambda: env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])  # noqa: E731
        before = triggers()
        progress = self.env["ir.cron.progress"].create({"cron_id": cron.id})
        env = self.env(context={"cron_id": cron.id, "ir_cron_progress_id": progress.id})
        # A caller may have it in the context of a call, and is not believed.
        self.assertFalse(cron_budget.report(env, 1, 1, 0))
        self.assertEqual((triggers(), progress.done), (before, 0))
        with cron_budget.one_pass():
            self.assertFalse(cron_budget.report(env, 0, 1, 0))
            self.assertEqual(triggers(), before, "nothing was done yet")
            self.assertTrue(cron_budget.report(env, 1, 1, time.monotonic() + 100))
            self.assertFalse(cron_budget.report(env, 0, 1, 0))
            self.assertEqual(triggers(), before + 1, "what was done earlier counts")
            self.assertFalse(cron_budget.report(self.env(context={"cron_id": cron.id}), 1, 1, 0))
            self.assertEqual(triggers(), before + 2)


class TestOtherWorkers(TransactionCase):
    def test_what_another_worker_has_in_hand_takes_no_share(self):
        cr, cron = self.env.cr, self.env["ir.cron"]
        ours = cron._kho_dl_ids(cr)
        # As if all were due, without a write that would keep the other worker out.
        self.patch(type(cron), "_get_ready_sql_condition", staticmethod(lambda _cr: SQL("TRUE")))
        self.patch(self.registry, "cursor", sql_db.db_connect(cr.dbname).cursor)
        job = {"id": ours[0], "progress_id": 0, "failure_count": -1, "priority": 0}
        free = cron._kho_dl_waiting(job, ours)
        with sql_db.db_connect(cr.dbname).cursor() as other:
            other.execute("SELECT FROM ir_cron WHERE id = %s FOR NO KEY UPDATE NOWAIT", [ours[1]])
            self.assertEqual(sum(map(_size, cron._kho_dl_waiting(job, ours))), sum(map(_size, free)) - 1)


def _size(found):
    return found if isinstance(found, int) else len(found)
