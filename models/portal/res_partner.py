from odoo import models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """A citizen keeps the own address, and not the name that was compared with the card: offices are told it."""

    _inherit = "res.partner"

    def write(self, vals):
        if words := self._kho_dl_name_refused(vals):
            raise UserError(words)
        return super().write(vals)

    def _kho_dl_name_refused(self, vals):
        """Return in words why the user, a citizen, may not write the name in `vals` to these contacts; "" where that may be."""
        citizen = self.env["kho.dl.citizen"]
        # Odoo's own pages write as superuser, with the citizen as user.
        own = self & citizen._contact() if "name" in vals else self.browse()
        is_changed = own and " ".join((vals["name"] or "").split()) != " ".join((own.sudo().name or "").split())
        if not is_changed or not citizen._verified_numbers():
            return ""
        return self.env._(
            "Your name was compared with your card, so it stays as it is. If your card has another name now, show it at the counter."
        )
