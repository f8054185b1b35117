from odoo import api, models
from odoo.tools import SQL

from ..common.office_time import moment_words

# What the applicant has to bring, whether or not it was looked for.
TO_BRING = ("hand_in", "none", "no_file")
# What an answer makes of a document that can be looked for.
_ANSWERED = {"found": "fetchable", "none": "none", "no_file": "no_file", "failed": "failed"}


class KhoDLCaseDocument(models.Model):
    """How far a required document is: what is here, on its way, and what the national store has said."""

    _inherit = "kho.dl.case.document"

    @api.depends(
        "attachment_ids", "check_ids.is_for_other_number", "retrieval_ids.state", "result_code_ids", "national_outcome"
    )
    def _compute_status(self):
        for document in self:
            if state := document._file_state():
                document.status = state
            elif document.result_code_ids:
                # Before anybody was asked nobody knows.
                document.status = _ANSWERED.get(document.national_outcome, "not_asked")
            else:
                document.status = "hand_in"

    def _file_state(self):
        """Return what `status` is by the files of this document alone; False where none is here or on its way."""
        # sudo: what a colleague is fetching for this document is a fact about the document.
        privileged = self.sudo()
        if not all(row._is_closed() for row in privileged.retrieval_ids):
            # Also when one side of a card is here and the other is still coming.
            return "fetching"
        if any(privileged.check_ids.mapped("is_for_other_number")):
            return "other_number"
        return "attached" if self.attachment_ids else False

    def _note_without_files(self, besides=SQL("NULL")):  # noqa: B008 - it does not change
        """Note which of these documents have no file, none on its way and no check: one statement in place of three.

        For where that is so of nearly all of them. Returns what the SQL expression `besides` gives, None where all is known.
        """
        lists = [self._fields[name] for name in ("retrieval_ids", "check_ids", "attachment_ids")]
        unknown = self.browse(dict.fromkeys(number for one in lists for number in one._cache_missing_ids(self._origin)))
        if not unknown:
            return None
        for one in lists[:2]:
            self.env[one.comodel_name].flush_model([one.inverse_name])
        found = self.env.execute_query(
            SQL(
                """
                SELECT document.id,
                       EXISTS (SELECT FROM kho_dl_retrieval WHERE case_document_id = document.id),
                       EXISTS (SELECT FROM kho_dl_file_check WHERE case_document_id = document.id),
                       EXISTS (SELECT FROM kho_dl_case_document_attachment_rel WHERE case_document_id = document.id),
                       %s
                  FROM kho_dl_case_document AS document
                 WHERE document.id IN %s
                """,
                besides,
                tuple(unknown.ids),
            )
        )
        for place, one in enumerate(lists, 1):
            empty = self.browse(row[0] for row in found if not row[place])
            one._insert_cache(empty, [()] * len(empty))
        return found[0][-1] if found else None

    @api.depends("asked_on", "status", "case_id.query_ids.outcome")
    @api.depends_context("tz", "lang")
    def _compute_asked_words(self):
        for document in self:
            if document._is_being_asked():
                document.asked_words = self.env._("being asked")
            else:
                is_answer = document.status in _ANSWERED.values()
                document.asked_words = is_answer and moment_words(self.env, document.asked_on)

    def _is_being_asked(self):
        """Whether the national store is being asked for it at this moment, be it once more."""
        if self._is_provided_for():
            return False
        # sudo: that somebody asks for it is a fact about the document, whoever asks.
        return any(query._is_awaited_for(self) for query in self.sudo().case_id.query_ids)

    def _is_settled(self):
        """Whether nothing is to be looked for: a file is there, be it one about which somebody has to decide."""
        return self._file_state() in ("attached", "other_number")

    def _is_provided_for(self):
        """Whether a file is there, or on its way."""
        return bool(self._file_state())

    def _is_to_bring(self):
        """Whether the applicant has to bring it: nobody else has it, as far as was asked."""
        return self.status in TO_BRING
