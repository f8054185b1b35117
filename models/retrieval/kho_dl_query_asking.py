import dataclasses
import time
from contextlib import contextmanager, nullcontext
from functools import partial

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from ...protocol import papers
from ...protocol.answers import text
from ...protocol.errors import DatabaseNotConfirmed, KhoDLError
from ...protocol.tokens import account_key
from ..common.request_time import longest_seconds
from ..common.transactions import begin_alone, commit_or_retry, is_connection_lost
from ..connection.error_messages import error_code, error_kind, error_message
from ..connection.server_fault_words import lacks_right

# First half of the advisory lock of a clerk who begins a question, or attaches; the second is the clerk's id.
CLERK_LOCK = 0x6B6871


class KhoDLQuery(models.Model):
    """How a question is put: on record before it leaves, and with its answer after it."""

    _inherit = "kho.dl.query"

    @api.model
    def _ask(self, case, codes_by_document, consent, take, hold):
        """Ask the national store about the owner of `case`, in one call, and journal it.

        `codes_by_document` is {case document: [(result code record, paper number or "")]}, `consent` the values
        of the consent fields. Commits before and after the call, and seals. `hold()` refuses in the transaction that puts the
        question on record what speaks against it by then. `take(query)` reads the answer in the transaction that keeps it;
        where that fails, the answer is kept all the same.
        """
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
        company = self.env["res.company"].browse(values["company_id"])
        with self._speaking_for(case.sudo()._office()) as client:
            query = self._begin(values, client, hold)
            outcome = query._outcome_of(client, question, values["asked"])
        self._keep(query, outcome, company, client, partial(take, query))

    @contextmanager
    def _speaking_for(self, company):
        """Give the `protocol.client.Client` of `company`, or the KhoDLError for which there is none; refuses in a copy."""
        # Before the first commit: all that it needs has been read by then.
        try:
            client = self.env["kho.dl.gateway"]._client(company, time.monotonic() + longest_seconds())
        except DatabaseNotConfirmed as error:
            raise UserError(error_message(self.env, error)) from error
        except KhoDLError as error:
            client = nullcontext(error)
        with client as speaking:
            yield speaking

    @api.model
    def _begin(self, values, client, hold):
        """Return the row of a new question to `client`, committed.

        The questions of a clerk begin one after the other: of two at once neither would see whom the other one is about,
        and both people would have the same number in the auditor's count.
        """

        def begin():
            begin_alone(self.env, CLERK_LOCK, self.env.uid)
            hold()
            self._check_rate(self.env["res.company"].browse(values["company_id"]))
            if not isinstance(client, KhoDLError):
                client.tokens.look_up(account_key(client.settings, client.settings.papers))
            # sudo: clerks read the journal, only this code writes it.
            return self.sudo().create(values)

        return commit_or_retry(self.env, begin)

    @api.model
    def _keep(self, query, outcome, company, client, take=None):
        """Write the `outcome` of `query`, seal it, and commit; with what `take()` makes of it, unless that fails."""

        def keep():
            # Of a wide row what closing it and taking the answer need.
            query.fetch(["outcome", "trace_id", "asked_on", "consent_on", "case_id", "owner_id_number"])
            query.write(outcome)
            if outcome["outcome"] != "failed":
                # What waits behind the portal, or behind our own server, need not wait any longer.
                self.env["kho.dl.breaker"]._portal_worked(client.settings)
            if any(entry["outcome"] == "none" for entry in outcome["asked"].values()):
                self.env["kho.dl.unmet.need"]._add(query)
            if take:
                take()
            return self._seal_along(company)

        try:
            is_sealed = commit_or_retry(self.env, keep)
        except Exception as problem:
            if take and not is_connection_lost(problem):
                self.env.cr.rollback()
                self._keep(query, outcome, company, client)
            raise
        if not is_sealed:
            self._seal_now(company)

    @api.model
    def _check_rate(self, company):
        """Refuse with a UserError a question of who has asked `company` too often; officers have no limit."""

    @api.model
    def _prepare(self, case, codes, codes_by_document):
        officer = case.officer_id
        case.procedure_id.fetch(["code"])
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

    def _outcome_of(self, client, question, asked):
        """Make the call by `client`, or by the KhoDLError for which there is none; return the outcome, whichever it is."""
        started, far_id = time.monotonic(), ""
        try:
            if isinstance(client, KhoDLError):
                raise client
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
        return {**values, "duration": time.monotonic() - started, "far_id": far_id or False}

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
    def _answer_values(self, asked, answer, codes):
        told = [(paper, self._code_asked(paper.result_code, codes)) for paper in answer.papers]
        # A paper under a code that nobody asked for is none of our business: not kept, not shown.
        found = [{**dataclasses.asdict(paper), "result_code": code} for paper, code in told if code]
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

    @api.model
    def _code_asked(self, told, codes):
        """Return which of `codes` the portal means by `told`, None where it means another.

        Letters of another size are no other code, unless the catalogue has that one, too: "there is none" would send
        somebody for a paper that is there.
        """
        # What nobody sees in a code that was kept before codes were cleaned is not asked for.
        sent = {text(code): code for code in codes}
        if told in sent:
            return sent[told]
        alike = min((code for code in codes if code.upper() == told.upper()), default=None)
        return alike if alike and not self.env["kho.dl.result.code"]._id_of(told) else None
