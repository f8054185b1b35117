from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..common.kho_dl_guarded import check_one
from .kho_dl_mandate import IN_FORCE, REVOKED


class KhoDLMandate(models.Model):
    """How a mandate ends before its day."""

    _inherit = "kho.dl.mandate"

    def _revoke(self, reason):
        """End this mandate, and those under it, now; what has ended stays as it ended. Raises UserError without a `reason`.

        For code that has made sure that the user may.
        """
        self.ensure_one()
        reason = str(reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why. Nothing was changed."))
        # As for who is named: who comes second begins anew.
        self.env.cr.execute(SQL("UPDATE kho_dl_mandate SET write_date = write_date WHERE id = %s", self.id))
        if self.state != IN_FORCE:
            return
        # sudo: the row may be one that the user reads no more of than a page shows.
        mandate = self.sudo()
        names = ("organisation_name", "organisation_number", "person_name", "person_number")
        about = {name: mandate[name] for name in names}
        company = mandate.company_id
        self._journal({"kind": REVOKED, "revokes_id": self.id, "reason": reason, "company_id": company.id, **about})
        mandate.invalidate_recordset(["revocation_ids"])

    def action_revoke(self):
        """Open the form that asks why this mandate ends."""
        check_one(self)
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Revoke"),
            "res_model": "kho.dl.revoke.mandate",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_mandate_id": self.id},
        }
