from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class ResPartner(models.Model):
    """A citizen keeps the own address, and no name that was compared with a card or a document: offices are told it."""

    _inherit = "res.partner"

    def write(self, vals):
        if words := self._kho_dl_name_refused(vals):
            raise UserError(words)
        return super().write(vals)

    def _kho_dl_name_refused(self, vals):
        """Return in words why the user, a citizen, may not write the name in `vals` to these contacts; "" where that may be."""
        contact = self.env["kho.dl.citizen"]._contact()
        if "name" not in vals or not contact:
            return ""
        # sudo: Odoo's own pages write as superuser, with the citizen as user, also the name of the organisation behind one.
        changed = self.sudo().filtered(lambda partner: _words(partner.name) != _words(vals["name"]))
        compared = Domain("partner_id", "in", changed.ids) & Domain("verified_how", "!=", False)
        if not self.env["kho.dl.id.number"].sudo().search_count(compared, limit=1):
            return ""
        if changed != contact:
            return self.env._(
                "This name was compared with a document, so it stays as it is. Ask at the counter to change it."
            )
        return self.env._(
            "Your name was compared with your card, so it stays as it is. If your card has another name now, show it at the counter."
        )


def _words(name):
    return " ".join((name or "").split())
