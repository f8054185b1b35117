"""Files that `fs_attachment` of the OCA keeps in an object store, where it is installed; without it nothing here is called.

It stands below us in the order of add-ons, for we need more of Odoo's own than it does.
"""

from odoo import api, models

from ..common.kho_dl_guarded import OURS


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def _register_hook(self):
        super()._register_hook()
        if "fs.file.gc" in self.env:
            _spare_store_of_copies(self.env.registry["fs.file.gc"])

    def write(self, vals):
        result = super().write(vals)
        if vals.get("res_model") and "fs_filename" in self._fields:
            self.filtered(_is_private)._name_by_content()
        return result

    @api.model
    def _storage(self):
        """A copy of the database shares no store with its original by mistake: what is new in it stays in its own folder."""
        storage = super()._storage()
        if storage in ("file", "db") or self.env["kho.dl.database"]._is_confirmed():
            return storage
        return "file"

    def _enforce_meaningful_storage_filename(self):  # pylint: disable=missing-return
        # It would give files names that people know, such as that of the applicant, and in a copy rename those of the original.
        private = self.filtered(_is_private)
        private._name_by_content()
        if (others := self - private) and self.env["kho.dl.database"]._is_confirmed():
            super(IrAttachment, others)._enforce_meaningful_storage_filename()

    def _name_by_content(self):
        """Let the names of these files in their store say nothing: they are the checksums of the contents."""
        for file in self:
            if not file._is_file_from_a_storage(file.store_fname):
                continue
            store, code, name = file._get_fs_parts()
            wanted = file.with_context(force_storage_key=file.checksum)._get_fs_path(code, b"")
            if name != wanted:
                # Another file may have this name, with the same content; and this transaction may be undone.
                store.copy(name, wanted)
                file._fs_mark_for_gc(f"{code}://{name}")
                file._fs_mark_for_gc(f"{code}://{wanted}")
                file._force_write_store_fname(f"{code}://{wanted}")
            file.fs_filename = wanted


def _is_private(file):
    """Whether a file is on a record of ours, or may come to one: nobody has said yet where it belongs."""
    return (file.res_model or OURS).startswith(OURS) and not file.public


def _spare_store_of_copies(garbage):
    """Have the collector of garbage of `fs_attachment` delete nothing in a copy: the original may need it."""
    collect = garbage._gc_files_unsafe
    if hasattr(collect, "origin"):
        return

    def _gc_files_unsafe(self):
        if self.env["kho.dl.database"]._is_confirmed():
            collect(self)

    _gc_files_unsafe.origin = collect
    garbage._gc_files_unsafe = _gc_files_unsafe
