import time
from unittest.mock import patch

from odoo.tests import TransactionCase

from ..models import cron_budget


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

    def ours(self):
        ids = self.env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "ir.cron")]).mapped("res_id")
        return self.env["ir.cron"].browse(ids).sorted(lambda cron: (cron.priority, cron.id))

    def run_pass(self, work):
        """Run all our actions as one pass of the scheduler, `work(env)` in the place of each; return when they began."""
        self.ours().write({"nextcall": "2020-01-01", "active": True})
        self.env.flush_all()
        began = {}

        def run(server_action):
            cron_id = server_action.env.context["cron_id"]
            began.setdefault(cron_id, []).append(self.now)
            work(server_action.env)

        actions = type(self.env["ir.actions.server"])
        with (
            self.clock,
            patch.object(actions, "run", run),
            self.registry.cursor() as cr,
        ):
            for job_id in self.ours().ids:
                job = self.registry["ir.cron"]._acquire_one_job(cr, job_id)
                self.registry["ir.cron"]._process_job(cr, job)
        return began

    def test_all_actions_of_a_pass_share_one_budget_with_their_repeats(self):
        def work(env):
            ends_at, done = cron_budget.ends_at(), 0
            while cron_budget.report(env, done, 5, ends_at):
                self.now += 1
                done = 1

        with self.clock:
            begin = time.monotonic()
        began = self.run_pass(work)
        self.assertEqual(len(began), len(self.ours()))
        # The ends are never later than the last piece of work that began in time.
        self.assertLessEqual(self.now - begin, cron_budget.PASS_SECONDS + len(began))
        times = [began[cron.id][0] for cron in self.ours()]
        self.assertGreaterEqual(len(set(times)), cron_budget.PASS_SECONDS // cron_budget._LEAST_SECONDS, "shares")

    def test_an_action_that_is_alone_has_all_of_it(self):
        self.ours().write({"nextcall": "2100-01-01"})
        self.env["ir.cron.trigger"].search([]).unlink()
        seen = []
        with (
            self.clock,
            patch.object(
                type(self.env["ir.actions.server"]),
                "run",
                lambda _action: seen.append(cron_budget.ends_at() - self.now),
            ),
        ):
            self.ours()[0].method_direct_trigger()
        self.assertEqual(seen, [cron_budget.PASS_SECONDS])

    def test_what_remains_is_asked_for_at_once_if_anything_was_done(self):
        cron = self.ours()[0]
        env = self.env(context={"cron_id": cron.id})
        triggers = lambda: env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])  # noqa: E731
        before = triggers()
        progress = self.env["ir.cron.progress"].create({"cron_id": cron.id})
        env = self.env(context={"cron_id": cron.id, "ir_cron_progress_id": progress.id})
        self.assertFalse(cron_budget.report(env, 0, 1, 0))
        self.assertEqual(triggers(), before, "nothing was done yet")
        self.assertTrue(cron_budget.report(env, 1, 1, time.monotonic() + 100))
        self.assertFalse(cron_budget.report(env, 0, 1, 0))
        self.assertEqual(triggers(), before + 1, "what was done earlier counts")
        self.assertFalse(cron_budget.report(self.env(context={"cron_id": cron.id}), 1, 1, 0))
        self.assertEqual(triggers(), before + 2)
