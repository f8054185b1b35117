import base64
import io

from openpyxl import Workbook

from odoo import Command
from odoo.exceptions import UserError

from ..models.catalogue.catalogue_sheet import column_words, entry_lines, read_pairs
from .common import CRIMINAL_RECORD
from .test_catalogue_sheet import ROW, SheetCase, table


class TestCatalogueRoundTrip(SheetCase):
    """What is exported comes in again: nothing changes, nothing is a fault."""

    def export(self, file_type):
        procedures = self.env["kho.dl.procedure"].with_user(self.administrator).with_context(lang="vi_VN")
        return base64.b64encode(procedures._catalogue_table(file_type))

    def make(self, *documents, **values):
        commands = [Command.create(document) for document in documents]
        return self.env["kho.dl.procedure"].create(
            {"code": "8.1", "name": "Thủ tục", "document_ids": commands, **values}
        )

    def check_round_trip(self):
        counts = [
            self.env[model].search_count([]) for model in ("kho.dl.result.code", "kho.dl.agency", "kho.dl.sector")
        ]
        rows = self.procedures.search([]).mapped(lambda procedure: procedure._catalogue_rows())
        for file_type in ("xlsx", "csv"):
            with self.subTest(file_type):
                form = self.form(self.export(file_type), f"t.{file_type}")
                form.action_check()
                self.assertFalse(form.faults)
                self.assertIn(" 0 new, 0 changed, ", form.summary)
                self.assertRegex(form.summary, "documents: 0 new, 0 changed$")
                self.assertFalse(form.news)
                form.action_import()
                self.assertEqual(
                    [self.env[m].search_count([]) for m in ("kho.dl.result.code", "kho.dl.agency", "kho.dl.sector")],
                    counts,
                )
                self.assertEqual(self.procedures.search([]).mapped(lambda one: one._catalogue_rows()), rows)

    def test_names_with_semicolons(self):
        names = ["Giấy chứng nhận; quyền sở hữu nhà ở", "Bản sao; 2 bản; v.v.", "Ảnh;", "a;b.1;c"]
        codes = [Command.create({"code": f"KQ.S{i}", "name": name}) for i, name in enumerate(names)]
        self.make({"name": "Giấy; 1 bản", "result_code_ids": codes})
        self.check_round_trip()
        lines = [f"KQ.S{i} {name}" for i, name in enumerate(names)]
        self.assertEqual(read_pairs(entry_lines(lines)), [(f"KQ.S{i}", name) for i, name in enumerate(names)])

    def test_documents_with_one_code_or_one_name(self):
        self.make(
            {"name": "Ảnh", "code": "G1"},
            {"name": "Hộ khẩu", "code": "G1"},
            {"name": "Hộ khẩu", "code": "G2"},
            {"name": "Hộ khẩu", "code": "G2", "required": False},
            {"name": "Hộ khẩu"},
            {"name": "Cũ", "code": "G3", "active": False},
            {"name": "Mới", "code": "G3"},
        )
        self.check_round_trip()

    def test_what_looks_like_a_formula(self):
        self.make({"name": "=1+1", "code": "-1", "form_name": "'=1"}, {"name": "@a", "code": "+2", "form_name": "'x"})
        self.check_round_trip()

    def test_more_entries_than_a_cell_takes(self):
        agencies = self.env["kho.dl.agency"].create(
            [{"code": f"H46.{i:05}", "name": f"Ủy ban nhân dân xã số {i:05}"} for i in range(1200)]
        )
        procedure = self.make({"name": "A"}, agency_ids=[Command.set(agencies.ids)])
        cell = procedure._catalogue_rows()[0]["agencies"]
        self.assertLessEqual(len(cell), 32_767)
        self.assertRegex(cell, r"Ủy ban nhân dân xã số \d{5}\n…$")
        self.assertGreater(cell.count("\n"), 800)
        self.check_round_trip()

    def test_what_a_catalogue_holds(self):
        self.row(THANHPHANHOSO=[{"GIAYTO": [
            {"MAGIAYTO": "G1", "TENGIAYTO": name, "TENMAUDON": "", "URL": ""} for name in ("Khai sinh", "Hộ khẩu")
        ]}])  # fmt: skip
        self.sync()
        self.check_round_trip()

    def test_circumstances_with_a_name_of_our_own(self):
        self.sync()
        procedure = self.procedure_of("1.500009")
        procedure.variant_ids[0].name = "Tại quầy"
        self.check_round_trip()
        self.assertEqual(len(procedure.with_context(active_test=False).variant_ids), 2)

    def test_the_companys_own_stands_for_the_shared_one(self):
        self.make({"name": "A"})
        self.make({"name": "B"}, name="Của chung", company_id=False)
        self.assertEqual(self.env["kho.dl.procedure"].search_count([("code", "=", "8.1")]), 2)
        form = self.form(self.export("xlsx"))
        form.action_check()
        self.assertFalse(form.faults)


