"""The list that the portal's form "Gửi yêu cầu hỗ trợ" wants, as a spreadsheet (guideline III.1, step 4)."""

import io
from collections.abc import Iterable
from dataclasses import dataclass

import xlsxwriter

# What the portal calls them, whatever language the screen of the administrator speaks.
COLUMNS = (("Mã kết quả", 28), ("Tên kết quả", 70), ("Tần suất khai thác theo tháng", 30))


@dataclass(frozen=True)
class Demand:
    """One row: how many cases a month needed the result `code`."""

    code: str
    name: str
    per_month: float


def demand_sheet(demands: Iterable[Demand]) -> bytes:
    """Return `demands` as an XLSX file with the columns of the portal's form."""
    content = io.BytesIO()
    # Names come from a catalogue that others write: text is written as text, never as a formula or a link.
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        bold, wrapped = workbook.add_format({"bold": True}), workbook.add_format({"text_wrap": True, "valign": "top"})
        for column, (title, width) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, bold)
        sheet.freeze_panes(1, 0)
        for row, demand in enumerate(demands, start=1):
            sheet.write_string(row, 0, demand.code, wrapped)
            sheet.write_string(row, 1, demand.name, wrapped)
            sheet.write_number(row, 2, round(demand.per_month, 2), wrapped)
    return content.getvalue()
