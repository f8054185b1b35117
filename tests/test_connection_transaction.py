import types
import unittest
from unittest.mock import patch

from odoo.sql_db import db_connect

from ..models.connection import kho_dl_gateway
from ..models.connection.kho_dl_gateway import TransactionOpen
from ..protocol.task_pool import TaskPool
from .common import CRIMINAL_RECORD
from .test_connection_breaker import Attaching

GATEWAY_LOG = "odoo.addons.kho_dl.models.connection.kho_dl_gateway"


class TestTransactionOpen(Attaching):
    """Nobody is asked with a transaction open: the gateway refuses it, and the log says whose fault it is."""

    def setUp(self):
        self.is_transaction_open = kho_dl_gateway.is_transaction_open
        super().setUp()

    def refused(self):
        """Look that the block is refused, and that the log tells the way to it."""
        logs = self.enterContext(self.assertLogs(GATEWAY_LOG, "ERROR"))
        self.addCleanup(lambda: self.assertIn("fault of the program", logs.output[0]))
        # Not Odoo's own: its savepoint does not outlive a commit in the block.
        return unittest.TestCase.assertRaises(self, TransactionOpen)

    def test_no_question_leaves(self):
        with self.env["kho.dl.gateway"]._client(self.company) as client:
            self.assertTrue(self.company.read(["name"]))
            with self.refused():
                client.directory()
            self.env.cr.commit()
            self.assertFalse(self.simulator.requests())
            self.assertTrue(client.directory().servers)

    def test_no_file_is_waited_for(self):
        rows = self.attach(CRIMINAL_RECORD).sudo()
        with self.env["kho.dl.gateway"]._client(self.company) as client:
            request = client.file_request(1, rows[0].link, rows[0].server_id._for_protocol(), "a.pdf")
            with self.refused():
                list(client.download_all([request]))

    def test_no_call_of_a_thread_is_waited_for(self):
        self.company.kho_dl_sync_enabled = True
        self.make_case()
        collect = TaskPool.collect

        def leave_open(pool, seconds):
            self.env.cr.execute("SELECT 1")
            return collect(pool, seconds)

        self.patch(TaskPool, "collect", leave_open)
        with self.refused():
            self.env["kho.dl.outbox"]._cron_send()

    def test_in_life(self):
        """As without tests, on a cursor whose transactions are its own."""
        in_life = patch.object(kho_dl_gateway, "module", types.SimpleNamespace(current_test=False))
        with in_life, db_connect(self.env.cr.dbname).cursor() as cr:
            self.patch(kho_dl_gateway, "is_transaction_open", self.is_transaction_open)
            self.assertFalse(self.is_transaction_open(cr))
            cr.execute("SELECT 1")
            self.assertTrue(self.is_transaction_open(cr))
            with self.refused():
                kho_dl_gateway.refuse_open_transaction(cr)
            cr.commit()
            kho_dl_gateway.refuse_open_transaction(cr)
