from odoo import models
from odoo.exceptions import UserError


class PortalWizardUser(models.TransientModel):
    """The way into the account of a person goes to an address that is typed here: whoever manages accounts answers for it."""

    _inherit = "portal.wizard.user"

    def action_grant_access(self):
        self._kho_dl_refuse_people()
        return super().action_grant_access()

    def action_invite_again(self):
        self._kho_dl_refuse_people()
        return super().action_invite_again()

    def _kho_dl_refuse_people(self):
        if people := self.partner_id._kho_dl_accounts_not_told():
            raise UserError(
                self.env._(
                    "With an account, %(name)s would read the own cases: only who manages accounts invites people with "
                    "an id number. Nothing was sent. Ask somebody who has Odoo's right “Access Rights”.",
                    name=people[0].name,
                )
            )
