import base64
import io
import zipfile
from datetime import date

import xlwt
from openpyxl import Workbook

from odoo.exceptions import UserError
from odoo.tests import BaseCase, tagged

from ..models.common.sheets import FormulaFailed, TooLarge, Unreadable, read_ods, read_xls, read_xlsx, sheet_reader
from .common import CRIMINAL_RECORD
from .paper_case import PaperCase

NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("table", "text", "office")
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def ods(*rows, before="", name="A"):
    """Return a spreadsheet as LibreOffice saves it, with `rows` of cells in its markup on the sheet `name`."""
    written = "".join(f"<table:table-row>{row}</table:table-row>" for row in rows)
    book = f"<office:body><office:spreadsheet>{before}{sheet(written, name)}</office:spreadsheet></office:body>"
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", f"<office:document-content {NAMES}>{book}</office:document-content>")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
    return content.getvalue()


def sheet(rows, name="A"):
    return f'<table:table table:name="{name}">{rows}</table:table>'


def text(*lines, more=""):
    said = "".join(f"<text:p>{line}</text:p>" for line in lines)
    return f'<table:table-cell office:value-type="string" {more}>{said}</table:table-cell>'


def number(value, shown, more=""):
    kind = f'office:value-type="float" office:value="{value}"'
    return f"<table:table-cell {kind} {more}><text:p>{shown}</text:p></table:table-cell>"


def xlsx(*cells):
    """Return a workbook with `cells`, (value, format) each, in its row 2."""
    book, content = Workbook(), io.BytesIO()
    for column, (value, shown) in enumerate(cells, 1):
        book.active.cell(2, column, value).number_format = shown
    book.save(content)
    return content.getvalue()


def with_sheet(rows):
    """Return a workbook with `rows` in their markup."""
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx())) as book, zipfile.ZipFile(changed, "w") as other:
        for part in book.namelist():
            content = book.read(part).decode()
            if part.endswith("sheet1.xml"):
                content = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
            other.writestr(part, content)
    return changed.getvalue()


