from contextlib import contextmanager
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import Command, api, fields
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..models.common import cron_budget
from ..models.journal import journal_seals, kho_dl_journal
from .common import AN, KhoDLCase

LOG = "odoo.addons.kho_dl.models.journal.kho_dl_journal"


class SealingCase(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.journal = self.env["kho.dl.journal"]
        self.journal._cron_seal()
        self.chain = self.env["kho.dl.journal.chain"]
        # Tests that really commit have left some.
        self.env["ir.cron.trigger"].search([]).unlink()

    def closed(self, count, company=None):
        """Return so many closed questions of `company` that nobody sealed yet."""
        company = company or self.company
        case = self.make_case(AN)
        queries = self.env["kho.dl.query"].with_user(self.clerk).sudo()
        values = queries._prepare(case.sudo(), [], {})
        made = queries.create(
            [
                {
                    **values,
                    "company_id": company.id,
                    "codes": "X",
                    "outcome": "none",
                    "closed_on": fields.Datetime.now(),
                }
                for _ in range(count)
            ]
        )
        self.env.flush_all()
        return made

    @contextmanager
    def small_batches(self, size=3):
        with patch.object(kho_dl_journal, "SEAL_BATCH", size):
            yield

    def sealed(self, rows):
        rows.invalidate_recordset()
        return len(rows.filtered("chain_position"))

    def triggers(self):
        cron = self.env.ref("kho_dl.ir_cron_seal")
        return self.env["ir.cron.trigger"].search_count([("cron_id", "=", cron.id)])


class TestSealing(SealingCase):
    def test_files_are_fetched_whatever_there_is_to_seal(self):
        rows = self.closed(3)
        self.env["kho.dl.retrieval"]._cron_process()
        self.assertFalse(self.sealed(rows))
        self.env.ref("kho_dl.ir_cron_seal").method_direct_trigger()
        self.assertEqual(self.sealed(rows), 3)
        self.assertFalse(self.chain._verify(self.company).fault)

    def test_who_asks_seals_a_few_and_leaves_the_rest_to_the_scheduled_action(self):
        with self.small_batches():
            rows = self.closed(8)
            wizard = self.make_wizard(self.make_case(AN))
            wizard.action_search()
            self.assertEqual(self.sealed(rows), 3)
            self.assertEqual(self.triggers(), 1)
            self.journal._cron_seal()
        self.assertEqual(self.sealed(rows | wizard.query_id.sudo()), 9)
        self.assertFalse(self.chain._verify(self.company).fault)

    def test_who_asks_without_a_backlog_triggers_nothing(self):
        self.make_wizard(self.make_case(AN)).action_search()
        self.assertFalse(self.triggers())

    @contextmanager
    def in_time(self, *is_in_time):
        """Let the time of a pass be over as told, and give [(done, remaining)] as Odoo's scheduler is told."""
        left, told = iter(is_in_time), []

        def report(_env, done, remaining, _give_up_at):
            told.append((done, remaining))
            return next(left, True)

        with self.small_batches(), patch.object(cron_budget, "report", report):
            yield told

    def test_a_pass_ends_in_its_time_and_says_what_is_left(self):
        rows = self.closed(8)
        # Odoo repeats what says that something is left: the second one is over at once.
        with self.in_time(True, False, False) as told:
            self.journal._cron_seal()
            self.assertEqual(self.sealed(rows), 3)
            self.journal._cron_seal()
            self.assertEqual(told, [(0, 8), (3, 5), (0, 5)])
            self.journal._cron_seal()
        self.assertEqual(self.sealed(rows), 8)
        self.assertEqual(told[-1], (2, 0))

    def test_a_company_with_a_backlog_does_not_keep_others_waiting(self):
        other = self.env["res.company"].create({"name": "Small agency"})
        self.clerk.company_ids = [Command.link(other.id)]
        many, few = self.closed(9), self.closed(1, other)
        with self.in_time(True, True, False):
            self.journal._cron_seal()
        self.assertEqual((self.sealed(many), self.sealed(few)), (3, 1))

    def test_a_company_that_cannot_be_sealed_keeps_no_other_and_no_clerk_waiting(self):
        other = self.env["res.company"].create({"name": "Small agency"})
        self.clerk.company_ids = [Command.link(other.id)]
        self.closed(2)
        self.journal._cron_seal()
        many, few = self.closed(2), self.closed(1, other)
        # As somebody does who sets the head back by hand: the next position is taken.
        self.env.cr.execute("UPDATE kho_dl_journal_chain SET position = 0 WHERE company_id = %s", [self.company.id])
        self.env.invalidate_all()
        with mute_logger("odoo.sql_db"), self.assertLogs(LOG, "ERROR") as logged:
            self.journal._cron_seal()
            self.assertEqual((self.sealed(many), self.sealed(few)), (0, 1))
            wizard = self.make_wizard(self.make_case(AN))
            wizard.action_search()
        self.assertEqual(wizard.query_id.sudo().outcome, "found")
        self.assertEqual(len(logged.output), 2)
        self.assertIn("UniqueViolation", logged.output[0])
        self.assertNotIn(AN, "".join(logged.output))

    def test_who_seals_for_long_keeps_others_waiting_some_seconds_only(self):
        rows = self.closed(1)
        with db_connect(self.env.cr.dbname).cursor() as elsewhere:
            elsewhere.execute("SELECT pg_advisory_lock(%s, %s)", [kho_dl_journal._CHAIN_LOCK, self.company.id])
            with (
                patch.object(kho_dl_journal, "_SECONDS_A_BATCH", 0.05),
                mute_logger("odoo.sql_db"),
                self.assertLogs(LOG, "ERROR"),
            ):
                self.journal._seal_closed(self.company)
            self.assertFalse(self.sealed(rows))
            elsewhere.execute("SELECT pg_advisory_unlock(%s, %s)", [kho_dl_journal._CHAIN_LOCK, self.company.id])
        self.journal._cron_seal()
        self.assertTrue(self.sealed(rows))

    def test_who_looks_while_others_seal_has_the_answer_all_the_same(self):
        key = [kho_dl_journal._CHAIN_LOCK, self.company.id]
        wizard = self.make_wizard(self.make_case(AN))
        with db_connect(self.env.cr.dbname).cursor() as elsewhere:
            elsewhere.execute("SELECT pg_advisory_lock(%s, %s)", key)
            with (
                patch.object(kho_dl_journal, "_SECONDS_A_BATCH", 0.05),
                mute_logger("odoo.sql_db"),
                self.assertLogs(LOG, "ERROR"),
            ):
                wizard.action_search()
            elsewhere.execute("SELECT pg_advisory_unlock(%s, %s)", key)
        query = wizard.query_id.sudo()
        self.assertTrue(query.outcome and wizard.line_ids)
        self.assertFalse(query.chain_position)
        self.journal._cron_seal()
        self.assertTrue(query.chain_position)

    def test_what_is_hashed_is_what_records_hold(self):
        case = self.make_case(AN)
        wizard = self.attach_all(case)
        for record in (wizard.query_id.sudo(), *self.retrievals(case).sudo()):
            journal = record.browse()
            [row] = journal_seals.read_rows(journal, [("id", "=", record.id)])
            held = {
                name: getattr(record[name], "id", record[name])
                for name in (*record._chain_fields, *record._payload_fields)
                if record[name]
            }
            for name, value in held.items():
                if record._fields[name].type == "datetime":
                    held[name] = value.isoformat()
            facts = journal_seals.sealed_facts(journal, row)["facts"]
            personal = journal_seals.payload_facts(journal, row, "")["payload"]
            self.assertEqual({**facts, **personal}, held)
            self.assertEqual(record.chain_hash, journal_seals.seal_of(journal, row))
            self.assertTrue(journal_seals.is_payload_sound(journal, row))


@tagged("-at_install", "post_install")
class TestHeadAtOnce(TransactionCase):
    """Real transactions that overlap."""

    def test_who_is_second_to_begin_a_journal_is_repeated_and_reads_of_no_duplicate(self):
        with self.registry.cursor() as cr:
            company = api.Environment(cr, self.uid, {})["res.company"].create({"name": "Begun twice"}).id
        self.addCleanup(self.forget, company)
        with self.registry.cursor() as second, mute_logger("odoo.sql_db"):
            # What follows is read as of now.
            second.execute("SELECT count(*) FROM kho_dl_journal_chain")
            with self.registry.cursor() as first:
                self.begin(first, company)
            with self.assertRaises(SerializationFailure):
                self.begin(second, company)
            second.rollback()
            self.assertEqual(len(self.begin(second, company)), 1)

    def begin(self, cr, company):
        env = api.Environment(cr, self.uid, {})
        return env["kho.dl.journal.chain"]._head(env["res.company"].browse(company))

    def forget(self, company):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM kho_dl_journal_chain WHERE company_id = %s", [company])
            api.Environment(cr, self.uid, {})["res.company"].browse(company).unlink()
