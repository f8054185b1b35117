from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ..case.kho_dl_case_dates import ASKED_FOR_MORE
from .kho_dl_citizen import Download, FileLine

_lt = LazyTranslate(__name__)

ORDERS = {"newest": _lt("Newest first"), "due": _lt("Due first"), "number": _lt("By number")}
_SORTS = {"newest": "date_submitted desc, id desc", "due": "date_due, id", "number": "name, id"}
THERE, UNDER_CHECK, FETCHING, _CLOSED, _OPTIONAL = "attached", "other_number", "fetching", "closed", "optional"
DOCUMENT_WORDS = {
    THERE: _lt("There"),
    UNDER_CHECK: _lt("The office is checking it"),
    FETCHING: _lt("On its way from another office"),
    "not_asked": _lt("Missing: not looked for yet"),
    "fetchable": _lt("Missing: the office can fetch it"),
    "failed": _lt("Missing: could not be looked for yet"),
    "none": _lt("Missing: please hand it in"),
    "no_file": _lt("Missing: please hand it in"),
    "hand_in": _lt("Missing: please hand it in"),
    _OPTIONAL: _lt("Not there: not everybody needs it"),
    _CLOSED: _lt("Was not handed in"),
}
# Steps of a case that have a date.
_STEPS = {
    "date_submitted": _lt("Submitted"),
    "date_received": _lt("Received by the office"),
    "handed_over_on": _lt("Handed over to the office that decides"),
    "supplement_on": _lt("More documents asked for"),
    "date_finished": _lt("Processed"),
    "date_returned": _lt("Result returned"),
    "date_stopped": _lt("Ended without a result"),
}
_NOT_AWAITED = (THERE, UNDER_CHECK, FETCHING, _OPTIONAL, _CLOSED)
_MOST_CHARACTERS = 64


class CaseLine(NamedTuple):
    """A case in the citizen's list, in words; `business` is the name of the one that applied, "" for the citizen."""

    id: int
    number: str
    procedure: str
    office: str
    state: str
    submitted_on: str
    due_on: str
    is_asked_for_more: bool
    business: str = ""


class DocumentLine(NamedTuple):
    """A document that a case asks for: in words how it stands and where it came from, and its [FileLine]."""

    name: str
    is_there: bool
    is_awaited: bool
    state: str
    origin: str
    files: list


class CasePage(NamedTuple):
    """All that the citizen is told of a case: its `CaseLine`, [(step, moment)], [DocumentLine], [PaperLine] of its results.

    `asked_on` is the moment since which the documents with the names `awaited` are asked for, `withdrawn_on` that of the
    consent, where none was given since; in words, "" for none.
    """

    line: CaseLine
    steps: list
    asked_on: str
    awaited: list
    documents: list
    results: list
    has_consent: bool
    withdrawn_on: str
    is_open: bool


