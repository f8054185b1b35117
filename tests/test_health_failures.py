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

    def test_an_agency_for_which_no_file_waits_is_forgotten(self):
        now = fields.Datetime.now()
        server = self.company.kho_dl_own_server
        values = {"own_server": server, "failures": 5, "trials": 3, "opened_on": now - timedelta(days=2)}
        breakers = self.env["kho.dl.breaker"].sudo()
        old = breakers.create({**values, "lane": "x", "next_trial_on": now - timedelta(hours=2)})
        fresh = breakers.create({**values, "lane": "y", "next_trial_on": now + timedelta(minutes=5)})
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((bool(old.opened_on), bool(fresh.opened_on)), (False, True))
        fresh.action_try_now()
        self.assertFalse(fresh.opened_on)

    def test_what_was_tried_again_with_success_is_no_failure_any_more(self):
        self.fetch_in_vain()
        self.simulator.clear_faults()
        self.health().failure_ids.action_retry()
        self.env["kho.dl.retrieval"]._cron_process()
        health = self.health()
        self.assertEqual((health.files_failed, bool(health.files_closed)), (0, True))

    def test_a_second_press_finds_nothing_and_says_so(self):
        self.fetch_in_vain()
        group = self.health().failure_ids
        group.action_retry()
        self.env.invalidate_all()
        self.assertEqual(group.action_retry()["params"]["type"], "warning")

    def test_a_file_in_whose_place_another_was_chosen_is_left(self):
        case = self.fetch_in_vain()
        failed = self.retrievals(case).filtered(lambda row: row.state == "failed")
        other = (
            failed[0].sudo().copy({"link": "https://other.gov.vn/download/1.pdf", "state": "pending", "error": False})
        )
        self.env.cr.execute(
            "UPDATE kho_dl_retrieval SET link_key = 'other', closed_on = NULL WHERE id = %s", [other.id]
        )
        group = self.health().failure_ids.filtered(lambda group: group.source == "failed")
        self.assertNotIn(failed[0].id, group.action_open_items()["domain"][0][2])

    def test_emptied_rows_are_not_tried_again(self):
        case = self.fetch_in_vain()
        self.env.cr.execute("UPDATE kho_dl_retrieval SET link = '' WHERE case_id = %s", [case.id])
        self.assertFalse(self.health().failure_ids)

    def test_messages_are_no_failure_where_nothing_is_told(self):
        self.company.kho_dl_sync_enabled = True
        self.make_case()
        self.env["kho.dl.outbox"].search([]).write({"state": "rejected", "error_kind": "portal_rejected"})
        self.assertTrue(self.health().failure_ids)
        self.company.kho_dl_sync_enabled = False
        self.assertFalse(self.health().failure_ids)

    def test_what_an_administrator_tried_again_no_clerk_selected(self):
        case = self.fetch_in_vain()
        selected = len(self.retrievals(case))
        self.health().failure_ids.action_retry()
        again = self.retrievals(case)[selected:]
        self.assertEqual(set(again.mapped("retried_by_id")), {self.administrator})
        self.env.flush_all()
        self.assertEqual(sum(self.env["kho.dl.audit.day"].search([]).mapped("file_count")), selected)

    def test_a_message_that_is_sent_again_has_not_waited_since_its_beginning(self):
        self.company.kho_dl_sync_enabled = True
        self.make_case()
        messages = self.env["kho.dl.outbox"].search([])
        messages.write({"state": "rejected", "error_kind": "portal_rejected"})
        self.env.cr.execute("UPDATE kho_dl_outbox SET create_date = create_date - INTERVAL '1 day'")
        self.health().failure_ids.action_retry()
        self.assertFalse(self.kinds())
        messages.write({"state": "pending", "waiting_since": False})
        self.assertEqual(self.kinds(), ["messages_waiting"])

    def test_what_is_switched_off_and_can_wait_is_no_danger(self):
        self.env.ref("kho_dl.ir_cron_candidates").active = False
        self.assertEqual(self.health().level, "warning")
        self.env.ref("kho_dl.ir_cron_send").active = False
        self.assertEqual(self.health().level, "danger")
