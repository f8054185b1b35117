from ..models import kho_dl_retrieval_queue
from ..wizard import kho_dl_retrieve_wizard
from .common import CRIMINAL_RECORD, DEGREE
from .test_retry import Attaching


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
                self.queue._finish_interrupted()
            return method(rows, *args)

        self.patch(type(self.queue), name, be_late)

    def test_by_a_worker_that_is_slow_at_its_end(self):
        for name in ("_sum_up", "_announce"):
            with self.subTest(name):
                announced = []
                self.patch(
                    type(self.env["kho.dl.case"]), "_documents_attached", lambda _case, them: announced.extend(them)
                )
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