class KhoDLCitizen(models.AbstractModel):
    """The cases that are the citizen's."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _case_count(self, search=""):
        # sudo: a citizen reads no records; these are the own ones.
        return self.env["kho.dl.case"].sudo().search_count(self._cases_domain(search))

    @api.model
    def _cases_domain(self, search):
        number = self._typed(search).strip()[:_MOST_CHARACTERS]
        return self._own_domain() & (Domain("name", "ilike", number) if number else Domain.TRUE)

    @api.model
    def _cases(self, search="", order="newest", offset=0, limit=None):
        """Return [CaseLine] of the citizen's cases whose number holds `search`; `order` is a key of ORDERS."""
        sort = _SORTS.get(order, _SORTS["newest"])
        # sudo: as above.
        cases = self.env["kho.dl.case"].sudo()
        cases = cases.search(self._cases_domain(search), order=sort, offset=offset, limit=limit)
        return [self._case_line(case) for case in cases]

    @api.model
    def _case_line(self, case):
        return CaseLine(
            case.id,
            case.name,
            case.procedure_id.name,
            self._office_words(case),
            self._label(case, "state"),
            self._moment(case.date_submitted),
            # Of what has ended nothing is due.
            self._moment(case.date_due) if case.is_open else "",
            case.state == ASKED_FOR_MORE,
            case.owner_id.name if case.owner_id != self._contact() else "",
        )

    @api.model
    def _office_words(self, case):
        """Return whose the case is, and where the citizen handed it in where that is another office."""
        if not case._is_received_elsewhere():
            return case.company_id.name
        return self.env._(
            "%(office)s (handed in at %(receiving)s)",
            office=case.company_id.name,
            receiving=case.receiving_company_id.name,
        )

    @api.model
    def _own_case(self, case_id):
        """Return the case as superuser, with the citizen as user; empty where it is not the citizen's."""
        # sudo: as above.
        return self.env["kho.dl.case"].sudo().search(self._own_domain() & Domain("id", "=", case_id))

    @api.model
    def _case_page(self, case_id):
        """Return the `CasePage` of a case, or None where that is not the citizen's."""
        case = self._own_case(case_id)
        if not case:
            return None
        documents = [self._document_line(document) for document in case.document_ids]
        is_asked = case.state == ASKED_FOR_MORE
        results = case.paper_ids.search(self._own_papers_domain() & Domain("case_id", "=", case.id))
        return CasePage(
            line=self._case_line(case),
            steps=self._steps_taken(case),
            asked_on=self._moment(case.supplement_on) if is_asked else "",
            awaited=self._open_documents(case).mapped("name") if is_asked else [],
            documents=documents,
            results=self._paper_lines(results),
            has_consent=case.has_consent,
            withdrawn_on="" if case.has_consent else self._moment(case.consent_withdrawn_on),
            is_open=case.is_open,
        )

    @api.model
    def _steps_taken(self, case):
        """Return [(step in words, moment in words)] as they came: some offices receive a case before it is handed over."""
        names = sorted(filter(lambda name: case[name], _STEPS), key=lambda name: case[name])
        return [(self.env._(_STEPS[name]), self._moment(case[name])) for name in names]

    @api.model
    def _document_line(self, document):
        # For all documents of the case at once.
        document.case_id.document_ids.attachment_ids.fetch(["name", "file_size"])
        own = self._own_files(document)
        state = document.status
        if document._is_settled():
            # What may be another person's is not even named.
            state = THERE if set(own) == set(document.attachment_ids) else UNDER_CHECK
        elif state != FETCHING and not document.is_case_open:
            state = _CLOSED
        elif state != FETCHING and not document.required:
            state = _OPTIONAL
        return DocumentLine(
            document.name,
            state == THERE,
            state not in _NOT_AWAITED,
            self.env._(DOCUMENT_WORDS[state]),
            self._origin_words(document) if state == THERE else "",
            [FileLine(file.id, file.name, file.file_size) for file in own],
        )

    @api.model
    def _own_files(self, document):
        """Return the files of `document` that are the citizen's beyond doubt.

        What came for another number or applicant, names somebody else, or nobody has looked at may be another person's.
        """
        checks = document.check_ids
        doubtful = checks._of_another_person() | checks.filtered(lambda check: check.identity_state == "mismatch")
        return document._ordered_files() & (checks - doubtful).attachment_id

    @api.model
    def _origin_words(self, document):
        if document.source == "national":
            return self.env._("From the national store, issued by %(agency)s", agency=document.provenance_agency or "?")
        if document.source == "local":
            return self.env._("From our own store")
        return self.env._("Handed in with the application")

    @api.model
    def _case_download(self, case_id, file_id):
        """Return the `Download` of a file on an own case, or None where it is not the citizen's."""
        documents = self._own_case(case_id).document_ids
        files = self.env["ir.attachment"].sudo().union(*(self._own_files(document) for document in documents))
        file = files.filtered(lambda file: file.id == file_id)
        return Download(file.id, file.name, file.mimetype, file.file_size) if file else None
