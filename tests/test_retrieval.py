import hashlib
import os
import time
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tests import freeze_time

from ..models.common.kho_dl_queue import MAX_INTERRUPTIONS
from ..models.common.transactions import worker_lock
from ..models.retrieval.retrieval_run import RetrievalRun
from ..protocol.errors import TimedOut
from ..wizard import kho_dl_retrieve_wizard
from .common import AN, CITIZEN_CARD, CRIMINAL_RECORD, DEGREE, PRACTICE, KhoDLCase, new_test_user
from .leaps import let_time_leap


class TestRetrieval(KhoDLCase):
    def searched(self, *codes, owner_id_number=AN):
        """Return a wizard after its search, with only the best papers of `codes` selected."""
        wizard = self.make_wizard(self.make_case(owner_id_number))
        wizard.action_search()
        for line in wizard.line_ids:
            line.selected = line.selected and line.case_document_id.result_code_ids.code in codes
        self.simulator.clear_requests()
        return wizard

    def queued(self, *codes):
        """Return the rows of a selection that was committed and not worked on, as after a crash."""
        wizard = self.searched(*codes)
        lines = wizard.line_ids.filtered("selected")
        servers = self.env["kho.dl.security.server"]._server_resolver()
        vals_list = [vals for line in lines for vals in line.candidate_id._prepare_retrievals(servers)]
        return self.env["kho.dl.retrieval"].with_user(self.clerk)._enqueue(vals_list)

    def test_provenance_of_a_file(self):
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.action_attach()
        [row] = self.retrievals(wizard.case_id)
        content = row.attachment_id.raw
        self.assertEqual(row.state, "done")
        self.assertEqual(row.sha256, hashlib.sha256(content).hexdigest())
        self.assertEqual(row.size, len(content))
        self.assertEqual(row.user_id, self.clerk)
        self.assertEqual(row.server_id.code, "000.00.00.H22")
        self.assertEqual(row.result_code_id.code, CRIMINAL_RECORD)
        self.assertEqual(row.case_document_id.provenance_sha256, row.sha256)

    def test_what_was_found_is_attached_also_where_its_document_was_mapped_anew_since(self):
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.case_id.procedure_id.document_ids.sudo().result_code_ids = [Command.clear()]
        wizard.action_attach()
        [row] = self.retrievals(wizard.case_id)
        self.assertEqual((row.state, row.result_code_id.code), ("done", CRIMINAL_RECORD))
        self.assertEqual(row.case_document_id.provenance_result_code_id, row.result_code_id)

    # Proves V.2-7.
    def test_every_file_of_a_paper_arrives(self):
        wizard = self.searched(CITIZEN_CARD)
        wizard.action_attach()
        document = self.document(wizard.case_id, CITIZEN_CARD)
        self.assertEqual(len(document.attachment_ids), 2)
        self.assertEqual(len(document.provenance_sha256.splitlines()), 2)
        self.assertEqual(set(document.attachment_ids.mapped("mimetype")), {"image/jpeg"})

    # Proves V.3-4.
    def test_links_with_a_query_and_composed_links_work(self):
        wizard = self.searched(DEGREE, PRACTICE)
        wizard.action_attach()
        self.assertEqual(self.retrievals(wizard.case_id).mapped("state"), ["done", "done"])
        paths = [request["path"] for request in self.simulator.requests("file")]
        self.assertTrue(any("document" in path for path in paths))

    def test_a_failed_file_says_why_and_holds_up_no_other(self):
        self.simulator.order("file", "server_error", match="download", status=404)
        wizard = self.searched(CRIMINAL_RECORD, DEGREE)
        found = wizard.open_count
        result = wizard.action_attach()
        self.assertEqual(result["res_model"], wizard._name)
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((line.status, wizard.failed_count, wizard.open_count), ("failed", 1, found - 1))
        self.assertTrue(line.message)
        self.assertEqual(self.line(wizard, DEGREE).status, "attached")
        self.assertEqual(self.document(wizard.case_id, CRIMINAL_RECORD).status, "fetchable")

    def test_a_silent_agency_holds_up_neither_the_clerk_nor_the_others(self):
        self.simulator.order("file", "never_answer", match="sau.jpg")
        wizard = self.searched(CITIZEN_CARD, DEGREE)
        found = wizard.open_count
        came, settle = [], RetrievalRun._settle

        def noted(run, results):
            came.extend(results)
            settle(run, results)

        self.patch(RetrievalRun, "_settle", noted)
        # All but one of the files came.
        let_time_leap(self, kho_dl_retrieve_wizard.ATTACH_SECONDS, lambda: len(came) == 2)
        started = time.time()
        wizard.action_attach()
        # Below the 30 s after which the silence itself would be an error.
        self.assertLess(time.time() - started, 25)
        card = self.document(wizard.case_id, CITIZEN_CARD)
        self.assertEqual((card.status, len(card.attachment_ids)), ("fetching", 1))
        self.assertEqual((self.line(wizard, CITIZEN_CARD).status, wizard.waiting_count), ("waiting", 1))
        self.assertEqual(self.line(wizard, DEGREE).status, "attached")
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((card.status, len(card.attachment_ids)), ("attached", 2))
        self.assertEqual(wizard.open_count, found - 2, "What is on the case is to be attached once more")

    def test_a_failed_file_can_be_tried_again(self):
        self.simulator.order("file", "server_error", status=404)
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.action_attach()
        wizard.action_attach()
        self.assertEqual(self.retrievals(wizard.case_id).mapped("state"), ["failed", "done"])
        self.assertEqual(self.line(wizard, CRIMINAL_RECORD).status, "attached")
        self.assertEqual(len(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids), 1)

    def test_what_is_no_paper_is_not_attached(self):
        for fault, kind in (
            ("error_page", "file_not_as_claimed"),
            ("empty", "file_not_as_claimed"),
            ("wrong_type", "file_not_as_claimed"),
        ):
            with self.subTest(fault=fault):
                self.simulator.order("file", fault)
                wizard = self.searched(CRIMINAL_RECORD)
                wizard.action_attach()
                row = self.retrievals(wizard.case_id)
                self.assertEqual((row.state, row.error_kind), ("failed", kind))
                self.assertTrue(row.error)
                self.assertFalse(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids)

    # Proves W.4-3.
    def test_wrapped_files_are_unwrapped(self):
        for fault in ("base64", "json_base64"):
            with self.subTest(fault=fault):
                self.simulator.order("file", fault)
                wizard = self.searched(CRIMINAL_RECORD)
                wizard.action_attach()
                self.assertEqual(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids.raw[:5], b"%PDF-")

    def test_the_size_limit_holds(self):
        self.company.kho_dl_max_file_mb = 1
        self.simulator.order("file", "oversize", bytes=2 * 1024 * 1024)
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.action_attach()
        self.assertEqual(self.retrievals(wizard.case_id).error_kind, "file_too_large")

    def test_the_background_finishes_what_a_request_could_not(self):
        rows = self.queued(CRIMINAL_RECORD, CITIZEN_CARD)
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        self.assertEqual(rows.case_document_id[0].status, "fetching")
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertEqual(set(rows.case_document_id.mapped("status")), {"attached"})

    def test_the_scheduled_action_runs(self):
        rows = self.queued(CRIMINAL_RECORD)
        self.env.ref("kho_dl.ir_cron_process").method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(rows.state, "done")

    def test_a_row_of_a_dead_worker_is_taken_over_after_its_lease(self):
        rows = self.queued(CRIMINAL_RECORD)
        with worker_lock(self.env) as key:
            taken, _claims = rows.sudo()._set_running(Domain("id", "in", rows.ids), limit=5, worker_key=key)
            self.assertEqual((taken.state, taken.tries), ("running", 1))
            self.env["kho.dl.retrieval"]._cron_process()
            self.assertEqual(rows.state, "running")
            with freeze_time(taken.lease_until + timedelta(seconds=1)):
                self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((rows.state, rows.tries), ("done", 2))

    def test_a_row_of_a_dead_worker_is_taken_over_at_once(self):
        rows = self.queued(CRIMINAL_RECORD)
        with worker_lock(self.env) as key:
            rows.sudo()._set_running(Domain("id", "in", rows.ids), limit=5, worker_key=key)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((rows.state, rows.tries), ("done", 2))

    def test_of_several_files_only_the_one_that_kills_its_workers_is_given_up(self):
        rows = self.queued(CRIMINAL_RECORD, DEGREE, PRACTICE).sudo()
        with worker_lock(self.env) as key:
            for _death in range(2):
                taken, _claims = rows._set_running(Domain("id", "in", rows.ids), limit=5, worker_key=key)
                self.assertEqual(taken, rows)
                rows.worker_key = "0"
            alone = [rows._set_running(Domain("id", "in", rows.ids), limit=5, worker_key=key)[0] for _time in rows]
            self.assertEqual([len(row) for row in alone], [1] * len(rows))
            rows.worker_key = "0"
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(set(rows.mapped("state")), {"done"})

    def test_files_are_summed_up_under_the_name_of_who_selected_them(self):
        rows = self.queued(CRIMINAL_RECORD, DEGREE).sudo()
        colleague = new_test_user(self.env, "colleague", groups="kho_dl.group_clerk", lang="en_US")
        rows[0].user_id = colleague
        self.env["kho.dl.retrieval"]._cron_process()
        told = rows.case_id.message_ids.filtered(lambda message: "Attached from the national store" in message.body)
        self.assertEqual(told.author_id, (self.clerk | colleague).partner_id)
        for row in rows:
            [own] = told.filtered(lambda message, row=row: message.author_id == row.user_id.partner_id)
            self.assertEqual([other for other in rows if other.case_document_id.name in own.body], [row])

    def test_files_are_summed_up_as_a_person_lays_them_out(self):
        back, front = rows = self.queued(CRIMINAL_RECORD, DEGREE).sudo()
        self.env["kho.dl.retrieval"]._cron_process()
        card = {"case_document_id": back.case_document_id.id, "paper_name": "Card", "paper_number": "1", "place": 1}
        rows._write_below_the_guard({**card, "query_id": back.query_id.id, "agency_code": "H1"})
        front._write_below_the_guard({"place": 0})
        back.attachment_id.name, front.attachment_id.name = "back.pdf", "front.pdf"
        words = str(rows._summary())
        self.assertLess(words.index("front.pdf"), words.index("back.pdf"))

    def test_a_worker_that_another_one_has_helped_goes_on(self):
        rows = self.queued(CRIMINAL_RECORD).sudo()
        run = RetrievalRun(self.env, self.company, Domain("id", "in", rows.ids), 0)
        put_back = type(rows)._reschedule

        def and_made_due(row, *reason):
            put_back(row, *reason)
            row._make_due()

        self.patch(type(rows), "_reschedule", and_made_due)
        run._worker_key = 1
        rows.write({"state": "running", "worker_key": "1"})
        run._fail(rows, TimedOut())
        self.assertEqual((rows.state, rows.next_try_on), ("pending", False))

    def test_a_file_that_kills_its_workers_is_given_up(self):
        rows = self.queued(CRIMINAL_RECORD)
        rows.sudo().write({"state": "running", "interruptions": MAX_INTERRUPTIONS - 1})
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((rows.state, rows.error_kind), ("failed", "interrupted"))
        self.assertFalse(self.simulator.requests("file"))

    def test_what_time_did_not_allow_is_given_back(self):
        rows = self.queued(CRIMINAL_RECORD)
        self.process_now(rows, 0)
        self.assertEqual((rows.state, rows.tries), ("pending", 0))
        trigger = self.env["ir.cron.trigger"].search([("cron_id", "=", self.env.ref("kho_dl.ir_cron_process").id)])
        self.assertTrue(trigger)

    def test_a_rule_of_the_installation_refuses_one_file_only(self):
        rows = self.queued(CRIMINAL_RECORD, DEGREE)
        refused = rows.filtered(lambda row: row.result_code_id.code == CRIMINAL_RECORD)

        def no_hanoi(attachments, vals_list):
            if any(vals.get("res_id") == refused.case_document_id.id for vals in vals_list):
                raise UserError("Not this one")
            return create(attachments, vals_list)

        attachment_class = type(self.env["ir.attachment"])
        create = attachment_class.create
        self.patch(attachment_class, "create", no_hanoi)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((refused.state, refused.error), ("failed", "Not this one"))
        self.assertEqual((rows - refused).state, "done")

    def test_without_settings_files_wait_and_say_so(self):
        rows = self.queued(CRIMINAL_RECORD)
        address, self.company.kho_dl_ss_url = self.company.kho_dl_ss_url, False
        for work in (lambda: self.process_now(rows, 5), self.env["kho.dl.retrieval"]._cron_process):
            rows._make_due()
            work()
            self.assertEqual((rows.state, rows.error_kind), ("pending", "settings_incomplete"))
            self.assertTrue(rows._waiting_words(self.env["kho.dl.breaker"]))
        self.company.kho_dl_ss_url = address
        with freeze_time(fields.Datetime.now() + timedelta(minutes=2)):
            self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(rows.state, "done")

    def test_without_settings_files_are_given_up_in_the_end_as_any(self):
        rows = self.queued(CRIMINAL_RECORD)
        self.company.kho_dl_ss_url = False
        self.process_now(rows, 5)
        with freeze_time(fields.Datetime.now() + timedelta(hours=self.company.kho_dl_give_up_hours + 1)):
            self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual((rows.state, rows.error_kind), ("failed", "settings_incomplete"))

    def test_a_removed_file_can_be_fetched_again(self):
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.action_attach()
        document = self.document(wizard.case_id, CRIMINAL_RECORD)
        reason = {"kho_dl_reason": "Wrong paper"}
        document.with_user(self.clerk).with_context(**reason).write({"attachment_ids": [Command.clear()]})
        wizard.action_search()
        self.assertEqual(self.line(wizard, CRIMINAL_RECORD).selected, True)
        wizard.action_attach()
        self.assertEqual(document.status, "attached")
        self.assertEqual(len(document.attachment_ids), 1)

    def test_closed_rows_never_change(self):
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.action_attach()
        rows = self.retrievals(wizard.case_id)
        with self.assertRaises(UserError):
            rows.sudo().write({"error": "x"})
        with self.assertRaises(UserError):
            rows.sudo().unlink()

    def test_images_keep_their_bytes(self):
        self.env["ir.config_parameter"].set_param("base.image_autoresize_max_px", "10x10")
        wizard = self.searched(CITIZEN_CARD)
        wizard.action_attach()
        for row in self.retrievals(wizard.case_id):
            self.assertEqual(hashlib.sha256(row.attachment_id.raw).hexdigest(), row.sha256)

    def test_clerks_do_not_read_links(self):
        wizard = self.searched(CRIMINAL_RECORD)
        wizard.action_attach()
        row = self.retrievals(wizard.case_id).with_user(self.clerk)
        self.assertNotIn("link", row.read()[0])
        self.assertNotIn("answer", wizard.query_id.read()[0])


class TestHalfFile(KhoDLCase):
    def test_a_piece_of_the_file_in_the_store_is_replaced(self):
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD)[:1].selected = True
        wizard.action_attach()
        [row] = self.retrievals(wizard.case_id)
        store = self.env["ir.attachment"]
        path = store._full_path(row.attachment_id.store_fname)
        whole = row.attachment_id.raw
        row.attachment_id.unlink()
        with open(path, "wb") as half:
            half.write(whole[: len(whole) // 2])
        self.addCleanup(os.unlink, path)
        wizard.action_search()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD)[:1].selected = True
        wizard.action_attach()
        self.assertEqual(self.retrievals(wizard.case_id)[-1].attachment_id.raw, whole)
