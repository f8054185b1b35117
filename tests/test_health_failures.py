from datetime import timedelta

from odoo import fields

from .test_health import HealthCase


class TestHealthFailures(HealthCase):
    """What fails, by cause, and "try all again"."""

    def test_failures_are_grouped_and_all_tried_again(self):
        first, second = self.fetch_in_vain(), self.fetch_in_vain()
        failed = (self.retrievals(first) | self.retrievals(second)).filtered(lambda row: row.state == "failed")
        group = self.health().failure_ids
        self.assertEqual((group.source, group.error_kind), ("failed", "file_unavailable"))
        self.assertEqual(group.item_count, len(failed))
        self.assertEqual(set(group.action_open_items()["domain"][0][2]), set(failed.ids))
        self.simulator.clear_faults()
        self.assertEqual(group.action_retry()["params"]["type"], "success")
        self.assertFalse(self.health().failure_ids)
        self.env["kho.dl.retrieval"]._cron_process()
        again = (self.retrievals(first) | self.retrievals(second)) - failed
        self.assertEqual(set(again.mapped("state")), {"done"})
        self.assertEqual(again.user_id, self.clerk)
        self.assertEqual(set(failed.mapped("state")), {"failed"})

    def test_what_a_clerk_must_decide_is_not_tried_again(self):
        self.fetch_in_vain()
        self.env.cr.execute("UPDATE kho_dl_retrieval SET error_kind = 'file_questioned' WHERE state = 'failed'")
        group = self.health().failure_ids
        self.assertFalse(group.can_retry)
        self.assertEqual(group.action_retry()["params"]["type"], "warning")

    def test_a_closed_case_fails_no_more(self):
        case = self.fetch_in_vain()
        self.assertTrue(self.health().failure_ids)
        case.sudo().state = "8"
        self.assertFalse(self.health().failure_ids)

    def test_files_that_pause_are_tried_at_once(self):
        case = self.fetch_in_vain(status=503)
        group = self.health().failure_ids.filtered(lambda group: group.source == "waiting")
        self.env["kho.dl.breaker"].search([]).opened_on = False
        pausing = self.retrievals(case).filtered("next_try_on")
        self.assertEqual(group.item_count, len(pausing))
        group.action_retry()
        self.env.invalidate_all()
        self.assertFalse(any(pausing.mapped("next_try_on")))

    def test_refused_messages_are_sent_again(self):
        self.company.kho_dl_sync_enabled = True
        self.make_case()
        message = self.env["kho.dl.outbox"].search([])
        message.write(
            {"state": "rejected", "error_kind": "portal_rejected", "portal_code": "7", "portal_message": "No"}
        )
        self.company.kho_dl_alarm_rejected = 1
        self.assertEqual(self.kinds(), ["messages_rejected"])
        group = self.health().failure_ids
        self.assertEqual((group.source, group.error, group.item_count), ("rejected", "No", len(message)))
        group.action_retry()
        self.assertEqual(set(message.mapped("state")), {"pending"})

    def test_a_spared_agency_is_tried_at_once(self):
        case = self.fetch_in_vain(status=503)
        spared = self.env["kho.dl.breaker"].sudo().search([])
        later = fields.Datetime.now() + timedelta(hours=1)
        spared.write({"failures": 3, "opened_on": fields.Datetime.now(), "next_trial_on": later})
        self.simulator.clear_faults()
        for group in self.health().failure_ids.filtered("can_retry"):
            group.action_retry()
        for _round in range(2):
            self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(set(self.retrievals(case).mapped("state")), {"done"})
        self.assertFalse(any(spared.mapped("opened_on")))
