"""What the agency is measured on (wire §8): each fact of a case and each indicator is said here, and nowhere else.

The table of facts and its triggers, the figures, the list of cases with its reasons and the spreadsheet are made of it.
"""

from dataclasses import dataclass
from typing import NamedTuple

from ..case.paper_states import COUNTED, sql_condition

COUNTS, NOT_MEASURED = "counts", "not_measured"


class Fact(NamedTuple):
    """Whether a case has a row of `table` that is as `where` says, SQL; of documents only those with a file count."""

    name: str
    table: str
    where: str
    help: str


_DOCUMENT, _PAPER, _MESSAGE = "kho_dl_case_document", "kho_dl_paper", "kho_dl_outbox"
_TOLD = "kind = 'case' AND state = 'accepted' AND has_links"
# A paper in the store has its files (`kho.dl.paper.action_enter`), also when it was replaced or revoked later: the case did
# end with an electronic result.
FACTS = (
    Fact("has_result", _PAPER, sql_condition(COUNTED), "A paper of the case is or was in our store."),
    Fact("has_file", _DOCUMENT, "source IS NOT NULL", "A required document has a file."),
    Fact("has_reuse", _DOCUMENT, "source <> 'upload'", "A document came from our own store or the national one."),
    Fact("has_national", _DOCUMENT, "source = 'national'", "A document came from the national store."),
    Fact("is_told", _MESSAGE, _TOLD, "The portal accepted the case with a link to a result."),
)
DOCUMENT_FACTS = tuple(fact for fact in FACTS if fact.table == _DOCUMENT)


@dataclass(frozen=True)
class Indicator:
    """One indicator: what it asks for and what counts, SQL over `fact`, `procedure` and `company`.

    `field` of `kho.dl.indicator.case` says it of each case, under `title`. `reasons` are (state, words, SQL) of what a case
    lacks that does not count; the first one that holds is told. `asks`, with the words for who is not asked, leaves
    procedures out.
    """

    code: str
    name: str
    field: str
    title: str
    counts: str
    reasons: tuple[tuple[str, str, str], ...]
    asks: tuple[str, str] | None = None

    @property
    def selection(self):
        """The values of `field` with their words."""
        unasked = [(NOT_MEASURED, self.asks[1])] if self.asks else []
        return [(COUNTS, "Counts"), *((state, words) for state, words, _when in self.reasons), *unasked]

    @property
    def asked(self):
        """SQL: whether it asks for the cases of `procedure`."""
        return self.asks[0] if self.asks else "TRUE"

    @property
    def state(self):
        """SQL: the value of `field`."""
        reasons = " ".join(f"WHEN {when} THEN '{state}'" for state, _words, when in self.reasons)
        return f"CASE WHEN NOT {self.asked} THEN '{NOT_MEASURED}' WHEN {self.counts} THEN '{COUNTS}' {reasons} END"


_NO_RESULT, _NO_FILE = "NOT fact.has_result", "NOT fact.has_file"
INDICATORS = (
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
)
# What all this is made of: changes that are still in memory must reach the triggers before anybody counts.
SOURCES = {
    "kho.dl.case": ["company_id", "procedure_id", "date_received"],
    "kho.dl.case.document": ["case_id", "source", "attachment_ids"],
    "kho.dl.paper": ["case_id", "state"],
    "kho.dl.outbox": ["case_id", "kind", "state", "has_links"],
    "kho.dl.procedure": ["sector_id", "result_code_ids"],
    "kho.dl.result.code": ["active"],
    "res.company": ["kho_dl_own_providerurl"],
}
