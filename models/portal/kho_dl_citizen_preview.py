from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from ...sealing.faults import WorkshopBusy
from ..lookup import kho_dl_preview
from .kho_dl_citizen import FileLine

_lt = LazyTranslate(__name__)

# Each costs a process of its own, and officers wait for these, too.
_MOST_PICTURES, _MINUTE = 90, timedelta(minutes=1)
# So long (s) a page may wait for another office.
_SECONDS = 15
_WHY_NOT = {
    kho_dl_preview.KIND: _lt(
        "A file of this kind has no pages that could be shown. You can choose the paper without it."
    ),
    kho_dl_preview.LOCKED: _lt("This file opens with a password only, so it cannot be shown."),
    kho_dl_preview.DAMAGED: _lt(
        "This file cannot be shown. If you know the paper, you can choose it; or hand it in yourself."
    ),
    kho_dl_preview.DOUBTFUL: _lt(
        "Something is unusual about this file, so the office has to look into it before anybody. Choose another paper, or hand "
        "the paper in yourself."
    ),
    kho_dl_preview.LATER: _lt("No picture can be made at the moment. You can choose the paper without it."),
}


class PreviewFile(NamedTuple):
    """A file of a paper: the numbers of the pages that are shown, in words why there is none, and whether it may be had."""

    line: FileLine
    pages: list
    page_count: int
    why_not: str
    may_download: bool


class PreviewPage(NamedTuple):
    """A found paper before it is chosen, in words, with its [PreviewFile]; `problems` are sentences."""

    case_id: int
    case_number: str
    id: int
    document: str
    paper: str
    number: str
    agency: str
    validity: str
    files: list
    problems: list


class KhoDLCitizen(models.AbstractModel):
    """What a citizen sees of a found paper before they choose it."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _own_candidate(self, case_id, candidate_id):
        """Return the `kho.dl.lookup.candidate` as superuser; empty where it is none of the citizen's own lookup."""
        case = self._open_for_papers(case_id)
        # sudo: a citizen reads no records; this one is of the own lookup.
        of_own_lookup = Domain("lookup_id.case_id", "in", case.ids) & Domain(
            "lookup_id.partner_id", "in", self._contact().ids
        )
        return self.env["kho.dl.lookup.candidate"].sudo().search(of_own_lookup & Domain("id", "=", candidate_id))

    @api.model
    def _preview_page(self, case_id, candidate_id):
        """Return the `PreviewPage` of a found paper, or None where it is not the citizen's.

        Fetches what is not here yet, for some seconds; commits, and writes in the journal that the citizen looks.
        """
        candidate = self._own_candidate(case_id, candidate_id)
        if not candidate:
            return None
        case = candidate.lookup_id.case_id
        words = (case.id, case.name, candidate.id, candidate.document_name, candidate.name)
        words += (candidate.number or "", candidate.agency or "", candidate.validity_words or "")
        is_fetched = candidate.source == "national" and len(candidate.preview_ids) < candidate.file_count
        if is_fetched and not self._may_have_fetched():
            return PreviewPage(*words, [], [self._fetched_too_often()])
        try:
            previews, errors = candidate._preview(_SECONDS)
        except UserError:
            return PreviewPage(*words, [], [self._no_longer_words()])
        return PreviewPage(
            *words,
            [self._preview_file(preview) for preview in previews],
            list(dict.fromkeys(self._not_come_words(error) for error in errors)),
        )

    @api.model
    def _no_longer_words(self):
        return self.env._(
            "This paper is not offered any more: the answer of the national store is no longer good, or the application has "
            "changed. Nothing is lost: go back to the application, and look for papers again."
        )

    @api.model
    def _preview_file(self, preview):
        return PreviewFile(
            FileLine(preview.id, preview.name, preview.size),
            list(preview.shown_pages),
            preview.page_count,
            self.env._(_WHY_NOT[preview.problem]) if preview.problem else "",
            preview._may_be_downloaded(),
        )

    @api.model
    def _not_come_words(self, error):
        if error.is_transient:
            return self.env._(
                "The other office does not answer at the moment, so the paper cannot be shown. You can choose it all the same: it "
                "comes by itself when the office answers. Or look again later."
            )
        return self.env._(
            "The other office did not give this file. Choose another paper, or hand the paper in yourself."
        )

    @api.model
    def _own_preview(self, case_id, candidate_id, preview_id):
        previews = self._own_candidate(case_id, candidate_id).preview_ids
        return previews.filtered(lambda preview: preview.id == preview_id)

    @api.model
    def _preview_picture(self, case_id, candidate_id, preview_id, page):
        """Return the JPEG of a page, or None where it is not the citizen's or there is none. Raises `SealingError`."""
        preview = self._own_preview(case_id, candidate_id, preview_id)
        if preview and not self._is_free("picture", _MOST_PICTURES, _MINUTE):
            raise WorkshopBusy("one citizen has work for all of it")
        return preview._picture(page) if preview else None

    @api.model
    def _preview_download(self, case_id, candidate_id, preview_id):
        """Return (name, content) of a file that has no pages, or None where it may not be had."""
        preview = self._own_preview(case_id, candidate_id, preview_id)
        if not preview or not preview._may_be_downloaded():
            return None
        return preview.name, preview._bytes()
