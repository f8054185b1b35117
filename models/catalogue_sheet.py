"""The catalogue as a table: one row a required document, for those who have it in a spreadsheet only."""

import io
from dataclasses import dataclass, field

import xlsxwriter

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
    "required",
    "reusable",
    "result_codes",
)
_WIDTHS = {"procedure_name": 60, "document_name": 60, "results_issued": 40, "result_codes": 40, "agencies": 40}
_YES = {"x", "1", "true", "yes", "có", "co"}
_NO = {"0", "false", "no", "không", "khong", "-"}


@dataclass
class DocumentRow:
    """A required document of the table; `codes` are pairs of result code and name, `required` may be None: not said."""

    row: int
    code: str
    name: str
    form_name: str
    required: bool | None
    reusable: bool | None
    codes: list
    circumstances: list = field(default_factory=list)


@dataclass
class ProcedureRow:
    """A procedure of the table; `sector`, `agencies` and `results` are pairs of code and name, None for not said."""

    row: int
    code: str
    name: str
    sector: tuple | None
    agencies: list
    results: list
    documents: dict = field(default_factory=dict)


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
        "required": env._("Required (x)"),
        "reusable": env._("Can be reused (x)"),
        "result_codes": env._("Accepted results (code, then name; one a line)"),
    }


def catalogue_sheet(headings, rows):
    """Return `rows`, each a dict by column, under `headings`, by column, as the bytes of an XLSX file."""
    content = io.BytesIO()
    # Names come from a catalogue that others write: text is written as text, never as a formula or a link.
    with xlsxwriter.Workbook(content, {"in_memory": True}) as workbook:
        sheet = workbook.add_worksheet()
        bold = workbook.add_format({"bold": True, "text_wrap": True})
        wrapped = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        for column, name in enumerate(COLUMNS):
            sheet.set_column(column, column, _WIDTHS.get(name, 18), wrapped)
            sheet.write_string(0, column, headings[name], bold)
        sheet.freeze_panes(1, 2)
        for number, row in enumerate(rows, start=1):
            for column, name in enumerate(COLUMNS):
                if row.get(name):
                    sheet.write_string(number, column, row[name], wrapped)
    return content.getvalue()


def read_rows(env, table, headings):
    """Return ({code: ProcedureRow}, faults in words) of `table`, rows of texts with the headings first.

    `headings` are all that a column may be called: {heading: column}.
    """
    places = {
        headings[_plain(cell)]: place
        for place, cell in enumerate(table[0] if table else [])
        if _plain(cell) in headings
    }
    lacking = [name for name in ("procedure_code", "procedure_name", "document_name") if name not in places]
    if lacking:
        words = column_words(env)
        return {}, [
            env._("The column “%s” is missing. Take the template, or an export, and fill that in.", words[name])
            for name in lacking
        ]
    procedures, faults = {}, []
    for number, cells in enumerate(table[1:], start=2):
        values = {name: str(cells[place]).strip() if place < len(cells) else "" for name, place in places.items()}
        if any(values.values()):
            faults += _read_row(env, number, values, procedures)
    return procedures, faults


def _read_row(env, number, values, procedures):
    """Add one row to `procedures`; return what is wrong with it, in words."""

    def get(name):
        return values.get(name, "")

    code = get("procedure_code")
    if not code:
        return [env._("Row %(row)s: the procedure code is missing.", row=number)]
    procedure = procedures.get(code)
    if procedure is None:
        if not get("procedure_name"):
            return [env._("Row %(row)s: the name of the procedure %(code)s is missing.", row=number, code=code)]
        sector = _pairs(get("sector"))[:1]
        procedure = procedures[code] = ProcedureRow(
            number,
            code,
            get("procedure_name"),
            sector[0] if sector else None,
            _pairs(get("agencies")),
            _pairs(get("results_issued")),
        )
    faults = []
    flags = {}
    for name in ("required", "reusable"):
        flags[name] = _flag(get(name))
        if flags[name] is None and get(name):
            faults.append(env._("Row %(row)s: “%(value)s” is neither yes (x) nor no (-).", row=number, value=get(name)))
    name, circumstances = get("document_name"), get("circumstances").splitlines()
    if name and not faults:
        key = get("document_code") or _plain(name)
        document = procedure.documents.get(key)
        if document and document.name != name:
            return [
                env._(
                    "Row %(row)s: the document code %(code)s stands in row %(other)s with another name.",
                    row=number, code=key, other=document.row,
                )
            ]  # fmt: skip
        if not document:
            document = procedure.documents[key] = DocumentRow(
                number, get("document_code"), name, get("form_name"), flags["required"], flags["reusable"], []
            )
        document.codes += [pair for pair in _pairs(get("result_codes")) if pair not in document.codes]
        document.circumstances += [part.strip() for part in circumstances if part.strip()]
    return faults


def _pairs(cell):
    """Return [(code, name or "")] of a cell that holds one a line, or parted by semicolons."""
    entries = (entry.strip().partition(" ") for line in cell.splitlines() for entry in line.split(";") if entry.strip())
    return [(code, name.strip()) for code, _space, name in entries]


def _flag(word):
    return True if _plain(word) in _YES else False if _plain(word) in _NO else None


def _plain(cell):
    return " ".join(str(cell).split()).casefold()
