import json

from odoo.addons.web.controllers import export, pivot
from odoo.http import route


class TextStaysText:
    """A table in which others' words are neither a formula, which would read the rest of the row, nor a link."""

    def __init__(self, *args):
        super().__init__(*args)
        self.worksheet.strings_to_formulas = self.worksheet.strings_to_urls = False


class Table(TextStaysText, export.ExportXlsxWriter):
    pass


class GroupTable(TextStaysText, export.GroupExportXlsxWriter):
    pass


class ExcelExport(export.ExcelExport):
    """Odoo's own tables of records: what a citizen or a far system wrote stands in them, too."""

    def from_data(self, fields, columns_headers, rows):
        with Table(fields, columns_headers, len(rows)) as table:
            for row, cells in enumerate(rows, start=1):
                for column, cell in enumerate(cells):
                    table.write_cell(row, column, cell)
        return table.value

    def from_group_data(self, fields, columns_headers, groups):
        with GroupTable(fields, columns_headers, groups.count) as table:
            row, column = 1, 0
            for name, group in groups.children.items():
                row, column = table.write_group(row, column, name, group)
        return table.value


class PivotExport(pivot.TableExporter):
    """Odoo's tables of sums: what stands above the columns are others' words, too."""

    @route()
    def export_xlsx(self, data, **kw):
        table = json.load(data) if hasattr(data, "read") else json.loads(data)
        for headers in table.get("col_group_headers", ()):
            for header in headers:
                # As those of the rows, which Odoo indents: no formula and no link begins so.
                header["title"] = f" {header['title']}"
        return super().export_xlsx(json.dumps(table), **kw)