class TestCatalogueImport(SheetCase):
    # Statements are counted.
    keeps_memory = False

    def make(self, *documents, **values):
        commands = [Command.create(document) for document in documents]
        return self.env["kho.dl.procedure"].create(
            {"code": "7.1", "name": "Một thủ tục", "document_ids": commands, **values}
        )

    def check(self, *rows, name="t.xlsx"):
        form = self.form(table(*rows), name)
        form.action_check()
        return form

    def codes_and_names(self, procedure):
        return [(document.code, document.name) for document in procedure.document_ids]

    def test_a_document_typed_without_a_code_gets_the_code(self):
        procedure = self.make({"name": "Phiếu LLTP"})
        self.check(ROW).action_import()
        self.assertEqual(self.codes_and_names(procedure), [("G1", "Phiếu LLTP")])

    def test_a_code_that_several_have_is_told_by_the_name(self):
        procedure = self.make({"name": "Ảnh", "code": "G1"}, {"name": "Phiếu LLTP", "code": "G1"})
        self.check(ROW, {**ROW, "document_name": "Khác"}).action_import()
        self.assertEqual(self.codes_and_names(procedure), [("G1", "Ảnh"), ("G1", "Phiếu LLTP"), ("G1", "Khác")])
        self.assertFalse(procedure.document_ids[0].result_code_ids)

    def test_codes_that_moved_take_no_mapping_along(self):
        procedure = self.make({"name": "Ảnh", "code": "G1"}, {"name": "Phiếu LLTP", "code": "G2"})
        photo, record = procedure.document_ids
        self.check(ROW, {**ROW, "document_code": "G2", "document_name": "Ảnh", "result_codes": ""}).action_import()
        self.assertEqual((record.code, record.result_code_ids.code, photo.code), ("G1", CRIMINAL_RECORD, "G2"))
        self.assertFalse(photo.result_code_ids)
        self.assertEqual(len(procedure.document_ids), 2)

    def test_a_name_that_several_have_needs_its_code(self):
        self.make({"name": "Phiếu LLTP", "code": "G2"}, {"name": "Phiếu LLTP", "code": "G3"})
        form = self.check({**ROW, "document_code": ""})
        self.assertIn("Row 2, “Document code”: several documents are called “Phiếu LLTP”", form.faults)

    def test_what_is_archived_is_used_again(self):
        code = self.codes[CRIMINAL_RECORD]
        procedure = self.make({"name": "Phiếu LLTP", "code": "G1", "active": False}, active=False)
        variant = self.env["kho.dl.procedure.variant"].create(
            {"procedure_id": procedure.id, "name": "Trực tiếp", "active": False}
        )
        code.active = False
        self.administrator.group_ids -= self.env.ref("base.group_system")
        form = self.form(table({**ROW, "circumstances": "Trực tiếp"}))
        form.action_check()
        self.assertIn("is archived for all companies", form.faults)
        self.administrator.group_ids += self.env.ref("base.group_system")
        form = self.check({**ROW, "circumstances": "Trực tiếp"})
        self.assertIn("in use again: [7.1] Một thủ tục", form.news)
        self.assertIn(f"in use again: [{CRIMINAL_RECORD}]", form.news)
        form.action_import()
        self.assertTrue(procedure.active and code.active and variant.active)
        self.assertEqual(self.codes_and_names(procedure), [("G1", "Phiếu LLTP")])
        self.assertEqual(procedure.document_ids.variant_ids, variant)

    def test_all_rows_of_a_procedure_count(self):
        self.check(
            {**ROW, "agencies": "", "sector": "", "results_issued": ""},
            {**ROW, "document_code": "G2", "document_name": "Khác", "agencies": "A5 Sở Năm"},
        ).action_import()
        procedure = self.procedure_of("7.1")
        self.assertEqual(
            (procedure.agency_ids.code, procedure.sector_code, procedure.result_code_ids.code), ("A5", "LV9", "KQ.N1")
        )

    def test_the_check_says_what_would_be_new(self):
        self.make({"name": "Phiếu LLTP", "code": "G1"})
        self.env["kho.dl.procedure"].create({"code": "7.3", "name": "Có sẵn"})
        form = self.check(
            ROW,
            {**ROW, "procedure_code": "7.2", "sector": "", "agencies": "", "results_issued": ""},
            {"procedure_code": "7.3", "procedure_name": "Có sẵn"},
        )
        self.assertFalse(form.faults)
        self.assertEqual(form.summary, "3 procedures: 1 new, 1 changed, 1 unchanged; 2 documents: 1 new, 1 changed")
        self.assertEqual(
            form.news.splitlines(),
            [
                "new field LV9 Lĩnh vực chín",
                "new agency A1 Sở Một",
                "new agency A2 Sở Hai",
                "new result KQ.N1 Kết quả mới",
            ],
        )
        self.assertIn("1 new and 1 changed procedures", form.action_import()["params"]["message"])

    def test_a_mistyped_code_makes_no_second_result(self):
        name = self.codes[CRIMINAL_RECORD].name
        form = self.check({**ROW, "result_codes": f"KQ.G15.00007 {name.upper()}"})
        self.assertIn("Row 2, “Accepted results", form.faults)
        self.assertIn(f"is here already with the code {CRIMINAL_RECORD}", form.faults)
        form = self.check({**ROW, "result_codes": f"{CRIMINAL_RECORD} Bằng đại học"})
        self.assertFalse(form.faults)
        self.assertIn(f"{CRIMINAL_RECORD} is called “{name}” here, and stays so", form.news)

    def test_a_table_of_headings_only_is_a_fault(self):
        form = self.check()
        self.assertIn("has headings only", form.faults)
        with self.assertRaisesRegex(UserError, "headings only"):
            form.action_import()

    def test_a_code_taken_for_a_number(self):
        known = self.env["kho.dl.procedure"].create({"code": "1.001190", "name": "Một thủ tục"})
        for written in (1.001190, "1,00119", 1001190, "1.001.190"):
            with self.subTest(written):
                form = self.check({**ROW, "procedure_code": written})
                self.assertFalse(form.faults)
                form.action_import()
                self.assertEqual(self.procedures.search([("name", "=", "Một thủ tục")]), known)
        for written in ("1.0012", "1.00125", "1001210"):
            with self.subTest(written):
                form = self.check({**ROW, "procedure_code": written})
                self.assertIn(f"Row 2, “Procedure code”: “{written}” is no procedure code", form.faults)
                self.assertIn("Format the column as text", form.faults)
        self.env["kho.dl.procedure"].create({"code": "1.0012", "name": "Một thủ tục"})
        self.assertFalse(self.check({**ROW, "procedure_code": "1.0012"}).faults)

    def test_headings_of_both_languages_whatever_is_active(self):
        vietnamese = ["Mã thủ tục", "Tên thủ tục", "Thành phần hồ sơ"]
        english = [
            column_words(self.env(context={"lang": "en_US"}))[name]
            for name in ("procedure_code", "procedure_name", "document_name")
        ]
        for only in ("vi_VN", "en_US"):
            self.env["res.lang"]._activate_lang(only)
            self.env["res.users"].with_context(active_test=False).search([]).lang = only
            self.env["res.partner"].with_context(active_test=False).search([]).lang = only
            self.env["res.lang"].search([("code", "!=", only)]).active = False
            for headings in (vietnamese, english):
                form = self.form_of_cells(headings, ["7.1", "Một thủ tục", "Ảnh"]).with_context(lang=only)
                form.action_check()
                self.assertFalse(form.faults)

    def test_a_list_as_offices_print_it(self):
        """A title stands over the headings, what has to be filled in is marked, and a procedure is merged over its rows."""
        above = [["ỦY BAN NHÂN DÂN TỈNH"], ["DANH MỤC THÀNH PHẦN HỒ SƠ"], []]
        headings = ["STT", "Mã TTHC (*)", "Tên thủ tục hành chính (*)", "Tên giấy tờ (*)", "Bắt buộc (x)"]
        form = self.form_of_cells(*above, headings, [1, "7.1", "Một thủ tục", "Ảnh", "x"])
        form.action_check()
        self.assertFalse(form.faults)
        form.action_import()
        self.assertEqual(self.procedure_of("7.1").document_ids.mapped("name"), ["Ảnh"])
        form = self.form_of_cells(*above, headings, [1, "7.2", "Hai thủ tục", "Ảnh"], ["", "", "", "Đơn"])
        form.action_check()
        self.assertRegex(form.faults, "^Row 6, “Procedure code”: .* also where cells are merged")
        form = self.form_of_cells(*above, headings[:2], [1, "7.2"])
        form.action_check()
        self.assertNotIn("“Procedure code”", form.faults)

    def test_a_code_with_what_nobody_sees_is_the_code_that_is_there(self):
        """As it is copied out of a page into a table."""
        for code in ("7.1", "7.1\u200b", "\ufeff7.1"):
            form = self.form_of_cells(
                ["\u200bMã thủ tục", "Tên thủ tục", "Thành phần hồ sơ"], [code, "Một thủ tục", "Ảnh"]
            )
            form.action_check()
            self.assertFalse(form.faults)
            form.action_import()
        self.assertEqual(len(self.procedure_of("7.1")), 1)

    def form_of_cells(self, *rows):
        book = Workbook()
        for row in rows:
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        return self.form(base64.b64encode(content.getvalue()))

    def test_a_table_typed_with_semicolons_between_entries(self):
        self.check({**ROW, "agencies": "A1 Sở Một; và khác;A2 Sở Hai;"}).action_import()
        agencies = self.procedure_of("7.1").agency_ids
        self.assertEqual(
            {(agency.code, agency.name) for agency in agencies}, {("A1", "Sở Một; và khác"), ("A2", "Sở Hai")}
        )

    def test_candidates_are_looked_for_at_once(self):
        triggers = self.env["ir.cron.trigger"].search_count(
            [("cron_id", "=", self.env.ref("kho_dl.ir_cron_candidates").id)]
        )
        self.check(ROW).action_import()
        self.assertGreater(
            self.env["ir.cron.trigger"].search_count([("cron_id", "=", self.env.ref("kho_dl.ir_cron_candidates").id)]),
            triggers,
        )

    def test_queries_do_not_grow_with_the_table(self):
        rows = [{**ROW, "procedure_code": f"7.{i}"} for i in range(100, 160)]
        self.check(*rows).action_import()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        self.check(*rows).action_import()
        self.env.flush_all()
        self.assertLess(self.env.cr.sql_log_count - before, 60)
