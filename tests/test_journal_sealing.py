from contextlib import contextmanager
from unittest.mock import patch

from odoo import Command, fields

from ..models import cron_budget, journal_seals, kho_dl_journal
from .common import AN, KhoDLCase


class SealingCase(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.journal = self.env["kho.dl.journal"]
        self.journal._cron_seal()
        self.chain = self.env["kho.dl.journal.chain"]

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

    def test_what_is_hashed_is_what_records_hold(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        wizard.action_attach()
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
