from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ...protocol import channels
from ..case.kho_dl_case import OPEN_STATES
from ..common.office_language import in_office_language
from .kho_dl_citizen_lookup import NOT_HAD

_IN_PROCESS = "4"
LONGEST_WORDS = 500


class SupplementPage(NamedTuple):
    """More documents that the office asks for: [DocumentWays] of exactly these; moments and days in words, "" for none.

    `asking` is an `Asking`, None where the store is not the citizen's to ask: for what was filed at the counter.
    """

    id: int
    procedure: str
    office: str
    content: str
    hand_in_by: str
    is_late: bool
    documents: list
    asking: NamedTuple
    is_under_way: bool


class KhoDLCitizen(models.AbstractModel):
    """How more documents that the office asks for are handed in: by the same ways as with an application."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _supplement_page(self, case_id):
        """Return the `SupplementPage` of an own case that waits for documents, else None."""
        case = self._open_for_papers(case_id).filtered(lambda one: not one.is_draft)
        if not case:
            return None
        asked = case._open_request()
        lookup = self._lookup_of(case) if self._is_online(case) else self.env["kho.dl.lookup"].sudo()
        day = asked.hand_in_by
        return SupplementPage(
            id=case.id,
            procedure=case.procedure_id.name,
            office=case.company_id.name,
            content=asked.content or "",
            hand_in_by=self._day(day),
            is_late=bool(day) and day < self.env["kho.dl.paper"]._today(),
            documents=self._ways(case, lookup) if lookup else self._ways_by_hand(case),
            asking=self._asking(case, lookup) if lookup else None,
            is_under_way=bool(case.fetching_count),
        )

    @api.model
    def _is_online(self, case):
        return case.channel in channels.BY_CITIZEN

    @api.model
    def _ways_by_hand(self, case):
        # Nothing was looked up: all that is left is the citizen's own.
        nothing = self.env["kho.dl.lookup.document"].sudo(), self.env["kho.dl.lookup.candidate"].sudo()
        ways = [self._document_ways(document, *nothing) for document in self._open_documents(case)]
        return [one._replace(needs_number=False) for one in ways]

    @api.model
    def _open_documents(self, case):
        return case._open_request().asked_document_ids or super()._open_documents(case)

    @api.model
    def _ask_store(self, case, is_agreed):
        if not self._is_online(case):
            return self.env._("This application was not filed online, so the office itself asks the national store.")
        return super()._ask_store(case, is_agreed)

    @api.model
    def _keep_choices(self, case, choices):
        if self._is_online(case):
            return super()._keep_choices(case, choices)
        for document in self._open_documents(case):
            if document.id in choices:
                document.is_not_had = choices[document.id] == NOT_HAD
        return self.env["kho.dl.lookup.candidate"].sudo()

    @api.model
    def _hand_in(self, case_id, words):
        """Send what was handed in for an own case that waits for it; return in words why it was not sent, or "".

        What is not there needs `words`. Sent already, nothing happens: twice is once.
        """
        case = self._open_for_papers(case_id).filtered(lambda one: not one.is_draft)
        # Who comes second begins anew, and finds it sent.
        case._hold_still()
        if not case:
            return ""
        words = self._typed(words).strip()[:LONGEST_WORDS]
        missing = self._open_documents(case).filtered(lambda one: not one._is_provided_for() and not one.is_not_had)
        if missing and not words:
            return self.env._(
                "Not sent yet. Of these documents please choose a paper, hand one in, say that you do not have it, or write "
                "in a few words why it is missing: %(names)s.",
                names=", ".join(missing.mapped("name")),
            )
        case._go_on_with(self._open_documents(case), words)
        return ""


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _open_request(self):
        """Return the `kho.dl.case.supplement` for which this case waits, if any."""
        return self.supplement_ids.filtered_domain(Domain("received_on", "=", False))

    def _go_on_with(self, documents, words):
        """Bring this case back to where it was before more `documents` were asked for, with what came of them."""
        asked, office = self._open_request(), in_office_language(self)
        there = documents.filtered(lambda one: one._is_provided_for())
        parts = [", ".join(there.mapped("name"))]
        if not_had := (documents - there).mapped("name"):
            parts.append(office.env._("Not handed in: %(names)s", names=", ".join(not_had)))
        asked.note = ". ".join(filter(None, [*parts, words]))
        self.state = asked.state_before if asked.state_before in OPEN_STATES else _IN_PROCESS
        self._tell_officer(lambda case: case.env._("The applicant handed in more documents"))
