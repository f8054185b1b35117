from odoo import models


class MailNotification(models.Model):
    """Who was written to is told to whoever may read it, beside what is told to everybody."""

    _inherit = "mail.notification"

    def _filtered_for_web_client(self):
        # Odoo asks as superuser, and keeps in mind what it read so: of whom the user may not read nothing is told, and a mail that
        # failed does not stop at the first such one.
        told = self.sudo(False)._filtered_access("read").with_env(self.env)
        return super(MailNotification, told)._filtered_for_web_client()
