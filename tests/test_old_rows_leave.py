from datetime import timedelta

from odoo import fields
from odoo.exceptions import ValidationError

from ..models.outbox import kho_dl_outbox_lifetime
from ..models.reporting import audit_triggers
from .common import AN, KhoDLCase


class TestOldRowsLeave(KhoDLCase):
    """What is no longer needed goes by the settings of its company, in batches, and what it stands for stays."""

    # Statements are counted.
    keeps_memory = False

    def setUp(self):
        super().setUp()
        self.company.write({"kho_dl_sync_enabled": True, "kho_dl_message_days": 30})
        self.case = self.make_case(AN)
        self.messages.unlink()

    @property
    def messages(self):
        return self.env["kho.dl.outbox"].sudo().search([("case_id", "=", self.case.id)], order="id")

    def message(self, days_ago, kind="case", state="accepted", **values):
        """Make a message of the case that was answered so many days ago."""
        moment = fields.Datetime.now() - timedelta(days=days_ago)
        return (
            self.env["kho.dl.outbox"]
            .sudo()
            .create({"case_id": self.case.id, "kind": kind, "state": state, "closed_on": moment, **values})
        )

    def vacuum(self):
        """Do as Odoo's daily cleaning does; return how many went."""
        gone, has_more = self.env["kho.dl.outbox"]._gc_replaced()
        while has_more:
            more, has_more = self.env["kho.dl.outbox"]._gc_replaced()
            gone += more
        return gone

    # Proves K.2-3.
    def test_messages_that_others_replaced_long_ago_leave(self):
        first, second = self.message(90), self.message(60)
        steps = [self.message(days, "progress", step_state=state) for days, state in ((80, "2"), (50, "4"))]
        young = self.message(10)
        self.assertEqual(self.vacuum(), 2)
        self.assertFalse(first.exists() or steps[0].exists())
        # The youngest took the place of the second one not long ago.
        self.assertTrue(second.exists() and steps[1].exists() and young.exists())

    def test_what_is_on_its_way_was_refused_or_holds_the_links_stays(self):
        linked = self.message(90, has_links=True)
        refused = self.message(85, "progress", "rejected", step_state="2")
        waiting = self.message(80, "progress", "pending", step_state="4")
        self.message(60)
        self.message(50, "progress", step_state="9")
        self.assertFalse(self.vacuum())
        self.assertTrue(linked.exists() and refused.exists() and waiting.exists())
        # Answered now, forty days later.
        self.company.kho_dl_messages_gone_to = False
        self.message(40, has_links=True)
        self.assertEqual(self.vacuum(), 2)
        self.assertFalse(linked.exists())

    def test_the_figures_stay_as_they_are(self):
        self.case.write({"state": "4", "date_received": fields.Datetime.now()})
        for days in (90, 60):
            self.message(days, has_links=days == 90)
        self.env.flush_all()
        read = "SELECT is_synchronised, is_told FROM kho_dl_indicator_fact WHERE case_id = %s"
        self.env.cr.execute(read, [self.case.id])
        before = self.env.cr.fetchall()
        self.vacuum()
        self.env.flush_all()
        self.env.cr.execute(read, [self.case.id])
        self.assertEqual(self.env.cr.fetchall(), before)

    def test_many_leave_in_batches_and_what_was_seen_to_is_not_looked_at_again(self):
        self.patch(kho_dl_outbox_lifetime, "_GC_BATCH", 2)
        rows = [self.message(90 - at) for at in range(7)]
        self.assertEqual(self.env["kho.dl.outbox"]._gc_replaced(), (2, True))
        self.vacuum()
        self.assertEqual(self.messages, rows[-1])
        self.assertGreater(self.company.kho_dl_messages_gone_to, rows[-1].closed_on)
        self.assertFalse(self.vacuum())

    def test_150_offices_cost_no_more_statements_than_one(self):
        def statements():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["kho.dl.outbox"]._gc_replaced()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        statements()
        alone = statements()
        self.env["res.company"].create([{"name": f"Office {at}", "parent_id": self.company.id} for at in range(40)])
        self.message(90)
        rows = [self.message(80), self.message(70)]
        self.company.kho_dl_messages_gone_to = False
        self.assertLess(statements(), alone + 30)
        self.assertLessEqual(statements(), alone + 1)
        self.assertEqual(self.messages, rows[-1])

    def test_of_many_offices_a_batch_is_no_larger_than_of_one(self):
        self.patch(kho_dl_outbox_lifetime, "_GC_BATCH", 2)
        for days in (90, 89, 88, 87):
            self.message(days)
        other = self.env["res.company"].create({"name": "Office", "parent_id": self.company.id})
        self.assertEqual(self.env["kho.dl.outbox"]._gc_replaced(), (2, True))
        self.assertFalse(other.kho_dl_messages_gone_to)
        self.vacuum()
        self.assertTrue(other.kho_dl_messages_gone_to)
        self.assertEqual(len(self.messages), 1)

    def test_zero_days_keep_all_messages(self):
        self.company.kho_dl_message_days = 0
        for days in (900, 800):
            self.message(days)
        self.assertFalse(self.vacuum())
        for name in ("kho_dl_message_days", "kho_dl_count_days"):
            with self.assertRaises(ValidationError):
                self.company[name] = -1

    def test_counts_leave_and_are_not_counted_again(self):
        wizard = self.make_wizard(self.case)
        wizard.action_search()
        query = wizard.query_id.sudo()
        self.env.flush_all()
        long_ago = "UPDATE kho_dl_query SET asked_on = asked_on - interval '100 days' WHERE id = %s"
        self.env.cr.execute(long_ago, [query.id])
        self.env.cr.execute("UPDATE kho_dl_unmet_need SET month = month - interval '4 months'")
        self.env.invalidate_all()
        totals, needs = self.env["kho.dl.audit.total"].sudo(), self.env["kho.dl.unmet.need"].sudo()
        self.assertTrue(totals.search_count([]) and needs.search_count([]))
        for model in (totals, needs):
            self.assertEqual(model._gc_outdated(), (0, False))
        self.company.kho_dl_count_days = 30
        self.env.flush_all()
        self.assertEqual(totals._gc_outdated()[0], 1)
        self.assertGreater(needs._gc_outdated()[0], 0)
        audit_triggers.count_between(self.env.cr, None, None)
        self.assertFalse(totals.search_count([]) or needs.search_count([]))
        self.assertTrue(query.exists())
