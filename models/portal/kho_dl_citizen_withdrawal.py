from odoo import api, models
from odoo.exceptions import UserError

from ..case.kho_dl_case import WITHDRAWN

_LONGEST_REASON = 1000


class KhoDLCitizen(models.AbstractModel):
    """The withdrawal of an application."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _withdraw_application(self, case_id, reason):
        """Withdraw an own application, which ends then (state 7). Raises UserError without a reason, or where it has ended."""
        self._followed(case_id)._withdraw_application(self._typed(reason).strip()[:_LONGEST_REASON])


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _withdraw_application(self, reason):
        """End the application for the citizen who is the user: what is under way for it ends, and the portal is told."""
        if not reason:
            raise UserError(self.env._("Say why you withdraw your application. Nothing was changed."))
        # An officer who processes it at this moment comes first, or finds it withdrawn.
        self._hold_still()
        if not self.is_open:
            raise UserError(
                self.env._("This application has ended already, so it cannot be withdrawn. Nothing was changed.")
            )
        self._withdraw(reason, kind="application")
        self.state = WITHDRAWN
        # Not the reason, which may hold id numbers: the chatter is read by many, and never emptied.
        self._message_log(
            body=self.env._("The applicant withdrew the application online. The reason is in the journal.")
        )
        self._tell_officer(lambda case: case.env._("The applicant withdrew the application"))
