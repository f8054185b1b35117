import select
import socket
import time
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.modules.neutralize import get_neutralization_queries
from odoo.tests import freeze_time

from ..models.connection import kho_dl_reachability
from ..protocol.reachability import PORTS, Reach
from .common import KhoDLCase, new_test_user

HOST = "127.0.0.77"


@contextmanager
def far_server(backlog=5):
    """Listen on the ports of security servers at HOST, an address of our own; gives the two sockets."""
    with socket.socket() as first, socket.socket() as second:
        for listener, port in zip((first, second), PORTS, strict=True):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listener.bind((HOST, port))
            listener.listen(backlog)
        yield first, second


@contextmanager
def deaf_server():
    """Listen at HOST with queues that are full, so that further connections wait for ever."""
    with far_server(backlog=0), ExitStack() as stack:
        for port in PORTS * 8:
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex((HOST, port))
        time.sleep(0.1)
        yield


class TestReachability(KhoDLCase):
    users = {
        "administrator": {"login": "prober", "groups": "kho_dl.group_administrator"},
    }

    def setUp(self):
        super().setUp()
        self.checks = self.env["kho.dl.reachability"].with_user(self.administrator)
        self.company.kho_dl_connect_timeout = 30

    def check(self, addresses):
        check = self.checks.create({"addresses": addresses})
        check.action_check()
        return check

    def found(self, check):
        return [(line.host, line.port, line.reach) for line in check.line_ids]

    # Proves V.4-2.
    def test_both_ports_of_each_address_are_tried(self):
        with far_server():
            check = self.check(f"{HOST}\n\n 127.0.0.78 \n{HOST}\n")
        self.assertEqual(
            self.found(check),
            [
                ("127.0.0.77", 5500, "open"),
                ("127.0.0.77", 5577, "open"),
                ("127.0.0.78", 5500, "refused"),
                ("127.0.0.78", 5577, "refused"),
            ],
        )
        self.assertEqual((check.open_count, check.line_count), (2, 4))
        self.assertEqual((check.user_id, bool(check.checked_on)), (self.administrator, True))
        self.assertEqual(check.commands.splitlines()[0], "telnet 127.0.0.77 5500")
        self.assertTrue(all(line.reason and line.milliseconds >= 0 for line in check.line_ids))

    def test_a_name_nobody_knows_is_told(self):
        check = self.check("ss.so-tu-phap.invalid")
        self.assertEqual({line.reach for line in check.line_ids}, {"unknown_name"})

    def test_the_timeout_is_the_setting(self):
        self.company.kho_dl_connect_timeout = 1
        with deaf_server():
            check = self.check(HOST)
        self.assertEqual(self.found(check), [(HOST, 5500, "timed_out"), (HOST, 5577, "timed_out")])
        waited = check.line_ids.mapped("milliseconds")
        self.assertTrue(all(900 <= milliseconds < 25_000 for milliseconds in waited), waited)

    def test_every_result_has_its_words(self):
        words = self.env["kho.dl.reachability.line"]._words()
        self.assertEqual(set(words), {reach.value for reach in Reach})
        self.assertEqual(len(set(words.values())), len(words))

    def test_what_is_no_host_is_refused_before_anything_is_tried(self):
        with far_server() as listeners:
            for strange in (f"http://{HOST}", f"{HOST}:22", "10.0.0.0/24", "a b", f"{HOST},127.0.0.78"):
                with self.subTest(strange=strange), self.assertRaises(UserError):
                    self.check(f"{HOST}\n{strange}")
            for addresses in (" \n ", "\n".join([HOST] + [f"127.0.1.{number}" for number in range(20)])):
                with self.subTest(addresses=addresses), self.assertRaises(UserError):
                    self.check(addresses)
            arrived, _write, _errors = select.select(listeners, [], [], 0.2)
        self.assertFalse(arrived)

    def test_a_check_that_was_made_stays_as_it_is(self):
        check = self.check("127.0.0.78")
        for change in (check.action_check, lambda: check.write({"addresses": "127.0.0.79"})):
            with self.assertRaises(UserError):
                change()
        with self.assertRaises(AccessError):
            check.write({"user_id": self.env.uid})
        with self.assertRaises(AccessError):
            self.checks.create({"addresses": "127.0.0.1", "checked_on": fields.Datetime.now()})
        with self.assertRaises(AccessError):
            check.line_ids[0].write({"reach": "open"})

    def test_again_is_a_new_check_of_the_same_addresses(self):
        check = self.check("127.0.0.78")
        again = self.checks.browse(check.action_check_again()["res_id"])
        self.assertNotEqual(again, check)
        self.assertEqual(self.found(again), self.found(check))
        self.assertEqual(self.checks.new({}).addresses, "127.0.0.78")

    def test_history_has_a_bound(self):
        old, *_others, new = [self.checks.create({"addresses": "127.0.0.78"}) for _ in range(4)]
        with patch.object(kho_dl_reachability, "KEEP_CHECKS", 3):
            self.env["kho.dl.reachability"]._gc_old_checks()
        self.assertFalse(old.exists())
        self.assertTrue(new.exists())
        with freeze_time(fields.Datetime.now() + timedelta(days=91)):
            self.env["kho.dl.reachability"]._gc_old_checks()
        self.assertFalse(new.exists())

    def test_administrators_only(self):
        with self.assertRaises(AccessError):
            self.checks.with_user(self.clerk).create({"addresses": "127.0.0.1"})
        check = self.checks.create({"addresses": "127.0.0.78"})
        with self.assertRaises(AccessError):
            check.with_user(self.clerk).action_check()
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "other_prober",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        with self.assertRaises(AccessError):
            check.with_user(stranger).action_check()
        self.assertFalse(self.checks.with_user(stranger).new({}).addresses)

    def test_a_copy_of_the_database_forgets_the_addresses(self):
        self.check("127.0.0.78")
        for query in get_neutralization_queries(["kho_dl"]):
            self.env.cr.execute(query)
        self.env.invalidate_all()
        self.assertFalse(self.env["kho.dl.reachability"].search([]))
