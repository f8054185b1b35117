from odoo import models

from .kho_dl_beside import beside_hidden


class MailScheduledMessage(models.Model):
    """A message that is sent later is read, with its files, by those who may read the record of ours that it is about."""

    _inherit = "mail.scheduled.message"

    def _check_access(self, operation):
        # Odoo looks at the record only where messages are searched: the files ask here.
        refused = super()._check_access(operation)
        if refused or self.env.su or not (hidden := beside_hidden(self)):
            return refused
        return hidden, lambda: self.env["ir.rule"]._make_access_error(operation, hidden)
