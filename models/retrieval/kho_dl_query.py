import dataclasses
import math
import time
from datetime import timedelta
from functools import partial

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import config

from ...protocol import channels, papers
from ...protocol.errors import KhoDLError
from ..case.kho_dl_case_document import OUTCOMES
from ..common.transactions import commit_or_retry, locked
from ..connection.error_messages import error_code, error_kind, error_message
from ..connection.server_fault_words import lacks_right
from .unused_answers import nothing_attached_of, nothing_used_of

# Longer than any call may take: two rounds of the longest timeout, and a login.
ABANDONED_AFTER = timedelta(minutes=30)
# A question with all its logins ends so long (s) before Odoo ends the request, and what it was for (limit_time_real).
_BEFORE_ODOO_SECONDS = 20
# First half of the advisory lock of a clerk who begins a question; the second is the clerk's id.
_CLERK_LOCK = 0x6B6871


class KhoDLQuery(models.Model):
    """Journal: one row a question to the national store.

    The row is committed before the question leaves, so that the consent it rests on is on record
    whatever happens afterwards, and is closed by its outcome. A closed row never changes.
    """

    _name = "kho.dl.query"
    _description = "Question to the national store"
    _inherit = ["kho.dl.traced", "kho.dl.journal", "kho.dl.held.once", "kho.dl.missing.right"]
    _traced_by = "outcome"
    _order = "id desc"
    _rec_name = "procedure_code"

    asked_on = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    user_id = fields.Many2one("res.users", "Asked by", required=True, readonly=True, index=True, ondelete="restrict")
    case_id = fields.Many2one("kho.dl.case", required=True, readonly=True, index=True, ondelete="restrict")
    procedure_id = fields.Many2one("kho.dl.procedure", required=True, readonly=True, ondelete="restrict")
    procedure_code = fields.Char(required=True, readonly=True)
    owner_id = fields.Many2one(
        "res.partner", "Applicant", required=True, readonly=True, index=True, ondelete="restrict"
    )
    owner_id_number = fields.Char("Applicant's id number", required=True, readonly=True, index=True)
    officer_id = fields.Many2one("res.users", "Receiving officer", readonly=True, ondelete="restrict")
    officer_name = fields.Char(readonly=True)
    officer_id_number = fields.Char(readonly=True, groups="kho_dl.group_administrator,kho_dl.group_auditor")
    channel = fields.Selection(channels.SELECTION, required=True, readonly=True)
    codes = fields.Text("Codes asked", required=True, readonly=True, help="One code a line, with the number asked for.")
    # Auditors read the codes above: the catalogue is not theirs.
    result_code_ids = fields.Many2many(
        "kho.dl.result.code",
        string="Results asked",
        readonly=True,
        ondelete="restrict",
        groups="kho_dl.group_clerk",
    )
    # {document id as text: {"number": str, "codes": [str], and once closed "outcome": str}}
    asked = fields.Json("Documents asked for", readonly=True)
    consent_given = fields.Boolean(readonly=True)
    consent_user_id = fields.Many2one("res.users", "Consent confirmed by", readonly=True, ondelete="restrict")
    consent_on = fields.Datetime("Consent confirmed on", readonly=True)
    outcome = fields.Selection(OUTCOMES, readonly=True, index=True, help="Empty while the answer is awaited.")
    paper_count = fields.Integer("Papers found", readonly=True)
    error_kind = fields.Char(readonly=True)
    error_code = fields.Char(
        "Code of the error", readonly=True, help="As the other side, or what lies on the way, named it."
    )
    message = fields.Text(readonly=True)
    duration = fields.Float("Duration (s)", digits=(10, 3), readonly=True)
    answer = fields.Json(readonly=True, groups="kho_dl.group_administrator,kho_dl.group_auditor")
    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="restrict")

    _chain_fields = (
        "asked_on",
        "user_id",
        "case_id",
        "procedure_id",
        "procedure_code",
        "officer_id",
        "channel",
        "consent_given",
        "consent_user_id",
        "consent_on",
        "outcome",
        "paper_count",
        "error_kind",
        "duration",
        "closed_on",
        "company_id",
        "trace_id",
        "far_id",
    )
    _payload_fields = (
        "owner_id_number",
        "officer_id_number",
        "officer_name",
        "codes",
        "asked",
        "answer",
        "message",
    )

    def _is_closed(self):
        return bool(self.outcome)

    @api.model
    def _closed_domain(self):
        return Domain("outcome", "!=", False)

    @api.model
    def _unused_domain(self):
        return nothing_used_of("id")

    @api.model
    def _perhaps_unused_domain(self):
        return nothing_attached_of("id")

    @api.model
    def _ask(self, case, codes_by_document, consent):
        """Ask the national store about the owner of `case`, in one call, and journal it.

        `codes_by_document` is {case document: [(result code record, paper number or "")]}, `consent` the values
        of the consent fields. Commits before and after the call, and seals. Returns the closed query.
        """
        self.env["kho.dl.database"]._check_confirmed()
        # Each code and number once, in the order of the documents.
        codes = list(dict.fromkeys(pair for pairs in codes_by_document.values() for pair in pairs))
        # sudo: clerks read the journal, only this code writes it; the officer's number is not theirs to read.
        values = self._prepare(case.sudo(), codes, codes_by_document)
        values |= consent
        question = papers.Question(
            procedure_code=values["procedure_code"],
            codes=tuple(papers.CodeAsked(code.code, number) for code, number in codes),
            owner_id_number=values["owner_id_number"],
            channel=values["channel"],
            officer_id_number=values["officer_id_number"] or "",
            officer_name=values["officer_name"] or "",
        )
        query = self._begin(values)
        query._close(question)
        self._seal_now(query.company_id)
        return query

    @api.model
    def _begin(self, values):
        """Return the row of a new question, committed.

        The questions of a clerk begin one after the other: of two at once neither would see whom the other one is about,
        and both people would have the same number in the auditor's count.
        """
        with locked(self.env, _CLERK_LOCK, self.env.uid):
            # What this transaction saw before is older than the question it waited for.
            self.env.cr.commit()  # pylint: disable=invalid-commit
            self._check_rate(self.env["res.company"].browse(values["company_id"]))
            # sudo: clerks read the journal, only this code writes it.
            query = commit_or_retry(self.env, partial(self.sudo().create, values))
        return query

    @api.model
    def _check_rate(self, company):
        """Refuse with a UserError a question of who has asked `company` too often; officers have no limit."""

    @api.model
    def _prepare(self, case, codes, codes_by_document):
        officer = case.officer_id
        return {
            "user_id": self.env.uid,
            "case_id": case.id,
            "procedure_id": case.procedure_id.id,
            "procedure_code": case.procedure_id.code,
            "owner_id": case.owner_id.id,
            "owner_id_number": case.owner_id_number,
            "officer_id": officer.id,
            "officer_name": officer.name,
            "officer_id_number": officer.kho_dl_id_number,
            "channel": case.channel,
            "codes": "\n".join(f"{code.code} {number}".strip() for code, number in codes),
            "result_code_ids": [Command.set([code.id for code, _number in codes])],
            "asked": {
                str(document.id): {
                    "number": document.paper_number or "",
                    "codes": [code.code for code, _number in pairs],
                }
                for document, pairs in codes_by_document.items()
            },
            "company_id": case.company_id.id,
            "held_by_id": case.held_by_id.id,
        }

    def _close(self, question):
        """Make the call and write its outcome, whichever it is."""
        started = time.monotonic()
        # Read once: the call comes between two commits.
        asked, far_id = self.asked or {}, ""
        try:
            with self.env["kho.dl.gateway"]._client(self._office(), started + _longest_question()) as client:
                answer = self._answer_to(client, question)
                far_id = client.session.far_id
        except KhoDLError as error:
            values = self._failure_values(asked, error_kind(error), error_message(self.env, error))
            values |= {"lacks_right": lacks_right(error), "error_code": error_code(error)}
            far_id = error.far_id
        except ValueError:
            # The protocol refuses to send what the portal would reject.
            values = self._failure_values(
                asked,
                "question_incomplete",
                self.env._(
                    "The question was not complete, so it was not sent. Check procedure, applicant and officer of the case."
                ),
            )
        else:
            values = self._answer_values(asked, answer, {code.result_code for code in question.codes})
        self.write({**values, "duration": time.monotonic() - started, "far_id": far_id or False})
        self.env["kho.dl.unmet.need"]._count(self)

    def _answer_to(self, client, question):
        """Return what the portal answers to `question`; raises KhoDLError as the call does. Commits before it."""
        # No transaction stays open while the portal thinks.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return client.papers(question)

    @api.model
    def _failure_values(self, asked, kind, words):
        return {
            "outcome": "failed",
            "error_kind": kind,
            "message": words,
            "asked": {key: {**entry, "outcome": "failed"} for key, entry in asked.items()},
            "closed_on": fields.Datetime.now(),
        }

    @api.model
    def _close_abandoned(self):
        """Close the questions whose process died while it waited for the answer."""
        long_ago = fields.Datetime.now() - ABANDONED_AFTER
        # sudo: the journal is written by this code only.
        for query in self.sudo().search([("outcome", "=", False), ("asked_on", "<", long_ago)]):
            words = self.env._("The question was interrupted. Nothing is known of its answer: please ask again.")
            query.write(query._failure_values(query.asked or {}, "interrupted", words))

    def _outcome_for(self, document):
        """Return what this query found out for a case document with its present number; False when nothing."""
        asked = (self.asked or {}).get(str(document.id), {})
        is_same_question = self.owner_id_number == document.case_id.owner_id_number and asked.get("number") == (
            document.paper_number or ""
        )
        return is_same_question and asked.get("outcome", False)

    def _answer_for(self, document):
        """Return the same, "no_file" where a paper is known and has no file."""
        outcome = self._outcome_for(document)
        # Rows of before have no word of it.
        if outcome == "found" and not self.asked[str(document.id)].get("has_file", True):
            return "no_file"
        return outcome

    @api.model
    def _answer_values(self, asked, answer, codes):
        # A paper under a code that nobody asked for is none of our business: not kept, not shown.
        found = [dataclasses.asdict(paper) for paper in answer.papers if paper.result_code in codes]
        codes_found = {paper["result_code"] for paper in found}
        codes_with_file = {paper["result_code"] for paper in found if paper["files"]}
        asked = {
            key: {
                **entry,
                "outcome": "found" if codes_found.intersection(entry["codes"]) else "none",
                "has_file": bool(codes_with_file.intersection(entry["codes"])),
            }
            for key, entry in asked.items()
        }
        return {
            "outcome": "found" if found else "none",
            "asked": asked,
            "paper_count": len(found),
            "message": answer.message,
            "answer": found,
            "closed_on": fields.Datetime.now(),
        }


def _longest_question():
    """Return how long (s) a question may take by the settings of this server."""
    limit = config["limit_time_real"]
    return max(limit - _BEFORE_ODOO_SECONDS, _BEFORE_ODOO_SECONDS) if limit else math.inf
