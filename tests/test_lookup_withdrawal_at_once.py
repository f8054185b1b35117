from functools import partial

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.common.transactions import commit_or_retry
from ..models.retrieval import kho_dl_query_asking
from .at_once_case import PATIENCE, AtOnceCase
from .leaps import hold_answers


@tagged("-at_install", "post_install")
class TestWithdrawalAtOnce(AtOnceCase):
    """A consent that is withdrawn while the far side is slow, on real connections."""

    def told(self, job, problems):
        """Return a job that adds to `problems` what a clerk would read."""

        def work(env):
            try:
                job(env)
            except UserError as problem:
                problems.append(str(problem))
                env.cr.rollback()

        return work

    def withdraw(self, env):
        env["kho.dl.case"].browse(self.made["case"]).withdraw_consent("Brings it in person")

    def test_a_file_that_is_coming_is_not_attached_after_the_consent_was_withdrawn(self):
        # Proves W.9-3.
        wizard_id = self.searched()
        let_go = hold_answers(self, "file")
        problems = []
        [thread] = self.in_threads(self.told(self.attach(wizard_id), problems))
        self.wait_for(lambda: self.simulator.requests("file"))
        with self.committed() as env:
            commit_or_retry(env, partial(self.withdraw, env))
        let_go()
        thread.join(PATIENCE)
        self.assertEqual(self.rows(), [("failed", None)])
        self.assertIn("withdrew the consent", problems[0])
        with self.committed() as env:
            [row] = env["kho.dl.retrieval"].search([("case_document_id", "=", self.document_id)])
            self.assertEqual(row.error_kind, "consent_withdrawn")
            self.assertFalse(row.case_document_id.attachment_ids)

    def test_an_answer_that_comes_after_the_consent_was_withdrawn_is_not_offered(self):
        let_go = hold_answers(self, "papers")
        problems = []

        def search(env):
            form = env["kho.dl.retrieve.wizard"].create({"case_id": self.made["case"], "consent_given": True})
            form.action_search()

        [thread] = self.in_threads(self.told(search, problems))
        self.wait_for(lambda: self.simulator.requests("papers"))
        with self.committed() as env:
            commit_or_retry(env, partial(self.withdraw, env))
        let_go()
        thread.join(PATIENCE)
        self.assertIn("withdrew the consent", problems[0])
        with self.committed() as env:
            lookup = env["kho.dl.lookup"].search([("case_id", "=", self.made["case"])])
            self.assertFalse(lookup.candidate_ids or lookup.query_id)
            self.assertEqual(env["kho.dl.query"].search([("case_id", "=", self.made["case"])]).outcome, "found")

    def looked_while(self, withdraw, form_id, look):
        """Return what a clerk reads who looks while `withdraw(env)` is committed, just before the question is put on record."""
        begin_alone, problems = kho_dl_query_asking.begin_alone, []

        def withdrawn_before(env, *key):
            with self.committed() as other:
                withdraw(other)
            begin_alone(env, *key)

        # The consent was there when the look began.
        self.patch(kho_dl_query_asking, "begin_alone", withdrawn_before)
        with self.committed() as env:
            form = env["kho.dl.retrieve.wizard"].browse(form_id)
            self.told(lambda _env: getattr(form, look)(), problems)(env)
        return problems[0]

    def questions(self):
        with self.committed() as env:
            asked = env["kho.dl.query"].search_count([("case_id", "=", self.made["case"])])
        return asked, len(self.simulator.requests("papers"))

    def test_nobody_is_asked_once_the_consent_was_withdrawn(self):
        def untick(env):
            env["kho.dl.lookup"].search([("case_id", "=", self.made["case"])]).consent_given = False

        with self.committed() as env:
            form = env["kho.dl.retrieve.wizard"].create({"case_id": self.made["case"], "consent_given": True})
        self.assertIn("consent was changed at this moment", self.looked_while(untick, form.id, "action_search"))
        self.assertEqual(self.questions(), (0, 0))

    def test_nobody_is_asked_again_once_it_was_withdrawn_on_a_case_that_was_handed_in_online(self):
        with self.committed() as env:
            env["kho.dl.case"].browse(self.made["case"]).channel = "2"
        form_id = self.searched()
        self.assertEqual(self.questions(), (1, 1))
        words = self.looked_while(self.withdraw, form_id, "action_search_again")
        self.assertIn("consent was changed at this moment", words)
        self.assertEqual(self.questions(), (1, 1))

    def test_papers_that_are_being_selected_are_not_even_fetched(self):
        wizard_id, problems = self.searched(), []
        with mute_logger("odoo.sql_db"), self.committed() as env:
            self.withdraw(env)
            env.flush_all()
            [thread] = self.in_threads(self.told(self.attach(wizard_id), problems))
            self.wait_for(self.somebody_waits)
            env.cr.commit()
            thread.join(PATIENCE)
        self.assertIn("withdrew the consent", problems[0])
        self.assertEqual((self.rows(), self.simulator.requests("file")), ([], []))
