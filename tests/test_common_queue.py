import contextlib
import socket
import threading
import time

from ..models.connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..protocol.client import Client
from ..simulator.server import Simulator
from .test_outbox_run import RunCase
from .test_retrieval_slow_files import Waiting


class DeadServer:
    """Takes each connection and breaks it off; `calls` are the times at which that was."""

    def __enter__(self):
        self.calls = []
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        threading.Thread(target=self._break_off, daemon=True).start()
        return self

    def __exit__(self, *_exception):
        # Whoever waits for a connection is woken up, and does not wait on for those of who has the number next.
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def _break_off(self):
        while True:
            try:
                connection, _address = self._socket.accept()
            except OSError:
                return
            self.calls.append(time.monotonic())
            connection.close()


class TestDeadServer(Waiting, RunCase):
    """A security server that is dead costs the outbox no more than the retrieval."""

    def test_calls_and_seconds(self):
        dead = self.enterContext(DeadServer())
        offices = [self.make_company(f"Office {number}", kho_dl_unit_code=f"H{number}") for number in range(8)]
        for number, office in enumerate(offices):
            # An account each: each needs a login of its own.
            office.write({"kho_dl_username": f"office{number}", "kho_dl_ss_url": dead.url})
        self.company.kho_dl_parallel_per_server = FAILURES_TO_OPEN
        rows = self.waiting()
        self.company.kho_dl_ss_url = dead.url
        retrieval = self.cost(dead, self.queue._cron_process)
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        self.env["kho.dl.breaker"].sudo().search([]).unlink()
        cases = [self.make_cases(3, office) for office in offices]
        outbox = self.cost(dead, self.send)
        self.assertEqual({state for own in cases for state in self.rows(own).mapped("state")}, {"pending"})
        self.assertLessEqual(outbox[0], retrieval[0])
        self.assertLess(outbox[0], len(offices), "who waits behind it does not ask it, too")
        # Nobody waits for a share of 45 s; a busy machine may need some seconds more for the one than for the other.
        self.assertLessEqual(outbox[1], retrieval[1] + 15)

    def cost(self, dead, work):
        """Return (calls, seconds) of three passes of `work`."""
        dead.calls.clear()
        began = time.monotonic()
        for _pass in range(3):
            work()
        return len(dead.calls), time.monotonic() - began


class TestLogins(RunCase):
    def test_no_more_begin_at_once_than_show_that_a_server_is_dead(self):
        hanging = self.enterContext(Simulator())
        hanging.order("login", "never_answer", times=None)
        for number in range(8):
            office = self.make_company(f"Office {number}", kho_dl_ss_url=hanging.url, kho_dl_timeout=2)
            office.write({"kho_dl_username": f"office{number}"})
            self.make_cases(2, office)
        cases = self.make_cases(3)
        most = self.note_logins(hanging.url)
        self.send()
        # One may begin when the first has failed, before all have.
        self.assertIn(len(hanging.requests("login")), range(FAILURES_TO_OPEN, 2 * FAILURES_TO_OPEN))
        self.assertEqual(max(most), FAILURES_TO_OPEN)
        self.assert_all_told(cases)
        rows = self.outbox.search([("state", "!=", "accepted")])
        self.assertEqual((set(rows.mapped("state")), set(rows.mapped("tries"))), ({"pending"}, {0}))

    def note_logins(self, url):
        """Return a list that is filled, as each login there begins, with how many are under way."""
        log_in, under_way, most = Client.log_in, [], []

        def counted(client, *args, **options):
            is_there = [1] if client.settings.ss_url == url else []
            under_way.extend(is_there)
            most.append(len(under_way))
            try:
                return log_in(client, *args, **options)
            finally:
                del under_way[: len(is_there)]

        self.patch(Client, "log_in", counted)
        return most


class TestTakenBefore(Waiting):
    def test_what_was_taken_before_an_agency_was_found_dead_is_given_back(self):
        # All ten are taken at once.
        self.company.write({"kho_dl_parallel_downloads": 4, "kho_dl_parallel_per_server": 1})
        rows = self.waiting()
        self.simulator.order("file", "server_error", times=None)
        self.queue._cron_process()
        asked = len(self.simulator.requests("file"))
        # As many may have begun before the failures were written down.
        self.assertIn(asked, range(FAILURES_TO_OPEN, 2 * FAILURES_TO_OPEN + 1))
        self.assertEqual(set(rows.mapped("state")), {"pending"})
        self.assertEqual(sum(rows.mapped("tries")), asked)
