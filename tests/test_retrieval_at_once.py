import threading
import time
from collections import Counter

from psycopg2.errors import SerializationFailure
from psycopg2.extensions import TRANSACTION_STATUS_IDLE

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.common import transactions
from ..models.common.transactions import commit_or_retry
from ..models.outbox.outbox_run import OutboxRun
from ..protocol import parallel
from ..protocol.errors import TimedOut
from ..protocol.task_pool import TaskPool
from .at_once_case import PATIENCE, AtOnceCase
from .common import AN, BINH, CHAU, CRIMINAL_RECORD
from .leaps import hold_answers


@tagged("-at_install", "post_install")
class TestAtOnce(AtOnceCase):
    def test_the_selection_is_committed_before_the_first_byte_moves(self):
        wizard_id = self.searched()
        let_go = hold_answers(self, "file")
        [thread] = self.in_threads(self.attach(wizard_id))
        self.wait_for(lambda: self.simulator.requests("file"))
        self.assertEqual(self.rows(), [("running", None)])
        let_go()
        thread.join(PATIENCE)
        [(state, attachment_id)] = self.rows()
        self.assertEqual(state, "done")
        self.assertTrue(attachment_id)

    def test_what_others_change_while_a_file_is_on_its_way_stays_as_they_changed_it(self):
        # What is kept in mind meanwhile is old then, and must not be written.
        self.patch(parallel, "_MOMENT", 0)
        wizard_id = self.searched()
        with self.committed() as env:
            names = [env.user.partner_id, env["kho.dl.case.document"].browse(self.document_id).procedure_document_id]
            before = [record.name for record in names]
        let_go = hold_answers(self, "file")
        [thread] = self.in_threads(self.attach(wizard_id))
        self.wait_for(lambda: self.simulator.requests("file"))

        def rename(*words):
            with self.committed() as env:
                for record, name in zip(names, words, strict=True):
                    record.with_env(env).name = name

        rename("Renamed", "Named anew")
        self.addCleanup(rename, *before)
        self.assertEqual(self.rows(), [("running", None)])
        let_go()
        thread.join(PATIENCE)
        self.assertEqual([state for state, _attachment in self.rows()], ["done"])
        with self.committed() as env:
            self.assertEqual([record.with_env(env).name for record in names], ["Renamed", "Named anew"])

    def test_two_clerks_attach_the_same_paper_at_once(self):
        forms = [self.searched(), self.searched()]
        self.simulator.order("file", "latency", times=None, seconds=0.3)
        self.at_once(*map(self.attach, forms))
        self.wait_for(lambda: [state for state, _attachment in self.rows()] == ["done"])
        with self.committed() as env:
            self.assertEqual(len(env["kho.dl.case.document"].browse(self.document_id).attachment_ids), 1)
        self.assertEqual(len(self.simulator.requests("file")), 1)

    def test_one_account_attaches_on_many_cases_at_once(self):
        """As an application does that calls for all its clerks: each row counts in the one day of its account."""
        self.patch(transactions, "_RACES", 3)
        with self.committed() as env:
            cases = [env["kho.dl.case"].browse(self.made["case"]).copy() for _number in range(12)]
            forms = env["kho.dl.retrieve.wizard"].create([{"case_id": one.id, "consent_given": True} for one in cases])
            for form in forms:
                form.action_search()
            env.cr.commit()
            with mute_logger("odoo.sql_db"):
                self.at_once(*map(self.attach, forms.ids))
        with self.committed() as env:
            documents = env["kho.dl.case"].browse([one.id for one in cases]).document_ids
            self.assertEqual(set(documents.mapped("status")) - {"attached"}, set())

    def test_many_clerks_with_an_expired_token_log_in_once(self):
        self.searched()
        self.simulator.expire_tokens()
        self.simulator.clear_requests()
        self.at_once(*self.searches(8))
        self.assertEqual(len(self.simulator.requests("login")), 1)
        with self.committed() as env:
            questions = [("procedure_id", "=", self.made["procedure"])]
            outcomes = env["kho.dl.query"].search(questions).mapped("outcome")
            self.assertEqual(outcomes, ["found"] * 9)

    def test_colleagues_who_open_one_case_at_once_ask_once(self):
        self.simulator.order("papers", "latency", times=None, seconds=0.3)
        forms = []

        def work(env):
            values = {"case_id": self.made["case"], "consent_given": True}
            # As Odoo repeats a request that another one was faster than.
            form = commit_or_retry(env, lambda: env["kho.dl.retrieve.wizard"].create(values))
            form.action_search()
            forms.append((form.lookup_id.id, len(form.line_ids)))

        with mute_logger("odoo.sql_db"):
            self.at_once(*[work] * 4)
        self.assertEqual((len(forms), len(set(forms))), (4, 1))
        with self.committed() as env:
            self.assertEqual(env["kho.dl.query"].search_count([("case_id", "=", self.made["case"])]), 1)

    def test_two_workers_share_the_queue(self):
        self.simulator.world.add_bulk_person(AN, files=12, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        with self.committed() as env:
            env["kho.dl.security.server"].action_refresh()
        wizard_id = self.searched()
        with self.committed() as env:
            [line] = env["kho.dl.retrieve.wizard"].browse(wizard_id).line_ids
            values = line.candidate_id._prepare_retrievals(env["kho.dl.security.server"]._server_resolver())
            env["kho.dl.retrieval"]._enqueue(values)
            env.company.kho_dl_parallel_downloads = 1
        self.simulator.clear_requests()
        work = lambda env: env["kho.dl.retrieval"]._cron_process()  # noqa: E731
        self.at_once(work, work, work)
        self.assertEqual([state for state, _attachment in self.rows()], ["done"] * 12)
        self.assertEqual(len(self.simulator.requests("file")), 12)

    def test_rows_that_close_at_once_make_one_chain(self):
        self.simulator.order("papers", "latency", times=None, seconds=0.1)
        self.at_once(*self.searches(6))
        with self.committed() as env:
            queries = env["kho.dl.query"].search([("procedure_id", "=", self.made["procedure"])])
            first = self.chain_before["position"] + 1
            self.assertEqual(sorted(queries.mapped("chain_position")), list(range(first, first + 6)))
            verdict = env["kho.dl.journal.chain"]._verify(env.company)
            self.assertEqual((verdict.fault, verdict.position), ("", first + 5))

    def test_people_who_are_asked_about_at_once_are_told_apart(self):
        with self.committed() as env:
            case = env["kho.dl.case"].browse(self.made["case"])
            cases = case | case.copy({"owner_id_number": BINH}) | case.copy({"owner_id_number": CHAU})
            case_ids = cases.ids

        def ask(case_id):
            def search(env):
                # The snapshot of each is from before all questions.
                env["kho.dl.query"].search_count([])
                time.sleep(0.3)
                env["kho.dl.retrieve.wizard"].create({"case_id": case_id, "consent_given": True}).action_search()

            return search

        self.at_once(*map(ask, case_ids))
        with self.committed() as env:
            queries = env["kho.dl.query"].search([("case_id", "in", case_ids)])
            self.assertEqual(sorted(queries.mapped("person_of_day")), [1, 2, 3])

    def test_two_questions_that_close_at_once_count_a_need_once(self):
        with self.committed() as env:
            env["kho.dl.case"].browse(self.made["case"]).owner_id_number = CHAU
        self.searched()
        with self.committed() as env:
            query_id = env["kho.dl.query"].search([("case_id", "=", self.made["case"])]).id
            env.cr.execute("DELETE FROM kho_dl_unmet_need WHERE case_id = %s", [self.made["case"]])
        outcomes = []

        def count(env):
            query = env["kho.dl.query"].browse(query_id)
            env["kho.dl.unmet.need"]._count(query)
            outcomes.append(query.outcome)

        with self.committed() as env:
            count(env)
            [thread] = self.in_threads(count)
            self.wait_for(self.somebody_waits)
        thread.join(PATIENCE)
        self.assertEqual(outcomes, ["none"] * 2)
        with self.committed() as env:
            needs = env["kho.dl.unmet.need"].search([("case_id", "=", self.made["case"])])
            self.assertEqual(needs.mapped("code"), [CRIMINAL_RECORD])

    def own_paper_selected(self):
        """Return the id of a committed form that offers a paper of an earlier case of the same person."""
        with self.committed() as env:
            case = env["kho.dl.case"].browse(self.made["case"])
            earlier = case.copy()
            earlier.document_ids.write({"attachment_ids": [Command.create({"name": "a.pdf", "raw": b"%PDF-1.4 a"})]})
            earlier.state = "9"
            wizard = env["kho.dl.retrieve.wizard"].create({"case_id": case.id, "consent_given": True})
            self.assertEqual(wizard.line_ids.mapped("source"), ["local"])
            wizard.line_ids.selected = True
            return wizard.id

    def test_an_own_paper_does_not_come_on_a_case_whose_number_was_just_corrected(self):
        form_id = self.own_paper_selected()
        with self.assertRaises(SerializationFailure), self.committed() as clerk, mute_logger("odoo.sql_db"):
            clerk["kho.dl.retrieve.wizard"].browse(form_id).line_ids.candidate_id._check_current()
            with self.committed() as colleague:
                colleague["kho.dl.case"].browse(self.made["case"]).owner_id_number = BINH
            # Odoo repeats it, and then it is refused in words.
            clerk["kho.dl.retrieve.wizard"].browse(form_id).action_attach()
        with self.assertRaises(UserError), self.committed() as clerk:
            clerk["kho.dl.retrieve.wizard"].browse(form_id).action_attach()

    def test_a_number_that_is_corrected_while_an_own_paper_comes_marks_it(self):
        form_id = self.own_paper_selected()

        def correct(env):
            # Its snapshot is from before the paper came.
            env["kho.dl.case"].search_count([])
            ready.set()
            came.wait(PATIENCE)
            commit_or_retry(env, lambda: env["kho.dl.case"].browse(self.made["case"]).write({"owner_id_number": BINH}))

        ready, came = threading.Event(), threading.Event()
        thread = threading.Thread(target=lambda: self.work_alone(correct))
        thread.start()
        ready.wait(PATIENCE)
        with mute_logger("odoo.sql_db"):
            with self.committed() as clerk:
                clerk["kho.dl.retrieve.wizard"].browse(form_id).action_attach()
            came.set()
            thread.join(PATIENCE)
        with self.committed() as env:
            document = env["kho.dl.case.document"].browse(self.document_id)
            self.assertEqual((document.check_ids.fetched_for, document.status), (AN, "other_number"))

    def work_alone(self, job):
        with self.committed() as env:
            job(env)

    def test_two_workers_meet_the_first_failure_of_a_far_system_at_once(self):
        self.addCleanup(self.forget_breakers)
        met = threading.Barrier(2)

        def fail(env):
            breakers, rounds = env["kho.dl.breaker"], iter([True])

            def count():
                # The snapshot of each is from before both failures.
                breakers.search_count([])
                if next(rounds, False):
                    met.wait(PATIENCE)
                breakers._failed(env.company.kho_dl_own_server, "far", "Far agency", TimedOut())

            commit_or_retry(env, count)

        with mute_logger("odoo.sql_db"):
            self.at_once(fail, fail)
        with self.committed() as env:
            self.assertEqual(env["kho.dl.breaker"].search([("lane", "=", "far")]).mapped("failures"), [2])

    def forget_breakers(self):
        with self.committed() as env:
            env.cr.execute("DELETE FROM kho_dl_breaker WHERE lane = 'far'")

    def test_a_change_made_while_its_message_is_taken_reaches_the_portal(self):
        with self.committed() as env:
            env.company.kho_dl_sync_enabled = True
            env["kho.dl.case"].browse(self.made["case"])._enqueue_case_sync()
        with self.committed() as clerk:
            clerk["kho.dl.case"].browse(self.made["case"]).channel = "3"
            clerk.flush_all()
            with self.committed() as worker:
                worker["kho.dl.outbox"]._cron_send()
        with self.committed() as worker:
            worker["kho.dl.outbox"]._cron_send()
        self.assertEqual([case["KenhThucHien"] for case in self.simulator.cases()], ["3"])

    def new_cases(self, count):
        """Return the ids of committed cases, whose messages wait."""
        with self.committed() as env:
            env.company.kho_dl_sync_enabled = True
            values = {"procedure_id": self.made["procedure"], "owner_id": self.made["owner"], "owner_id_number": AN}
            return env["kho.dl.case"].create([values] * count).ids

    def test_no_transaction_is_open_while_the_portal_thinks(self):
        cases = self.new_cases(3)
        self.simulator.order("sync", "cut_body", times=2, bytes=3)
        collect, statuses = TaskPool.collect, set()
        with self.committed() as worker:

            def look(pool, seconds):
                statuses.add(worker.cr._cnx.info.transaction_status)
                return collect(pool, seconds)

            self.patch(TaskPool, "collect", look)
            # Twice: what was lost is looked up first.
            worker["kho.dl.outbox"]._cron_send()
            worker["kho.dl.outbox"]._cron_send()
        self.assertEqual(statuses, {TRANSACTION_STATUS_IDLE})
        self.assertIn("TraCuuHoSo", [request["body"]["service"] for request in self.simulator.requests("sync")])
        self.assertEqual(len(self.simulator.cases()), len(cases))

    def test_two_senders_at_once_tell_each_message_once(self):
        cases = self.new_cases(10)
        set_running, seconds = OutboxRun._set_running, iter([self.send_in_another_process])

        def be_late(run, *args, **options):
            # The second one sends what the first one has just chosen.
            next(seconds, lambda: None)()
            return set_running(run, *args, **options)

        self.patch(OutboxRun, "_set_running", be_late)
        with self.committed() as env, mute_logger("odoo.sql_db"):
            env["kho.dl.outbox"]._cron_send()
        services = Counter(request["body"]["service"] for request in self.simulator.requests("sync"))
        self.assertEqual(services, {"DongBoHoSoMC": len(cases), "CapNhatTienDoHoSoMC": len(cases)})

    def send_in_another_process(self):
        with self.committed() as env:
            env["kho.dl.outbox"]._cron_send()

    def test_a_file_that_is_changed_while_it_enters_is_changed_before_or_not_at_all(self):
        with self.committed() as env:
            paper = env["kho.dl.paper"].create(
                {
                    "result_code_id": self.made["code"],
                    "owner_id_number": AN,
                    "date_issued": "2026-01-01",
                    "attachment_ids": [(0, 0, {"name": "p.pdf", "raw": b"%PDF-1.4 good %%EOF"})],
                }
            )
            self.made["paper"], self.made["file"] = paper.id, paper.attachment_ids.id
        file_id = self.made["file"]
        with self.assertRaises(SerializationFailure), self.committed() as forger, mute_logger("odoo.sql_db"):
            file = forger["ir.attachment"].browse(file_id)
            file.read(["name"])
            with self.committed() as clerk:
                clerk["kho.dl.paper"].browse(paper.id).action_enter()
            file.write({"raw": b"%PDF-1.4 forged %%EOF"})
            forger.flush_all()
        with self.committed() as env:
            self.assertEqual(env["ir.attachment"].browse(file_id).raw, b"%PDF-1.4 good %%EOF")
