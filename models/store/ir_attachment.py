import os
from contextlib import suppress
from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

# What makes a file the file that it is.
_CONTENT_FIELDS = {"raw", "datas", "db_datas", "store_fname", "url", "type", "checksum", "res_model", "res_id"}
# Nor is a file on a case moved to another record, or opened to others, or hidden from them.
_CASE_FIELDS = _CONTENT_FIELDS | {"res_field", "public", "access_token"}
_CLOSED = {"res_field": False, "public": False, "access_token": False}
# Of a file of our own store nothing changes that others may see or reach.
_STORED_FIELDS = _CASE_FIELDS | {"name", "mimetype"}


class Uses(NamedTuple):
    """Whether any of some files is in our own store or came from another office; case documents and checks that have any."""

    is_stored: bool
    is_recorded: bool
    document_ids: list[int]
    check_ids: list[int]


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

    @api.model
    def create_unique(self, values_list):
        """As Odoo; but nobody learns by the bytes of a file whether somebody else has the same one."""
        if not isinstance(values_list, list | tuple):
            return super().create_unique(values_list)
        files = self.browse()
        for values in values_list:
            # One by one: Odoo returns several ids for one of them.
            found = self.browse(super().create_unique([values]))
            files += found._filtered_access("read") or self.create(values)
        return files.ids

    def write(self, vals):
        if not _STORED_FIELDS.intersection(vals):
            return super().write(vals)
        ours = self._uses()
        if any(ours) and self._is_same_content(vals):
            # Odoo would make large images smaller on the way to another storage.
            return super(IrAttachment, self.with_context(image_no_postprocess=True)).write(vals)
        is_content = not _CONTENT_FIELDS.isdisjoint(vals)
        self._check_may_change(ours, vals, is_content)
        result = super().write(vals)
        if is_content and ours.check_ids:
            # What was found in another content says nothing any more. sudo: it is recorded by this code only.
            self.env["kho.dl.file.check"].sudo().browse(ours.check_ids).action_check_again()
        return result

    def _check_may_change(self, ours, vals, is_content):
        """Refuse `vals` that `ours`, the uses of these files, do not bear."""
        if any(ours):
            # What these files are to us is told to those only who might change them.
            self.check_access("write")
        if is_content and ours.is_recorded and not self.env.su:
            raise AccessError(
                self.env._(
                    "A file that came from another office stays as it is. Take it off the document instead, "
                    "and attach the other file."
                )
            )
        if ours.document_ids and not self.env.su and not _CASE_FIELDS.isdisjoint(vals):
            raise UserError(
                self.env._(
                    "A file on a case stays as it is. Nothing was changed. Use “Take off or replace” beside it, and say why."
                )
            )
        # Public or with Odoo's own token, it would be given to anybody: no address, no row of the journal.
        if ours.is_stored:
            self._refuse_stored()

    def unlink(self):
        ours = self._uses()
        if any(ours):
            # What these files are to us is told to those only who might delete them; the journal notes nothing that is
            # refused then.
            self.check_access("unlink")
        if ours.is_stored:
            self._refuse_stored()
        # sudo: a rule that holds whatever the user may read.
        documents = self.env["kho.dl.case.document"].sudo().browse(ours.document_ids)
        for document in documents:
            if not self.env.su or self.env.context.get("kho_dl_for_people"):
                document._check_may_take_off(document._reason_given())
        documents._note_removed({document: document.attachment_ids & self for document in documents})
        result = super().unlink()
        # A document whose files are gone must not go on naming where they came from.
        documents._adopt_uploads()
        return result

    def _migrate(self):
        # sudo: Odoo lets administrators alone get here, and what the journal keeps moves with the rest, unchanged.
        return super(IrAttachment, self.sudo())._migrate()

    def _delete_and_notify(self, message=None):
        """As Odoo; of files on a case refused without a reason also to superusers: its routes ask as one, for anybody."""
        # A remote caller who sets it is refused more, not less.
        strict = self.with_context(kho_dl_for_people=True)
        return super(IrAttachment, strict)._delete_and_notify(message)

    def _copy_to(self, records, names=None):
        """Return copies of these files, one for each of `records`: theirs alone, with the same bytes, by `names` or their own."""
        # As they came: no resizing, and markup only as plain text. A browser may ask for sizes in place of contents.
        files = self.with_context(image_no_postprocess=True, attachments_mime_plainxml=True, bin_size=False)
        values = [
            {**vals, "name": name, "res_model": record._name, "res_id": record.id}
            for file, record, name in zip(files, records, names or files.mapped("name"), strict=True)
            for vals in file.copy_data({**_CLOSED, "url": file.type == "url" and file.url})
        ]
        return self.browse(files.create(values).ids)

    def _move_to(self, record):
        """Make these files those of `record` alone: uploads of the user move there; return the copies of all others.

        They are {file of another record: its copy}. Raises AccessError where the user may not read one.
        """
        strangers = self.filtered(lambda file: (file.res_model, file.res_id) != (record._name, record.id))
        strays = strangers.filtered(lambda file: not file.res_id and file.create_uid == self.env.user)
        strays.write({"res_model": record._name, "res_id": record.id})
        others = strangers - strays
        others.check_access("read")
        return dict(zip(others, others._copy_to([record] * len(others)), strict=True))

    def _close(self):
        """Let these files be reached through the record alone that they belong to."""
        # sudo: who puts a file on a case or a paper need not be one who could open it.
        files = self.sudo()
        files.filtered(lambda file: file.public or file.access_token or file.res_field).write(dict(_CLOSED))
        # By such an address Odoo gives a file to anybody.
        files.filtered(lambda file: file.url and file.type == "binary").write({"url": False})

    def _is_same_content(self, vals):
        """Whether `vals` only puts the content there again, as Odoo does when files move to another storage."""
        if not isinstance(vals.get("raw"), bytes) or set(vals) - {"raw", "mimetype"}:
            return False
        checksum = self._compute_checksum(vals["raw"])
        return all(file.checksum == checksum and vals.get("mimetype", file.mimetype) == file.mimetype for file in self)

    def _refuse_stored(self):
        """Say that what is in our own store stays; whoever asks, for it may be fetched by others any time."""
        raise UserError(
            self.env._(
                "This file is in our own store and stays as it is. Make a corrected version of the paper, or revoke it."
            )
        )

    def _uses(self):
        """Return the `Uses` that any of these files has here, whatever the files say of whose they are.

        In SQL, and all in one statement: it is what each change to a file of any application costs.
        """
        if not self.ids:
            return Uses(False, False, [], [])
        documents = self.env["kho.dl.case.document"]
        documents.flush_model(["attachment_ids", "recorded_attachment_ids"])
        self.env["kho.dl.paper.file"].flush_model(["attachment_id"])
        self.env["kho.dl.file.check"].flush_model(["attachment_id"])
        statement = SQL(
            """
            SELECT EXISTS (SELECT FROM kho_dl_paper_file WHERE attachment_id IN %(ids)s),
                   EXISTS (SELECT FROM kho_dl_case_document_recorded_attachment_rel WHERE attachment_id IN %(ids)s),
                   ARRAY(SELECT DISTINCT case_document_id FROM kho_dl_case_document_attachment_rel
                          WHERE attachment_id IN %(ids)s),
                   ARRAY(SELECT id FROM kho_dl_file_check WHERE attachment_id IN %(ids)s ORDER BY id)
            """,
            ids=tuple(self.ids),
        )
        [row] = self.env.execute_query(statement)
        return Uses(*row)
