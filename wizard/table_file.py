"""A table that somebody uploads, as spreadsheets in Vietnam write it: XLSX, XLS, ODS, and CSV of any encoding and separator."""

import codecs
import csv
import unicodedata
from contextlib import suppress

from odoo.addons.base_import.models.base_import import ImportValidationError
from odoo.exceptions import UserError

from ..models.catalogue.catalogue_numbers import row_numbers
from ..models.common.base_import import sheet_words
from ..models.common.sheets import FormulaFailed, TooLarge, Unreadable, sheet_reader
from ..protocol.legacy_text import decoded

_BOMS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_SEPARATORS = (";", "\t", ",")
# So many lines of what a table brings, or of what is wrong with it, are shown.
_MOST_LINES = 200


def read_table(env, content, file_name, model, most_rows):
    """Return the table in the file `content` as [(number of the row, cells)]. Raises UserError for what is none."""
    if not content:
        raise UserError(env._("Choose the table first."))
    too_many = env._("A table has at most %s rows. Part it, and bring the parts in.", most_rows)
    try:
        read = sheet_reader(content)
        table = read(content)[1] if read else _read_text(env, content, file_name, model)
    except TooLarge as error:
        raise UserError(too_many) from error
    except FormulaFailed as error:
        raise UserError(sheet_words(env, error)) from error
    except (Unreadable, UserError, ImportValidationError, ImportError, ValueError, LookupError, csv.Error) as error:
        raise UserError(
            env._("The file cannot be read as a table, so nothing was brought in. Save it as XLSX or CSV.")
        ) from error
    if len(table) > most_rows:
        raise UserError(too_many)
    return table


def _read_text(env, content, file_name, model):
    options = {"quoting": '"', "separator": "", "encoding": ""}
    values = {"res_model": model, "file": content, "file_name": file_name}
    if text := _text(content):
        content = text.encode()
        # Also where it is called .txt, as Excel calls its "Unicode Text", or .xls, as other systems call what they bring out.
        values["file"] = content
        if file_name.lower().endswith((".txt", ".xls")):
            values["file_type"] = "text/csv"
        options.update(encoding="utf-8", separator=_separator(text))
    # Odoo's own reader: it knows CSV.
    _count, table = env["base_import.import"].create(values)._read_file(options)
    # The reader passes over blank rows, which people count.
    return list(zip(row_numbers(content, options, len(table)), table, strict=True))


def _text(content):
    """Return the characters of a CSV file; "" where that cannot be told."""
    for bom, encoding in _BOMS.items():
        if content.startswith(bom):
            with suppress(UnicodeDecodeError):
                return content.decode(encoding)
            return ""
    if text := decoded(content):
        return text
    # Names of places are not all made of Vietnamese syllables: Đắk Lắk. Signs for tones stand beside their letters.
    with suppress(UnicodeDecodeError):
        return unicodedata.normalize("NFC", content.decode("cp1258"))
    return ""


def _separator(text):
    """Return what parts the headings, "" where nothing does: the reader guesses."""
    # A title over the headings may stand alone in its line.
    first = next((line for line in text.splitlines() if any(sign in line for sign in _SEPARATORS)), "")
    found = max(_SEPARATORS, key=first.count)
    return found if found in first else ""


def first_lines(env, lines):
    """Return the first of `lines` as the text that a form shows, and how many more there are; False for none."""
    more = len(lines) - _MOST_LINES
    shown = lines[:_MOST_LINES] + ([env._("… and %s more", more)] if more > 0 else [])
    return "\n".join(shown) or False
