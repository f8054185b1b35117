from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import AN, CRIMINAL_RECORD, KhoDLCase


class TestRetention(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.company.kho_dl_retention_days = 30
        self.case = self.make_case(AN)
        wizard = self.make_wizard(self.case)
        wizard.action_search()
        wizard.action_attach()
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
