from datetime import timedelta

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .common import CHAU, CRIMINAL_RECORD, KhoDLCase, new_test_user


class TestSuccessions(KhoDLCase):
    """Agencies that were merged: their papers come from whoever has them now."""

    def prepare(self):
        super().prepare()
        self.successions = self.env["kho.dl.agency.succession"]
        paper = {
            "MaKetQua": CRIMINAL_RECORD,
            "TenGiayTo": "Phiếu",
            "SoKyHieu": "1",
            "CoQuanChuQuan": "H98.10",
            "DanhSachTepDinhKem": [{"TenTep": "a.pdf", "DuongDan": "https://x.gov.vn/a.pdf"}],
        }
        self.simulator.world.set_raw_papers(CHAU, [paper])

    def found(self):
        wizard = self.make_wizard(self.make_case(CHAU))
        wizard.action_search()
        return wizard.line_ids.filtered(lambda line: line.source == "national")

    # Proves W.3-3.
    def test_a_paper_of_a_closed_code_comes_from_the_successor_and_the_clerk_reads_which(self):
        line = self.found()
        self.assertTrue(line.needs_server)
        self.successions.create({"old_code": " H98 ", "old_name": "Tỉnh Cũ", "new_code": "H22"})
        line = self.found()
        self.assertFalse(line.needs_server)
        self.assertRegex(line.agency, r".+ \(formerly Tỉnh Cũ\)")

    def test_a_succession_holds_in_its_time_only(self):
        today = fields.Date.today()
        succession = self.successions.create({"old_code": "H98", "new_code": "H22"})
        for values, is_held in (
            ({"date_from": today + timedelta(days=2)}, False),
            ({"date_from": today - timedelta(days=2)}, True),
            ({"date_to": today - timedelta(days=2), "date_from": False}, False),
        ):
            with self.subTest(**values):
                succession.write(values)
                self.assertEqual(self.found().needs_server, not is_held)

    def test_what_contradicts_itself_is_refused(self):
        self.successions.create({"old_code": "H98", "new_code": "H22"})
        for values in (
            {"old_code": "h98", "new_code": "H22"},
            {"old_code": "H98", "new_code": "H37", "date_from": "2026-02-01", "date_to": "2026-01-01"},
        ):
            with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError), self.env.cr.savepoint():
                self.successions.create(values)
        with self.assertRaises(ValidationError):
            self.successions.create({"old_code": "H22", "new_code": "000.00.00.H22"})

    def test_a_table_brings_them_in_and_only_system_administrators_change_them(self):
        result = self.successions.load(
            ["old_code", "old_name", "new_code", "date_from"], [["H98", "Tỉnh Cũ", "H22", "2025-07-01"]]
        )
        self.assertFalse(result["messages"])
        [succession] = self.successions.browse(result["ids"])
        administrator = new_test_user(self.env, "kho_admin", groups="kho_dl.group_administrator")
        auditor = new_test_user(self.env, "kho_auditor", groups="kho_dl.group_auditor")
        for user in (self.clerk, administrator, auditor):
            self.assertEqual(succession.with_user(user).old_name, "Tỉnh Cũ")
            with self.assertRaises(AccessError):
                succession.with_user(user).new_code = "H37"


class TestManyGone(KhoDLCase):
    """A directory in which many servers are missing at once."""

    def test_nothing_is_changed_until_a_system_administrator_says_so(self):
        servers = self.env["kho.dl.security.server"]
        self.simulator.world.add_generated_agencies(100)
        servers.action_refresh()
        before = servers.search_count([])
        self.simulator.reset()
        result = servers.action_refresh()
        self.assertEqual(result["params"]["type"], "danger")
        refresh = self.env["kho.dl.directory.refresh"].search([], limit=1)
        self.assertEqual(refresh.missing_count, 100)
        self.assertIn("100", refresh.message)
        self.assertEqual(servers.search_count([]), before)
        administrator = new_test_user(self.env, "kho_admin", groups="kho_dl.group_administrator")
        with self.assertRaises(AccessError):
            refresh.with_user(administrator).action_take_over()
        self.simulator.world.remove_agency("000.00.00.H22")
        # More than was shown are not taken over.
        refresh.action_take_over()
        self.assertEqual(servers.search_count([]), before)
        with self.assertRaises(UserError):
            refresh.action_take_over()
        self.env["kho.dl.directory.refresh"].search([], limit=1).action_take_over()
        self.assertEqual(servers.search_count([]), before - 101)
