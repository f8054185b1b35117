"""What the agency is measured on (wire §8): each fact of a case and each indicator is said here, and nowhere else.

The table of facts and its triggers, the figures, the list of cases with its reasons and the spreadsheet are made of it.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from odoo import fields
from odoo.tools import SQL

from ...protocol import channels
from ..case.paper_states import COUNTED, sql_condition

COUNTS, NOT_MEASURED, NOT_DEFINED = "counts", "not_measured", "not_defined"
# A case that one office received and another one decides counts once: what was done as it was received counts for the
# first, what became of it for the second.
RECEIVING, DECIDING = "receiving", "deciding"
# Each with its source, which stands beside every figure.
DEFINITIONS = [
    ("2024", "2024: Decision 766/QĐ-TTg"),
    ("2026", "2026: a detail sheet as one vendor transcribed it, not the decision itself"),
]
_OLD, _NEW = (code for code, _source in DEFINITIONS)


class Fact(NamedTuple):
    """Whether a case has a row of `table` that is as `where` says, SQL; of documents only those with a file count."""

    name: str
    table: str
    where: str
    help: str


class CaseFact(NamedTuple):
    """What of the case itself an indicator needs: `sql` over `job`, its row, of the type `column`; `sources` are its fields."""

    name: str
    column: str
    sql: str
    sources: tuple[str, ...]
    help: str


_DOCUMENT, _PAPER, _MESSAGE = "kho_dl_case_document", "kho_dl_paper", "kho_dl_outbox"
_TOLD = "kind = 'case' AND state = 'accepted' AND has_links"
# A paper in the store has its files (`kho.dl.paper.action_enter`), also when it was replaced or revoked later: the case did
# end with an electronic result.
FACTS = (
    Fact("has_result", _PAPER, sql_condition(COUNTED), "A paper of the case is or was in our store."),
    Fact("has_file", _DOCUMENT, "source IS NOT NULL", "A required document has a file."),
    Fact("has_upload", _DOCUMENT, "source = 'upload'", "A document was handed in."),
    Fact("has_reuse", _DOCUMENT, "source <> 'upload'", "A document came from our own store or the national one."),
    Fact("has_national", _DOCUMENT, "source = 'national'", "A document came from the national store."),
    Fact("is_synchronised", _MESSAGE, "kind = 'case' AND state = 'accepted'", "The portal accepted the case."),
    Fact("is_told", _MESSAGE, _TOLD, "The portal accepted the case with a link to a result."),
)
_DUE = "job.date_due + make_interval(secs => COALESCE(job.supplement_seconds, 0))"
_AT_COUNTER = ", ".join(f"'{channel}'" for channel in sorted(channels.WITH_OFFICER))
CASE_FACTS = (
    CaseFact(
        "received_on",
        "timestamp",
        "job.date_received",
        ("date_received",),
        "When the case was received: the order of the list of cases, without a look at each.",
    ),
    CaseFact(
        "is_account_verified",
        "boolean",
        "job.is_account_verified IS TRUE",
        ("is_account_verified",),
        "Submitted by an account that VNeID verified.",
    ),
    CaseFact(
        "is_at_counter",
        "boolean",
        f"job.channel IN ({_AT_COUNTER})",
        ("channel",),
        "An officer received the documents.",
    ),
    CaseFact(
        "due_on",
        "timestamp",
        # While more documents are asked for the clock stands.
        # What was late before stays late.
        f"CASE WHEN job.supplement_on <= {_DUE} THEN 'infinity' ELSE {_DUE} END",
        ("date_due", "supplement_on", "supplement_seconds"),
        "When the result is due, later by the time in which more documents were asked for.",
    ),
    CaseFact(
        "ended_on",
        "timestamp",
        # One that was taken up again ends when it ends again.
        """CASE WHEN job.is_reopened THEN job.date_closed_again
                ELSE COALESCE(job.date_finished, job.date_returned, job.date_stopped) END""",
        ("is_reopened", "date_closed_again", "date_finished", "date_returned", "date_stopped"),
        "When the case ended.",
    ),
    CaseFact(
        "is_asked_twice",
        "boolean",
        "COALESCE(job.supplement_count, 0) > 1",
        ("supplement_count",),
        "More documents were asked for more than once.",
    ),
)
# Of a case without an end the end of the period counts, or now, before that.
_END = """COALESCE(fact.ended_on, LEAST(now() AT TIME ZONE 'UTC',
    period.ends_on AT TIME ZONE 'Asia/Ho_Chi_Minh' AT TIME ZONE 'UTC'))"""
DOCUMENT_FACTS = tuple(fact for fact in FACTS if fact.table == _DOCUMENT)
# What a case has once a file of the national store has come.
FETCHED = ("has_file", "has_reuse", "has_national")


@dataclass(frozen=True)
class Indicator:
    """One indicator: what it asks for and what counts, SQL over `fact`, `period`, `procedure` and `company`.

    `field` of `kho.dl.indicator.case` says it of each case, under `title`. `reasons` are (state, words, SQL) of what a case
    lacks that does not count; the first one that holds is told. `asks`, with the words for who is not asked, leaves
    procedures out. `definitions` are those that have it; without `has_points` only its share is measured. `office` is whose
    figure it is, where one office received the case and another one decides about it.
    """

    code: str
    name: str
    field: str
    title: str
    counts: str
    reasons: tuple[tuple[str, str, str], ...]
    asks: tuple[str, str] | None = None
    definitions: tuple[str, ...] = (_OLD, _NEW)
    has_points: bool = True
    office: str = DECIDING

    @property
    def selection(self):
        """The values of `field` with their words."""
        unasked = [(NOT_MEASURED, self.asks[1])] if self.asks else []
        elsewhere = [] if self.is_always_defined else [(NOT_DEFINED, "Not in the definition of this agency")]
        return [(COUNTS, "Counts"), *((state, words) for state, words, _when in self.reasons), *unasked, *elsewhere]

    @property
    def is_always_defined(self):
        """Whether all definitions have it."""
        return len(self.definitions) == len(DEFINITIONS)

    @property
    def defined(self):
        """SQL: whether the definition of `company` has it."""
        if self.is_always_defined:
            return "TRUE"
        return "({} IN ({}))".format(DEFINITION, ", ".join(f"'{one}'" for one in self.definitions))

    @property
    def asked(self):
        """SQL: whether it asks for the cases of `procedure`."""
        return self.asks[0] if self.asks else "TRUE"

    @property
    def state(self):
        """SQL: the value of `field`."""
        reasons = " ".join(f"WHEN {when} THEN '{state}'" for state, _words, when in self.reasons)
        undefined = "" if self.is_always_defined else f"WHEN NOT {self.defined} THEN '{NOT_DEFINED}'"
        return f"CASE {undefined} WHEN NOT {self.asked} THEN '{NOT_MEASURED}' WHEN {self.counts} THEN '{COUNTS}' {reasons} END"


# SQL: the definition that `company` has chosen.
DEFINITION = f"COALESCE(company.kho_dl_indicator_definition, '{_OLD}')"
_NO_RESULT, _NO_FILE = "NOT fact.has_result", "NOT fact.has_file"
INDICATORS = (
    Indicator(
        "1.4",
        "1.4 Cases synchronised",
        "sync_state",
        "1.4 Synchronised",
        counts="fact.is_synchronised",
        reasons=(("not_sent", "The portal has not accepted the case", "NOT fact.is_synchronised"),),
        definitions=(_NEW,),
        has_points=False,
    ),
    Indicator(
        "2.1",
        "2.1 Cases on time",
        "time_state",
        "2.1 On time",
        counts=f"(fact.due_on IS NOT NULL AND NOT fact.is_asked_twice AND {_END} <= fact.due_on)",
        reasons=(
            ("no_due", "No date on which the result is due", "fact.due_on IS NULL"),
            ("asked_twice", "More documents asked for more than once", "fact.is_asked_twice"),
            ("late", "Late", "TRUE"),
        ),
        definitions=(_NEW,),
        has_points=False,
    ),
    Indicator(
        "4.1",
        "4.1 Electronic result attached",
        "result_state",
        "4.1 Electronic result",
        counts="fact.has_result",
        reasons=(("no_result", "No electronic result", _NO_RESULT),),
        # A result that is no longer in the catalogue is none, as on the case itself (`awaits_result`).
        asks=(
            """EXISTS (SELECT FROM kho_dl_procedure_kho_dl_result_code_rel result
                         JOIN kho_dl_result_code code ON code.id = result.kho_dl_result_code_id AND code.active
                        WHERE result.kho_dl_procedure_id = procedure.id)""",
            "Not asked: returns no paper",
        ),
    ),
    Indicator(
        "4.2",
        "4.2 Documents and result digitised",
        "digitised_state",
        "4.2 Documents and result",
        counts="(fact.has_result AND fact.has_file)",
        reasons=(
            ("nothing", "No document file, no electronic result", f"({_NO_FILE} AND {_NO_RESULT})"),
            ("no_result", "No electronic result", _NO_RESULT),
            ("no_file", "No document file", _NO_FILE),
        ),
    ),
    Indicator(
        "4.3",
        "4.3 Digitised data reused",
        "reuse_state",
        "4.3 Reused data",
        counts="fact.has_reuse",
        reasons=(
            ("no_file", "No document file", _NO_FILE),
            ("not_reused", "Nothing reused", "NOT fact.has_reuse"),
        ),
        definitions=(_OLD,),
        office=RECEIVING,
    ),
    Indicator(
        "4.3-2026",
        "4.3 Documents digitised",
        "scanned_state",
        "4.3 Digitised documents",
        # HoSoCoThanhPhanSoHoa: a document that an officer made from paper.
        counts="(fact.has_upload AND fact.is_at_counter)",
        reasons=(
            ("no_file", "No document handed in", "NOT fact.has_upload"),
            ("online", "Handed in online, not digitised by an officer", "NOT fact.is_at_counter"),
        ),
        definitions=(_NEW,),
        office=RECEIVING,
    ),
    Indicator(
        "4.4",
        "4.4 National store used or synchronised",
        "national_state",
        "4.4 National store",
        counts="(fact.has_national OR fact.is_told)",
        reasons=(
            ("no_result", "Nothing from the national store, no result", _NO_RESULT),
            (
                "no_address",
                "Nothing from the national store, no address for links",
                "COALESCE(company.kho_dl_own_providerurl, '') = ''",
            ),
            ("not_told", "Nothing from the national store, links not synchronised", "NOT fact.is_told"),
        ),
    ),
    Indicator(
        "4.5",
        "4.5 Population data used",
        "population_state",
        "4.5 Population data",
        # Of the three that count this system tells the portal two: it asks no population database.
        counts="(fact.has_national OR fact.is_account_verified)",
        reasons=(("not_used", "Nothing from the national store, no account verified by VNeID", "TRUE"),),
        definitions=(_NEW,),
        office=RECEIVING,
    ),
)


def period_of_fact(context):
    """Return the SQL of `period`, which goes behind `fact`: the first moment after the period that is measured.

    It is the month of the fact; where a caller has asked for more, up to the day before `kho_dl_period_ends_on`.
    """
    until = date.min
    # What is no day, or not written as one, asks for nothing more.
    with suppress(TypeError, ValueError):
        until = fields.Date.to_date(context.get("kho_dl_period_ends_on")) or until
    return SQL("CROSS JOIN LATERAL (SELECT GREATEST(fact.month + interval '1 month', %s)) AS period(ends_on)", until)


# What all this is made of: changes that are still in memory must reach the triggers before anybody counts.
SOURCES = {
    "kho.dl.case": [
        *("company_id", "receiving_company_id", "handed_over_on", "procedure_id", "date_received"),
        *dict.fromkeys(name for fact in CASE_FACTS for name in fact.sources),
    ],
    "kho.dl.case.document": ["case_id", "source", "attachment_ids"],
    "kho.dl.paper": ["case_id", "state"],
    "kho.dl.outbox": ["case_id", "kind", "state", "has_links"],
    "kho.dl.retrieval": ["case_id", "company_id", "held_by_id", "state", "closed_on"],
    "kho.dl.procedure": ["sector_id", "result_code_ids", "present_agency_ids"],
    "kho.dl.result.code": ["active"],
    "res.company": ["kho_dl_own_providerurl", "kho_dl_indicator_definition"],
}
