from odoo import models


class MailNotification(models.Model):
    """Who was written to is told to whoever may read it, beside what is told to everybody."""

    _inherit = "mail.notification"

    def _filtered_for_web_client(self):
        # Odoo keeps in mind what it read as superuser: a mail that failed would stop at the first one that its author may not read.
        return super(MailNotification, self._filtered_access("read"))._filtered_for_web_client()
