"""The list that the portal's form "Gửi yêu cầu hỗ trợ" wants, as a spreadsheet (guideline III.1, step 4)."""

from collections.abc import Iterable
from dataclasses import dataclass

from ..common.xlsx_report import DECIMAL, TEXT, Sheet, workbook_of

# What the portal calls them, whatever language the screen of the administrator speaks.
COLUMNS = (("Mã kết quả", 28, TEXT), ("Tên kết quả", 70, TEXT), ("Tần suất khai thác theo tháng", 30, DECIMAL))


@dataclass(frozen=True)
class Demand:
    """One row: how many cases a month needed the result `code`."""

    code: str
    name: str
    per_month: float


def demand_sheet(demands: Iterable[Demand]) -> bytes:
    """Return `demands` as an XLSX file with the columns of the portal's form."""
    rows = [(demand.code, demand.name, round(demand.per_month, 2)) for demand in demands]
    return workbook_of([Sheet("", COLUMNS, rows)])
