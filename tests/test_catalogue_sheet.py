import base64
import io

from openpyxl import Workbook, load_workbook

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from ..models.catalogue.catalogue_sheet import COLUMNS
from .common import CRIMINAL_RECORD, new_test_user
from .test_catalogue import CatalogueCase

ROW = {
    "procedure_code": "7.1", "procedure_name": "Một thủ tục", "sector": "LV9 Lĩnh vực chín", "agencies": "A1 Sở Một; A2 Sở Hai",
    "results_issued": "KQ.N1 Kết quả mới", "circumstances": "", "document_code": "G1", "document_name": "Phiếu LLTP",
    "form_name": "Mẫu 1", "required": "x", "reusable": "x", "result_codes": CRIMINAL_RECORD,
}  # fmt: skip


def table(*rows, headings=COLUMNS):
    book = Workbook()
    book.active.append(list(headings))
    for row in rows:
        book.active.append([row.get(name, "") for name in COLUMNS])
    content = io.BytesIO()
    book.save(content)
    return base64.b64encode(content.getvalue())


class SheetCase(CatalogueCase):
    """An administrator who brings tables in, also what all companies share."""

    def prepare(self):
        super().prepare()
        self.administrator.group_ids += self.env.ref("base.group_system")

    def form(self, content, name="t.xlsx"):
        forms = self.env["kho.dl.catalogue.import"].with_user(self.administrator)
        return forms.create({"file": content, "file_name": name})


