from collections import Counter
from unittest.mock import patch

from psycopg2.errors import DivisionByZero

from odoo import api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase
from odoo.tools import SQL, mute_logger

from ..models.connection import account_slots
from ..models.connection.account_slots import AccountSlots
from ..protocol.settings import Account, Service, Settings
from .test_common_locks import BREAKS_OFF

LIFE = SQL("NULL")


class TestSlots(TransactionCase):
    """Workers of one account, each with a session of its own in the database: together they have as many slots as the account."""

    def setUp(self):
        super().setUp()
        self.patch(account_slots, "_LOOK_SECONDS", 0)

    def worker(self, username="h46", width=8, width_of_lane=4, is_awaited=True, width_of_account=None):
        """Return the slots of another worker, in a session of PostgreSQL of its own."""
        cr = db_connect(self.env.cr.dbname).cursor()
        service = Service("XrdAdapter", "p", "l", account=Account(username, "secret"))
        settings = Settings(
            ss_url="http://127.0.0.1:1",
            unit_code="H46",
            directory=service,
            papers=service,
            parallel_downloads=width,
            parallel_per_server=width_of_lane,
            account_downloads=width_of_account or width,
        )
        slots = AccountSlots(api.Environment(cr, self.env.uid, {}), settings, is_awaited)
        self.addCleanup(self.dismiss, slots)
        return slots

    def dismiss(self, slots):
        """End a worker: its session goes back into the pool."""
        if not slots._env.cr.connection.closed:
            slots.end()
            slots._env.cr.close()

    def want(self, slots, under_way=None, **wanted):
        slots.wanted = Counter(wanted)
        slots.hold(Counter(under_way or {}))
        return +slots.held

    def locks(self):
        self.env.cr.execute(
            "SELECT COUNT(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database "
            "WHERE datname = current_database() AND locktype = 'advisory' AND objsubid = 2"
        )
        return self.env.cr.fetchone()[0]

    @mute_logger("odoo.sql_db")
    def test_slots_whose_statement_breaks_off_are_nobodys(self):
        worker, other = self.worker(), self.worker()
        before = self.locks()
        for name in ("_taking", "_freeing"):
            with self.subTest(name):
                self.want(worker, a=2)
                real = getattr(AccountSlots, name)

                def broken(slots, *args, real=real):
                    return SQL("(%s), %s", real(slots, *args), BREAKS_OFF)

                with patch.object(AccountSlots, name, broken), self.assertRaises(DivisionByZero):
                    self.want(worker, a=1, b=3)
                self.assertEqual((self.locks(), +worker.held), (before, {}))
                self.assertEqual(self.want(other, a=4, b=4), {"a": 4, "b": 4})
                other.end()
        self.assertEqual(self.want(worker, a=4), {"a": 4})

    # Proves K.1-6.
    def test_all_workers_of_an_account_share_its_slots(self):
        workers = [self.worker() for _worker in range(4)]
        held = [
            self.want(worker, **{f"a{number}": 4, f"b{number}": 4}).total() for number, worker in enumerate(workers)
        ]
        self.assertEqual(held, [8, 0, 0, 0])
        self.assertEqual(self.want(self.worker("another"), a=4, b=4), {"a": 4, "b": 4})

    def test_one_far_system_gets_no_more_than_its_share_from_all_of_them(self):
        first, second, third = self.worker(), self.worker(), self.worker()
        self.assertEqual(self.want(first, a=3), {"a": 3})
        self.assertEqual(self.want(second, a=3, b=2), {"a": 1, "b": 2})
        # What it got of the account, and of the far system not, is free.
        self.assertEqual(self.want(third, a=1).total(), 0)
        self.assertEqual(self.want(third, b=2), {"b": 2})

    def test_a_file_whose_far_system_nobody_could_read_has_slots_like_others(self):
        first, second = self.worker(), self.worker()
        before = self.locks()
        self.assertEqual(self.want(first, **{"": 4}), {"": 4})
        self.assertEqual(self.locks() - before, 8)
        self.assertEqual(self.want(second, a=4), {"a": 4})
        first.end()
        self.assertEqual(self.locks() - before, 8)

    def test_what_is_wanted_no_more_is_free(self):
        first, second = self.worker(), self.worker()
        before = self.locks()
        first.begin(["a"] * 9 + ["b"] * 3, LIFE)
        self.assertEqual(first.held, {"a": 4, "b": 3})
        first.wanted = Counter(b=1)
        first.give_back()
        self.assertEqual(self.want(second, a=4, b=4), {"a": 4, "b": 3})
        first.end()
        second.end()
        self.assertEqual(self.locks(), before)

    def test_slots_of_who_dies_are_free(self):
        first, second = self.worker(), self.worker()
        self.want(first, a=4, b=4)
        self.assertFalse(self.want(second, a=1).total())
        # As when its process is killed.
        first._env.cr.connection.close()
        while self.locks() > 1:
            self.env.cr.execute("SELECT pg_sleep(0.01)")
        self.assertEqual(self.want(second, a=4, b=4), {"a": 4, "b": 4})

    def test_who_has_many_gives_way_to_who_has_none(self):
        many, late = self.worker(), self.worker()
        self.want(many, a=4, b=4)
        self.assertFalse(self.want(late, a=2).total())
        # A file of it has ended, and another one is to begin.
        self.assertEqual(self.want(many, {"a": 4, "b": 3}, a=4, b=4), {"a": 4, "b": 3})
        self.assertEqual(self.want(late, a=2).total(), 0, "the far system is as busy as may be")
        self.assertEqual(self.want(many, {"a": 2, "b": 2}, a=4, b=4).total(), 4)
        self.assertEqual(self.want(late, a=2), {"a": 2})
        # Nobody waits any more.
        self.assertEqual(self.want(many, {"a": 2, "b": 2}, a=4, b=4).total(), 6)

    def test_the_background_leaves_slots_to_clerks(self):
        background, clerk = self.worker(is_awaited=False), self.worker()
        self.assertEqual(self.want(background, a=4, b=4), {"a": 3, "b": 3})
        self.assertEqual(self.want(clerk, a=4), {"a": 1})
        self.assertEqual(
            self.want(self.worker(width=1, width_of_lane=1, username="small", is_awaited=False), a=1), {"a": 1}
        )

    def test_one_worker_does_not_carry_all_of_a_large_account(self):
        large = {"width": 8, "width_of_lane": 8, "width_of_account": 20}
        workers = [self.worker(**large, is_awaited=False) for _worker in range(3)]
        self.assertEqual([self.want(worker, a=20).total() for worker in workers], [8, 7, 0])
        self.assertEqual(self.want(self.worker(**large), a=20), {"a": 5})

    def test_what_runs_keeps_its_slot_and_nothing_is_asked_for_it(self):
        slots = self.worker()
        self.want(slots, a=4)
        asked = slots._env.cr.sql_log_count
        self.assertEqual(self.want(slots, {"a": 4}, a=4), {"a": 4})
        self.assertEqual(self.want(slots, {"a": 1}, a=1), {"a": 4})
        self.assertEqual(slots._env.cr.sql_log_count, asked)
