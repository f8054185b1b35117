import threading
import time
from datetime import timedelta

from odoo import fields
from odoo.tests import TransactionCase, freeze_time, tagged

from ..models.connection import kho_dl_token
from ..models.connection.kho_dl_token import DatabaseTokenStore
from ..protocol.errors import AccountRefused, KhoDLError, TimedOut
from ..protocol.tokens import Token
from .common import KhoDLCase
from .leaps import let_time_leap


class TestToken(KhoDLCase):
    def ask(self):
        wizard = self.make_wizard(self.make_case())
        wizard.action_search()
        return wizard

    def logins(self):
        return len(self.simulator.requests("login"))

    def test_one_login_serves_many_questions(self):
        for _time in range(3):
            self.ask()
        self.assertEqual(self.logins(), 1)

    # Proves W.1-3.
    def test_an_expired_token_costs_one_login_and_one_repeat(self):
        self.ask()
        self.simulator.expire_tokens()
        self.simulator.clear_requests()
        self.assertEqual(self.ask().outcome, "found")
        self.assertEqual((self.logins(), len(self.asked())), (1, 2))

    def test_a_token_refused_again_is_the_account_refused(self):
        self.simulator.order("papers", "unauthorized", times=None)
        wizard = self.ask()
        self.assertEqual((wizard.outcome, wizard.query_id.error_kind), ("failed", "account_refused"))
        self.assertEqual(len(self.asked()), 2)

    # Proves W.1-3.
    def test_a_token_said_to_be_expired_under_status_200(self):
        self.ask()
        self.simulator.clear_requests()
        self.simulator.order("papers", "token_error_200")
        self.assertEqual(self.ask().outcome, "found")
        self.assertEqual(self.logins(), 1)

    # Proves W.1-2.
    def test_a_lifetime_that_is_over_means_a_new_login_first(self):
        self.ask()
        self.simulator.clear_requests()
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            self.ask()
        self.assertEqual((self.logins(), len(self.asked())), (1, 1))

    def test_another_password_means_another_token(self):
        self.ask()
        self.simulator.clear_requests()
        self.company.kho_dl_password = "wrong"
        wizard = self.ask()
        self.assertEqual((wizard.outcome, wizard.query_id.error_kind), ("failed", "account_refused"))
        self.assertFalse(self.asked())

    def test_old_tokens_are_cleaned_up(self):
        before = self.env["kho.dl.token"].search([])
        self.ask()
        tokens = self.env["kho.dl.token"].search([]) - before
        self.assertTrue(all(tokens.mapped("token")))
        with freeze_time(fields.Datetime.now() + timedelta(days=1)):
            tokens._gc_expired()
            self.assertFalse(any(tokens.mapped("token")))
            self.assertTrue(all(tokens.mapped("obtained_on")))
        with freeze_time(fields.Datetime.now() + timedelta(days=91)):
            tokens._gc_expired()
        self.assertFalse(tokens.exists())

    def test_a_refusal_is_noted_and_outlives_what_failed_with_it(self):
        self.company.kho_dl_password = "wrong"
        self.ask()
        token = self.env["kho.dl.token"].search([("refused_on", "!=", False)])
        self.assertEqual((len(token), token.token, token.obtained_on), (1, False, False))


@tagged("-at_install", "post_install")
class TestTokenShared(TransactionCase):
    """Real cursors, real locks: what several workers do at once."""

    KEY = "test-of-many-workers"

    def setUp(self):
        super().setUp()
        self.addCleanup(self._forget)
        self.logins = 0

    def _forget(self):
        with self.registry.cursor() as cr:
            cr.execute("DELETE FROM kho_dl_token WHERE account_key = %s", (self.KEY,))

    def login(self):
        self.logins += 1
        with self.registry.cursor() as cr:
            cr.execute(
                """
                SELECT count(*) FROM pg_stat_activity
                 WHERE datname = current_database() AND state = 'idle in transaction' AND query LIKE '%kho_dl_token%'
                """
            )
            self.open_transactions = cr.fetchone()[0]
        return Token(f"token-{self.logins}", fields.Datetime.now().astimezone() + timedelta(minutes=30))

    def obtain_at_once(self, workers, refused=None):
        values = []
        barrier = threading.Barrier(workers)

        def work():
            with self.registry.cursor() as cr:
                store = DatabaseTokenStore(self.env(cr=cr))
                barrier.wait(10)
                values.append(store.obtain(self.KEY, self.login, refused=refused).value)

        threads = [threading.Thread(target=work) for _worker in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return values

    def test_many_at_once_log_in_once(self):
        self.assertEqual(self.obtain_at_once(8), ["token-1"] * 8)

    def fail_at_once(self, workers, error):
        """Return the errors of `workers` that ask at once where a login ends in `error` once all others wait for it."""
        failed, barrier, they_wait = [], threading.Barrier(workers), threading.Event()
        # As if they had waited for long by then.
        self.patch(kho_dl_token, "_IN_LINE_SECONDS", 60)
        let_time_leap(self, 90, they_wait.is_set)

        def login():
            self.logins += 1
            with self.registry.cursor() as cr:
                self.wait_until_they_wait(cr, workers - 1)
            they_wait.set()
            raise error

        def work():
            with self.registry.cursor() as cr:
                store = DatabaseTokenStore(self.env(cr=cr))
                barrier.wait(10)
                try:
                    store.obtain(self.KEY, login)
                except KhoDLError as problem:
                    failed.append(type(problem))

        threads = [threading.Thread(target=work) for _worker in range(workers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        return failed

    def test_a_login_that_failed_is_not_tried_by_each_who_waited_for_it(self):
        self.assertEqual(self.fail_at_once(6, TimedOut("silent")), [TimedOut] * 6)
        self.assertEqual(self.logins, 1)

    def test_a_refusal_that_was_waited_for_is_told_as_one(self):
        self.assertEqual(self.fail_at_once(3, AccountRefused("slowly")), [AccountRefused] * 3)
        self.assertEqual(self.logins, 1)

    def test_no_transaction_is_open_while_somebody_logs_in(self):
        with self.registry.cursor() as cr:
            store = DatabaseTokenStore(self.env(cr=cr))
            cr.commit()
            store.obtain(self.KEY, self.login)
        # Only that of the caller, who looked for a token first.
        self.assertLessEqual(self.open_transactions, 1)

    def test_a_login_that_somebody_makes_is_waited_for_and_its_token_used(self):
        with self.registry.cursor() as cr:
            store = DatabaseTokenStore(self.env(cr=cr))
            self.assertTrue(store.begin_login(self.KEY))
            cr.commit()
            waiting = threading.Thread(target=self.obtain_at_once, args=(1,))
            waiting.start()
            self.wait_until_they_wait(cr, 1)
            store.keep(self.KEY, self.login())
            cr.commit()
            store.end_login(self.KEY)
            waiting.join(30)
        self.assertEqual(self.logins, 1)

    def wait_until_they_wait(self, cr, workers):
        """Return when so many wait for a login; no transaction stays open meanwhile."""
        deadline, found = time.monotonic() + 30, 0
        while found < workers:
            self.assertLess(time.monotonic(), deadline, "nobody waits for the login")
            cr.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            [found] = cr.fetchone()
            cr.commit()
            time.sleep(0.02)

    def test_many_with_one_refused_token_log_in_once(self):
        self.obtain_at_once(1)
        self.assertEqual(self.obtain_at_once(8, refused="token-1"), ["token-2"] * 8)
