from odoo import models


class PortalWizardUser(models.TransientModel):
    _inherit = "portal.wizard.user"

    def _send_email(self):
        # sudo: the mail with the way into the account goes to the contact, and its sender does not read it.
        return super(PortalWizardUser, self.sudo())._send_email()
