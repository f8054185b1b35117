"""The sheets of a spreadsheet (XLSX, XLS, ODS), read as people see them: whole codes, all of a cell, each cell in its column."""

import io
import re
import struct
import zipfile
import zlib
from datetime import datetime
from decimal import Decimal

from lxml import etree

_TABLE, _TEXT, _OFFICE = (
    f"{{urn:oasis:names:tc:opendocument:xmlns:{part}:1.0}}" for part in ("table", "text", "office")
)
_CONTENT, _MANIFEST = "content.xml", "META-INF/manifest.xml"
_NUMBERS = ("float", "percentage", "currency")
_BLANKS = {f"{_TEXT}tab": "\t", f"{_TEXT}line-break": "\n"}
_BESIDE = {f"{_OFFICE}annotation", f"{_TEXT}note"}
# One cell may say that it stands there a million times, one row that it is no. 2,000,000,000, one blank that it is as many.
_MOST_CELLS, _MOST_ROWS, _MOST_BLANKS = 5_000_000, 2**20, 1000
# What a book of spreadsheets may be when it is unpacked: more than the largest table in it takes, less than the memory.
_MOST_UNPACKED = 200 * 1024 * 1024
# A format that puts zeros in front of a number: that is how people keep those of codes.
_ZEROS = re.compile(r"0{2,40}")
_FAILED = re.compile(r"#(?:DIV/0!|N/A|NAME\?|NULL!|NUM!|REF!|VALUE!)|Err:\d{3}")
# What the libraries raise; of bytes in memory, OSError is no disk's.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, etree.XMLSyntaxError, SyntaxError, ValueError, LookupError),
    *(ArithmeticError, RuntimeError, EOFError, AttributeError, TypeError, AssertionError, OSError),
)
_OLD_BOOK, _ZIP = b"\xd0\xcf\x11\xe0", b"PK\x03\x04"


class FormulaFailed(Exception):
    """A cell holds no value, but what a spreadsheet writes where it cannot work one out: `cell`, in row no. `row`."""

    def __init__(self, row, cell):
        super().__init__(f"{cell} in row {row}")
        self.row, self.cell = row, cell


class TooLarge(Exception):
    """More than any table has."""


class Unreadable(Exception):
    """No book of the kind that it was taken for, or a damaged one."""


def sheet_reader(content):
    """Return which of `read_ods`, `read_xlsx` and `read_xls` reads `content`; None for what is no book. Raises Unreadable."""
    if content.startswith(_OLD_BOOK):
        return read_xls
    if not content.startswith(_ZIP):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except _BROKEN as error:
        raise Unreadable from error
    return read_ods if {_CONTENT, _MANIFEST} <= names else read_xlsx


def read_ods(content, sheet=None):
    """Return (names of the sheets, [(number, cells)] of the rows of `sheet`, of the first one else, that are not blank).

    All rows are as long as the longest. Raises FormulaFailed, TooLarge and Unreadable.
    """
    try:
        _check_size(content)
        names = []
        with zipfile.ZipFile(io.BytesIO(content)) as archive, archive.open(_CONTENT) as part:
            rows = _table(_rows(part, sheet, names))
    except _BROKEN as error:
        raise Unreadable from error
    if not names:
        raise Unreadable
    return names, rows


def read_xlsx(content, sheet=None):
    """Return the same of an XLSX file; what is a date there is one here."""
    # Here alone: it takes long to load, and few processes read a spreadsheet.
    from openpyxl import load_workbook
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        _check_size(content)
        # Without those that are a chart as a whole.
        sheets = {
            each.title: each for each in load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets
        }
        chosen = sheets[sheet or next(iter(sheets))]
        # Some writers say that one cell is all there is.
        chosen.reset_dimensions()
        rows = _table(
            (number, [_value(cell, number) for cell in row]) for number, row in enumerate(chosen.iter_rows(), 1)
        )
    except (*_BROKEN, InvalidFileException, StopIteration) as error:
        raise Unreadable from error
    return list(sheets), rows


