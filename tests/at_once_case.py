"""Tests in which several processes act at once, on connections of their own."""

import threading
import time
from contextlib import contextmanager
from functools import partial

from odoo import api
from odoo.tests import TransactionCase
from odoo.tools import SQL

from ..simulator.server import Simulator
from .common import AN, CRIMINAL_RECORD, MEDICAL_LICENCE

PATIENCE = 30


class CommittedCase(TransactionCase):
    """Others are at work at the same time, each on a connection of its own."""

    @contextmanager
    def committed(self):
        """Give an environment on a connection of its own, committed at the end."""
        with self.registry.cursor() as cr:
            yield api.Environment(cr, self.uid, {})


class AtOnceCase(CommittedCase):
    """Real cursors and real commits: what other processes see, and what happens when they act at once."""

    def setUp(self):
        super().setUp()
        self.simulator = self.enterContext(Simulator())
        self.made = {}
        self.addCleanup(self.forget)
        with self.committed() as env:
            self.before = env.company.read(
                [
                    "kho_dl_ss_url",
                    "kho_dl_unit_code",
                    "kho_dl_username",
                    "kho_dl_password",
                    "kho_dl_sync_enabled",
                    "kho_dl_parallel_downloads",
                ]
            )[0]
            self.chain_before = env["kho.dl.journal.chain"]._head(env.company).read(["position", "hash"])[0]
            self.officer_number = env.user.kho_dl_id_number
            env.company.write(
                {
                    "kho_dl_ss_url": self.simulator.url,
                    "kho_dl_unit_code": "H46",
                    "kho_dl_username": "h46",
                    "kho_dl_password": "h46-demo",
                }
            )
            env.user.kho_dl_id_number = "000188000077"
            env["kho.dl.security.server"].action_refresh()
            code = env["kho.dl.result.code"].create({"code": CRIMINAL_RECORD, "name": "Criminal record"})
            procedure = env["kho.dl.procedure"].create(
                {
                    "code": MEDICAL_LICENCE,
                    "name": "First medical licence",
                    "document_ids": [(0, 0, {"name": "Record", "result_code_ids": [(6, 0, code.ids)]})],
                }
            )
            owner = env["res.partner"].create({"name": "Applicant"})
            case = env["kho.dl.case"].create(
                {"procedure_id": procedure.id, "owner_id": owner.id, "owner_id_number": AN}
            )
            self.made = {
                "case": case.id,
                "procedure": procedure.id,
                "code": code.id,
                "owner": owner.id,
                "servers": env["kho.dl.security.server"].search([]).ids,
                "rights": env["kho.dl.access.right"].search([]).ids,
                "refresh": env["kho.dl.directory.refresh"].search([], limit=1).id,
            }
            self.document_id = case.document_ids.id

    def forget(self):
        """Take away what was really committed, the journal too, which no ORM call may."""
        with self.committed() as env:
            case = env["kho.dl.case"].search([("procedure_id", "=", self.made["procedure"])])
            documents = case.document_ids
            # What leaves with an add-on writes no journal.
            documents.attachment_ids.with_context(_force_unlink=True).unlink()
            env.flush_all()
            refreshes = env["kho.dl.directory.refresh"].search([("id", ">=", self.made["refresh"])])
            papers = [paper_id for name, paper_id in self.made.items() if name == "paper"]
            for table, column, ids in (
                ("kho_dl_paper_file", "paper_id", papers),
                ("ir_attachment", "id", [self.made.get("file", 0)]),
                ("kho_dl_paper", "id", papers),
                ("kho_dl_retrieve_wizard", "case_id", case.ids),
                ("kho_dl_withdrawal", "case_id", case.ids),
                ("kho_dl_retrieval", "case_document_id", documents.ids),
                ("kho_dl_query", "case_id", case.ids),
                ("kho_dl_case_document", "case_id", case.ids),
                ("kho_dl_case", "id", case.ids),
                ("kho_dl_procedure", "id", [self.made["procedure"]]),
                ("kho_dl_result_code", "id", [self.made["code"]]),
                ("kho_dl_access_right", "id", self.made["rights"]),
                ("kho_dl_security_server", "id", self.made["servers"]),
                ("kho_dl_directory_refresh", "id", refreshes.ids),
            ):
                env.cr.execute(
                    SQL("DELETE FROM %s WHERE %s = ANY(%s)", SQL.identifier(table), SQL.identifier(column), ids)
                )
            env["kho.dl.breaker"].search([]).unlink()
            env["kho.dl.journal.chain"].browse(self.chain_before["id"]).write(
                {name: self.chain_before[name] for name in ("position", "hash")}
            )
            env["res.partner"].browse(self.made["owner"]).unlink()
            env.company.write({name: value for name, value in self.before.items() if name != "id"})
            env.user.kho_dl_id_number = self.officer_number

    def searched(self):
        """Return the id of a form whose search is done and committed."""
        with self.committed() as env:
            wizard = env["kho.dl.retrieve.wizard"].create({"case_id": self.made["case"], "consent_given": True})
            wizard.action_search()
            return wizard.id

    def searches(self, count):
        """Return `count` jobs that search, each on a case of its own: on one case colleagues share an answer."""
        with self.committed() as env:
            cases = [env["kho.dl.case"].browse(self.made["case"]).copy().id for _number in range(count)]

        def search(case_id, env):
            env["kho.dl.retrieve.wizard"].create({"case_id": case_id, "consent_given": True}).action_search()

        return [partial(search, case_id) for case_id in cases]

    def in_threads(self, *jobs):
        """Run each job(env) on a connection and thread of its own, all at once; return the threads."""
        barrier = threading.Barrier(len(jobs))

        def work(job):
            with self.committed() as env:
                barrier.wait(PATIENCE)
                job(env)

        threads = [threading.Thread(target=work, args=(job,)) for job in jobs]
        for thread in threads:
            thread.start()
        return threads

    def at_once(self, *jobs):
        """Run the jobs at once to their end; the test fails with what any of them raised."""
        problems = []

        def watched(job):
            def run(env):
                try:
                    job(env)
                    env.cr.commit()
                except Exception as problem:  # noqa: BLE001 - a thread cannot raise into the test
                    problems.append(problem)

            return run

        for thread in self.in_threads(*map(watched, jobs)):
            thread.join(PATIENCE)
        self.assertFalse(problems)

    def attach(self, wizard_id):
        return lambda env: env["kho.dl.retrieve.wizard"].browse(wizard_id).action_attach()

    def rows(self):
        """Return (state, attachment) of the rows, as any other process sees them now."""
        with self.committed() as env:
            env.cr.execute(
                "SELECT state, attachment_id FROM kho_dl_retrieval WHERE case_document_id = %s ORDER BY id",
                [self.document_id],
            )
            return env.cr.fetchall()

    def wait_for(self, condition):
        give_up_at = time.monotonic() + PATIENCE
        while not condition():
            self.assertLess(time.monotonic(), give_up_at, "waited in vain")
            time.sleep(0.02)

    def somebody_waits(self):
        """Return whether a transaction of this database waits for another one to end."""
        with self.committed() as env:
            env.cr.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted")
            return env.cr.fetchone()[0]
