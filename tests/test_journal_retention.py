from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..models.journal import kho_dl_journal_retention
from .common import AN, CRIMINAL_RECORD, KhoDLCase


class TestRetention(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.company.kho_dl_retention_days = 30
        self.case = self.make_case(AN)
        wizard = self.attach_all(self.case)
        self.query = wizard.query_id.sudo()
        self.files = self.retrievals(self.case).sudo()

    def clean(self, days=31):
        self.env.flush_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=days)):
            self.env.ref("kho_dl.ir_cron_empty_payloads").method_direct_trigger()
        self.env.invalidate_all()

    def emptied(self):
        return [bool(row.payload_emptied_on) for row in (self.query, *self.files)]

    def test_personal_data_goes_and_the_chain_stays_whole(self):
        self.case.state = "10"
        self.clean()
        self.assertTrue(all(self.emptied()))
        for row in (self.query, *self.files):
            self.assertFalse(row.payload_salt)
            for name in row._payload_fields:
                self.assertFalse(row[name], name)
        self.assertEqual((self.query.outcome, self.query.user_id), ("found", self.clerk))
        self.assertTrue(all(self.files.mapped("sha256")) and self.files.attachment_id)
        self.assertFalse(self.env["kho.dl.journal.chain"]._verify(self.company).fault)

    def test_a_second_run_has_nothing_to_do(self):
        self.case.state = "10"
        self.clean()
        first = self.query.payload_emptied_on
        self.clean(days=40)
        self.assertEqual(self.query.payload_emptied_on, first)

    def test_what_is_young_or_of_an_open_case_stays(self):
        self.clean()
        self.assertFalse(any(self.emptied()))
        self.case.state = "10"
        self.clean(days=29)
        self.assertFalse(any(self.emptied()))

    def test_zero_days_keep_everything(self):
        self.company.kho_dl_retention_days = 0
        self.case.state = "10"
        self.clean(days=4000)
        self.assertFalse(any(self.emptied()))
        with self.assertRaises(ValidationError):
            self.company.kho_dl_retention_days = -1
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.env.cr.execute("UPDATE res_company SET kho_dl_retention_days = -1 WHERE id = %s", [self.company.id])

    def test_rows_without_a_seal_wait_for_it(self):
        self.case.state = "10"
        row = self.query.create({**self.query.copy_data()[0], "outcome": "none", "closed_on": fields.Datetime.now()})
        self.clean()
        self.assertFalse(row.payload_emptied_on)

    def test_the_case_survives_emptied_rows(self):
        self.case.state = "10"
        self.clean()
        self.case.state = "4"
        document = self.document(self.case, CRIMINAL_RECORD)
        self.assertFalse(self.query._outcome_for(document))
        self.assertEqual(document.status, "attached")
        self.assertTrue(self.files._summary())
        wizard = self.make_wizard(self.case)
        wizard.action_search()
        self.assertFalse(self.env["kho.dl.journal.chain"]._verify(self.company).fault)

    def test_an_emptied_row_is_still_closed(self):
        self.case.state = "10"
        self.clean()
        with self.assertRaises(UserError):
            self.query.owner_id_number = AN


