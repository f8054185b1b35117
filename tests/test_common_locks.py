from psycopg2.errors import DivisionByZero, LockNotAvailable

from odoo import api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase
from odoo.tools import SQL, mute_logger

from ..models.common.transactions import locked, worker_lock

# PostgreSQL breaks off where it comes to this, not before.
BREAKS_OFF = SQL("1 / (pg_backend_pid() - pg_backend_pid())")


class LocksCase(TransactionCase):
    """Sessions of PostgreSQL of their own, which go back into the pool, and what they hold."""

    def session(self):
        """Return the environment of another session."""
        cr = db_connect(self.env.cr.dbname).cursor()
        self.addCleanup(cr.close)
        return api.Environment(cr, self.env.uid, {})

    def held_by(self, env):
        """Return how many advisory locks the session of `env` holds."""
        pid = env.cr._cnx.info.backend_pid
        self.env.cr.execute("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = %s", [pid])
        return self.env.cr.fetchone()[0]


class TestLocks(LocksCase):
    def alive(self, env, take=None):
        with worker_lock(env, take):
            self.assertEqual(self.held_by(env), 1)

    @mute_logger("odoo.sql_db")
    def test_a_sign_of_life_whose_statement_breaks_off_is_held_by_nobody(self):
        env = self.session()
        self.alive(env)
        for statement in ("SELECT %(sign)s, %(end)s", "SELECT %(end)s, %(sign)s"):

            def take(sign, statement=statement):
                env.execute_query(SQL(statement, sign=sign, end=BREAKS_OFF))

            with self.assertRaises(DivisionByZero):
                self.alive(env, take)
            self.assertEqual(self.held_by(env), 0)
        self.alive(env)
        self.assertEqual(self.held_by(env), 0)

    @mute_logger("odoo.sql_db")
    def test_who_waited_in_vain_holds_nothing_and_takes_nothing_from_others(self):
        for key in ((7, 8), (1 << 61,)):
            first, second = self.session(), self.session()
            with locked(first, *key):
                with self.assertRaises(LockNotAvailable), locked(second, *key, seconds=0.05):
                    self.fail("two hold it")
                self.assertEqual((self.held_by(first), self.held_by(second)), (1, 0))
            with locked(second, *key, seconds=0.05):
                self.assertEqual((self.held_by(first), self.held_by(second)), (0, 1))
            self.assertEqual(self.held_by(second), 0)
