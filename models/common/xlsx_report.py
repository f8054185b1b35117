"""Tables for people as a spreadsheet: any number of sheets, each with a head that stays."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import xlsxwriter

from odoo import fields

from .office_time import moment_words

TEXT, COUNT, DECIMAL, DAY = "text", "count", "decimal", "day"
_NUMBER_FORMATS = {COUNT: "#,##0", DECIMAL: "0.00", DAY: "dd/mm/yyyy"}


@dataclass(frozen=True)
class Sheet:
    """One table: `columns` are (title, width, kind), `rows` have a value for each; None, False and "" stay empty.

    `kept_columns` stay in sight, as the head does. Without `title` the page has a number.
    """

    title: str
    columns: Sequence[tuple[str, int, str]]
    rows: Iterable[Sequence]
    kept_columns: int = 0


def about_sheet(env, *facts: tuple[str, str]) -> Sheet:
    """Return the sheet that says what a table is of: it is sent on, printed and renamed. `facts` are (what, value)."""
    rows = [*facts, (env._("Made on"), moment_words(env, fields.Datetime.now())), (env._("Made by"), env.user.name)]
    return Sheet(env._("About this table"), [(env._("What"), 30, TEXT), (env._("Value"), 70, TEXT)], rows)


def workbook_of(sheets: Iterable[Sheet]) -> bytes:
    """Return `sheets` as an XLSX file."""
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        bold = workbook.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        formats = {kind: workbook.add_format({"num_format": code}) for kind, code in _NUMBER_FORMATS.items()}
        # As text also what is typed there later: a long number must not become 1.9E+11, nor lose its zeros.
        formats[TEXT] = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for sheet in sheets:
            _write(workbook.add_worksheet(sheet.title or None), sheet, bold, formats)
    return content.getvalue()


def _write(page, sheet, bold, formats):
    for column, (title, width, kind) in enumerate(sheet.columns):
        page.set_column(column, column, width, formats[kind])
        page.write_string(0, column, title, bold)
    page.freeze_panes(1, sheet.kept_columns)
    # On paper, A4: all columns beside each other, the head on each page.
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.repeat_rows(0)
    page.set_footer("&C&A · &P/&N")
    kinds = [kind for _title, _width, kind in sheet.columns]
    for row, values in enumerate(sheet.rows, start=1):
        for column, (kind, value) in enumerate(zip(kinds, values, strict=True)):
            if value is None or value is False or value == "":
                continue
            if kind == TEXT:
                # Names are others' words: text is written as text, never as a formula or a link.
                page.write_string(row, column, value, formats[kind])
            elif kind == DAY:
                page.write_datetime(row, column, value, formats[kind])
            else:
                page.write_number(row, column, value, formats[kind])
