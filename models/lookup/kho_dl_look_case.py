from odoo import models

from ...protocol.content import sniff_whole
from ...sealing.workshop import page_picture
from ..gate.child_python import child_python
from .kho_dl_look import WHY_NOT
from .kho_dl_preview import KIND, SHOWN_KINDS, pages_of


class KhoDLCaseDocument(models.Model):
    """A file on a case is looked at beside the documents, by the same viewer as a paper that was only found."""

    _inherit = "kho.dl.case.document"

    def action_look_at_file(self, file_id):
        """Return what the viewer shows of the file with this id: {"is_preview", "title", "about", "files", "problems",
        "can_retry"}; empty `files` where it is none of this document any more. Commits before a page is read.
        """
        self.ensure_one()
        self.check_access("read")
        seen = {
            "is_preview": False,
            "title": self.name,
            "about": self._origin_line(),
            "problems": [],
            "can_retry": False,
        }
        file = self._own_file(file_id)
        if not file:
            return {**seen, "files": [], "problems": [self.env._("This file is not on the case any more.")]}
        check = self.check_ids.filtered(lambda one: one.attachment_id == file)[:1]
        content, python = self._content_of(file), child_python(self.env)
        values = {
            "id": file.id,
            "name": file.name,
            "address": f"/kho_dl/look/file/{self.id}/{file.id}",
            "open_address": f"/web/content/{file.id}",
            "check_id": check.id,
            "reason": check.reason or "",
            "came_as": self._came_as(file),
            "paper_names": check.paper_names or "",
            **check._as_seen(),
            "warnings": (self.file_badges.get(str(file.id)) or {}).get("warnings", []),
        }
        kind = sniff_whole(content)
        # Pictures take their time, and nobody waits for our locks meanwhile.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        pages = pages_of(content, python) if kind in SHOWN_KINDS else {"problem": KIND}
        count, problem = pages.get("page_count", 0), pages.get("problem")
        why_not = self.env._(WHY_NOT[problem]) if problem else ""
        return {**seen, "files": [{**values, "page_count": count, "shown_count": count, "why_not": why_not}]}

    def _look_picture(self, file_id, page):
        """Return the JPEG of a page, or None where the file is none of this document. Commits before it is made.

        Raises AccessError where the user may not read the document, and `SealingError`.
        """
        self.ensure_one()
        self.check_access("read")
        file = self._own_file(file_id)
        if not file:
            return None
        content, python = self._content_of(file), child_python(self.env)
        self.env.cr.commit()  # pylint: disable=invalid-commit
        return page_picture(content, page, " ", python=python).content

    def _came_as(self, file):
        # sudo: by which name a file came is a fact about it, whoever fetched it.
        row = self.sudo().retrieval_ids.filtered(lambda one: one.attachment_id == file)[:1]
        return self.env._("Its name at the other office: %s", row.file_name) if row.file_name else ""

    def _own_file(self, file_id):
        return self.attachment_ids.filtered(lambda file: file.id == file_id)

    def _content_of(self, file):
        # A browser may ask for sizes in place of contents. sudo: who reads the document sees its files.
        return file.sudo().with_context(bin_size=False).raw or b""

    def _origin_line(self):
        labels = dict(self._fields["source"]._description_selection(self.env))
        return " · ".join(filter(None, (labels.get(self.source), self.provenance_agency, self.provenance_paper_number)))
