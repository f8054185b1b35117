from markupsafe import Markup

from odoo import SUPERUSER_ID, Command, api, models
from odoo.addons.base.models.ir_model import MODULE_UNINSTALL_FLAG
from odoo.exceptions import UserError
from odoo.tools import SQL


class KhoDLCaseDocument(models.Model):
    """Files leave a document with a row in the journal, which keeps them; the document is missing again then.

    People say why, in the form or as `kho_dl_reason` in the context of `write` and `unlink`, and only on an open case.
    Code that runs as superuser may stay silent: its row has no reason.
    """

    _inherit = "kho.dl.case.document"

    @api.model
    def _link_recorded(self, files):
        """Put new `files` that this code made, {attachment: document}, on their documents.

        Nothing of it needs a look but the links, so all are one statement: `write` makes two a document, and reads first.
        """
        if not files:
            return
        statement = SQL(
            """
            WITH recorded AS (
                INSERT INTO kho_dl_case_document_recorded_attachment_rel (case_document_id, attachment_id) VALUES %(links)s
            )
            INSERT INTO kho_dl_case_document_attachment_rel (case_document_id, attachment_id) VALUES %(links)s
            """,
            links=SQL(", ").join(SQL("%s", (document.id, file.id)) for file, document in files.items()),
        )
        self.env.cr.execute(statement)
        documents, names = self.union(*files.values()), ["attachment_ids", "recorded_attachment_ids"]
        documents.invalidate_recordset(names, flush=False)
        documents.modified(names)
        documents._files_changed()

    def _files_changed(self):
        """Called wherever files of these documents came or went."""

    def _take_off(self, attachments, reason):
        """Take these of its files off this document of an open case, because of `reason`."""
        self.ensure_one()
        self.check_access("write")
        self._check_may_take_off(reason)
        leaving = self.attachment_ids & attachments
        self.with_context(kho_dl_reason=reason).write(
            {"attachment_ids": [Command.unlink(attachment.id) for attachment in leaving]}
        )

    def _let_stay(self, attachments, reason):
        """Note why these files, fetched for another number than the case has now, stay on this document.

        Also on a closed case: nothing of it changes, and it could not be finished otherwise.
        """
        self.ensure_one()
        self.check_access("write")
        if not (reason or "").strip():
            raise UserError(self.env._("Say why. Nothing was changed."))
        # sudo: what was decided about a file is recorded by this code only.
        checks = self.sudo().check_ids.filtered(
            lambda check: check.is_for_other_number and check.attachment_id in attachments
        )
        self.env["kho.dl.file.decision"]._note("stays", {self: checks.attachment_id}, reason)
        checks.write({"stays_for": self.case_id.owner_id_number or "", "stays_because": reason.strip()})

    def _check_files_changed(self, before):
        """Refuse what people may not do to the files of this document, which were `before`."""
        added = self.attachment_ids - before
        removed = before - self.attachment_ids
        if self.env.su or not (added or removed):
            return
        if removed:
            self._check_may_take_off(self._reason_given())
        self._check_case_is_open()
        # sudo: whose a file is decides, whatever the user may read of it.
        for file in added.sudo():
            if file.type == "url":
                raise UserError(
                    self.env._(
                        "“%s” is only a link, and what stands behind it may change. Nothing was changed. Put the file "
                        "itself on the case.",
                        file.name,
                    )
                )
            if (file.res_model == self._name and file.res_id not in (0, self.id)) or file.res_model == "kho.dl.paper":
                raise UserError(
                    self.env._(
                        "The file “%s” belongs to another document, or to a paper of our own store, and would lose "
                        "where it came from. Nothing was changed. Use “Look for existing papers” on this case instead.",
                        file.name,
                    )
                )

    def _take_files(self):
        """Make the files on this document its own: reached through it alone, and gone with nothing else.

        A file that belongs to another record is copied.
        """
        # sudo: what people link they may read (`kho.dl.guarded`); whose it is from then on is not theirs to say.
        files = self.attachment_ids.sudo()
        copies = files._move_to(self)
        own = files.filtered(lambda file: file not in copies)
        if copies:
            for check in self.sudo().check_ids.filtered(lambda check: check.attachment_id in copies):
                check.attachment_id = copies[check.attachment_id]
            self._write_below_the_guard({"attachment_ids": [Command.set(own.concat(*copies.values()).ids)]})
        own._close()

    def _check_may_take_off(self, reason):
        self._check_case_is_open()
        if not (reason or "").strip():
            raise UserError(
                self.env._(
                    "A file leaves a case only with a reason. Nothing was changed. Use “Take off or replace” beside "
                    "the file, and say why."
                )
            )

    def _check_case_is_open(self):
        if not self.case_id.is_open:
            raise UserError(
                self.env._(
                    "This case is closed, so its files stay as they are. Set it back to “In process” first, if they "
                    "must change."
                )
            )

    def _reason_given(self):
        reason = self.env.context.get("kho_dl_reason")
        return reason if isinstance(reason, str) else False

    @api.model
    def _note_removed(self, leaving):
        """Write in the journal which files leave which documents, {document: attachments}, whoever removes them, and
        forget their hashes.
        """
        # What leaves with an add-on is nobody's decision. Only Odoo itself is believed that it is so.
        is_uninstalled = self.env.uid == SUPERUSER_ID and self.env.context.get(MODULE_UNINSTALL_FLAG)
        leaving = {document: noted for document, files in leaving.items() if (noted := document._noted(files))}
        if not leaving or is_uninstalled:
            return
        rows = self.env["kho.dl.file.decision"]._note("taken_off", leaving, self._reason_given())
        told = {}
        for document, noted in rows.grouped("case_document_id").items():
            # sudo: provenance is recorded by this code only.
            privileged = document.sudo()
            hashes = (privileged.provenance_sha256 or "").split("\n")
            left = [line for line in hashes if line not in noted.mapped("sha256")]
            if len(left) < len(hashes):
                privileged.provenance_sha256 = "\n".join(left)
            told.setdefault(privileged.case_id, []).append(self._removed_words(privileged, len(noted)))
        # Neither reason nor names, which may hold id numbers: the chatter is read by many, and never emptied.
        # sudo: as above.
        cases = self.env["kho.dl.case"].sudo().union(*told)
        cases._message_log_batch(bodies={case.id: Markup("<br/>").join(words) for case, words in told.items()})

    def _noted(self, files):
        """Return those of these files whose leaving is noted: what an applicant uploads to a draft was never handed in."""
        # sudo: which files were recorded is for this code only.
        return files & self.sudo().recorded_attachment_ids if self.case_id.is_draft else files

    def _removed_words(self, document, count):
        return self.env._(
            "Files taken off “%(document)s”: %(count)s. They are kept in the journal, with the reason.",
            document=document.name,
            count=count,
        )
