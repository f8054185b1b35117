"""The sheets of a spreadsheet (XLSX, XLS, ODS), read as people see them: whole codes, all of a cell, each cell in its column."""

import io
import re
import struct
import zipfile
import zlib
from datetime import datetime

from lxml import etree

_TABLE, _TEXT, _OFFICE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("table", "text", "office")
)
_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_NUMBERS = ("float", "percentage", "currency")
_BLANKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
# One cell may say that it stands there a million times, and one blank that it is as many.
_MOST_CELLS, _MOST_BLANKS = 5_000_000, 1000
# A format that puts zeros in front of a number: that is how people keep those of codes.
_ZEROS = re.compile(r"0{2,40}")
_FAILED = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d{3}")
_BROKEN = (zipfile.BadZipFile, zlib.error, LookupError, RuntimeError, EOFError, AttributeError, TypeError)
_OLD_BOOK = b"\xd0\xcf\x11\xe0"


class FormulaFailed(ValueError):
    """A cell holds no value, but what a spreadsheet writes where it cannot work one out: `cell`, in row no. `row`."""

    def __init__(self, row, cell):
        super().__init__(f"{cell} in row {row}")
        self.row, self.cell = row, cell


def sheet_reader(content):
    """Return which of `read_ods`, `read_xlsx` and `read_xls` reads `content`; None for none of them."""
    if content.startswith(_OLD_BOOK):
        return read_xls
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except zipfile.BadZipFile:
        return None
    if {_CONTENT, _MANIFEST} <= names:
        return read_ods
    return read_xlsx if "xl/workbook.xml" in names else None


def read_ods(content, sheet=None):
    """Return (names of the sheets, [(number, cells)] of the rows of `sheet`, of the first one else, that are not blank).

    All rows are as long as the longest. Raises FormulaFailed, and ValueError for what cannot be read.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(_CONTENT) as part:
            names, rows = _read(part, sheet)
    except (*_BROKEN, etree.XMLSyntaxError) as error:
        raise ValueError("no sheet that can be read") from error
    return names, _as_long(rows)


def read_xlsx(content, sheet=None):
    """Return the same of an XLSX file; what is a date there is one here."""
    # Here alone: it takes long to load, and few processes read a spreadsheet.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        rows, room = [], _MOST_CELLS
        chosen = book[sheet] if sheet else book.worksheets[0]
        # Some writers say that one cell is all there is.
        chosen.reset_dimensions()
        for number, row in enumerate(chosen.iter_rows(), 1):
            cells = [_value(cell, number) for cell in row]
            if any(str(cell).strip() for cell in cells):
                room -= len(cells)
                if room < 0:
                    raise ValueError("more cells than any table has")
                rows.append((number, cells))
    except (*_BROKEN, InvalidFileException, etree.XMLSyntaxError, SyntaxError) as error:
        raise ValueError("no sheet that can be read") from error
    return book.sheetnames, _as_long(rows)


def read_xls(content, sheet=None):
    """Return the same of an XLS file, as Excel saved them before 2007."""
    from xlrd import XLRDError, open_workbook
    from xlrd.compdoc import CompDocError

    try:
        book = open_workbook(file_contents=content, formatting_info=True)
        chosen = book.sheet_by_name(sheet) if sheet else book.sheet_by_index(0)
        rows = [(row + 1, [_old_value(book, cell, row + 1) for cell in chosen.row(row)]) for row in range(chosen.nrows)]
    except (*_BROKEN, XLRDError, CompDocError, AssertionError, struct.error) as error:
        raise ValueError("no sheet that can be read") from error
    return book.sheet_names(), _as_long([row for row in rows if any(str(cell).strip() for cell in row[1])])


def _old_value(book, cell, number):
    from xlrd import (
        XL_CELL_BOOLEAN,
        XL_CELL_DATE,
        XL_CELL_ERROR,
        XL_CELL_NUMBER,
        error_text_from_code,
        xldate_as_datetime,
    )

    if cell.ctype == XL_CELL_ERROR:
        raise FormulaFailed(number, error_text_from_code.get(cell.value, "#N/A"))
    if cell.ctype == XL_CELL_DATE:
        return _day_or_moment(xldate_as_datetime(cell.value, book.datemode))
    if cell.ctype == XL_CELL_NUMBER:
        return _as_shown(cell.value, book.format_map[book.xf_list[cell.xf_index].format_key].format_str)
    return str(bool(cell.value)) if cell.ctype == XL_CELL_BOOLEAN else cell.value


def _as_long(rows):
    width = max((len(cells) for _number, cells in rows), default=0)
    return [(number, cells + [""] * (width - len(cells))) for number, cells in rows]


def _value(cell, number):
    value = cell.value
    if cell.data_type == "e":
        raise FormulaFailed(number, value)
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime):
        return _day_or_moment(value)
    return _as_shown(value, cell.number_format)


def _day_or_moment(value):
    return value if any(value.timetuple()[3:6]) else value.date()


def _as_shown(value, shown):
    """Return a number as text, with the zeros that the format `shown` puts in front of it."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    is_padded = type(value) is int and value >= 0 and _ZEROS.fullmatch(shown)
    return str(value).zfill(len(shown)) if is_padded else str(value)


def _read(part, sheet):
    names, rows, number, room = [], [], 0, _MOST_CELLS
    tags = (f"{_TABLE}table", f"{_TABLE}table-row")
    for event, element in etree.iterparse(part, ("start", "end"), tag=tags, resolve_entities=False, no_network=True):
        if element.tag == tags[0]:
            if event == "start":
                names.append(element.get(f"{_TABLE}name"))
        elif event == "end" and names and names[-1] == (sheet or names[0]):
            cells, times = _cells(element, number + 1), int(element.get(f"{_TABLE}number-rows-repeated") or 1)
            if cells:
                room -= times * len(cells)
                if room < 0:
                    raise ValueError("more cells than any table has")
                rows += [(number + each, cells) for each in range(1, times + 1)]
            number += times
            element.clear()
    if not names:
        raise ValueError("no sheet")
    return names, rows


def _cells(row, number):
    """Return the texts of row no. `number` up to the last one that is not blank."""
    cells, blanks = [], 0
    # What a merged cell covers has its place, too.
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        times = min(int(cell.get(f"{_TABLE}number-columns-repeated") or 1), _MOST_CELLS)
        if shown := _shown(cell):
            if cell.get(f"{_TABLE}formula") and _FAILED.fullmatch(shown):
                raise FormulaFailed(number, shown)
            cells += [""] * blanks + [shown] * times
            blanks = 0
        else:
            blanks += times
    return cells


def _shown(cell):
    text = "\n".join(map(_text, cell.iterchildren(f"{_TEXT}p")))
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in _NUMBERS and not _FAILED.fullmatch(text):
        return _number(cell.get(f"{_OFFICE}value"), text)
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").replace("T", " ")
    return text if text.strip() else ""


def _number(value, text):
    """Return a number without the signs of any language, with the zeros that its format puts in front of it."""
    number = float(value)
    if text.isdecimal() and int(text) == number:
        return text
    return str(int(number)) if number.is_integer() else str(number)


def _text(element):
    """Return the text of a paragraph, that of links in it, too, and not that of comments."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * min(int(child.get(f"{_TEXT}c") or 1), _MOST_BLANKS))
        elif child.tag in (f"{_TEXT}span", f"{_TEXT}a"):
            parts.append(_text(child))
        else:
            parts.append(_BLANKS.get(child.tag, ""))
        parts.append(child.tail or "")
    return "".join(parts)
