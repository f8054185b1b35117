"""The catalogue as a table: one row a required document, for those who have it in a spreadsheet only."""

import csv
import io
import re
import unicodedata

from odoo.tools.translate import code_translations

from ..common.xlsx_report import TEXT, Sheet, workbook_of

COLUMNS = (
    "procedure_code",
    "procedure_name",
    "sector",
    "agencies",
    "results_issued",
    "circumstances",
    "document_code",
    "document_name",
    "form_name",
    "form_url",
    "required",
    "reusable",
    "result_codes",
    "substitute_codes",
)
# What people call the columns who took no template; the national portal has names of its own.
_ALSO = {
    "matthc": "procedure_code",
    "tentthc": "procedure_name",
    "magiayto": "document_code",
    "tengiayto": "document_name",
    "mã tthc": "procedure_code",
    "mã thủ tục hành chính": "procedure_code",
    "tên tthc": "procedure_name",
    "tên thủ tục hành chính": "procedure_name",
    "tên giấy tờ": "document_name",
    "tên thành phần hồ sơ": "document_name",
}
# What stands for entries that a cell has no room for.
MORE = "…"
_WIDTHS = {"procedure_name": 60, "document_name": 60, "results_issued": 40, "result_codes": 40, "agencies": 40}
# Lists that are printed have a title over their headings.
MOST_ABOVE = 20
# No spreadsheet takes more characters in a cell.
_MOST_CHARACTERS = 32_767
# A semicolon parts two entries only where a code seems to follow: names have semicolons as well.
_PARTING = re.compile(r"(?<!;);(?!;)(?=\s*\S*[\d.]|\s*$)")
# Spreadsheets calculate what begins so, an apostrophe in front makes it text; one that stands there gets another.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
# A code with a blank inside stands between quotation marks, which are doubled within.
_QUOTED_CODE = re.compile(r'"((?:[^"]|"")+)"(?:\s+|$)')
_GUARDED_FORMULA = re.compile(r"'+[=+\-@\t\r]")


def column_words(env):
    """Return {column: heading} in the language of `env`."""
    return {
        "procedure_code": env._("Procedure code"),
        "procedure_name": env._("Name of the procedure"),
        "sector": env._("Field (code, then name)"),
        "agencies": env._("Carried out by (code, then name; one a line)"),
        "results_issued": env._("Results issued (code, then name; one a line)"),
        "circumstances": env._("Circumstances (one a line; empty: always)"),
        "document_code": env._("Document code"),
        "document_name": env._("Document"),
        "form_name": env._("Name of the form"),
        "form_url": env._("Address of the form"),
        "required": env._("Required (x)"),
        "reusable": env._("Can be reused (x)"),
        "result_codes": env._("Accepted results (code, then name; one a line)"),
        "substitute_codes": env._("Of these accepted in its place (code, then name; one a line)"),
    }


def known_headings(env):
    """Return {what a heading may be, as `folded` has it: column}: English, Vietnamese, and every installed language."""
    english = column_words(env(context={**env.context, "lang": "en_US"}))
    # A table often comes from another office's Odoo, with a language that is not active here.
    vietnamese = code_translations.get_python_translations("kho_dl", "vi_VN")
    languages = [english, {name: vietnamese.get(words, words) for name, words in english.items()}]
    languages += [
        column_words(env(context={**env.context, "lang": code})) for code, _name in env["res.lang"].get_installed()
    ]
    found = {name: name for name in COLUMNS} | _ALSO
    for headings in languages:
        found.update({folded(heading): name for name, heading in headings.items()})
    return found


# -- writing ---------------------------------------------------------------------------------------


def catalogue_sheet(headings, rows):
    """Return `rows`, each a dict by column, under `headings`, by column, as the bytes of an XLSX file."""
    columns = [(headings[name], _WIDTHS.get(name, 18), TEXT) for name in COLUMNS]
    cells = [[_quoted(row[name], _GUARDED_FORMULA) if row.get(name) else None for name in COLUMNS] for row in rows]
    return workbook_of([Sheet("", columns, cells, kept_columns=2)])


def catalogue_csv(headings, rows):
    """Return the same as the bytes of a CSV file: UTF-8 that spreadsheets know by its first bytes, no formulas."""
    content = io.StringIO()
    writer = csv.writer(content, quoting=csv.QUOTE_ALL)
    writer.writerow([headings[name] for name in COLUMNS])
    writer.writerows([_quoted(row.get(name) or "", _FORMULA) for name in COLUMNS] for row in rows)
    return content.getvalue().encode("utf-8-sig")


def entry(code, name):
    """Return `code` and `name` as one entry of a cell, which `read_pairs` reads."""
    written = f'"{code.replace(chr(34), chr(34) * 2)}"' if set(code) & set(' "') else code
    return f"{written} {name}"


def entry_lines(entries):
    """Return the texts `entries` as a cell, one a line: as many as a cell has room for, then `MORE`."""
    # A semicolon of a name that would part it is doubled.
    lines = [_PARTING.sub(";;", tidy(entry)) for entry in entries]
    cell = "\n".join(lines)
    if len(cell) <= _MOST_CHARACTERS:
        return cell
    kept, room = [], _MOST_CHARACTERS - len(MORE)
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return "\n".join([*kept, MORE])


def _quoted(cell, dangerous):
    return f"'{cell}" if dangerous.match(cell) else cell


# -- reading ---------------------------------------------------------------------------------------


def find_headings(table, headings, needed):
    """Return (index of the row of headings, {column: place}): the first row that has what is `needed`, else the nearest to it.

    `table` is [(row, cells)], `headings` are all that a column may be called: {heading: column}.
    """
    found = 0, {}
    for index, (_number, cells) in enumerate(table[:MOST_ABOVE]):
        names = [folded(unquoted(cell)) for cell in cells]
        # What has to be filled in is marked: "Mã đơn vị (*)".
        names = [name if name in headings else name.strip(" *():") for name in names]
        places = {headings[name]: place for place, name in enumerate(names) if name in headings}
        if all(name in places for name in needed):
            return index, places
        if len(places) > len(found[1]):
            found = index, places
    return found


def unquoted(cell):
    """Return the text of a `cell` without the apostrophe that kept it from being calculated, and without what nobody sees."""
    text = "".join(char for char in str(cell) if unicodedata.category(char) != "Cf")
    return (text[1:] if _GUARDED_FORMULA.match(text) else text).strip()


def read_lines(cell):
    """Return the entries of a `cell` that holds one a line."""
    return [line.strip() for line in cell.splitlines() if line.strip() not in ("", MORE, "...")]


def read_pairs(cell):
    """Return [(code, name or "")] of a `cell` that holds one a line, or parted by semicolons."""
    entries = [entry for line in read_lines(cell) for entry in _PARTING.split(line) if entry.strip()]
    return [_pair(entry.replace(";;", ";").strip()) for entry in entries]


def _pair(entry):
    if quoted := _QUOTED_CODE.match(entry):
        return tidy(quoted[1].replace('""', '"')), entry[quoted.end() :].strip()
    code, *rest = entry.split(maxsplit=1)
    return code, rest[0] if rest else ""


def lost_words(env, text):
    """Return what to do about a `text` that was saved without its Vietnamese letters."""
    return env._("“%s” has lost letters. Save the table as XLSX or “CSV UTF-8”.", text)


def tidy(text):
    """Return `text`, maybe False, on one line with single blanks."""
    return " ".join(str(text or "").split())


def folded(text):
    """Return `text` as it is compared: neither case nor blanks tell."""
    return tidy(text).casefold()
