import threading
import time

from odoo import fields
from odoo.fields import Domain

from ..models.common import cron_budget
from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..models.gate import virus_scanner
from ..models.gate.file_gate import FileGate
from ..models.gate.gate_errors import FileInfected, ScannerUnreachable
from ..models.gate.virus_scanner import VirusScanner
from ..models.retrieval import kho_dl_retrieval_queue, retrieval_in_hand
from ..models.retrieval.retrieval_run import RetrievalRun
from ..protocol import parallel
from ..protocol.errors import DatabaseNotConfirmed
from ..wizard import kho_dl_retrieve_wizard
from .clamd import Clamd
from .common import CRIMINAL_RECORD, DUNG
from .leaps import let_time_leap, let_time_leap_when_heard
from .test_connection_breaker import BEGIN_SECONDS, SOON, Attaching


class Waiting(Attaching):
    """Ten files of one agency; what a request did not bring waits."""

    def setUp(self):
        super().setUp()
        self.simulator.world.add_bulk_person(DUNG, files=10, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()
        self.queue = self.env["kho.dl.retrieval"].sudo()
        self.never_theirs()

    def never_theirs(self):
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 0)

    def always_theirs(self):
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 10)

    def waiting(self):
        """Return ten rows that wait, none of which was asked for yet."""
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        return self.attach(CRIMINAL_RECORD, owner_id_number=DUNG).sudo()

    def note_taken(self):
        """Return a list that is filled with what workers take."""
        taken, take = [], type(self.queue)._set_running

        def and_noted(*args, **kwargs):
            rows, claims = take(*args, **kwargs)
            taken.append(rows)
            return rows, claims

        self.patch(type(self.queue), "_set_running", and_noted)
        return taken

    def breaker(self):
        return self.env["kho.dl.breaker"].sudo()._open()


class TestSlowFiles(Waiting):
    """Files that need more than an action's share of a pass: not before all others, and not never."""

    def setUp(self):
        super().setUp()
        self.rows = self.waiting()
        self.slow, self.fast = self.rows[0], self.rows[1:]
        self.slow.error_kind = "out_of_time"

    def test_where_other_actions_wait_they_are_passed_over(self):
        self.patch(cron_budget, "ends_at", lambda: time.monotonic() + 20)
        self.queue._cron_process()
        self.assertEqual((set(self.fast.mapped("state")), self.slow.state), ({"done"}, "pending"))

    def test_they_follow_the_others_where_nothing_else_waits(self):
        left = []
        process_slow = type(self.queue)._process_slow

        def and_noted(queue):
            left.append(queue._count_takeable(~kho_dl_retrieval_queue._IS_SLOW))
            return process_slow(queue)

        self.patch(type(self.queue), "_process_slow", and_noted)
        self.queue._cron_process()
        self.assertEqual((left, set(self.rows.mapped("state"))), ([0], {"done"}))

    def test_their_time_comes_however_many_others_wait(self):
        self.patch(cron_budget, "ends_at", time.monotonic)
        self.always_theirs()
        self.queue._cron_process()
        self.assertEqual((set(self.fast.mapped("state")), self.slow.state), ({"pending"}, "done"))

    def test_one_of_each_far_system_at_a_time(self):
        self.rows.error_kind = "out_of_time"
        taken = self.note_taken()
        self.queue._process_slow()
        self.assertEqual(max(map(len, taken)), 1)
        self.assertEqual(set(self.rows.mapped("state")), {"done"})


class TestSlowAgency(Waiting):
    """An agency that takes its time, as its settings allow: no clerk waits for it, and its files come nevertheless."""

    def let_asked_leap(self, seconds, asked):
        """Have so much time go by when the agency was asked for so many files."""
        self.simulator.clear_requests()
        let_time_leap(self, seconds, lambda: len(self.simulator.requests("file")) >= asked)

    def test_it_is_spared_by_requests_and_served_in_the_background(self):
        self.begin_in_time()
        self.simulator.order("file", "never_answer", times=None)
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 60)
        self.let_asked_leap(60, FAILURES_TO_OPEN)
        rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG).sudo()
        self.assertTrue(self.breaker())
        self.attach(CRIMINAL_RECORD, owner_id_number=DUNG)
        self.assertFalse(self.simulator.requests("file"), "answered at once")
        # A short turn is no reason to blame it: its trial is made again where there is time.
        self.patch(cron_budget, "ends_at", lambda: time.monotonic() + 40)
        self.let_asked_leap(40 + BEGIN_SECONDS, 1)
        failures = self.breaker().failures
        self.breaker().next_trial_on = fields.Datetime.now()
        self.queue._cron_process()
        [tried] = rows.filtered(lambda row: row.error_kind == "out_of_time")
        self.assertEqual((tried.state, self.breaker().failures), ("pending", failures))
        self.always_theirs()
        self.breaker().next_trial_on = fields.Datetime.now()
        self.simulator.clear_faults()
        self.simulator.clear_requests()
        self.simulator.order("file", "slow_drip", times=None, seconds=0.1, bytes=1000)
        # Longer than its share, and shorter than what the pass has.
        let_time_leap_when_heard(self, 40 + BEGIN_SECONDS, "file")
        self.patch(cron_budget, "pass_ends_at", lambda: time.monotonic() + 200)
        self.queue._cron_process()
        self.assertEqual(tried.state, "done")
        self.assertFalse(self.breaker())

    def test_one_that_says_nothing_fails_where_there_was_time(self):
        self.simulator.order("file", "never_answer", times=None)
        rows = self.waiting()
        rows.error_kind = "out_of_time"
        self.begin_in_time()
        self.let_asked_leap(cron_budget.PASS_SECONDS + BEGIN_SECONDS, 1)
        self.queue._process_slow()
        self.assertEqual(self.env["kho.dl.breaker"].search([]).error_kind, "timed_out")

    def test_one_that_sends_bytes_is_alive(self):
        self.simulator.order("file", "slow_drip", times=None, seconds=0.2, bytes=1)
        rows = self.waiting()
        for _time in range(FAILURES_TO_OPEN - 1):
            self.env["kho.dl.breaker"]._failed(
                self.company.kho_dl_own_server, rows[0].lane, "Agency", DatabaseNotConfirmed()
            )
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 60)
        self.company.kho_dl_parallel_downloads = 1
        self.simulator.clear_requests()
        let_time_leap_when_heard(self, 60, "file")
        self.wizard.action_attach()
        self.assertEqual(self.env["kho.dl.breaker"].search([]).failures, 0)


