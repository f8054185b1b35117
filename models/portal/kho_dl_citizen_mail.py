from odoo import models


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _send_all_here(self, user, ended, failed):
        """Write to a citizen whose files took longer than the page; officers see it wherever in Odoo they are."""
        if not user._is_portal():
            return super()._send_all_here(user, ended, failed)
        if self.consent_withdrawn_on and not self.has_consent:
            # They ended it themselves.
            return None
        template = self.env["kho.dl.database"]._mail_template("kho_dl.mail_template_fetched")
        if template and user.email:
            news = {"kho_dl_user": user, "kho_dl_arrived": ended - failed, "kho_dl_failed": failed}
            template.with_context(**news).send_mail(self.id)
        return None
