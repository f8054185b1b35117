import time
from datetime import timedelta
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tests import freeze_time

from ..models.common import cron_budget
from ..models.connection import kho_dl_gateway
from .common import KhoDLCase
from .leaps import let_silence_be_over


class TestDirectory(KhoDLCase):
    # Statements are counted.
    keeps_memory = False

    def setUp(self):
        super().setUp()
        self.servers = self.env["kho.dl.security.server"]
        self.log = self.env["kho.dl.directory.refresh"]

    def refresh(self):
        """Refresh and return the newest log row."""
        self.servers.action_refresh()
        return self.log.search([], limit=1)

    def server(self, code):
        return self.servers.with_context(active_test=False).search([("code", "=", code)])

    def stored(self):
        """Return what the directory says, as comparable rows."""
        return [
            (server.code, server.name, server.dstcode, server.active, server.write_date)
            for server in self.servers.with_context(active_test=False).search([])
        ]

    # Proves V.1-2.
    def test_the_directory_of_the_portal_is_stored(self):
        self.assertEqual(self.server("000.00.00.H22").dstcode, "VN:GOV:000.00.00.H22:hagiangvdxpsvc01")
        first = self.log.search([], limit=1)
        self.assertEqual(first.outcome, "done")
        self.assertEqual(first.created_count, len(self.servers.search([])))
        self.assertIn(str(first.created_count), first.message)

    def test_unchanged_rows_are_not_written(self):
        before = self.stored()
        with freeze_time(fields.Datetime.now() + timedelta(hours=1)):
            log = self.refresh()
        self.assertEqual(self.stored(), before)
        self.assertEqual((log.created_count, log.changed_count, log.archived_count), (0, 0, 0))

    def test_changed_vanished_and_back(self):
        self.simulator.world.set_agency("000.00.00.H22", name="Hà Giang", dstcode="VN:GOV:000.00.00.H22:new")
        self.simulator.world.remove_agency("000.00.00.G15")
        before = self.server("000.00.00.H22")
        log = self.refresh()
        self.assertEqual((log.created_count, log.changed_count, log.archived_count), (0, 1, 1))
        self.assertEqual((before.name, before.dstcode), ("Hà Giang", "VN:GOV:000.00.00.H22:new"))
        self.assertFalse(self.server("000.00.00.G15").active)
        self.simulator.reset()
        log = self.refresh()
        self.assertEqual((log.created_count, log.changed_count), (0, 2))
        self.assertTrue(self.server("000.00.00.G15").active)

    # Proves V.1-4.
    def test_a_broken_answer_changes_nothing_and_is_reported(self):
        before = self.stored()
        for fault in ("broken_json", "null_result", "server_error", "error_code", "cut_body"):
            with self.subTest(fault=fault):
                self.simulator.order("directory", fault)
                log = self.refresh()
                self.assertEqual(log.outcome, "failed")
                self.assertTrue(log.message)
                self.assertEqual(self.stored(), before)

    # Proves V.1-3.
    def test_the_button_tells_how_it_went(self):
        self.simulator.order("directory", "broken_json")
        self.assertEqual(self.servers.action_refresh()["params"]["type"], "danger")
        self.assertEqual(self.servers.action_refresh()["params"]["type"], "success")

    def test_two_servers_of_one_code_are_both_kept(self):
        self.simulator.world.add_agency("000.00.00.H22", "Hà Giang 2", "VN:GOV:000.00.00.H22:second")
        log = self.refresh()
        self.assertEqual(log.created_count, 1)
        self.assertEqual(len(self.server("000.00.00.H22")), 2)
        self.assertFalse(self.servers._server_resolver().find("H22", "https://nowhere.gov.vn/1.pdf"))

    def test_a_change_counts_at_once_and_nothing_else_is_read(self):
        self.simulator.world.add_agency("000.00.00.Z99", "A new one", "VN:GOV:000.00.00.Z99:svc")
        link = "https://nowhere.gov.vn/1.pdf"
        self.assertFalse(self.servers._server_resolver().find("Z99", link))
        self.refresh()
        self.assertEqual(self.servers._server_resolver().find("Z99", link), self.server("000.00.00.Z99"))
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(0):
            servers = self.servers._server_resolver()
            self.assertEqual(servers.name("Z99", servers.find("Z99", link)), "A new one")
        self.server("000.00.00.Z99").name = "Another name"
        servers = self.servers._server_resolver()
        self.assertEqual(servers.name("Z99", servers.find("Z99", link)), "Another name")
        self.server("000.00.00.Z99").active = False
        self.assertFalse(self.servers._server_resolver().find("Z99", link))

    def test_what_people_edited_is_kept_and_said(self):
        server = self.server("000.00.00.H22")
        server.dstcode = "VN:GOV:000.00.00.H22:by-hand"
        self.simulator.world.set_agency("000.00.00.H22", dstcode="VN:GOV:000.00.00.H22:new")
        log = self.refresh()
        self.assertEqual(server.dstcode, "VN:GOV:000.00.00.H22:by-hand")
        self.assertEqual(server.portal_dstcode, "VN:GOV:000.00.00.H22:new")
        self.assertEqual(log.kept_count, 1)
        server.action_follow_portal()
        self.assertEqual((server.dstcode, server.hand_edited), ("VN:GOV:000.00.00.H22:new", False))

    def test_a_server_made_by_hand_is_kept(self):
        own = self.servers.create({"code": "X1", "name": "Our own", "dstcode": "VN:GOV:X1:own"})
        self.refresh()
        self.assertTrue(own.active)

    def test_a_large_directory_takes_few_statements(self):
        counts = []
        for agencies in (200, 2000):
            self.simulator.reset()
            self.simulator.world.add_generated_agencies(agencies)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.refresh()
            self.env.flush_all()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertGreaterEqual(len(self.servers.search([])), agencies)
        # Odoo writes in batches: ten times the rows may cost a few more batches, not ten times the statements.
        self.assertLess(counts[1], counts[0] + 40, counts)

    # Proves V.1-3.
    def test_a_directory_that_was_not_refreshed_for_two_days_is_an_alarm_until_it_is(self):
        self.simulator.order("directory", "server_error", times=None)
        self.servers._cron_refresh()
        self.assertFalse(self.alarms())
        with freeze_time(fields.Datetime.now() + timedelta(days=2, hours=1)):
            self.servers._cron_refresh()
            self.assertEqual(len(self.alarms()), 1)
            self.simulator.clear_faults()
            triggers = self.env["ir.cron.trigger"]
            check = [("cron_id", "=", self.env.ref("kho_dl.ir_cron_alarm").id)]
            before = triggers.search_count(check)
            self.servers._cron_refresh()
            self.assertGreater(triggers.search_count(check), before)
            self.assertFalse(self.alarms())

    def test_a_lost_race_costs_the_daily_refresh_nothing(self):
        works, lost = self.registry[self.servers._name]._apply, iter([True])

        def apply(records, servers):
            if next(lost, False):
                raise SerializationFailure
            return works(records, servers)

        before = self.env["kho.dl.directory.refresh"].search([])
        with patch.object(self.registry[self.servers._name], "_apply", apply):
            self.servers._cron_refresh()
        refresh = self.env["kho.dl.directory.refresh"].search([]) - before
        self.assertEqual(refresh.mapped("outcome"), ["done"])

    def alarms(self):
        """Check, and return the alarms that last."""
        alarms = self.env["kho.dl.alarm"]
        alarms._cron_check()
        return alarms.search([("ended_on", "=", False), ("kind", "=", "directory")])

    def test_without_settings_nobody_is_asked(self):
        self.company.kho_dl_username = False
        with self.assertRaises(UserError):
            self.servers.action_refresh()
        self.servers._cron_refresh()
        self.assertFalse(self.simulator.requests())

    def test_another_company_answers_for_all(self):
        self.company.kho_dl_ss_url = "http://127.0.0.1:9"
        other = self.env["res.company"].create({"name": "Other agency"})
        self._connect(other)
        self.assertEqual(self.refresh().outcome, "done")

    def test_companies_behind_a_silent_server_are_not_asked_one_after_the_other(self):
        other = self.env["res.company"].create({"name": "Other agency"})
        self._connect(other)
        other.kho_dl_username = "another"
        self.simulator.expire_tokens()
        self.env.cr.execute("DELETE FROM kho_dl_token")
        self.simulator.clear_requests()
        self.simulator.order("login", "reset", times=None)
        # On a connection that stayed open a login goes out twice.
        kho_dl_gateway._CONNECTIONS.close()
        self.assertEqual(self.refresh().outcome, "failed")
        self.assertEqual(len(self.simulator.requests("login")), 1)

    def test_companies_of_another_portal_are_asked_where_the_first_is_silent(self):
        names = ("Same portal", "Another portal")
        same, another = self.env["res.company"].create([{"name": name} for name in names])
        for company in (same, another):
            self._connect(company)
        another.kho_dl_directory_dstcode = "VN:GOV:000.00.00.G22:vpcpcdvcqgsub01"
        let_silence_be_over(self)
        self.simulator.order("directory", "never_answer", times=1)
        refresh = self.refresh()
        self.assertEqual(refresh.outcome, "done", refresh.reason)
        self.assertEqual(len(self.simulator.requests("directory")), 2)

    def test_nobody_is_asked_when_time_is_over(self):
        before = self.log.search_count([])
        trigger = [("cron_id", "=", self.env.ref("kho_dl.ir_cron_refresh_directory").id)]
        triggers = self.env["ir.cron.trigger"].search_count(trigger)
        self.patch(cron_budget, "ends_at", time.monotonic)
        self.servers._cron_refresh()
        self.assertFalse(self.simulator.requests())
        self.assertEqual(self.log.search_count([]), before)
        self.assertEqual(self.env["ir.cron.trigger"].search_count(trigger), triggers + 1, "but soon")

    def test_the_button_of_a_list_sends_ids_along(self):
        for args in ([], [[]], [self.servers.search([], limit=2).ids]):
            result = call_kw(self.servers, "action_refresh", args, {})
            self.assertEqual(result["params"]["type"], "success")

    def test_hand_edits_that_contradict_the_portal(self):
        self.simulator.world.add_agency("000.00.00.H22", "Hà Giang 2", "VN:GOV:000.00.00.H22:b")
        self.refresh()
        edited = self.servers.search([("dstcode", "=", "VN:GOV:000.00.00.H22:b")])
        edited.dstcode = "VN:GOV:000.00.00.H22:c"
        self.simulator.world.remove_agency("000.00.00.H22")
        for name in ("b", "c"):
            self.simulator.world.add_agency("000.00.00.H22", "Hà Giang", f"VN:GOV:000.00.00.H22:{name}")
        self.assertEqual(self.refresh().outcome, "done")
        self.assertEqual(edited.dstcode, "VN:GOV:000.00.00.H22:c")
        self.assertEqual(
            set(self.server("000.00.00.H22").mapped("dstcode")),
            {"VN:GOV:000.00.00.H22:b", "VN:GOV:000.00.00.H22:c"},
        )

    def test_an_account_that_is_gone_raises_the_alarm_too(self):
        self.company.kho_dl_username = False
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.servers._cron_refresh()
            self.assertTrue(self.alarms())

    def test_a_clerk_does_not_refresh(self):
        with self.assertRaises(AccessError):
            self.servers.with_user(self.clerk).action_refresh()
