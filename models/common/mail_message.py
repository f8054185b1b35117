from odoo import models

_OURS = "kho.dl."


def beside_hidden(messages):
    """Return those of `messages` that are about a record of ours that the user may not read."""
    hidden = messages.browse()
    # sudo: which records these are about, to look at the rights on those.
    ours = messages.sudo().filtered(lambda message: (message.model or "").startswith(_OURS))
    for model, beside in ours.grouped("model").items():
        readable = messages.env[model].browse(beside.mapped("res_id"))._filtered_access("read")
        hidden += beside.filtered(lambda message, ids=readable.ids: message.res_id not in ids).with_env(messages.env)
    return hidden


class MailMessage(models.Model):
    """Who may not read a record of ours writes nothing beside it, be it as an answer to a mail about it."""

    _inherit = "mail.message"

    def _get_forbidden_access(self, operation):
        forbidden = super()._get_forbidden_access(operation)
        if operation != "create":
            return forbidden
        return forbidden + beside_hidden(self - forbidden)