def read_xls(content, sheet=None):
    """Return the same of an XLS file, as Excel saved them before 2007."""
    from xlrd import XLRDError, open_workbook
    from xlrd.compdoc import CompDocError
    from xlrd.formula import FormulaError

    try:
        # Each row as long as it is, and no word of it in the log.
        book = open_workbook(file_contents=content, formatting_info=True, ragged_rows=True, logfile=io.StringIO())
        chosen = book.sheet_by_name(sheet) if sheet else book.sheet_by_index(0)
        rows = _table(
            (number, [_old_value(book, cell, number) for cell in row])
            for number, row in enumerate(chosen.get_rows(), 1)
        )
    except (*_BROKEN, XLRDError, CompDocError, FormulaError) as error:
        raise Unreadable from error
    return book.sheet_names(), rows


def _check_size(content):
    """Raise TooLarge where the parts of a zip say to be more than the memory takes; nothing more is read of them."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        if sum(part.file_size for part in archive.infolist()) > _MOST_UNPACKED:
            raise TooLarge


def _table(rows):
    """Return those of `rows`, (number, cells), that are not blank, all as long as the longest up to its last text."""
    kept, width = [], 0
    for number, cells in rows:
        while cells and not str(cells[-1]).strip():
            cells.pop()
        if cells:
            kept.append((number, cells))
            width = max(width, len(cells))
        if number > _MOST_ROWS or len(kept) * width > _MOST_CELLS:
            raise TooLarge
    return [(number, cells + [""] * (width - len(cells))) for number, cells in kept]


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
    """Return a number as text, all its digits, with the zeros that the format `shown` puts in front of it."""
    text = f"{Decimal(repr(value)):f}".removesuffix(".0") if isinstance(value, float) else str(value)
    return text.zfill(len(shown)) if text.isdecimal() and _ZEROS.fullmatch(shown) else text


def _rows(part, sheet, names):
    """Yield (number, cells) of the rows that are not blank of `sheet`, of the first one else; put all sheets' names in `names`."""
    number, tags = 0, (f"{_TABLE}table", f"{_TABLE}table-row")
    for event, element in etree.iterparse(part, ("start", "end"), tag=tags, resolve_entities=False, no_network=True):
        if element.tag == tags[0]:
            if event == "start":
                names.append(element.get(f"{_TABLE}name"))
        elif event == "end":
            if names and names[-1] == (sheet or names[0]):
                cells, times = _cells(element, number + 1), _times(element, "rows")
                if cells:
                    yield from ((number + each, cells) for each in range(1, times + 1))
                number += times
            element.clear()


def _cells(row, number):
    """Return the texts of row no. `number` up to the last one that is not blank."""
    cells, blanks = [], 0
    # What a merged cell covers has its place, too.
    for cell in row.iterchildren(f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
        times = _times(cell, "columns")
        if shown := _shown(cell):
            if cell.get(f"{_TABLE}formula") and _FAILED.fullmatch(shown):
                raise FormulaFailed(number, shown)
            if len(cells) + blanks + times > _MOST_CELLS:
                raise TooLarge
            cells += [""] * blanks + [shown] * times
            blanks = 0
        else:
            blanks += times
    return cells


def _times(element, kind):
    return max(1, int(element.get(f"{_TABLE}number-{kind}-repeated") or 1))


def _shown(cell):
    text = "\n".join(map(_text, cell.iterchildren(f"{_TEXT}p")))
    kind = cell.get(f"{_OFFICE}value-type")
    if kind in _NUMBERS and not _FAILED.fullmatch(text):
        return _number(cell.get(f"{_OFFICE}value"), text)
    if kind == "date":
        return cell.get(f"{_OFFICE}date-value", "").replace("T", " ")
    if kind == "boolean":
        return str(cell.get(f"{_OFFICE}boolean-value") == "true")
    return text if text.strip() else ""


def _number(value, text):
    """Return a number without the signs of any language, with the zeros that its format puts in front of it."""
    number = float(value)
    return text if text.isdecimal() and float(text) == number else _as_shown(number, "")


def _text(element):
    """Return the text of a paragraph, that of links and fields in it, too, and not that of comments."""
    parts = [element.text or ""]
    for child in element:
        if child.tag == f"{_TEXT}s":
            parts.append(" " * min(int(child.get(f"{_TEXT}c") or 1), _MOST_BLANKS))
        elif child.tag in _BLANKS:
            parts.append(_BLANKS[child.tag])
        # A comment of the markup has no name.
        elif isinstance(child.tag, str) and child.tag not in _BESIDE:
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
