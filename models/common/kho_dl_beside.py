from odoo import api, models

from .kho_dl_guarded import OURS

_MODEL = ("model", "res_model")


def beside_hidden(records):
    """Return those of `records`, such as messages and files, that are about a record of ours that the user may not read."""
    name = next(name for name in _MODEL if name in records._fields)
    # sudo: which records these are about, to look at the rights on those.
    ours = records.sudo().filtered(lambda record: (record[name] or "").startswith(OURS))
    about = {model: beside.mapped("res_id") for model, beside in ours.grouped(name).items()}
    # As Odoo does for files: what is gone, and whose model is, nobody reads.
    unread = set(records.env["ir.attachment"]._inaccessible_comodel_records(about, "read"))
    hidden = ours.filtered(lambda record: not record.res_id or (record[name], record.res_id) in unread)
    return hidden.with_env(records.env)


class KhoDLBeside(models.AbstractModel):
    """What stands beside records of ours: Odoo tells its name, as superuser, to whoever links it by its mere id.

    Who may not read the record is told none: a subject and the name of a file name people and cases.
    """

    _name = "kho.dl.beside"
    _description = "What stands beside a record"

    @api.depends_context("allowed_company_ids", "uid")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        # In the memory of whoever reads it: a superuser has another.
        self.sudo(False)._kho_dl_nameless().with_env(self.env).display_name = ""

    def _kho_dl_nameless(self):
        """Return those of which the user is told no name."""
        hidden = beside_hidden(self)
        # sudo: which ones are beside no record yet, as a file that was just added: who made them reads those.
        return hidden - hidden.sudo().filtered(lambda record: not record.res_id).sudo(False)._filtered_access("read")


class IrAttachment(models.Model):
    _name = "ir.attachment"
    _inherit = ["kho.dl.beside", "ir.attachment"]


class MailActivity(models.Model):
    _name = "mail.activity"
    _inherit = ["kho.dl.beside", "mail.activity"]


class MailMail(models.Model):
    _name = "mail.mail"
    _inherit = ["kho.dl.beside", "mail.mail"]


class MailMessage(models.Model):
    """And who may not read a record of ours writes nothing beside it, be it as an answer to a mail about it."""

    _name = "mail.message"
    _inherit = ["kho.dl.beside", "mail.message"]

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation != "create":
            return forbidden
        return forbidden + beside_hidden(self - forbidden)

    def action_open_document(self):
        # Odoo says of which record any message is, to whoever has its id.
        self.check_access("read")
        return super().action_open_document()
