"""What the rows of a table say of procedures and their documents; knows nothing of what is stored."""

import re
from dataclasses import dataclass, field

from .catalogue_sheet import (
    MOST_ABOVE,
    column_words,
    find_headings,
    folded,
    lost_words,
    read_lines,
    read_pairs,
    tidy,
    unquoted,
)

_YES = {"x", "1", "true", "yes", "có", "co"}
_NO = {"0", "false", "no", "không", "khong", "-"}
_NEEDED = ("procedure_code", "procedure_name", "document_name")
# What an encoding without Vietnamese letters leaves of them: a question may end a name, and an address goes on behind it.
_LOST_LETTERS = re.compile(r"\w\?\w|\ufffd")
# A national code has six decimals: taken for a number it loses its last zeros, or (where "." parts thousands) its point.
_SHORT_CODE = re.compile(r"(\d)[.,](\d{1,6})")
_LONG_CODE = re.compile(r"(\d)\.?(\d{3})\.?(\d{3})")
# With fewer decimals it is more likely a code of the office's own.
_LOOKS_LIKE_NUMBER = re.compile(r"\d[.,]\d{4,5}|\d,\d{6}|\d{7}|\d\.\d{3}\.\d{3}")


@dataclass(frozen=True)
class Part:
    """A field, agency or result that the table names, with where it does so first; `name` may be empty."""

    code: str
    name: str
    row: int
    column: str


@dataclass
class DocumentRow:
    """A required document of the table; `required` and `reusable` may be None: not said. `codes` hold `substitutes`."""

    row: int
    code: str
    name: str
    form_name: str
    form_url: str
    required: bool | None
    reusable: bool | None
    codes: list[Part] = field(default_factory=list)
    substitutes: list[Part] = field(default_factory=list)
    circumstances: list[str] = field(default_factory=list)

    @property
    def key(self):
        """By which a document is known within its procedure."""
        return (self.code, folded(self.name))

    def add(self, other):
        """Take over what `other`, a row of the same document, says beyond this one."""
        self.form_name = self.form_name or other.form_name
        self.form_url = self.form_url or other.form_url
        self.required = other.required if self.required is None else self.required
        self.reusable = other.reusable if self.reusable is None else self.reusable
        self.codes += other.codes
        self.substitutes += other.substitutes
        self.circumstances += [name for name in other.circumstances if name not in self.circumstances]


@dataclass
class ProcedureRow:
    """A procedure of the table, of all its rows; `row` is the first, `circumstances` those of rows without a document."""

    row: int
    code: str
    name: str = ""
    sector: Part | None = None
    agencies: list[Part] = field(default_factory=list)
    results: list[Part] = field(default_factory=list)
    circumstances: list[str] = field(default_factory=list)
    documents: list[DocumentRow] = field(default_factory=list)


def read_cells(env, table, headings):
    """Return ([(row, {column: text})], faults in words) of `table`, [(row, cells)].

    `headings` are all that a column may be called: {heading: column}.
    """
    start, places = find_headings(table, headings, _NEEDED)
    words = column_words(env)
    if lacking := [name for name in _NEEDED if name not in places]:
        above = (str(cell) for _row, cells in table[:MOST_ABOVE] for cell in cells)
        if lost := next(filter(_LOST_LETTERS.search, above), None):
            return [], [lost_words(env, lost)]
        return [], [
            env._("The column “%s” is missing. Take the template, or an export, and fill that in.", words[name])
            for name in lacking
        ]
    rows = []
    for number, cells in table[start + 1 :]:
        values = {name: unquoted(cells[place]) if place < len(cells) else "" for name, place in places.items()}
        if any(values.values()):
            rows.append((number, values))
    names = (values[name] for _row, values in rows for name in _NEEDED)
    if lost := next(filter(_LOST_LETTERS.search, names), None):
        return rows, [lost_words(env, lost)]
    return rows, [] if rows else [env._("The table has headings only, and no row below them.")]


