from contextlib import contextmanager

from psycopg2.errors import SerializationFailure

from odoo import Command, api
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from .paper_case import PDF


@tagged("-at_install", "post_install")
class TestIndicatorAtOnce(TransactionCase):
    """Real transactions that overlap: no fact is wrong after them, and nobody waits for what does not count."""

    def setUp(self):
        super().setUp()
        with self.committed() as env:
            procedure = env["kho.dl.procedure"].create(
                {"code": "9.77", "name": "Two papers", "document_ids": [(0, 0, {"name": "A"}), (0, 0, {"name": "B"})]}
            )
            owner = env["res.partner"].create({"name": "Applicant"})
            case = env["kho.dl.case"].create(
                {"procedure_id": procedure.id, "owner_id": owner.id, "date_received": "2026-03-10 05:00:00"}
            )
            for document in case.document_ids:
                document.write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": PDF})]})
            self.made = [*case.document_ids.attachment_ids, case, procedure, owner]
            self.case_id = case.id
            self.documents = case.document_ids.ids
        self.addCleanup(self.forget)

    def forget(self):
        with self.committed() as env:
            env["kho.dl.case"].browse(self.case_id).outbox_ids.unlink()
            env.cr.execute("DELETE FROM kho_dl_file_decision WHERE case_id = %s RETURNING id", [self.case_id])
            kept = [("res_model", "=", "kho.dl.file.decision"), ("res_id", "in", [row for (row,) in env.cr.fetchall()])]
            env["ir.attachment"].search(kept).unlink()
            for record in self.made:
                record.with_env(env).with_context(_force_unlink=True).exists().unlink()

    @contextmanager
    def committed(self):
        """Give an environment on a connection of its own, committed at the end; it waits for a lock some seconds at most."""
        with self.registry.cursor() as cr:
            # PostgreSQL's own vacuum gives way to who has waited for a second (`deadlock_timeout`), not before.
            cr.execute("SET lock_timeout = '5s'")
            cr.commit()
            cr.execute("SELECT count(*) FROM kho_dl_case")
            yield api.Environment(cr, self.uid, {})

    def files(self):
        """Return (whether the facts say that the case has a file, whether it has one)."""
        with self.committed() as env:
            env.cr.execute("SELECT has_file FROM kho_dl_indicator_fact WHERE id = %s", [self.case_id])
            [is_counted] = env.cr.fetchone()
            documents = env["kho.dl.case"].browse(self.case_id).document_ids
            return is_counted, bool(documents.filtered("source").attachment_ids)

    def test_two_clerks_who_empty_two_documents_do_not_overlook_each_other(self):
        one, other = self.documents
        with self.assertRaises(SerializationFailure), self.committed() as second, mute_logger("odoo.sql_db"):
            with self.committed() as first:
                first["kho.dl.case.document"].browse(one).write({"attachment_ids": [Command.clear()]})
            # Odoo repeats this one; its snapshot shows the other document as it was.
            second["kho.dl.case.document"].browse(other).write({"attachment_ids": [Command.clear()]})
            second.flush_all()
        self.assertEqual(self.files(), (True, True))
        with self.committed() as again:
            again["kho.dl.case.document"].browse(other).write({"attachment_ids": [Command.clear()]})
        self.assertEqual(self.files(), (False, False))

    def test_a_file_that_comes_while_the_case_is_received_counts(self):
        with self.committed() as env:
            env["kho.dl.case"].browse(self.case_id).date_received = False
            env["kho.dl.case.document"].browse(self.documents).write({"attachment_ids": [Command.clear()]})
        with self.assertRaises(SerializationFailure), self.committed() as second, mute_logger("odoo.sql_db"):
            with self.committed() as first:
                document = first["kho.dl.case.document"].browse(self.documents[0])
                document.write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": PDF})]})
                self.made.insert(0, document.attachment_ids)
            second.cr.execute("UPDATE kho_dl_case SET date_received = now() WHERE id = %s", [self.case_id])
        self.assertEqual(self.files(), (True, True))

    def test_what_does_not_count_keeps_nobody_waiting(self):
        one, other = self.documents
        with self.committed() as first:
            first["kho.dl.case.document"].browse(one).paper_number = "1"
            first.flush_all()
            with self.committed() as second:
                second["kho.dl.case.document"].browse(other).paper_number = "2"
            with self.committed() as second:
                second["kho.dl.case"].browse(self.case_id).channel = "3"
            with self.committed() as second:
                second["kho.dl.case.document"].browse(other).write({"attachment_ids": [Command.clear()]})

    def test_counting_anew_locks_only_facts_that_are_wrong(self):
        with self.committed() as night:
            night["kho.dl.indicator.fact"]._install_triggers()
        with self.committed() as clerk:
            clerk["kho.dl.case.document"].browse(self.documents[0]).write({"attachment_ids": [Command.clear()]})
            clerk.flush_all()
            with self.committed() as night:
                night["kho.dl.indicator.fact"]._cron_count_all()
        self.assertEqual(self.files(), (True, True))

    def test_a_case_that_changes_while_it_is_counted_anew_does_not_end_the_night(self):
        with self.committed() as env:
            env.cr.execute("UPDATE kho_dl_indicator_fact SET has_file = false WHERE id = %s", [self.case_id])
        with self.committed() as night, mute_logger("odoo.sql_db"):
            with self.committed() as clerk:
                clerk["kho.dl.case.document"].browse(self.documents[0]).write({"attachment_ids": [Command.clear()]})
                clerk.cr.execute("UPDATE kho_dl_indicator_fact SET has_file = false WHERE id = %s", [self.case_id])
            night["kho.dl.indicator.fact"]._cron_count_all()
        self.assertEqual(self.files(), (True, True))
