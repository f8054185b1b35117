"""Which rows of a text the rows of a table are: Odoo's reader leaves blank ones out, people count them."""

import csv
import io


def row_numbers(content, options, count):
    """Return the numbers, from 1, of the `count` rows of the file `content` that are not blank.

    `options` are those of Odoo's reader after reading. Where the file cannot be told, none is taken for blank.
    """
    try:
        text = content.decode(options["encoding"])
        rows = csv.reader(io.StringIO(text), quotechar=options["quoting"], delimiter=options["separator"] or ",")
        numbers = [number for number, cells in enumerate(rows, start=1) if any(cell.strip() for cell in cells)]
    except (LookupError, ValueError, csv.Error):
        numbers = []
    return numbers if len(numbers) == count else range(1, count + 1)