def full_code(code):
    """Return the national code with six decimals that `code` may have been before a spreadsheet made it a number."""
    if match := _LONG_CODE.fullmatch(code):
        return "{}.{}{}".format(*match.groups())
    match = _SHORT_CODE.fullmatch(code)
    return f"{match[1]}.{match[2]:0<6}" if match else code


def read_rows(env, rows, stored):
    """Return ({code: ProcedureRow}, faults in words) of `rows`, of `read_cells`; `stored` are the codes that are known."""
    procedures, faults, words = {}, [], column_words(env)
    for number, values in rows:
        for column, fault in _read_row(env, number, values, procedures, stored):
            faults.append(put_fault(env, words, number, column, fault))
    for procedure in procedures.values():
        if not procedure.name:
            fault = env._("the name of the procedure %(code)s is missing.", code=procedure.code)
            faults.append(put_fault(env, words, procedure.row, "procedure_name", fault))
    return procedures, faults


def put_fault(env, words, row, column, fault):
    """Return `fault` in words with where it is; `words` are {column: heading}."""
    return env._("Row %(row)s, “%(column)s”: %(fault)s", row=row, column=words[column], fault=fault)


def _read_row(env, number, values, procedures, stored):
    """Add one row to `procedures`; return what is wrong with it, as (column, words)."""
    written = values["procedure_code"]
    code = full_code(written) if written not in stored and full_code(written) in stored else written
    if not code:
        return [
            ("procedure_code", env._("the procedure code is missing. Each row needs it, also where cells are merged."))
        ]
    if code not in stored and _LOOKS_LIKE_NUMBER.fullmatch(code):
        fault = env._(
            "“%(code)s” is no procedure code. The spreadsheet took the code for a number and changed it; it may have "
            "been %(full)s. Format the column as text and write the code again.",
            code=code,
            full=full_code(code),
        )
        return [("procedure_code", fault)]
    procedure = procedures.setdefault(code, ProcedureRow(number, code))
    faults = _read_procedure(env, number, values, procedure)
    flags = {}
    for name in ("required", "reusable"):
        word = values.get(name, "")
        flags[name] = _flag(word)
        if flags[name] is None and word:
            faults.append((name, env._("“%(value)s” is neither yes (x) nor no (-).", value=word)))
    circumstances = read_lines(values.get("circumstances", ""))
    if not values["document_name"]:
        procedure.circumstances += circumstances
    else:
        substitutes = _parts(number, values, "substitute_codes")
        procedure.documents.append(
            DocumentRow(
                number,
                values.get("document_code", ""),
                values["document_name"],
                values.get("form_name", ""),
                values.get("form_url", ""),
                flags["required"],
                flags["reusable"],
                _parts(number, values, "result_codes") + substitutes,
                substitutes,
                circumstances,
            )
        )
    return faults


def _read_procedure(env, number, values, procedure):
    """Add what a row says of `procedure` itself; return where it contradicts, as (column, words)."""
    faults = []
    name, sectors = values["procedure_name"], _parts(number, values, "sector")
    if name and procedure.name and tidy(name) != tidy(procedure.name):
        faults.append(
            (
                "procedure_name",
                env._(
                    "the procedure %(code)s has another name in row %(row)s: “%(name)s”.",
                    code=procedure.code, row=procedure.row, name=procedure.name,
                ),
            )
        )  # fmt: skip
    procedure.name = procedure.name or name
    for sector in sectors:
        procedure.sector = procedure.sector or sector
        if sector.code != procedure.sector.code:
            faults.append(
                (
                    "sector",
                    env._(
                        "a procedure has one field, but %(code)s has %(one)s and %(other)s.",
                        code=procedure.code, one=procedure.sector.code, other=sector.code,
                    ),
                )
            )  # fmt: skip
    procedure.agencies += _parts(number, values, "agencies")
    procedure.results += _parts(number, values, "results_issued")
    return faults


def _parts(number, values, column):
    return [Part(code, name, number, column) for code, name in read_pairs(values.get(column, ""))]


def _flag(word):
    return True if folded(word) in _YES else False if folded(word) in _NO else None
