from odoo import models

_OURS = "kho.dl."


class MailMessage(models.Model):
    """Who may not read a record of ours writes nothing beside it, be it as an answer to a mail about it."""

    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation != "create":
            return forbidden
        # sudo: which records these messages are about, to look at the rights on those.
        ours = (self - forbidden).sudo().filtered(lambda message: (message.model or "").startswith(_OURS))
        for model, messages in ours.grouped("model").items():
            readable = self.env[model].browse(messages.mapped("res_id"))._filtered_access("read")
            forbidden += messages.filtered(lambda message, ids=readable.ids: message.res_id not in ids).sudo(False)
        return forbidden
