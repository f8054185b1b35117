import logging
from datetime import timedelta

from odoo import Command, api, models
from odoo.exceptions import UserError

from .kho_dl_citizen_question import AskedTooOften

_logger = logging.getLogger(__name__)

# How long a page works on the files that were chosen before the rest goes on in the background.
_SECONDS = 6
_HOUR = timedelta(hours=1)
# So often within an hour other offices send what a citizen looks at or chooses, whatever becomes of it here.
_MOST_FETCHES = 60
NOT_HAD = "none"


class KhoDLCitizen(models.AbstractModel):
    """What a citizen asks the national store, and chooses of what there is."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _ask_store(self, case, is_agreed):
        """Ask the national store for what it can be asked, once the citizen has agreed; return why it was not asked, or "".

        `case` is of `_open_for_papers`. Commits. What the store says stands on the lookup.
        """
        lookup = self._lookup_of(case)
        if not lookup._left_to_ask():
            return ""
        if gone := self._gone_words(case):
            return gone
        if is_agreed:
            lookup.consent_given = True
        elif not lookup.consent_given:
            return self.env._("Nothing was asked: please tick first that you agree.")
        try:
            lookup._look()
        except UserError as error:
            self.env.cr.rollback()
            return self._in_plain_words(error)
        return ""

    @api.model
    def _in_plain_words(self, error):
        """Return what went wrong; what is said to clerks names administrators and settings, and tells a citizen nothing."""
        if isinstance(error, AskedTooOften):
            return str(error)
        _logger.info("A citizen could not go on: %s", error)
        return self.env._(
            "That did not work just now, and nothing is lost. Please look at this page once more and try again, hand in the "
            "papers yourself, or submit and let the office ask."
        )

    @api.model
    def _choose(self, case, choices):
        """Keep `choices`, {document id: id of a candidate, or NOT_HAD, or ""}, and put what was chosen on the case.

        `case` is of `_open_for_papers`. Commits; files that take longer than a few seconds go on in the background. Returns in
        words why nothing was taken, or "".
        """
        chosen = self._keep_choices(case, choices)
        is_free = not chosen or self._may_have_fetched()
        # Whatever becomes of the files.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if not chosen:
            return ""
        if not is_free:
            return self._fetched_too_often()
        try:
            chosen.lookup_id._attach(chosen, _SECONDS)
        except UserError as error:
            self.env.cr.rollback()
            return self._in_plain_words(error)
        return ""

    @api.model
    def _may_have_fetched(self):
        return self._is_free("fetch", _MOST_FETCHES, _HOUR)

    @api.model
    def _fetched_too_often(self):
        return self.env._(
            "You have looked at or chosen very many papers within an hour. Nothing was fetched now, and nothing is lost: go on "
            "later, or hand in the papers yourself."
        )

    @api.model
    def _choose_anew(self, case, document_id):
        """Take off a draft what was chosen for one of its documents, so that another paper can be."""
        self._touch(case)
        for document in self._open_documents(case).filtered(lambda one: one.id == document_id):
            if self._can_choose_anew(document):
                reason = self.env._("The applicant chose another paper before the application was submitted.")
                files = document.recorded_attachment_ids & document.attachment_ids
                document.with_context(kho_dl_reason=reason).write(
                    {"attachment_ids": [Command.unlink(file.id) for file in files]}
                )

    @api.model
    def _keep_choices(self, case, choices):
        """Keep `choices`, as `_choose` has them; return the candidates that are to be taken."""
        self._touch(case)
        lookup = self._lookup_of(case)
        chosen = lookup.candidate_ids.browse()
        for document in self._open_documents(case):
            if document.id in choices:
                chosen |= self._choose_one(document, lookup, choices[document.id])
        return chosen

    @api.model
    def _choose_one(self, document, lookup, choice):
        """Keep what was chosen for one document; return the candidate that is to be taken, or none."""
        offered = lookup.candidate_ids.filtered(lambda one: one.case_document_id == document)
        if document.is_not_had != (choice == NOT_HAD):
            document.is_not_had = choice == NOT_HAD
        wanted = offered.filtered(lambda one: str(one.id) == choice)
        if document._is_provided_for():
            return offered.browse()
        (offered - wanted).filtered("selected").selected = False
        if not wanted.selected and wanted:
            wanted.selected = True
        return wanted.filtered(lambda one: not self._candidate_remarks(one))
