from odoo import models
from odoo.tools.translate import LazyTranslate

from ...inspection.identity import OwnerMatch
from ...protocol.readable_names import BACK, FRONT, sides_and_places
from ..connection.error_messages import error_message
from . import kho_dl_preview

_lt = LazyTranslate(__name__)

# So long (s) an officer waits for another office before the form says that it does not answer.
LOOK_SECONDS = 10
WHY_NOT = {
    kho_dl_preview.KIND: _lt("A file of this kind has no pages that could be shown here."),
    kho_dl_preview.LOCKED: _lt("This file opens with a password only, so its pages cannot be shown."),
    kho_dl_preview.DAMAGED: _lt("This file is damaged or badly made, so its pages cannot be shown."),
    kho_dl_preview.LATER: _lt("No picture can be made at the moment. Please try again."),
}


class KhoDLLookupCandidate(models.Model):
    """An officer looks at a found paper beside the list, before anything is attached."""

    _inherit = "kho.dl.lookup.candidate"

    def action_look(self):
        """Return what the viewer shows of this paper: {"is_preview", "title", "about", "files", "problems", "can_retry"}.

        `files` are as `_seen_file` returns them. Fetches what is not here yet, for some seconds, commits, and writes in the
        journal who looks. Raises AccessError and UserError where this paper may not be looked at.
        """
        self.ensure_one()
        self.check_access("read")
        previews, errors = self._preview(LOOK_SECONDS)
        places = sides_and_places(previews.mapped("name"))
        in_order = sorted(zip(places, previews, strict=True), key=lambda one: one[0][1])
        words = {FRONT: self.env._("front"), BACK: self.env._("back")}
        return {
            "is_preview": True,
            "title": self.name or self.document_name,
            "about": " · ".join(filter(None, (self.number, self.agency))),
            "files": [
                {**preview._seen_file(self), "side": words.get(side, "")} for (side, _place), preview in in_order
            ],
            "problems": list(dict.fromkeys(self._look_failed_words(error) for error in errors)),
            "can_retry": any(error.is_transient for error in errors),
        }

    def _look_failed_words(self, error):
        words = error_message(self.env, error)
        if not error.is_transient:
            return words
        return self.env._("%s You can tick the paper all the same: it comes by itself when the office answers.", words)

    def _look_picture(self, preview_id, page):
        """Return the JPEG of a page of a file of this paper, or None where there is none. Commits before it is made.

        Raises AccessError where the user may not look, and `SealingError`.
        """
        self.ensure_one()
        self.check_access("read")
        preview = self._looked_at(preview_id)
        is_shown = preview and preview._is_shown_to_officers(self)
        return preview._picture_despite_doubt(page) if is_shown else None

    def _look_download(self, preview_id):
        """Return (name, content) of a file that has no pages, or None where it may not be had."""
        self.ensure_one()
        self.check_access("read")
        preview = self._looked_at(preview_id)
        return (preview.name, preview._bytes()) if preview and preview._may_be_downloaded() else None

    def _looked_at(self, preview_id):
        self.lookup_id._check_case()
        # As before it was fetched: the applicant may agree no more, the case be another, the answer be over.
        self._check_current()
        # sudo: previews are read by this code only, for whoever may look.
        kept = self.sudo().preview_ids
        preview = kept.filtered(lambda one: one.id == preview_id)
        if preview:
            # Also who comes by another way than the list: nobody looks without a row. sudo: the journal is this code's only.
            self.sudo()._note_look(self.case_document_id.case_id, kept)
        return preview


class KhoDLPreview(models.Model):
    _inherit = "kho.dl.preview"

    def _is_shown_to_officers(self, candidate):
        """Whether its pages are shown to an officer, whatever the gate doubts: they are who has to look into it.

        What is somebody else's paper by its own words is shown only to who has said why it is wanted.
        """
        if self.problem != kho_dl_preview.DOUBTFUL:
            return not self.problem
        return self.identity_state != OwnerMatch.MISMATCH.value or bool((candidate.reason or "").strip())

    def _seen_file(self, candidate):
        """Return what the viewer shows of this file: where its pages are, or in words why there are none."""
        is_shown = self._is_shown_to_officers(candidate)
        address = f"/kho_dl/look/paper/{candidate.id}/{self.id}"
        return {
            "id": self.id,
            "name": self.name,
            "address": address,
            "page_count": self.page_count if is_shown else 0,
            "shown_count": len(self.shown_pages) if is_shown else 0,
            "why_not": "" if is_shown else self._why_not_shown(),
            "open_address": address if self._may_be_downloaded() else "",
            "paper_names": self.paper_names or "",
            **self._as_seen(),
        }

    def _why_not_shown(self):
        if self.problem in WHY_NOT:
            return self.env._(WHY_NOT[self.problem])
        return self.env._(
            "Its pages are shown once somebody has said why this paper is wanted: tick it, press Attach, and say why."
        )
