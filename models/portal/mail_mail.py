from odoo import api, models


class MailMail(models.Model):
    """What goes to the owner of an account stays in the mail itself: it may hold the way into the account."""

    _inherit = "mail.mail"

    @api.model_create_multi
    def create(self, vals_list):
        # Until it could be sent, whoever may read the account reads the message, and so does its sender.
        return super().create(
            [{**vals, "body": False} if vals.get("model") == "res.users" else vals for vals in vals_list]
        )
