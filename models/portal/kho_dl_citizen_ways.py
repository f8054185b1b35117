from typing import NamedTuple

from odoo import api, models
from odoo.tools.translate import LazyTranslate

from ..common.office_time import moment_words
from .kho_dl_citizen import FileLine
from .kho_dl_citizen_case import DOCUMENT_WORDS, FETCHING, THERE, UNDER_CHECK
from .kho_dl_citizen_procedure import web_address

_lt = LazyTranslate(__name__)

# How a document stands while papers can be handed in: a key for templates, and its words.
_WORDS = {
    "there": DOCUMENT_WORDS[THERE],
    **{state: DOCUMENT_WORDS[state] for state in (UNDER_CHECK, FETCHING)},
    "offered": _lt("Found: please choose"),
    "not_had": _lt("You said that you do not have it"),
    "failed": _lt("Could not be asked for"),
    "none": _lt("No office has it: please hand it in"),
    "number": _lt("Please type its number"),
    "ask": _lt("Another office may have it"),
    "hand_in": _lt("Please hand it in"),
}
_KEPT_IN = {"local": _lt("In our own store"), "national": _lt("In the national store")}
_UNUSABLE = _lt("This file could not be taken. Choose another paper, hand in your own, or say that you do not have it.")
_NO_FILE = _lt("The store knows this paper but has no file of it, so it cannot be taken.")
_NO_OFFICE = _lt("It is not known which office keeps the file, so it cannot be taken from here. The clerk can.")
_IS_OVER = _lt("This paper is valid no longer, so it cannot be taken.")
# Why a file was turned away, by what went wrong; else `_UNUSABLE` says enough.
_REFUSED = {
    "file_infected": _lt("The virus scanner found something in this file."),
    "file_too_large": _lt("This file is too large."),
    "file_not_as_claimed": _lt("This file is not what its name says, or broke off on its way."),
    "file_unavailable": _lt("The office that keeps this file does not give it out at the moment."),
    "connection_broken": _lt("The connection broke off while this file was fetched."),
    "timed_out": _lt("The office that keeps this file did not answer in time."),
    "out_of_time": _lt("The office that keeps this file sends it too slowly."),
    "overdue": _lt("The office that keeps this file did not answer in time."),
    "consent_withdrawn": _lt("You withdrew your consent, so this file was not taken."),
    "case_changed": _lt("The application has changed since this paper was chosen."),
}
_OBJECTIONS = {
    "signature_broken": _lt("The signature on this file is broken: it is not what was signed."),
    "signature_revoked": _lt("The certificate that this file was signed with has been revoked."),
    "identity_mismatch": _lt("This paper names somebody else."),
    "incomplete": _lt("The file cannot be read and has no end: part of it seems to be missing."),
    "unexamined": _lt("The file was too much to look through, so nobody knows whether it is what was signed."),
}


class Candidate(NamedTuple):
    """A paper that exists already, in words; `remarks` are sentences, why it cannot be taken among them."""

    id: int
    name: str
    kept_in: str
    number: str
    agency: str
    issued_on: str
    valid_until: str
    scope: str
    file_count: int
    is_chosen: bool
    is_usable: bool
    remarks: list


class DocumentWays(NamedTuple):
    """A document with the ways to hand it in; `state` is a key of `_WORDS`, `files` the [FileLine] that are there.

    `is_chosen`: the paper on it was chosen among those that exist, and another one may take its place. `uploads` are the
    [FileLine] that the citizen may take off again.
    """

    id: int
    name: str
    is_required: bool
    form_name: str
    form_url: str
    state: str
    state_words: str
    origin: str
    files: list
    candidates: list
    needs_number: bool
    paper_number: str
    ended_words: str
    is_not_had: bool
    is_chosen: bool
    uploads: list = ()


class Asking(NamedTuple):
    """Whether the national store may and can be asked, what for, and what it said; names and moments in words."""

    can_ask: bool
    names: list
    number_names: list
    is_consent_needed: bool
    agreed_on: str
    good_until: str
    asked_on: str
    failed_names: list


