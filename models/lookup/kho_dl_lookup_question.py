from contextlib import contextmanager
from functools import partial

from psycopg2.errors import LockNotAvailable

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...protocol import filenames, links
from ..common import transactions
from ..common.transactions import commit_or_retry, locked, locked_if_free
from ..gate.child_python import wake_inspection
from .kho_dl_lookup_candidate import candidate_key

# First half of the advisory lock of a lookup that asks; the second is its id.
_QUESTION_LOCK = 0x6B6872
# How long a colleague who asks the same is waited for.
_PATIENCE_SECONDS = 60
# What the national store has said of a document.
_ANSWERED = ("found", "none", "no_file")


class KhoDLLookup(models.Model):
    """What is asked of the national store, and what its answer offers."""

    _inherit = "kho.dl.lookup"

    def _look(self, then=None):
        """Look in our own store, then ask the national one, in one call, for what it has not answered yet.

        Commits. The outcome is on `query_id` ("found", "none", "failed"), the papers are in `candidate_ids`. Raises
        UserError when the question may not or cannot be put: nothing is asked then. `then()` is called in the transaction
        that takes the answer, which has read all of it; again where a race was lost.
        """
        self.ensure_one()
        self._look_for(False, then)

    def _look_anew(self, then=None):
        """Do the same, and ask also for what the national store has answered before; its answers stay until new ones come."""
        self.ensure_one()
        self._look_for(True, then)

    def _look_for_one(self, case_document, then=None):
        """Do as `_look`, and ask for this document alone; for nothing where its number was answered."""
        self.ensure_one()
        self._look_for(False, then, case_document)

    def _look_for(self, anew, then, only=None):
        # By its id: Odoo forgets at each commit what it was reached through, and would read its records one by one then.
        lookup = self.browse(self.id)
        with lookup._alone():
            lookup._check_case()
            lookup._check_mapped()
            is_kept = lookup._refresh()
            if codes := lookup._left_to_ask(anew, only):
                lookup._check_may_ask()
                lookup._ask(codes, is_kept, then)
            else:
                lookup._check_nothing_left()
                if then:
                    then()

    def _refresh(self):
        """Bring this lookup to what the case is now, and our own store with it; return whether that has anything of the applicant."""
        if not self._is_good():
            self._begin_anew()
        self._show_documents()
        return self._look_in_own_store()

    def _left_to_ask(self, anew=False, only=None):
        """Return {case document: [(result code record, paper number or "")]} of what can be asked now.

        `anew`: also of what the national store has answered; `only`: of this case document alone.
        """
        plans = ("ask", "failed", *(_ANSWERED if anew else ()))
        asking = self.document_ids.filtered(
            lambda document: document.plan in plans and only in (None, document.case_document_id)
        )
        return {document.case_document_id: codes for document in asking if (codes := document._codes())}

    def _check_nothing_left(self):
        missing = self.document_ids.filtered(lambda document: document.plan == "number")
        if missing and not self.query_id:
            raise UserError(
                self.env._(
                    "A person can hold several of these papers: %(documents)s. "
                    "Type the number of the paper wanted, then look again.",
                    documents=", ".join(missing.mapped("name")),
                )
            )

    def _ask(self, codes_by_document, is_kept, then):
        codes = {document.id: {code.code for code, _number in asked} for document, asked in codes_by_document.items()}
        # Beside what else is read of our own store, and not while the answer waits to be shown.
        known = self._known_papers(self.env["kho.dl.case.document"].browse(codes)) if is_kept else []

        def take_answer(query):
            self._take_answer(query, codes, known)
            if then:
                then()

        question = self._prepare_question()
        # As it was read: who withdraws the consent at this moment waits until the question is on record, or was first.
        # sudo: when it was withdrawn is only compared.
        hold = partial(self._hold_consent, self.consent_on, self.case_id.sudo().consent_withdrawn_on)
        self.env["kho.dl.query"]._ask(self.case_id, codes_by_document, question, take_answer, hold)

    @contextmanager
    def _alone(self):
        """Keep others from asking in this lookup, also across commits, in a transaction that has seen what they did.

        Commits what its caller has written only where it has to wait for somebody: what speaks against a look is said before.
        """
        with locked_if_free(self.env, _QUESTION_LOCK, self.id) as is_ours:
            if is_ours:
                if transactions.has_written(self.env):
                    # Whoever was here since this transaction began, or has not committed yet: Odoo repeats this one then.
                    self._hold_lookup()
                else:
                    # As nearly always. One that begins now sees what they did, and writes nothing to the disk as it ends.
                    self.env.cr.commit()  # pylint: disable=invalid-commit
                yield
                return
        # Who waits holds no row that the one who asks will write.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        try:
            with locked(self.env, _QUESTION_LOCK, self.id, seconds=_PATIENCE_SECONDS):
                commit_or_retry(self.env, self._hold_lookup)
                yield
        except LockNotAvailable as error:
            raise UserError(
                self.env._(
                    "A colleague is asking the national store for this case right now. Please try again in a moment."
                )
            ) from error

    def _hold_lookup(self):
        # Written, not only locked, as `kho.dl.case._hold_still` does.
        self.env.cr.execute(SQL("UPDATE kho_dl_lookup SET write_date = write_date WHERE id = %s", self.id))

    def _hold_consent(self, consent_on, withdrawn_on):
        """Keep the consent as it was read until the transaction ends; refuses where it is another one by now, or withdrawn since."""
        statement = SQL(
            """
            UPDATE kho_dl_lookup SET write_date = write_date
             WHERE id = %s AND consent_on IS NOT DISTINCT FROM %s
               AND (SELECT consent_withdrawn_on FROM kho_dl_case WHERE id = case_id) IS NOT DISTINCT FROM %s
            """,
            self.id,
            consent_on or None,
            withdrawn_on or None,
        )
        self.env.cr.execute(statement)
        if not self.env.cr.rowcount:
            raise UserError(self.env._("The consent was changed at this moment, so nobody was asked. Look again."))

    @api.model
    def _known_papers(self, _documents):
        """Return what our own store, which has something of the applicant, knows of papers that may be in the answer for these
        case documents.
        """
        return []

    def _take_answer(self, query, codes_by_document, known=()):
        """Turn the answer of the national store into candidates, beside those of other documents.

        `codes_by_document` is {id of a case document: codes asked for}, `known` what `_known_papers` gave.
        """
        # sudo: what was asked and found is recorded by this code only, and answers hold links, which clerks do not read.
        lookup, query = self.sudo(), query.sudo()
        lookup.query_id = query
        asked = lookup.document_ids.filtered(lambda document: document.case_document_id.id in codes_by_document)
        asked.query_id = query
        if query.outcome == "failed":
            # What was found before stays, as long as it is good.
            return
        if not lookup.asked_on or asked == lookup.document_ids.filtered("query_id"):
            lookup.write({"asked_on": query.asked_on, "good_until": self._good_from(query.asked_on, self.case_id)})
        lookup._offer(query, codes_by_document, known)

    def _offer(self, query, codes_by_document, known):
        """Make the papers of an answer candidates; the same paper keeps its line, which a colleague may have on the screen."""
        # Of rows that are read anew what candidates take of them.
        self.env["kho.dl.case.document"].browse(codes_by_document).fetch(
            ["paper_number", "procedure_document_id", "sequence"]
        )
        old = self.candidate_ids.filtered(
            lambda candidate: candidate.source == "national" and candidate.case_document_id.id in codes_by_document
        )
        # What is on its way, or was turned away, tells so until the lookup is over.
        tried = old.filtered("retrieval_ids")
        left = {candidate._key(): candidate for candidate in old - tried}
        tried_keys = {candidate._key() for candidate in tried}
        standing, new = {}, []
        # Once: Odoo copies the whole of it each time.
        answer = query.answer or []
        for values in self._prepare_candidates(answer, codes_by_document, known):
            key = candidate_key(values["case_document_id"], answer[values["paper_index"]])
            if candidate := left.pop(key, None):
                standing[candidate] = values
            elif key not in tried_keys:
                new.append(values)
        old.browse([candidate.id for candidate in left.values()]).unlink()
        # In the order in which they are shown.
        standing = dict(sorted(standing.items(), key=lambda pair: pair[0].id))
        old._preselect([*standing.values(), *new])
        for candidate, values in standing.items():
            candidate.write({**values, **candidate._chosen()})
        old.create(new)
        if standing or new:
            wake_inspection(self.env)

    def _prepare_candidates(self, answer, codes_by_document, _known):
        papers = sorted(enumerate(answer), key=lambda entry: newest_first(entry[1]))
        servers = self.env["kho.dl.security.server"]._server_resolver()
        return [
            self._prepare_candidate(document, index, paper, servers)
            for document in self.env["kho.dl.case.document"].browse(codes_by_document)
            for index, paper in papers
            if paper["result_code"] in codes_by_document[document.id]
        ]

    def _prepare_candidate(self, case_document, index, paper, servers):
        found = [servers.find(paper["agency_code"], file["link"]) for file in paper["files"]]
        # Whose it is, also where the directory does not know who serves it.
        office = next(filter(None, found), servers.find(paper["agency_code"], ""))
        return {
            "lookup_id": self.id,
            "case_document_id": case_document.id,
            "source": "national",
            "name": paper["name"] or case_document.name,
            "number": paper["number"],
            "agency": servers.name(paper["agency_code"], office),
            "agency_code": paper["agency_code"],
            "file_names": "\n".join(file["name"] for file in paper["files"]),
            "file_count": len(paper["files"]),
            "query_id": self.query_id.id,
            "paper_index": index,
            "needs_server": not all(
                server or links.composed_dstcode(file["link"])
                for server, file in zip(found, paper["files"], strict=True)
            ),
        }


def newest_first(paper):
    """Return the sort key of a paper of an answer: newest known first, those of unknown age last."""
    stamps = [filenames.upload_stamp(file["name"]) or 0 for file in paper["files"]]
    return -max(stamps, default=0)
