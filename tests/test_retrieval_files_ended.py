import math
import time

from ..models.common import cron_budget
from ..models.retrieval import kho_dl_retrieval_ending, kho_dl_retrieval_queue
from ..wizard import kho_dl_retrieve_wizard
from .common import CRIMINAL_RECORD, DEGREE, DUNG
from .test_connection_breaker import Attaching


class Ended(Attaching):
    """What is done for files that have ended, by whoever comes first."""

    def setUp(self):
        super().setUp()
        self.patch(kho_dl_retrieve_wizard, "ATTACH_SECONDS", 0)
        self.patch(kho_dl_retrieval_queue, "_SLOW_MINUTES", 0)
        self.queue = self.env["kho.dl.retrieval"].sudo()

    def waiting(self):
        return self.attach(CRIMINAL_RECORD, DEGREE).sudo()


class TestToldOnce(Ended):
    """The history of a case says once what arrived, and other applications hear of it once."""

    def told(self, rows):
        return rows.case_id.message_ids.filtered(lambda message: "Attached from the national store" in message.body)

    def interfere(self, name):
        """Let another worker finish what dead ones have left, right before this one calls the method `name` of rows."""
        method, done = getattr(type(self.queue), name), []

        def be_late(rows, *args):
            if rows and not done:
                done.append(rows)
                self.queue._close_up(math.inf)
            return method(rows, *args)

        self.patch(type(self.queue), name, be_late)

    def test_by_a_worker_that_is_slow_at_its_end(self):
        announced = []
        self.patch(type(self.env["kho.dl.case"]), "_documents_attached", lambda _case, them: announced.extend(them))
        for name in ("_sum_up", "_announce"):
            with self.subTest(name):
                announced.clear()
                rows = self.waiting()
                self.interfere(name)
                self.queue._cron_process()
                self.assertEqual(set(rows.mapped("state")), {"done"})
                self.assertEqual(len(self.told(rows)), 1)
                self.assertEqual(len(announced), len(rows.case_document_id))

    def test_by_two_workers_that_come_to_the_same_rows(self):
        rows = self.waiting()
        self.queue._cron_process()
        rows._sum_up()
        self.assertEqual(len(self.told(rows)), 1)


class TestEnding(Ended):
    """Files that waited too long are ended some at a time, of all companies, and keep no other file from coming."""

    def setUp(self):
        super().setUp()
        self.simulator.world.add_bulk_person(DUNG, files=10, size=2000, agencies=1, codes=(CRIMINAL_RECORD,))
        self.env["kho.dl.security.server"].action_refresh()
        self.rows = self.attach(CRIMINAL_RECORD, owner_id_number=DUNG).sudo()
        self.rows.requested_on = "2020-01-01"
        self.env.cr.commit()

    def move(self, rows, **values):
        """Give `rows` to another company with `values`."""
        company = self.env["res.company"].create({"name": "Other", **values})
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_retrieval SET company_id = %s WHERE id IN %s", [company.id, rows._ids])
        self.env.cr.commit()
        return company

    def note_pieces(self, seconds=0.0):
        """Return a list that is filled with what is given up at once; each time takes so long, by a clock that is put forward."""
        pieces, give_up, clock = [], type(self.queue)._give_up, time.monotonic
        self.patch(kho_dl_retrieval_ending, "PIECE", 4)
        self.patch(time, "monotonic", lambda: clock() + len(pieces) * seconds)

        def and_noted(rows):
            pieces.append(rows)
            return give_up(rows)

        self.patch(type(self.queue), "_give_up", and_noted)
        return pieces

    def test_some_at_a_time_and_companies_in_turn(self):
        self.move(self.rows[6:])
        pieces = self.note_pieces()
        self.queue._close_up(math.inf)
        self.assertEqual(set(self.rows.mapped("error_kind")), {"overdue"})
        self.assertTrue(all(self.rows.mapped("is_summed_up")))
        self.assertLessEqual(max(map(len, pieces)), 4)
        self.assertEqual([piece.company_id for piece in pieces[:2]], list(self.rows.company_id))

    def test_no_longer_than_there_is_time(self):
        pieces = self.note_pieces(seconds=200)
        self.queue._close_up(time.monotonic() + 100)
        self.assertEqual((len(pieces), self.rows.mapped("state").count("failed")), (1, 4))

    def test_files_that_wait_have_their_turn(self):
        # All pieces together take longer than there is time.
        self.note_pieces(seconds=40)
        waiting = self.waiting()
        ends_at = time.monotonic() + 110
        self.patch(cron_budget, "ends_at", lambda: ends_at)
        self.queue._cron_process()
        self.assertEqual(set(waiting.mapped("state")), {"done"})

    def test_also_those_of_an_office_that_was_archived(self):
        self.move(self.rows, active=False)
        self.queue._cron_process()
        self.assertEqual(set(self.rows.mapped("state")), {"failed"})

    def test_one_that_cannot_be_ended_keeps_no_other_waiting(self):
        pieces, poison = self.note_pieces(), self.rows[1]
        close_failed = type(self.queue)._close_failed

        def fail(rows, *args):
            if poison in rows:
                raise KeyError(DUNG)
            return close_failed(rows, *args)

        self.patch(type(self.queue), "_close_failed", fail)
        waiting = self.waiting()
        with self.assertLogs("odoo.addons.kho_dl", "ERROR") as logs:
            self.queue._cron_process()
        self.assertNotIn(DUNG, "".join(logs.output))
        self.assertEqual(set((self.rows - poison).mapped("state")), {"failed"})
        # It is tried as any other, too.
        self.assertEqual((poison.state, set(waiting.mapped("state"))), ("done", {"done"}))
        self.assertLess(len(pieces), 20)

    def test_what_cannot_be_said_of_one_file_is_said_of_the_others(self):
        rows, sum_up = self.waiting(), type(self.queue)._sum_up

        def fail(summed_up, *args):
            if rows[0] in summed_up:
                raise KeyError(DUNG)
            return sum_up(summed_up, *args)

        self.patch(type(self.queue), "_sum_up", fail)
        with self.assertLogs("odoo.addons.kho_dl", "ERROR"):
            self.queue._cron_process()
            self.queue._cron_process()
        self.assertEqual(set(rows.mapped("state")), {"done"})
        self.assertEqual(rows.mapped("is_summed_up"), [False] + [True] * len(rows[1:]))
        self.assertEqual(set(rows.mapped("is_announced")), {True})