class TestCatalogueSheet(SheetCase):
    def test_a_table_brings_procedures_documents_and_mappings(self):
        second = {**ROW, "document_code": "", "document_name": "Ảnh", "reusable": "-", "required": "-", "result_codes": "",
                  "circumstances": "Trực tiếp\nỦy quyền"}  # fmt: skip
        form = self.form(table(ROW, second))
        form.action_check()
        self.assertEqual(
            (form.faults, form.summary),
            (False, "1 procedures: 1 new, 0 changed, 0 unchanged; 2 documents: 2 new, 0 changed"),
        )
        self.assertFalse(self.procedure_of("7.1"))
        form.action_import()
        procedure = self.procedure_of("7.1")
        self.assertEqual(
            (procedure.sector_id.name, set(procedure.agency_ids.mapped("code"))), ("Lĩnh vực chín", {"A1", "A2"})
        )
        self.assertEqual(procedure.result_code_ids.name, "Kết quả mới")
        record, photo = procedure.document_ids
        self.assertEqual(
            (record.code, record.form_name, record.result_code_ids), ("G1", "Mẫu 1", self.codes[CRIMINAL_RECORD])
        )
        self.assertEqual((photo.required, photo.is_reusable), (False, False))
        self.assertEqual(photo.variant_ids.mapped("name"), ["Trực tiếp", "Ủy quyền"])

    def test_a_second_table_changes_and_adds_and_takes_nothing_away(self):
        self.form(table(ROW)).action_import()
        document = self.procedure_of("7.1").document_ids
        document.result_code_ids += self.codes["KQ.G17.000120"]
        self.form(
            table(
                {**ROW, "document_name": "Phiếu lý lịch", "sector": ""},
                {**ROW, "document_code": "G2", "document_name": "Khác"},
            )
        ).action_import()
        self.assertEqual(document.name, "Phiếu lý lịch")
        self.assertEqual(len(document.result_code_ids), 2)
        self.assertEqual(self.procedure_of("7.1").sector_code, "LV9")
        self.assertEqual(len(self.procedure_of("7.1").document_ids), 2)

    def test_each_fault_is_named_with_its_row_and_nothing_comes_in(self):
        faulty = [
            ({"procedure_code": ""}, "Row 3, “Procedure code”: the procedure code is missing"),
            (
                {"procedure_code": "7.2", "procedure_name": ""},
                "Row 3, “Name of the procedure”: the name of the procedure 7.2",
            ),
            ({"required": "maybe"}, "Row 3, “Required (x)”: “maybe” is neither"),
            (
                {"result_codes": "KQ.UNKNOWN"},
                "Row 2, “Accepted results (code, then name; one a line)”: nobody knows the code KQ.UNKNOWN",
            ),
            ({"procedure_name": "Khác"}, "Row 3, “Name of the procedure”: the procedure 7.1 has another name in row 2"),
            (
                {"sector": "LV8 Khác"},
                "Row 3, “Field (code, then name)”: a procedure has one field, but 7.1 has LV9 and LV8",
            ),
        ]
        for changes, words in faulty:
            with self.subTest(words):
                rows = [ROW, {**ROW, **changes}] if "UNKNOWN" not in words else [{**ROW, **changes}]
                form = self.form(table(*rows))
                form.action_check()
                self.assertIn(words, form.faults)
                with self.assertRaisesRegex(UserError, "nothing was brought in"):
                    form.action_import()
        self.assertFalse(self.procedure_of("7.1"))

    def test_what_all_companies_share_is_added_by_a_system_administrator(self):
        self.administrator.group_ids -= self.env.ref("base.group_system")
        form = self.form(table(ROW))
        form.action_check()
        for words in ("field (code, then name)”: LV9", "A1", "A2", "KQ.N1"):
            self.assertIn(
                f"{words} is not known here. Only a system administrator adds it".lower(), form.faults.lower()
            )
        with self.assertRaisesRegex(UserError, "nothing was brought in"):
            form.action_import()
        self.assertFalse(self.env["kho.dl.result.code"].search([("code", "=", "KQ.N1")]))
        form = self.form(table({**ROW, "sector": "", "agencies": "", "results_issued": ""}))
        form.action_check()
        self.assertFalse(form.faults)
        form.action_import()
        self.assertTrue(self.procedure_of("7.1"))

    def test_what_is_no_table_is_said(self):
        for content, name in ((b"%PDF-1.4", "x.pdf"), (b"PK\x03\x04 broken", "x.xlsx")):
            with self.subTest(name), self.assertRaisesRegex(UserError, "cannot be read"):
                self.form(base64.b64encode(content), name).action_check()
        with self.assertRaisesRegex(UserError, "Choose the table"):
            self.form(False).action_check()
        form = self.form(table(ROW, headings=["x"] * len(COLUMNS)))
        form.action_check()
        self.assertIn("is missing. Take the template", form.faults)

    def test_letters_that_were_lost_are_told(self):
        # A CSV of a computer that has no Vietnamese.
        for headings, name in ((COLUMNS, "Th? t?c"), (["Mã th? t?c", *COLUMNS[1:]], "Thủ tục")):
            form = self.form(table({**ROW, "procedure_name": name}, headings=headings))
            form.action_check()
            self.assertRegex(form.faults, "“.*h\\? t\\?c” has lost letters. Save the table as XLSX")
            with self.assertRaises(UserError):
                form.action_import()
        form = self.form(table({**ROW, "procedure_name": "Có được không?", "form_url": "https://a.vn/mau?a=1"}))
        form.action_check()
        self.assertFalse(form.faults)

    def test_a_table_of_commas(self):
        lines = [",".join(COLUMNS), "7.1,Một thủ tục,,,,,G1,Phiếu LLTP,,x,x,"]
        self.form(base64.b64encode("\n".join(lines).encode()), "t.csv").action_import()
        self.assertEqual(self.procedure_of("7.1").document_ids.name, "Phiếu LLTP")

    def test_what_is_exported_comes_in_again_unchanged(self):
        self.sync()
        content = self.env["kho.dl.procedure"].with_context(lang="vi_VN")._catalogue_table()
        before = self.env["kho.dl.procedure"].search([]).mapped(lambda procedure: procedure._catalogue_rows())
        form = self.form(base64.b64encode(content))
        form.action_check()
        self.assertFalse(form.faults)
        form.action_import()
        self.assertEqual(
            self.env["kho.dl.procedure"].search([]).mapped(lambda procedure: procedure._catalogue_rows()), before
        )

    def test_who_may(self):
        with self.assertRaises(AccessError):
            self.env["kho.dl.catalogue.import"].with_user(self.clerk).create({"file": table(ROW)})
        other = self.env["res.company"].create({"name": "B"})
        form = self.form(table(ROW))
        with self.assertRaises(AccessError):
            form.copy({"company_id": other.id}).with_user(self.administrator).read(["file"])


