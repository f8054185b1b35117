from datetime import timedelta
from io import BytesIO

from openpyxl import load_workbook
from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from .common import AN, CHAU, CRIMINAL_RECORD, KhoDLCase, new_test_user
from .test_reporting_indicator import MARCH, IndicatorCase


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


class TestFiguresOfSuccessors(IndicatorCase):
    """Figures by agency are those of whoever goes on today, with the name of before."""

    def setUp(self):
        super().setUp()
        values = [("H98", "Tỉnh Cũ"), ("H98.10", "Sở cũ"), ("H22", "Tỉnh Mới"), ("H23", "Tỉnh Khác")]
        self.agencies = self.env["kho.dl.agency"].create([{"code": code, "name": name} for code, name in values])
        self.old, self.office, self.new, self.other = self.agencies
        self.procedure.agency_ids = self.office
        self.plain.agency_ids = self.new
        self.received()
        self.received(procedure_id=self.plain.id)

    def merge(self, new_code="H22", **values):
        succession = {"old_code": "H98", "old_name": "Tỉnh Cũ", "new_code": new_code, **values}
        return self.env["kho.dl.agency.succession"].create(succession)

    def by_agency(self):
        self.env.flush_all()
        self.env.invalidate_all()
        figures = self.env["kho.dl.indicator"].with_user(self.administrator).with_context(kho_dl_with_former=True)
        found = figures._read_group([("indicator", "=", "4.2")], ["agency_ids"], ["case_count:sum"])
        return {agency.display_name: count for agency, count in found}

    # Proves W.3-7.
    def test_cases_of_a_closed_agency_are_counted_with_its_successor(self):
        self.assertEqual(self.by_agency(), {"[H98.10] Sở cũ": 1, "[H22] Tỉnh Mới": 1})
        succession = self.merge()
        self.assertEqual(self.by_agency(), {"[H22] Tỉnh Mới (formerly Tỉnh Cũ (H98))": 2})
        self.assertEqual(self.procedure.agency_ids, self.office)
        sheet = self.env["kho.dl.indicator.sheet"].with_user(self.administrator)
        book = load_workbook(BytesIO(sheet.create({"date_from": MARCH, "date_to": MARCH})._sheet()))
        names = {row[0].value for row in book["By agency"].iter_rows(min_row=2)}
        self.assertEqual(names, {"[H22] Tỉnh Mới (formerly Tỉnh Cũ (H98))"})
        succession.unlink()
        self.assertEqual(len(self.by_agency()), 2)

    def test_who_was_divided_or_goes_on_as_nobody_knows_stays(self):
        self.merge()
        self.merge("H23")
        self.assertEqual(self.office.present_id, self.office)
        self.env["kho.dl.agency.succession"].search([]).unlink()
        self.merge("H77")
        self.assertEqual(self.office.present_id, self.office)
        made = self.env["kho.dl.agency"].create({"code": "H77", "name": "Tỉnh Sau"})
        self.env["kho.dl.agency.succession"]._follow()
        self.assertEqual(self.office.present_id, made)

    def test_whoever_comes_or_goes_is_followed_at_once(self):
        self.merge("H77")
        made = self.env["kho.dl.agency"].with_context(active_test=False).create({"code": "H77", "name": "Tỉnh Sau"})
        self.env.cr.flush()
        self.assertEqual(self.office.present_id, made)
        made.active = False
        self.env.cr.flush()
        self.assertEqual(self.office.present_id, self.office)
        self.other.code = "000.00.00.H77"
        self.env.cr.flush()
        self.assertEqual(self.office.present_id, self.other)

    def test_nobody_goes_on_as_a_server_that_was_archived(self):
        servers = self.env["kho.dl.security.server"].with_context(active_test=False)
        values = [("H98", "VN:GOV:H98:a", True), ("H88", "VN:GOV:H88:a", False), ("H88", "VN:GOV:H88:b", True)]
        old, _archived, new = servers.create(
            [{"code": code, "name": code, "dstcode": dstcode, "active": active} for code, dstcode, active in values]
        )
        self.merge("H88")
        self.assertEqual(old.present_id, new)
        self.env["kho.dl.agency.succession"].search([]).unlink()
        self.assertEqual(old.present_id, old)

    # Proves W.3-7.
    def test_servers_that_a_refresh_brings_are_followed_with_it(self):
        servers = self.env["kho.dl.security.server"]
        new = servers.search([], limit=1)
        old = servers.create({"code": "H98.55", "name": "Sở", "dstcode": "VN:GOV:H98.55:a"})
        code, dstcode = new.code, new.dstcode
        self.env.cr.execute("DELETE FROM kho_dl_security_server WHERE id = %s", [new.id])
        self.env.invalidate_all()
        self.merge(code)
        self.assertEqual(old.present_id, old)
        servers.action_refresh()
        self.assertEqual(old.present_id, servers.search([("dstcode", "=", dstcode)]))

    def test_what_begins_later_is_followed_from_that_day_on(self):
        self.merge(date_from=fields.Date.today() + timedelta(days=2))
        self.assertEqual(self.office.present_id, self.office)
        with freeze_time(fields.Datetime.now() + timedelta(days=3)):
            self.env["kho.dl.security.server"]._cron_refresh()
            self.assertEqual(self.office.present_id, self.new)

    # Proves W.3-7.
    def test_files_by_agency_follow_too(self):
        servers = self.env["kho.dl.security.server"]
        self.attach_all(self.make_case(AN))
        rows = self.env["kho.dl.retrieval"].search([("server_id", "!=", False)])
        old = rows.server_id[:1]
        new = servers.search([("id", "not in", rows.server_id.ids)], limit=1)
        self.merge(new.code, old_code=old.code, old_name="Cơ quan cũ")
        found = rows.with_user(self.clerk).with_context(kho_dl_with_former=True)
        by_agency = dict(found._read_group([("server_id", "=", old.id)], ["present_server_id"], ["__count"]))
        self.assertEqual([server.id for server in by_agency], new.ids)
        [server] = by_agency
        self.assertIn("(formerly Cơ quan cũ", server.display_name)
