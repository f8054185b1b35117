from odoo import SUPERUSER_ID, models

from .kho_dl_guarded import OURS, check_one, check_readable
from .office_language import in_office_language


class MailThread(models.AbstractModel):
    """The first line beside a record of ours is one sentence in one language: Odoo's names the model, in whatever it finds.

    And who follows a record, also one of Odoo's, is told to those who may read it.
    """

    _inherit = "mail.thread"

    def _creation_message(self):
        if not self._name.startswith(OURS):
            return super()._creation_message()
        reader = in_office_language(self) if self.env.uid == SUPERUSER_ID else self
        return reader.env._("Created")

    def message_get_followers(self, *args, **options):
        # Odoo asks for no right: it would tell every officer of the database who may be concerned.
        check_one(self)
        check_readable(self)
        return super().message_get_followers(*args, **options)
