from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class KhoDLDecideFile(models.TransientModel):
    """Asks why files are taken off a case, or replaced, or stay on it although fetched for another number.

    Works the same without a browser: create it with `file_ids` and `reason`, then call `action_take_off()` or
    `action_stay()`. With `new_file_ids` the files of one document are replaced by these.
    """

    _name = "kho.dl.decide.file"
    _description = "Decide about files of a case"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "reason"

    file_ids = fields.Many2many(
        "ir.attachment", "kho_dl_decide_file_attachment_rel", "decide_id", "attachment_id", "Files", required=True
    )
    new_file_ids = fields.Many2many(
        "ir.attachment", "kho_dl_decide_file_new_rel", "decide_id", "attachment_id", "Choose a file"
    )
    reason = fields.Text(help="Kept in the journal, with the files that are taken off.")
    words = fields.Text("Which files", compute="_compute_words")
    can_replace = fields.Boolean(compute="_compute_words")
    can_stay = fields.Boolean(compute="_compute_words")
    can_take_off = fields.Boolean(compute="_compute_words")

    @api.depends("file_ids")
    def _compute_words(self):
        for form in self:
            documents = form._documents()
            checks = documents.check_ids.filtered(lambda check, form=form: check.attachment_id in form._files())
            form.can_take_off = all(documents.case_id.mapped("is_open"))
            form.can_replace = len(documents) == 1 and form.can_take_off
            form.can_stay = bool(checks) and all(checks.mapped("is_for_other_number"))
            # sudo: who reads a document sees the names of its files.
            form.words = "\n".join(
                f"{file.sudo().name} ({document.name})"
                for document in documents
                for file in (document.attachment_ids & form._files()).sorted("id")
            )

    @api.model
    def _action_open(self, attachments):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take off or replace"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_file_ids": [Command.set(attachments.ids)]},
        }

    def action_take_off(self):
        """Take the files off their documents, and put the new ones in their place. Raises UserError without a reason."""
        self.ensure_one()
        documents = self._documents_asked()
        if self.new_file_ids and len(documents) > 1:
            raise UserError(self.env._("New files take the place of those of one document only. Nothing was changed."))
        for document in documents:
            document._take_off(self._files(), self.reason)
        if self.new_file_ids:
            documents.write({"attachment_ids": [Command.link(file.id) for file in self.new_file_ids]})
        return {"type": "ir.actions.act_window_close"}

    def action_stay(self):
        """Leave files on the case that were fetched for another number. Raises UserError without a reason."""
        self.ensure_one()
        if not self.can_stay:
            raise UserError(self.env._("Only a file that was fetched for another number needs a reason to stay."))
        for document in self._documents_asked():
            document._let_stay(self._files(), self.reason)
        return {"type": "ir.actions.act_window_close"}

    def _documents_asked(self):
        documents = self._documents()
        if not self._files() or self._files() - documents.attachment_ids:
            words = self.env._(
                "One of these files is on no case any more: a colleague may have taken it off meanwhile. Nothing was "
                "changed. Close this form and look at the case again."
            )
            if self.new_file_ids:
                words += " " + self.env._(
                    "The file that you chose is not on the case: where it is still missing, add it with the paper clip."
                )
            raise UserError(words)
        return documents

    def _documents(self):
        """Return the documents that hold these files, as far as the user may read them."""
        return self.env["kho.dl.case.document"].search([("attachment_ids", "in", self._files().ids)])

    def _files(self):
        return self.file_ids._origin
