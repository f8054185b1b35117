import os
from contextlib import suppress

from odoo import api, models
from odoo.exceptions import AccessError, UserError

# What makes a file the file that it is.
_CONTENT_FIELDS = {"raw", "datas", "db_datas", "store_fname", "url", "type", "res_model", "res_id", "checksum"}


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
        if _CONTENT_FIELDS.intersection(vals) or vals.get("public") or vals.get("access_token"):
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

    def _check_not_in_store(self):
        """Refuse to change what is in our own store; whoever asks, for it may be fetched by others any time."""
        own = self.filtered(lambda attachment: attachment.res_model == "kho.dl.paper")
        # sudo: a rule that holds whatever the user may read.
        if own and self.env["kho.dl.paper.file"].sudo().search_count([("attachment_id", "in", own.ids)], limit=1):
            raise UserError(
                self.env._(
                    "This file is in our own store and stays as it is. Make a corrected version of the paper, or revoke it."
                )
            )

    def _case_documents(self, field_name):
        """Return the case documents that hold any of these files in `field_name`."""
        own = self.filtered(lambda attachment: attachment.res_model == "kho.dl.case.document")
        # sudo: a rule that holds whatever the user may read.
        documents = self.env["kho.dl.case.document"].sudo()
        return documents.search([(field_name, "in", own.ids)]) if own else documents
