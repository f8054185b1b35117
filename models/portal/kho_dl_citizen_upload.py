import time
from datetime import timedelta
from functools import partial

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...protocol import content, filenames
from ...protocol.download import Download
from ...sealing.photos import is_photo
from ...sealing.workshop import bound_photos, page_picture
from ..common.request_time import request_ends_at
from ..common.transactions import commit_or_retry
from ..gate.child_python import child_python
from ..gate.file_gate import Arrival
from ..gate.gate_errors import FileQuestioned
from .kho_dl_citizen import FileLine
from .upload_words import TYPED, found_words, refused_words

# At once, and altogether for one document.
MOST_FILES = 30
_MOST_PAGES = 300
_DAY = timedelta(days=1)
_GATE_SECONDS = 60
_MIB = 1024 * 1024


class KhoDLUpload(models.TransientModel):
    """How often somebody handed something in online within a day, or did what costs others something, as typing numbers does."""

    _name = "kho.dl.upload"
    _description = "Upload of a citizen"
    _inherit = ["kho.dl.rate"]
    _transient_max_hours = 24


class KhoDLCitizen(models.AbstractModel):
    """What a citizen hands in online, and takes off again."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _is_free(self, what, most, period):
        """Note that the user does `what`, and return whether they may: `most` times within `period`, a timedelta."""
        # sudo: what may be done how often is counted by this code only.
        return self.env["kho.dl.upload"].sudo()._note_caller(f"{what} {self.env.uid}", most, period)

    @api.model
    def _own_document(self, case_id, document_id):
        """Return the document of an own case that may be handed in, as superuser; empty where there is none."""
        documents = self._open_documents(self._open_for_papers(case_id))
        return documents.filtered(lambda document: document.id == document_id)

    @api.model
    def _most_upload_bytes(self):
        """Return how many bytes one upload may bring at the most, in any agency where the citizen's number is verified."""
        # sudo: settings are not everybody's to read.
        companies = self.env["res.company"].sudo().union(*(self._group_of(root) for root in self._verified_numbers()))
        return max(companies.mapped("kho_dl_max_file_mb"), default=1) * _MIB

    @api.model
    def _upload(self, case_id, document_id, files):
        """Put `files`, [(name, bytes)] in the order in which they are to be read, on a document of an own case.

        Photos become one PDF; all else stays as it is, for a signature holds no longer in a file that is made anew. Then they
        pass the gate. All are taken or none: raises UserError, which says which is wrong, why, and another way. Commits.
        Returns the document, empty where it is not the citizen's.
        """
        document = self._own_document(case_id, document_id)
        if not document:
            return document
        company = document.company_id
        self._check_upload(document, files)
        is_free = self._is_free("upload", company.kho_dl_uploads_per_day, _DAY)
        gate = self.env["kho.dl.gateway"]._gate(company, time.monotonic() + _GATE_SECONDS)
        kinds = self.env["kho.dl.gateway"]._accepted_kinds(company)
        question, python = document.case_id._gate_question(), child_python(self.env)
        # Counted, whatever becomes of it; and nothing of ours is held while files are looked at.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if not is_free:
            raise UserError(
                self.env._(
                    "You have handed in very much today. Please go on tomorrow, or bring the papers to the office."
                )
            )
        files = self._with_photos_bound(files, f"{document.name}.pdf", python)
        arrivals = [self._admitted(gate, name, file, kinds, question, python) for name, file in files]
        commit_or_retry(self.env, partial(self._put_on, case_id, document_id, arrivals))
        return document

    @api.model
    def _check_upload(self, document, files):
        """Refuse too much, before anything is done with it."""
        if not files:
            raise UserError(self.env._("Choose a file or take a photo first. Nothing was handed in."))
        if len(files) + len(document.attachment_ids) > MOST_FILES:
            raise UserError(
                self.env._(
                    "More than %(count)s files for one document cannot be taken. Hand in fewer.", count=MOST_FILES
                )
            )
        self._check_size(document.company_id, sum(len(file) for _name, file in files))

    @api.model
    def _check_size(self, company, size):
        # sudo: settings are not everybody's to read.
        most = company.sudo().kho_dl_max_file_mb
        if size > most * _MIB:
            raise UserError(
                self.env._(
                    "That is more than %(limit)s MB, which is too much at once. Nothing was handed in. Hand in fewer files at once, or "
                    "photos in place of a large scan.",
                    limit=most,
                )
            )

    @api.model
    def _with_photos_bound(self, files, name, python):
        """Return `files` with one PDF called `name` in place of all photos, where the first of them was."""
        photos = [(own, file) for own, file in files if is_photo(file)]
        if not photos:
            return files
        try:
            made = bound_photos([file for _name, file in photos], python=python, until=request_ends_at())
        except TYPED as error:
            raise UserError(refused_words(self.env, error, photos[max(error.number, 1) - 1][0])) from error
        place = files.index(photos[0])
        others = [(own, file) for own, file in files if (own, file) not in photos]
        before = [file for file in files[:place] if file in others]
        return [*before, (name, made), *others[len(before) :]]

    @api.model
    def _admitted(self, gate, name, file, kinds, question, python):
        """Return the `Arrival` of the content `file`. Raises UserError for what is not taken. No transaction is open."""
        name = filenames.safe_name(name)
        head, tail = file[: content.HEAD_BYTES], file[-content.TAIL_BYTES :]
        try:
            # A name that is wrong is nobody's fault here; it tells what the content does not.
            claimed = "" if content.sniff(head, tail) else name
            kind = content.check(head, tail, claimed, is_length_known=True, accepted_kinds=kinds)
            download = Download.of(file, kind, filenames.fitting(name, kind))
            try:
                findings = gate.admit(download, question)
            except FileQuestioned as error:
                findings = error.findings
            page_count = self._page_count(file, kind, findings.report, python)
        except TYPED as error:
            raise UserError(refused_words(self.env, error, name)) from error
        # Of somebody else's paper an officer decides, as at the counter: many documents name other people.
        if words := found_words(self.env, findings.marks, findings.objections, name):
            raise UserError(words)
        if page_count > _MOST_PAGES:
            raise UserError(
                self.env._(
                    "“%(file)s” has more than %(count)s pages. Hand in only those that are asked for.",
                    file=name,
                    count=_MOST_PAGES,
                )
            )
        return Arrival(download, findings)

    @api.model
    def _page_count(self, file, kind, report, python):
        """Return how many pages the content `file` of this `kind` has; 0 of what has none. Raises SealingError."""
        if kind == filenames.TIFF:
            # Whoever looks at it later gets its pages this way.
            return page_picture(file, 1, " ", python=python, until=request_ends_at()).page_count
        return (report and report.pdf and report.pdf.page_count) or 0

    @api.model
    def _put_on(self, case_id, document_id, arrivals):
        self._own_case(case_id)._hold_still()
        # It may have been submitted, or finished, since.
        document = self._own_document(case_id, document_id)
        if not document:
            raise UserError(self.env._("Meanwhile nothing can be handed in for this case any more. Nothing was taken."))
        # The bytes stay as they were handed in: no resizing, and markup only as plain text.
        # sudo: a citizen has no rights on the document that they are for.
        plain = {"image_no_postprocess": True, "attachments_mime_plainxml": True}
        files = (
            self.env["ir.attachment"]
            .sudo()
            .with_context(**plain)
            .create(
                [
                    {
                        "name": arrival.download.name,
                        "raw": arrival.download.file.getvalue(),
                        "mimetype": arrival.download.mimetype,
                        "res_model": document._name,
                        "res_id": document.id,
                    }
                    for arrival in arrivals
                ]
            )
        )
        # Before they are on it, so that nobody looks into them a second time.
        found = {file: (document, arrival.findings, False) for file, arrival in zip(files, arrivals, strict=True)}
        self.env["kho.dl.file.check"]._keep(found)
        document.write({"attachment_ids": [Command.link(file.id) for file in files], "is_not_had": False})
        self._touch(document.case_id)

    @api.model
    def _own_uploads(self, document):
        """Return the files on `document` that the citizen handed in online and has not sent: they may be taken off again."""
        case = document.case_id
        request = case._open_request()
        if not case.is_draft and not request:
            return document.attachment_ids.browse()
        checks = document.check_ids.filtered(
            lambda check: (
                check.create_uid == self.env.user
                and not check.fetched_for
                # What was sent before the office asked for more stays.
                and (case.is_draft or check.create_date >= request.asked_on)
            )
        )
        return document.attachment_ids & checks.attachment_id

    @api.model
    def _take_off_upload(self, case_id, document_id, file_id):
        """Take an own upload off its document again; return the document, empty where it is not the citizen's to take off."""
        document = self._own_document(case_id, document_id)
        file = self._own_uploads(document).filtered(lambda file: file.id == file_id)
        if not file:
            return document.browse()
        reason = self.env._("The applicant took it off again before sending it.")
        document.with_context(kho_dl_reason=reason).write({"attachment_ids": [Command.unlink(file.id)]})
        self._touch(document.case_id)
        return document

    @api.model
    def _document_ways(self, document, shown, offered):
        uploads = [FileLine(file.id, file.name, file.file_size) for file in self._own_uploads(document)]
        return super()._document_ways(document, shown, offered)._replace(uploads=uploads)
