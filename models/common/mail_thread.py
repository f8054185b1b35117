from odoo import SUPERUSER_ID, models

from .office_language import in_office_language


class MailThread(models.AbstractModel):
    """The first line beside a record of ours is one sentence in one language: Odoo's names the model, in whatever it finds."""

    _inherit = "mail.thread"

    def _creation_message(self):
        if not self._name.startswith("kho.dl."):
            return super()._creation_message()
        reader = in_office_language(self) if self.env.uid == SUPERUSER_ID else self
        return reader.env._("Created")
