import base64
import io

from openpyxl import Workbook

from odoo import Command
from odoo.tests import BaseCase, tagged

from ..models.catalogue.catalogue_numbers import row_numbers
from ..models.catalogue.catalogue_sheet import COLUMNS, entry, entry_lines, read_pairs
from .common import CRIMINAL_RECORD
from .test_catalogue_sheet import ROW, SheetCase

FIELDS = ("name", "code", "form_name", "form_url", "required", "is_reusable")


class TestCatalogueElsewhere(SheetCase):
    """What is exported here comes in where nothing of it is known, and is the same there."""

    def said(self, procedure):
        """Return all that a table tells of `procedure`."""
        procedure.invalidate_recordset()
        return {
            "name": procedure.name,
            "sector": procedure.sector_id.mapped(lambda part: (part.code, part.name)),
            "agencies": procedure.agency_ids.mapped(lambda part: (part.code, part.name)),
            "results": procedure.result_code_ids.mapped(lambda part: (part.code, part.name)),
            "circumstances": procedure.variant_ids.mapped("name"),
            "documents": [
                (
                    *(document[name] for name in FIELDS),
                    document.variant_ids.mapped("name"),
                    document.result_code_ids.mapped("code"),
                    document.substitute_code_ids.mapped("code"),
                )
                for document in procedure.document_ids
            ],
        }

    def make(self, **values):
        return self.env["kho.dl.procedure"].create({"code": "8.1", "name": "Thủ tục", **values})

    def check(self, procedure):
        """Export, take away, bring in again."""
        before = self.said(procedure)
        procedures = self.env["kho.dl.procedure"]
        for file_type in ("xlsx", "csv"):
            with self.subTest(file_type):
                table = base64.b64encode(procedures._catalogue_table(file_type))
                stored = self.procedure_of("8.1")
                parts = (
                    stored.sector_id,
                    stored.agency_ids,
                    stored.result_code_ids - self.env["kho.dl.result.code"].union(*self.codes.values()),
                )
                stored.unlink()
                for part in parts:
                    part.unlink()
                form = self.form(table, f"t.{file_type}")
                form.action_check()
                self.assertFalse(form.faults)
                form.action_import()
                self.assertEqual(self.said(self.procedure_of("8.1")), before)

    def variants(self, *names):
        return [Command.create({"name": name}) for name in names]

    def test_circumstances_that_no_document_names(self):
        procedure = self.make(
            variant_ids=self.variants("Nộp trực tiếp", "Qua bưu chính", "Ủy quyền"),
            document_ids=[Command.create({"name": "Đơn"}), Command.create({"name": "Giấy ủy quyền"})],
        )
        procedure.document_ids[1].variant_ids = procedure.variant_ids[2]
        self.check(procedure)

    def test_circumstances_in_their_order_and_without_any_document(self):
        procedure = self.make(
            variant_ids=self.variants("Hai", "Một"),
            document_ids=[Command.create({"name": name}) for name in ("A", "B")],
        )
        procedure.document_ids[0].variant_ids = procedure.variant_ids[1]
        procedure.document_ids[1].variant_ids = procedure.variant_ids[0]
        self.check(procedure)
        self.procedure_of("8.1").document_ids.unlink()
        self.check(self.procedure_of("8.1"))

    def test_a_table_of_documents_that_name_all_circumstances_has_no_other_rows(self):
        procedure = self.make(variant_ids=self.variants("Một", "Hai"), document_ids=[Command.create({"name": "A"})])
        procedure.document_ids.variant_ids = procedure.variant_ids
        self.assertEqual(len(procedure._catalogue_rows()), 1)

    def test_a_procedure_without_documents_keeps_its_parts(self):
        self.check(
            self.make(
                sector_id=self.env["kho.dl.sector"].create({"code": "LV 1", "name": "Hộ tịch"}).id,
                agency_ids=[
                    Command.create({"code": 'H "46"', "name": "Sở"}),
                    Command.create({"code": "H46.2", "name": "Xã"}),
                ],
                result_code_ids=[Command.create({"code": "KQ 01", "name": "Kết quả; 2 bản"})],
            )
        )

    def test_addresses_of_forms_and_what_is_accepted_instead(self):
        code = self.codes[CRIMINAL_RECORD]
        self.check(
            self.make(
                document_ids=[
                    Command.create(
                        {
                            "name": "Phiếu",
                            "form_name": "Mẫu 1",
                            "form_url": "https://dvc.example.gov.vn/mau-1",
                            "is_reusable": True,
                            "required": False,
                            "result_code_ids": [Command.set((code + self.codes["KQ.G17.000120"]).ids)],
                            "substitute_code_ids": [Command.set(code.ids)],
                        }
                    )
                ]
            )
        )

    def test_a_document_code_with_a_blank_inside(self):
        self.check(self.make(document_ids=[Command.create({"name": "Đơn", "code": "GT 01"})]))

    def test_the_number_of_a_row_is_that_which_people_see(self):
        for name, content in (("t.xlsx", self.book()), ("t.csv", self.commas())):
            with self.subTest(name):
                form = self.form(base64.b64encode(content), name)
                form.action_check()
                self.assertIn("Row 6, “Required (x)”: “maybe” is neither", form.faults)

    def rows(self):
        good = [ROW.get(name, "") for name in COLUMNS]
        bad = [{**ROW, "document_code": "G2", "required": "maybe"}.get(name, "") for name in COLUMNS]
        return [list(COLUMNS), [], good, [""] * len(COLUMNS), [" "], bad]

    def book(self):
        book, content = Workbook(), io.BytesIO()
        for row in self.rows():
            book.active.append(row)
        book.save(content)
        return content.getvalue()

    def commas(self):
        return "\n".join(",".join(f'"{cell}"' for cell in row) for row in self.rows()).encode()


@tagged("-at_install", "post_install")
class TestEntries(BaseCase):
    def test_codes_come_back_as_they_are(self):
        for code in ("KQ.1", "KQ 1", 'KQ "1"', '"', "a;b", "a; 1", 'x" y'):
            for name in ("Giấy", "Giấy; 1 bản", '"Giấy" khai', ""):
                with self.subTest(code=code, name=name):
                    self.assertEqual(read_pairs(entry_lines([entry(code, name)])), [(code, name)])

    def test_what_people_type_is_read_as_before(self):
        self.assertEqual(read_pairs("A1 Sở Một; A2\tSở Hai\n A3"), [("A1", "Sở Một"), ("A2", "Sở Hai"), ("A3", "")])
        self.assertEqual(read_pairs('"Trường'), [('"Trường', "")])

    def test_a_file_that_cannot_be_told_has_no_blank_rows(self):
        for content in (b"\xd0\xcf\x11\xe0 an old book", b"\xff\xfe"):
            options = {"encoding": "", "quoting": '"', "separator": ","}
            self.assertEqual(list(row_numbers(content, options, 3)), [1, 2, 3])