class KhoDLCitizen(models.AbstractModel):
    """What a citizen is told of the documents that can be handed in, and by which ways."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _lookup_of(self, case):
        """Return the citizen's `kho.dl.lookup` for `case`, as superuser, with our own store looked at."""
        # sudo: a citizen has no rights on lookups; whose case it is says `_check_asker`.
        return self.env["kho.dl.lookup"].sudo()._open(case)

    @api.model
    def _ways(self, case, lookup):
        """Return [DocumentWays] of what may be handed in for `case`, as `_open_for_papers` gives it."""
        shown = {line.case_document_id: line for line in lookup.document_ids}
        offered = lookup.candidate_ids.grouped("case_document_id")
        return [
            self._document_ways(document, shown[document], offered.get(document, lookup.candidate_ids.browse()))
            for document in self._open_documents(case)
            if document in shown
        ]

    @api.model
    def _document_line(self, document):
        line = super()._document_line(document)
        not_had = _WORDS["not_had"]
        return line._replace(state=self.env._(not_had)) if document.is_not_had and line.is_awaited else line

    @api.model
    def _document_ways(self, document, shown, offered):
        line = self._document_line(document)
        open_to_choice = not document._is_provided_for()
        candidates = [self._candidate(one) for one in offered] if open_to_choice else []
        state = self._state_of(document, shown, candidates, line)
        required = document.procedure_document_id
        return DocumentWays(
            document.id,
            document.name,
            document.required,
            required.form_name or "",
            web_address(required.form_url),
            state,
            self.env._(_WORDS[state]),
            line.origin,
            [FileLine(*file) for file in line.files],
            candidates,
            document.needs_number and open_to_choice,
            document.paper_number or "",
            (shown.ended_words or "") if open_to_choice else "",
            document.is_not_had,
            self._can_choose_anew(document),
        )

    @api.model
    def _can_choose_anew(self, document):
        return document.case_id.is_draft and document.status == "attached" and document.source in _KEPT_IN

    @api.model
    def _state_of(self, document, shown, candidates, line):
        if document._is_settled():
            return "there" if line.is_there else UNDER_CHECK
        if document.status == FETCHING:
            return FETCHING
        if document.is_not_had:
            return "not_had"
        if any(candidate.is_usable for candidate in candidates):
            return "offered"
        plan = "hand_in" if shown.plan in ("local", "found", "no_file") else shown.plan
        return plan if plan in _WORDS else "hand_in"

    @api.model
    def _candidate(self, candidate):
        remarks = self._candidate_remarks(candidate)
        return Candidate(
            candidate.id,
            candidate.name or candidate.document_name,
            self.env._(_KEPT_IN[candidate.source]),
            candidate.number or "",
            candidate.agency or "",
            self._day(candidate.date_issued),
            self._day(candidate.date_expiry),
            candidate.scope or "",
            candidate.file_count,
            candidate.selected and not remarks,
            not remarks,
            remarks or self._notes(candidate),
        )

    @api.model
    def _candidate_remarks(self, candidate):
        """Return why a paper cannot be taken, in sentences; [] where it can."""
        if not candidate.file_count:
            return [self.env._(_NO_FILE)]
        if candidate.needs_server and not candidate.server_id:
            return [self.env._(_NO_OFFICE)]
        if candidate.validity == "over":
            return [self.env._(_IS_OVER)]
        if candidate.status != "failed":
            return []
        rows = candidate.retrieval_ids.filtered(lambda row: row.state == "failed")
        objections = {name for row in rows if row._needs_reason() for name in row._objections()}
        objections |= set(filter(None, (candidate.own_objections or "").split(",")))
        reasons = [_OBJECTIONS.get(name) for name in sorted(objections)]
        reasons += [_REFUSED.get(kind) for kind in rows.mapped("error_kind")]
        return [*dict.fromkeys(self.env._(words) for words in reasons if words), self.env._(_UNUSABLE)]

    @api.model
    def _notes(self, candidate):
        """Return what a citizen should know of a paper that can be taken."""
        notes = [candidate.validity_badge] if candidate.validity == "soon" else []
        if newer := candidate._newer_lines():
            words = self.env._("There is a newer paper of this kind: %s.", newer[0].number or newer[0].name)
            notes.append(words)
        return notes

    @api.model
    def _asking(self, case, lookup):
        """Return the `Asking` of a draft or a case that waits for documents."""
        asked = lookup.document_ids.filtered(lambda line: line.case_document_id in self._open_documents(case))
        by_plan = asked.grouped("plan")
        named = {plan: [line.name for line in lines] for plan, lines in by_plan.items()}
        return Asking(
            can_ask=bool(lookup._left_to_ask())
            or any(line.needs_number and not line.case_document_id._is_settled() for line in asked),
            names=named.get("ask", []) + named.get("failed", []),
            number_names=named.get("number", []),
            is_consent_needed=not lookup.consent_given,
            agreed_on=moment_words(self.env, lookup.consent_on) if lookup.consent_on else "",
            good_until=moment_words(self.env, lookup.good_until) if lookup.query_id else "",
            asked_on=moment_words(self.env, lookup.asked_on) if lookup.asked_on else "",
            failed_names=named.get("failed", []),
        )
