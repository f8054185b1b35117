import logging
import re
from collections import defaultdict
from unittest.mock import patch

from ..models.common import kho_dl_traced
from ..models.journal.journal_seals import read_rows, seal_of
from .common import AN, CRIMINAL_RECORD
from .test_outbox import OutboxCase

LOGGER = "odoo.addons.kho_dl.models.common.kho_dl_traced"


class TestTraced(OutboxCase):
    """One id leads from a question through its files and the logs of all processes to the other side's own."""

    def prepare(self):
        super().prepare()
        self.case = self.make_case(AN)

    def far_ids(self, call):
        return {request["far_id"] for request in self.simulator.requests(call)}

    def ask(self):
        wizard = self.make_wizard(self.case)
        wizard.action_search()
        return wizard

    # Proves K.4-1.
    def test_a_question_and_its_files_have_one_id_that_the_log_has_too(self):
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            wizard = self.ask()
            wizard.action_attach()
        query, rows = wizard.query_id.sudo(), self.retrievals(self.case)
        self.assertRegex(query.trace_id, r"^([0-9a-f]{4}-){3}[0-9a-f]{4}$")
        self.assertEqual(set(rows.mapped("trace_id")), {query.trace_id})
        self.assertEqual({query.far_id}, self.far_ids("papers"))
        self.assertEqual(set(rows.mapped("far_id")), self.far_ids("file"))
        said = "\n".join(line for line in logs.output if query.trace_id in line)
        self.assertIn(f"kho.dl.query {query.id} begun", said)
        self.assertIn(f"kho.dl.query {query.id} found {query.far_id}", said)
        for row in rows:
            self.assertIn(f"kho.dl.retrieval {row.id} running", said)
            self.assertIn(f"kho.dl.retrieval {row.id} done {row.far_id}", said)
        for word in (AN, self.case.owner_id.name, self.case.name, *rows.mapped("file_name"), *rows.mapped("link")):
            self.assertNotIn(word, "\n".join(logs.output))

    # Proves K.4-1.
    def test_the_worker_that_goes_on_with_a_file_says_the_same_id(self):
        self.simulator.order("file", "server_error", times=None, status=503)
        wizard = self.ask()
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD).selected = True
        wizard.action_attach()
        row = self.retrievals(self.case)
        first, trace_id = row.far_id, wizard.query_id.trace_id
        self.assertEqual(row.state, "pending")
        self.assertIn(first, self.far_ids("file"))
        self.simulator.clear_faults()
        self.env["kho.dl.breaker"].search([]).unlink()
        row.next_try_on = False
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.env["kho.dl.retrieval"]._cron_process()
        self.assertEqual(row.state, "done")
        self.assertNotEqual(row.far_id, first)
        self.assertIn(f"trace {trace_id}: kho.dl.retrieval {row.id} done {row.far_id}", "\n".join(logs.output))

    def test_what_fails_tells_how_the_other_side_calls_it(self):
        for fault, values in (("server_error", {"status": 500}), ("broken_json", {})):
            with self.subTest(fault):
                self.simulator.clear_requests()
                self.simulator.order("papers", fault, **values)
                query = self.ask().query_id.sudo()
                self.assertEqual((query.outcome, {query.far_id}), ("failed", self.far_ids("papers")))
        self.simulator.stop()
        self.addCleanup(self.simulator.start)
        self.env["kho.dl.token"].search([]).unlink()
        query = self.ask().query_id.sudo()
        self.assertEqual((query.outcome, query.far_id), ("failed", False))

    # Proves K.4-1.
    def test_messages_have_ids_of_their_own(self):
        self.simulator.reject_case(self.case.name, "Sai mã")
        self.send()
        [refused] = self.rows(self.case).filtered(lambda row: row.kind == "case")
        self.assertEqual((refused.state, {refused.far_id}), ("rejected", self.far_ids("sync")))
        self.simulator.reject_case(self.case.name, "")
        self.simulator.clear_requests()
        refused.action_send_again()
        with self.assertLogs(LOGGER, logging.INFO) as logs:
            self.send()
        rows = self.rows(self.case)
        self.assertEqual(set(rows.mapped("state")), {"accepted"})
        self.assertEqual(len(set(rows.mapped("trace_id"))), len(rows))
        self.assertEqual(set(rows.mapped("far_id")), self.far_ids("sync"))
        for row in rows:
            self.assertRegex("\n".join(logs.output), f"{row.trace_id}: {re.escape(row._name)} {row.id} accepted")

    def test_rows_of_before_keep_their_seals(self):
        """A column that is new has nothing in them, which is no part of a seal."""
        with patch.object(kho_dl_traced, "new_trace_id", lambda: False):
            row = self.ask().query_id.sudo()
        self.assertFalse(row.trace_id)
        for name in ("kho.dl.query", "kho.dl.retrieval"):
            # An upgrade would write it into sealed rows.
            self.assertFalse(self.env[name]._fields["trace_id"].default)
        [sealed] = read_rows(row, [("id", "=", row.id)])
        self.assertEqual(seal_of(row, sealed), row.chain_hash)
        del sealed["trace_id"]
        self.assertEqual(seal_of(row, defaultdict(bool, sealed)), row.chain_hash)

    def test_the_id_is_sealed(self):
        row = self.ask().query_id.sudo()
        [sealed] = read_rows(row, [("id", "=", row.id)])
        self.assertEqual(seal_of(row, sealed), row.chain_hash)
        self.assertNotEqual(seal_of(row, {**sealed, "trace_id": "forged"}), row.chain_hash)
