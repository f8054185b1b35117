import os
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import AccessError, UserError

# What makes a file the file that it is.
_CONTENT_FIELDS = {"raw", "datas", "db_datas", "store_fname", "url", "type", "res_model", "res_id", "checksum"}
# Of a file of our own store nothing changes that others may see or reach.
_STORED_FIELDS = _CONTENT_FIELDS | {"name", "mimetype", "res_field", "public", "access_token"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    @api.model
    def _get_path(self, bin_data, sha):
        """Make way for a file of ours whose name, its checksum, an interrupted writer left on a piece of it."""
        if self.env.context.get("kho_dl_whole_files"):
            path = self._full_path(f"{sha[:2]}/{sha}")
            with suppress(FileNotFoundError):
                if os.path.getsize(path) != len(bin_data):
                    os.unlink(path)
        return super()._get_path(bin_data, sha)

    def write(self, vals):
        if _CONTENT_FIELDS.intersection(vals) and not self.env.su and self._case_documents("recorded_attachment_ids"):
            raise AccessError(
                self.env._(
                    "A file that came from another office stays as it is. Take it off the document instead, "
                    "and attach the other file."
                )
            )
        # Public or with Odoo's own token, it would be given to anybody: no address, no row of the journal.
        if _STORED_FIELDS.intersection(vals) and not self._is_same_content(vals):
            self._check_not_in_store()
        result = super().write(vals)
        if _CONTENT_FIELDS.intersection(vals):
            self._check_again()
        return result

    def unlink(self):
        self._check_not_in_store()
        documents = self._case_documents("attachment_ids")
        result = super().unlink()
        # A document whose files are gone must not go on naming where they came from.
        documents._adopt_uploads()
        return result

    def _check_again(self):
        """What was found in another content says nothing any more."""
        own = self.filtered(lambda attachment: attachment.res_model == "kho.dl.case.document")
        # sudo: what was found is recorded by this code only.
        if own and (checks := self.env["kho.dl.file.check"].sudo().search([("attachment_id", "in", own.ids)])):
            checks.action_check_again()

    def _is_same_content(self, vals):
        """Whether `vals` only puts the content there again, as Odoo does when files move to another storage."""
        if "raw" not in vals or set(vals) - {"raw", "mimetype"}:
            return False
        checksum = self._compute_checksum(vals["raw"] or b"")
        return all(file.checksum == checksum and vals.get("mimetype", file.mimetype) == file.mimetype for file in self)

    def _check_not_in_store(self):
        """Refuse to change what is in our own store; whoever asks, for it may be fetched by others any time."""
        # By what was kept, whatever the file itself says of whose it is. sudo: a rule that holds whatever the user may read.
        if self.ids and self.env["kho.dl.paper.file"].sudo().search_count([("attachment_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "This file is in our own store and stays as it is. Make a corrected version of the paper, or revoke it."
                )
            )

    def _case_documents(self, field_name):
        """Return the case documents that hold any of these files in `field_name`, whatever the files say of whose they are."""
        # sudo: a rule that holds whatever the user may read.
        documents = self.env["kho.dl.case.document"].sudo()
        return documents.search([(field_name, "in", self.ids)]) if self.ids else documents