class TestUnusedAnswers(KhoDLCase):
    """What was looked up and not used is forgotten after a time of its own (Law 91/2025)."""

    # Statements are counted.
    keeps_memory = False

    clean = TestRetention.clean

    def setUp(self):
        super().setUp()
        self.case = self.make_case(AN)
        self.wizard = self.make_wizard(self.case)
        self.wizard.action_search()
        self.query = self.wizard.query_id.sudo()

    def whole(self):
        return not self.env["kho.dl.journal.chain"]._verify(self.company).fault

    # Proves W.9-1.
    def test_an_answer_of_which_nothing_was_attached_goes_after_90_days(self):
        self.assertEqual((self.company.kho_dl_unused_days, self.company.kho_dl_retention_days), (90, 0))
        self.clean(days=89)
        self.assertTrue(self.query.answer)
        self.clean(days=91)
        for name in (*self.query._payload_fields, "payload_salt"):
            self.assertFalse(self.query[name], name)
        self.assertTrue(self.query.payload_emptied_on and self.query.consent_given and self.query.paper_count)
        self.assertTrue(self.whole())
        self.wizard.lookup_id.sudo().good_until = fields.Datetime.now()
        again = self.make_wizard(self.case)
        again.action_search()
        self.assertEqual(again.outcome, "found")

    def test_what_was_attached_of_stays_with_all_its_rows(self):
        for line in self.wizard.line_ids:
            line.selected = line == self.line(self.wizard, CRIMINAL_RECORD)[:1]
        self.wizard.action_attach()
        files = self.retrievals(self.case).sudo()
        self.assertEqual(files.mapped("state"), ["done"])
        self.document(self.case, CRIMINAL_RECORD).with_context(kho_dl_reason="Old").write({"attachment_ids": [(5,)]})
        self.clean(days=4000)
        self.assertFalse(self.query.payload_emptied_on or files.payload_emptied_on)

    def test_what_is_on_its_way_is_not_unused_and_what_failed_goes_with_its_answer(self):
        servers = self.env["kho.dl.security.server"]._server_resolver()
        values = self.line(self.wizard, CRIMINAL_RECORD)[0].candidate_id._prepare_retrievals(servers)
        row = self.env["kho.dl.retrieval"].with_user(self.clerk)._enqueue(values).sudo()
        self.clean(days=91)
        self.assertTrue(self.query.answer)
        row._close_failed("refused", "Refused.")
        self.env["kho.dl.journal"]._seal_closed(self.company)
        self.clean(days=92)
        self.assertFalse(self.query.answer or row.link or row.file_name or row.paper_number)
        self.assertTrue(row.payload_emptied_on and self.whole())

    def test_zero_days_keep_them_as_long_as_the_rest(self):
        self.company.kho_dl_unused_days = 0
        self.clean(days=4000)
        self.assertTrue(self.query.answer)
        self.company.kho_dl_retention_days = 30
        self.clean(days=4000)
        self.assertTrue(self.query.answer, "the case is open")
        self.case.state = "10"
        self.clean(days=31)
        self.assertFalse(self.query.answer)
        with self.assertRaises(ValidationError):
            self.company.kho_dl_unused_days = -1

    def test_many_go_in_batches_and_the_rest_in_the_next_pass(self):
        values = {**self.query.copy_data()[0], "outcome": "none", "closed_on": fields.Datetime.now()}
        rows = self.query.create([values] * 5)
        self.env["kho.dl.journal"]._seal_closed(self.company)
        self.patch(kho_dl_journal_retention, "EMPTY_BATCH", 2)
        self.clean(days=91)
        self.assertTrue(all(rows.mapped("payload_emptied_on")) and self.query.payload_emptied_on)
        self.assertTrue(self.whole())

    def test_what_was_looked_at_is_not_looked_at_again(self):
        for line in self.wizard.line_ids:
            line.selected = line == self.line(self.wizard, CRIMINAL_RECORD)[:1]
        self.wizard.action_attach()
        self.assertFalse(self.company.kho_dl_unused_gone_before)
        self.clean(days=91)
        self.assertGreater(self.company.kho_dl_unused_gone_before, self.query.closed_on)
        journal = self.env["kho.dl.query"].sudo()
        before = fields.Datetime.now() + timedelta(days=91)
        self.assertFalse(
            journal.search(journal._unused_since_domain(self.company, before) & Domain("id", "=", self.query.id))
        )

    def test_what_is_not_decided_yet_is_looked_at_again(self):
        servers = self.env["kho.dl.security.server"]._server_resolver()
        values = self.line(self.wizard, CRIMINAL_RECORD)[0].candidate_id._prepare_retrievals(servers)
        self.env["kho.dl.retrieval"].with_user(self.clerk)._enqueue(values)
        self.clean(days=91)
        self.assertEqual(self.company.kho_dl_unused_gone_before, self.query.closed_on)

    def test_offices_with_nothing_to_do_cost_no_statements_of_their_own(self):
        def statements(count):
            names = [{"name": f"Office {count}.{at}", "parent_id": self.company.id} for at in range(count)]
            self.env["res.company"].create(names)
            self.clean(days=91)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.env["kho.dl.journal"]._cron_empty_payloads()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        few = statements(2)
        self.assertLessEqual(statements(20), few + 5)
        offices = self.env["res.company"].search([("parent_id", "=", self.company.id)])
        self.assertTrue(all(offices.mapped("kho_dl_unused_gone_before")))