class TestSuspects(Waiting):
    """Rows whose workers died: alone, one of them before all others."""

    def test_one_comes_first_and_alone(self):
        rows = self.waiting()
        rows[3:5].interruptions = 2
        taken = self.note_taken()
        for _turn in range(2):
            RetrievalRun(self.env, self.company, Domain("id", "in", rows.ids), time.monotonic() + 60).run()
        self.assertEqual([some for some in taken if some], [rows[3], rows - rows[3:5], rows[4]])
        self.assertEqual(set(rows.mapped("state")), {"done"})

    def test_one_is_no_trial_beside_others(self):
        rows = self.waiting()
        rows[0].interruptions = 2
        self.spare(rows[0].lane, DatabaseNotConfirmed())
        for expected in (rows[1], rows[0]):
            self.breaker().next_trial_on = fields.Datetime.now()
            self.assertEqual(self.queue._set_running(Domain("id", "in", rows[:2].ids), 8, 1)[0], expected)
            expected.write({"state": "pending", "next_try_on": fields.Datetime.now() + SOON})


class TestNobodyHoldsLocks(Waiting):
    """While files are waited for, no transaction is open."""

    def note_waits(self):
        """Return a list that is filled, at each wait for files, with whether a transaction is open."""
        waits, wait = [], parallel.wait

        def and_noted(*args):
            waits.append(bool(self.env.cr._savepoint))
            return wait(*args)

        self.patch(parallel, "wait", and_noted)
        return waits

    def look(self, work):
        """Let `work(rows)` fetch ten files in several rounds: some fail, some are turned away, one has no address."""
        self.company.kho_dl_parallel_downloads = 2
        self.patch(retrieval_in_hand, "_NEWS_SECONDS", 0.05)
        rows = self.waiting()
        rows[7].write({"server_id": False, "link": "file.pdf"})
        self.env.cr.commit()
        admit, looked_at = FileGate.admit, []

        def turn_away(gate, download, question):
            looked_at.append(download)
            if len(looked_at) % 3 == 0:
                raise FileInfected("x")
            return admit(gate, download, question)

        self.patch(FileGate, "admit", turn_away)
        self.simulator.order("file", "server_error", times=3, status=429)
        self.simulator.order("file", "empty", times=1)
        waits = self.note_waits()
        work(rows)
        self.assertTrue(waits)
        self.assertNotIn(True, waits)
        self.assertIn("done", rows.mapped("state"))
        self.assertTrue({"server_unknown", "file_infected", "file_not_as_claimed"} <= set(rows.mapped("error_kind")))

    def test_in_the_background(self):
        self.look(lambda _rows: self.queue._cron_process())

    def test_while_a_clerk_waits(self):
        self.look(lambda rows: self.process_now(rows, 60))

    def test_while_a_clerk_waits_for_new_ones_beside_others(self):
        self.company.kho_dl_parallel_downloads = 1
        rows = self.waiting()
        gone, standing = rows[:5], rows[5:]
        for row in gone:
            row._close_failed("refused", "Gone")
        names = ("case_document_id", "user_id", "server_id", "link_key", "link", "lane", "file_name", "agency_code")
        values = [
            {name: row._fields[name].convert_to_write(row[name], row) for name in names} for row in gone | standing
        ]
        self.env.cr.commit()
        waits = self.note_waits()
        self.queue._fetch_now(self.company, values, 60)
        self.assertTrue(waits)
        self.assertNotIn(True, waits)
        new = self.queue.search([("case_id", "=", rows.case_id.id)]) - rows
        self.assertEqual((len(new), set((new | standing).mapped("state"))), (5, {"done"}))
        self.assertEqual(set((new | standing).mapped("tries")), {1})
        self.assertTrue(all((new | standing).mapped("is_summed_up")))


class TestEndOfTime(Waiting):
    def test_a_copy_gives_back_what_it_took(self):
        rows = self.waiting()

        def refuse(_rows, _arrivals):
            raise DatabaseNotConfirmed

        self.patch(type(self.queue), "_attach", refuse)
        self.queue._cron_process()
        self.assertEqual((set(rows.mapped("state")), set(rows.mapped("tries"))), ({"pending"}, {0}))

    def test_a_scanner_is_not_waited_for_when_all_is_over(self):
        self.patch(virus_scanner, "_SHORTEST_WAIT", 0.2)
        over = threading.Event()
        self.addCleanup(over.set)
        with Clamd() as clamd:
            clamd.judge = lambda _content: over.wait(30) and b""
            started = time.monotonic()
            with self.assertRaises(ScannerUnreachable):
                VirusScanner(clamd.address, 30, until=started + 0.3).scan(open(__file__, "rb"))
            self.assertLess(time.monotonic() - started, 20)