@tagged("-at_install", "post_install")
class TestCatalogueDownload(HttpCase):
    def test_administrators_get_table_and_template(self):
        new_test_user(self.env, "sheet_admin", groups="kho_dl.group_administrator", password="sheet_admin")
        self.env["kho.dl.procedure"].create(
            {"code": "8.1", "name": "=1+1", "document_ids": [Command.create({"name": "Paper"})]}
        )
        self.authenticate("sheet_admin", "sheet_admin")
        for path, wanted in (("export", "=1+1"), ("template", "Đăng ký khai sinh")):
            answer = self.url_open(f"/kho_dl/catalogue/{path}")
            self.assertEqual(answer.status_code, 200)
            cells = [cell for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in row]
            found = next(cell for cell in cells if cell.value == wanted)
            self.assertEqual(found.data_type, "s")

    def test_they_get_both_as_commas_too_and_nothing_in_it_is_calculated(self):
        new_test_user(self.env, "sheet_admin", groups="kho_dl.group_administrator", password="sheet_admin")
        self.env["kho.dl.procedure"].create({"code": "8.1", "name": "=1+1;=cmd"})
        self.authenticate("sheet_admin", "sheet_admin")
        for path, wanted in (("export", '"\'=1+1;=cmd"'), ("template", '"Đăng ký khai sinh"')):
            answer = self.url_open(f"/kho_dl/catalogue/{path}/csv")
            self.assertEqual(answer.headers["Content-Type"], "text/csv; charset=utf-8")
            self.assertIn(".csv", answer.headers["Content-Disposition"])
            self.assertTrue(answer.content.startswith(b"\xef\xbb\xbf"))
            self.assertIn(wanted, answer.content.decode())

    def test_of_several_companies_the_table_is_that_of_the_chosen_one(self):
        other = self.env["res.company"].create({"name": "B"})
        companies = [Command.set([self.env.company.id, other.id])]
        new_test_user(
            self.env, "sheet_admin", groups="kho_dl.group_administrator", password="sheet_admin", company_ids=companies
        )
        for company in (self.env.company, other):
            self.env["kho.dl.procedure"].create({"code": "8.1", "name": f"P{company.id}", "company_id": company.id})
        self.authenticate("sheet_admin", "sheet_admin")
        self.opener.cookies["cids"] = f"{other.id}-{self.env.company.id}"
        text = self.url_open("/kho_dl/catalogue/export/csv").content.decode()
        self.assertIn(f'"P{other.id}"', text)
        self.assertNotIn(f'"P{self.env.company.id}"', text)
        # What is no id chooses nothing.
        self.opener.cookies["cids"] = f"{'9' * 5000}-²-x"
        self.assertEqual(self.url_open("/kho_dl/catalogue/export/csv").status_code, 200)

    def test_the_list_offers_both_in_its_menu(self):
        self.env["res.lang"]._activate_lang("en_US")
        new_test_user(
            self.env, "sheet_admin", groups="kho_dl.group_administrator", password="sheet_admin", lang="en_US"
        )
        self.env["kho.dl.procedure"].create({"code": "8.1", "name": "P"})
        self.start_tour("/odoo/action-kho_dl.action_kho_dl_procedure", "kho_dl_catalogue_table", login="sheet_admin")

    def test_nobody_else_does(self):
        new_test_user(self.env, "sheet_clerk", groups="kho_dl.group_clerk", password="sheet_clerk")
        self.authenticate("sheet_clerk", "sheet_clerk")
        for path in ("export", "template", "export/csv", "template/csv"):
            self.assertEqual(self.url_open(f"/kho_dl/catalogue/{path}").status_code, 404)
