from odoo import SUPERUSER_ID, Command, models
from odoo.exceptions import UserError


class KhoDLCaseDocument(models.Model):
    """Files leave a document with a row in the journal, which keeps them; the document is missing again then."""

    _inherit = "kho.dl.case.document"

    def _take_off(self, attachments, reason):
        """Take these of its files off this document of an open case, because of `reason`."""
        self._check_may_decide(reason)
        leaving = self.attachment_ids & attachments
        self.with_context(kho_dl_reason=reason).write(
            {"attachment_ids": [Command.unlink(attachment.id) for attachment in leaving]}
        )

    def _let_stay(self, attachments, reason):
        """Note why these files, fetched for another number than the case has now, stay on this document."""
        self._check_may_decide(reason)
        # sudo: what was decided about a file is recorded by this code only.
        checks = self.sudo().check_ids.filtered(
            lambda check: check.is_for_other_number and check.attachment_id in attachments
        )
        self.env["kho.dl.file.decision"]._note("stays", self, checks.attachment_id, reason)
        checks.write({"stays_for": self.case_id.owner_id_number or "", "stays_because": reason.strip()})

    def _check_may_decide(self, reason):
        self.ensure_one()
        self.check_access("write")
        if not self.case_id.is_open:
            raise UserError(self.env._("This case is closed, so its files stay as they are."))
        if not (reason or "").strip():
            raise UserError(self.env._("Say why. Nothing was changed."))

    def _note_removed(self, attachments):
        """Write in the journal that these files leave this document, whoever removes them, and forget their hashes.

        The reason may be given in the context; it opens nothing.
        """
        # What Odoo itself removes, with an add-on or a test, is nobody's decision.
        if not attachments or self.env.uid == SUPERUSER_ID:
            return
        reason = self.env.context.get("kho_dl_reason")
        rows = self.env["kho.dl.file.decision"]._note(
            "taken_off", self, attachments, reason if isinstance(reason, str) else False
        )
        # sudo: provenance is recorded by this code only.
        privileged = self.sudo()
        hashes = (privileged.provenance_sha256 or "").split("\n")
        left = [line for line in hashes if line not in rows.mapped("sha256")]
        if len(left) < len(hashes):
            privileged.provenance_sha256 = "\n".join(left)
        # Neither reason nor names, which may hold id numbers: the chatter is read by many, and never emptied.
        privileged.case_id._message_log(
            body=self.env._(
                "Files taken off “%(document)s”: %(count)s. They are kept in the journal, with the reason.",
                document=self.name,
                count=len(attachments),
            )
        )
