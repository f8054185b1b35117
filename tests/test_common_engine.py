from odoo import sql_db
from odoo.tools import SQL

from ..models.common.kho_dl_engine import PASSES
from ..models.health.checks.scheduled_actions import _action_facts
from .common import KhoDLCase


class TestEngine(KhoDLCase):
    """Scheduled actions share the work of one kind; jobs of `queue_job`, which is not installed here: tests/packages."""

    def setUp(self):
        super().setUp()
        self.engine = self.env["kho.dl.engine"]
        self.ran = []
        for each in PASSES.values():
            work = lambda rows, name=each.model: self.ran.append((name, rows.env.context.get("kho_dl_helps")))  # noqa: E731
            self.patch(self.registry[each.model], each.method, work)

    def woken(self, begin, due, kind="files"):
        """Return the names of the actions that are woken where the one called `begin` finds so much."""
        self.env["ir.cron.trigger"].search([]).unlink()
        engine = self.engine.with_context(cron_id=self.env.ref(f"kho_dl.{begin}").id)
        self.assertTrue(engine._begin(kind, due), "it works itself")
        crons = self.env["ir.cron.trigger"].search([]).cron_id
        return [name.removeprefix("kho_dl.") for name in crons.get_external_id().values()]

    def test_each_action_wakes_the_next_where_there_is_much(self):
        chain = [PASSES["files"].action, *PASSES["files"].helpers]
        for name, following in zip(chain, [*chain[1:], None], strict=True):
            self.assertEqual(self.woken(name, PASSES["files"].alone + 1), [following] if following else [])
            self.assertEqual(self.woken(name, PASSES["files"].alone), [])
        self.assertEqual(self.woken("ir_cron_seal", 1000, "seals"), ["ir_cron_help_seals_1"])

    def test_a_helper_that_is_switched_off_or_deleted_is_not_woken(self):
        helper = self.env.ref("kho_dl.ir_cron_help_messages_1")
        helper.active = False
        self.assertEqual(self.woken("ir_cron_send", 1000, "messages"), [])
        self.assertEqual(_action_facts(self.env), {"actions_off": ()}, "an operator may do with fewer")
        helper.unlink()
        self.assertEqual(self.woken("ir_cron_send", 1000, "messages"), [])

    def test_nobody_is_called_by_who_is_no_scheduled_action(self):
        self.env["ir.cron.trigger"].search([]).unlink()
        self.assertTrue(self.engine._begin("files", 1000))
        self.assertFalse(self.env["ir.cron.trigger"].search([]))

    def test_another_engine_gets_the_work_of_passes_and_of_triggers(self):
        sent = []
        self.patch(self.registry["kho.dl.engine"], "_has_jobs", lambda engine: True)
        self.patch(self.registry["kho.dl.engine"], "_enqueue", lambda engine, kind: sent.append(kind) or True)
        engine = self.engine.with_context(cron_id=self.env.ref("kho_dl.ir_cron_process").id)
        self.assertFalse(engine._begin("files", 1))
        self.env.ref("kho_dl.ir_cron_send")._trigger()
        self.assertEqual(sent, ["files", "messages"])

    def test_a_helper_works_only_beside_another_worker(self):
        for kind, each in PASSES.items():
            help_out = getattr(self.engine, f"_cron_help_{kind}")
            action = self.env.ref(f"kho_dl.{each.action}")
            with sql_db.db_connect(self.env.cr.dbname).cursor() as other:
                other.execute(SQL("SELECT FROM ir_cron WHERE id = %s FOR NO KEY UPDATE", action.id))
                help_out()
            self.assertEqual(self.ran, [(each.model, kind)])
            help_out()
            self.assertEqual(len(self.ran), 1, "nobody is at work")
            self.ran.clear()

    def test_every_kind_has_its_actions(self):
        for kind, each in PASSES.items():
            self.assertEqual(self.env.ref(f"kho_dl.{each.action}").code, f"model.{each.method}()")
            for name in each.helpers:
                self.assertEqual(self.env.ref(f"kho_dl.{name}").code, f"model._cron_help_{kind}()")