@tagged("-at_install", "post_install")
class TestSheets(BaseCase):
    def read(self, *rows):
        return read_ods(ods(*rows))[1]

    def test_all_of_a_cell_is_read(self):
        link = '<text:a xlink:href="x">https://a.vn</text:a>'.replace("xlink:href", "office:href")
        note = "<office:annotation><text:p>ghi chú</text:p></office:annotation>"
        spans = '<text:span>Xã</text:span><text:s text:c="2"/>Một<text:line-break/><text:sheet-name>A</text:sheet-name><!-- B -->'
        row = (
            text("A1 Sở Một", "A2 Sở Hai") + text(link) + text(spans) + text("x").replace("<text:p>", note + "<text:p>")
        )
        self.assertEqual(self.read(row), [(1, ["A1 Sở Một\nA2 Sở Hai", "https://a.vn", "Xã  Một\nA", "x"])])

    def test_each_cell_is_read_in_its_column_and_row(self):
        merged = text("Danh sách") + "<table:covered-table-cell/>" + text("B")
        blank = '<table:table-cell table:number-columns-repeated="16000"/>'
        rows = [blank, merged + blank, text("# một", more='table:number-columns-repeated="2"')]
        self.assertEqual(self.read(*rows), [(2, ["Danh sách", "", "B"]), (3, ["# một", "# một", ""])])
        content = ods(text("x"), before='<table:table table:name="Bìa"/>')
        self.assertEqual(read_ods(content), (["Bìa", "A"], []))
        self.assertEqual(read_ods(content, "A")[1], [(1, ["x"])])

    def test_codes_keep_their_zeros_and_numbers_no_signs_of_a_language(self):
        day = '<table:table-cell office:value-type="date" office:date-value="2019-05-06"><text:p>06/05/2019</text:p></table:table-cell>'
        yes = '<table:table-cell office:value-type="boolean" office:boolean-value="true"><text:p>ĐÚNG</text:p></table:table-cell>'
        row = number("123", "00123") + number("1234.5", "1.234,5") + number("1234", "1.234") + day + yes
        row += number("1.23456789012345E+018", "1,23E+18")
        told = ["00123", "1234.5", "1234", "2019-05-06", "True", "1234567890123450000"]
        self.assertEqual(self.read(row), [(1, told)])
        cells = [
            (123, "00000"),
            (1095012345, "000000000000"),
            (1234.0, "#,##0"),
            (-7, "000"),
            (1.23456789012345e18, "General"),
            (True, "General"),
            (date(2019, 5, 6), "dd/mm/yyyy"),
        ]
        told = ["00123", "001095012345", "1234", "-7", "1234567890123450000", "True", date(2019, 5, 6)]
        self.assertEqual(read_xlsx(xlsx(*cells))[1], [(2, told)])

    def test_a_workbook_of_before_2007(self):
        book, content = xlwt.Workbook(), io.BytesIO()
        sheet = book.add_sheet("A")
        values = [
            (123, "00000"),
            (1234.5, "#,##0.0"),
            (7, "General"),
            (date(2019, 5, 6), "dd/mm/yyyy"),
            ("Xã Một", "General"),
        ]
        for column, (value, shown) in enumerate(values):
            sheet.write(2, column, value, xlwt.easyxf(num_format_str=shown))
        book.save(content)
        self.assertIs(sheet_reader(content.getvalue()), read_xls)
        told = [(3, ["00123", "1234.5", "7", date(2019, 5, 6), "Xã Một"])]
        self.assertEqual(read_xls(content.getvalue()), (["A"], told))
        sheet.write(3, 0, 1e300, xlwt.easyxf(num_format_str="dd/mm/yyyy"))
        no_day = io.BytesIO()
        book.save(no_day)
        for torn in (content.getvalue()[:2000], b"\xd0\xcf\x11\xe0 an old letter", no_day.getvalue()):
            with self.assertRaises(Unreadable):
                read_xls(torn)

    def test_a_cell_whose_formula_failed_is_named(self):
        failed = number("0", "#DIV/0!", more='table:formula="of:=1/0"')
        for content, read in ((ods(text("x"), failed), read_ods), (xlsx(("#N/A", "General")), read_xlsx)):
            with self.assertRaises(FormulaFailed) as raised:
                read(content)
            self.assertEqual(raised.exception.row, 2)
        # Somebody typed it.
        self.assertEqual(self.read(text("#N/A")), [(1, ["#N/A"])])

    def test_what_is_no_sheet(self):
        self.assertIs(sheet_reader(ods()), read_ods)
        self.assertIs(sheet_reader(xlsx(("x", "General"))), read_xlsx)
        self.assertIsNone(sheet_reader(b"PK;Name"))
        for content in (ods(text("x"))[:-200], ods(text("x&x")), xlsx(("x", "General"))):
            with self.assertRaises(Unreadable):
                read_ods(content)
        for content in (xlsx(("x", "General"))[:-200], ods(text("x")), with_sheet("<row")):
            with self.assertRaises(Unreadable):
                read_xlsx(content)

    def test_what_would_take_all_memory_is_refused(self):
        wide, deep = (f'table:number-{kind}-repeated="%s"' for kind in ("columns", "rows"))
        blank, much = f"<table:table-cell {wide % 5_000_000}/>", text("x", more=wide % 5_000_000)
        many = f"<table:table-row {deep % 200_000}>{text('y')}</table:table-row>"
        for content in (
            ods(blank * 60 + text("x")),
            ods(much * 60),
            ods(text("x", more=wide % 20_000), before=sheet(many)),
        ):
            with self.assertRaises(TooLarge):
                read_ods(content, "A")
        # Fewer than none are no room for more.
        none = f"<table:table-row {deep % -(10**12)}>{text('x')}</table:table-row>"
        self.assertEqual(read_ods(ods(before=sheet(none)))[1], [(1, ["x"])])
        far = '<row r="2000000000"><c r="A2000000000"><v>1</v></c></row>'
        wide_and_deep = "".join(f'<row r="{each}"><c r="A{each}"><v>1</v></c></row>' for each in range(2, 400))
        for rows in (far, f'<row r="1"><c r="ZZZ1"><v>1</v></c></row>{wide_and_deep}'):
            with self.assertRaises(TooLarge):
                read_xlsx(with_sheet(rows))
        # What is said to be blank to the last column takes nothing.
        blank = "".join(f'<c r="ZZZ{each}"/></row><row>' for each in range(2))
        self.assertEqual(read_xlsx(with_sheet(f"<row>{blank}<c><v>1</v></c></row>"))[1], [(3, ["1"])])


