from functools import partial
from unittest.mock import patch

from odoo.tests.test_cursor import TestCursor
from odoo.tools import SQL

from ..models.common import transactions
from ..models.connection import account_slots
from ..models.retrieval.retrieval_run import RetrievalRun
from ..protocol import parallel
from .common import AN, KhoDLCase
from .leaps import hold_answers

# So much may one press of "Attach" ask of the database, however many files it brings.
MOST_STATEMENTS, MOST_COMMITS = 40, 3
# And so much one look into both stores; it writes in two of its transactions.
MOST_STATEMENTS_A_LOOK, MOST_COMMITS_A_LOOK = 48, 5
# Several files come under one document.
MOST_STATEMENTS_A_DOCUMENT = 1


class TestCostOfAttach(KhoDLCase):
    """Statements and commits of one "Attach", so that nobody lets them grow again; times are compared by `./dev/bench`."""

    # Statements are counted.
    keeps_memory = False

    def setUp(self):
        super().setUp()
        # All files come in one round, whatever the machine is doing.
        self.company.write({"kho_dl_parallel_downloads": 32, "kho_dl_parallel_per_server": 32})
        self.patch(parallel, "_TOGETHER", 5)
        # And none is waited for with other work, which reads in a transaction of its own.
        self.patch(parallel, "_MOMENT", 60)
        self.patch(account_slots, "_LOOK_SECONDS", 60)

    def cost(self, files, agencies):
        """Return (statements, commits) of attaching `files` files of `agencies` papers through the form."""
        self.simulator.world.add_bulk_person(AN, files=files, size=2000, agencies=agencies)
        self.env["kho.dl.security.server"].action_refresh()
        wizard = self.make_wizard(self.make_case(AN))
        self.env.cr.commit()
        self.look = self.counted(wizard.action_search)
        wizard.line_ids.selected = True
        self.env.cr.commit()
        cost = self.counted(wizard.action_attach)
        self.assertEqual(wizard.line_ids.mapped("status"), ["attached"] * agencies)
        self.assertEqual(len(wizard.case_id.document_ids.attachment_ids), files)
        return cost

    def counted(self, press):
        """Return (statements, commits) of a request that presses a button."""
        commits, commit = [], TestCursor.commit

        def counted(cr):
            cr.flush()
            commits.extend([cr] if cr is self.env.cr and cr._savepoint else [])
            commit(cr)

        before = self.env.cr.sql_log_count
        # The transaction of a test has always written something.
        asked = partial(self.env.execute_query, SQL("SELECT FALSE"))
        with (
            patch.object(TestCursor, "commit", counted),
            patch.object(transactions, "has_written", lambda _env: asked()[0][0]),
        ):
            press()
            self.env.cr.commit()
        return self.env.cr.sql_log_count - before, len(commits)

    def test_one_attach_asks_little_of_the_database(self):
        for files in (1, 10, 20):
            # What is read once and kept is read in the first round.
            self.cost(files, min(files, 3))
            statements, commits = self.cost(files, min(files, 3))
            self.assertLessEqual(statements, MOST_STATEMENTS, files)
            self.assertLessEqual(commits, MOST_COMMITS, files)
            # Odoo forgets at each commit what records were reached through: what is held across one is read by its ids.
            statements, commits = self.look
            self.assertLessEqual(statements, MOST_STATEMENTS_A_LOOK)
            self.assertLessEqual(commits, MOST_COMMITS_A_LOOK)

    def test_reading_ahead_asks_nothing_twice(self):
        self.cost(4, 2)
        (at_once, commits), _again = self.cost(4, 2), self.patch(parallel, "_MOMENT", 0)
        # They are on their way until it was done.
        let_go, read_ahead = hold_answers(self, "file", times=None), RetrievalRun._read_ahead

        def and_let_go(run):
            read_ahead(run)
            let_go()

        self.patch(RetrievalRun, "_read_ahead", and_let_go)
        ahead, more_commits = self.cost(4, 2)
        self.assertLessEqual(ahead, at_once)
        # One that wrote nothing.
        self.assertEqual(more_commits, commits + 1)

    def test_a_further_file_asks_nothing_more(self):
        self.cost(10, 2)
        (less, _commits), (more, _commits) = self.cost(10, 2), self.cost(20, 2)
        # One more now and then is Odoo's own, which reads something anew.
        self.assertLessEqual(more - less, 1)

    def test_a_further_document_asks_little_more(self):
        self.cost(8, 4)
        (more, _commits), (less, _commits) = self.cost(8, 4), self.cost(8, 2)
        self.assertLessEqual(more - less, 2 * MOST_STATEMENTS_A_DOCUMENT)
