"""Which rows of a spreadsheet the rows of a table are: Odoo's reader leaves blank ones out, people count them."""

import csv
import io
import zipfile


def row_numbers(content, options, count):
    """Return the numbers, from 1, of the `count` rows of the file `content` that are not blank.

    `options` are those of Odoo's reader after reading. Where the file cannot be told, none is taken for blank.
    """
    # Here and below alone: it takes long to load, and few processes read a spreadsheet.
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        rows = _rows(content, options)
        numbers = [
            number
            for number, cells in enumerate(rows, start=1)
            if any(cell is not None and str(cell).strip() for cell in cells)
        ]
    except (zipfile.BadZipFile, InvalidFileException, LookupError, ValueError, csv.Error):
        numbers = []
    return numbers if len(numbers) == count else range(1, count + 1)


def _rows(content, options):
    if content.startswith(b"PK"):
        from openpyxl import load_workbook

        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        return book.worksheets[0].iter_rows(values_only=True)
    text = content.decode(options["encoding"])
    return csv.reader(io.StringIO(text), quotechar=options["quoting"], delimiter=options["separator"] or ",")