class TestImportOfSheets(PaperCase):
    def test_old_results_from_a_spreadsheet(self):
        columns = ["name", "result_code_id", "number", "owner_name", "owner_id_number", "date_issued"]
        values = [
            "Old result",
            CRIMINAL_RECORD,
            "1/1999",
            "Old Person",
            (155000099, "000000000000"),
            (date(1999, 5, 6), "dd/mm/yyyy"),
        ]
        book, content = Workbook(), io.BytesIO()
        book.active.append(columns)
        for column, value in enumerate(values, 1):
            value, shown = value if isinstance(value, tuple) else (value, "General")
            book.active.cell(2, column, value).number_format = shown
        book.save(content)
        form = {"res_model": "kho.dl.paper", "file": content.getvalue(), "file_name": "old.xlsx"}
        options = {"has_headers": True, "quoting": '"', "date_format": "%Y-%m-%d"}
        result = (
            self.env["base_import.import"].with_user(self.clerk).create(form).execute_import(columns, columns, options)
        )
        self.assertFalse(result["messages"])
        paper = self.env["kho.dl.paper"].browse(result["ids"])
        self.assertEqual((paper.owner_id_number, paper.date_issued), ("000155000099", date(1999, 5, 6)))

    def test_the_page_of_the_import_shows_what_comes(self):
        day = '<table:table-cell office:value-type="date" office:date-value="2019-05-06"><text:p>06/05/19</text:p></table:table-cell>'
        content = ods(text("name") + text("date_issued"), text("Giấy", "phép") + day)
        form = {"res_model": "kho.dl.paper", "file": content, "file_name": "old.ods"}
        options = {"has_headers": True, "quoting": '"', "encoding": "", "separator": ""}
        seen = self.env["base_import.import"].create(form).parse_preview(options)
        self.assertEqual(seen["headers"], ["name", "date_issued"])
        self.assertEqual(seen["preview"], [["Giấy\nphép"], ["2019-05-06"]])

    def test_what_a_browser_takes_for_xls_may_be_csv(self):
        # Where Excel is installed, that is its word for both.
        form = {"res_model": "kho.dl.paper", "file": b"name,number\nA,1", "file_type": "application/vnd.ms-excel"}
        options = {"has_headers": True, "quoting": '"', "encoding": "", "separator": ""}
        with self.assertLogs("odoo.addons.base_import", "WARNING"):
            seen = self.env["base_import.import"].create({**form, "file_name": "old.csv"}).parse_preview(options)
        self.assertEqual(seen.get("headers"), ["name", "number"])

    def test_the_page_of_the_import_says_what_is_too_large(self):
        content = ods(text("x", more='table:number-columns-repeated="9000000"'))
        form = {"res_model": "kho.dl.paper", "file": content, "file_name": "old.ods"}
        result = self.env["base_import.import"].create(form).execute_import(["name"], ["x"], {"has_headers": True})
        self.assertIn("The table is too large", result["messages"][0]["message"])

    def test_the_row_of_a_formula_that_failed_is_told(self):
        forms = self.env["kho.dl.catalogue.import"]
        content = base64.b64encode(xlsx(("#REF!", "General")))
        with self.assertRaisesRegex(UserError, "Row 2 holds “#REF!”"):
            forms.create({"file": content, "file_name": "t.xlsx"}).action_check()
