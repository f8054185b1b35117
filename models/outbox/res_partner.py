from odoo import models
from odoo.fields import Domain

from ..case.kho_dl_case import OPEN_STATES

# What messages tell of an applicant's contact.
_TOLD_FIELDS = ("name", "phone", "email", "kho_dl_organisation_kind")


class ResPartner(models.Model):
    """A change of what the portal is told of an applicant is told of the cases that are open."""

    _inherit = "res.partner"

    def write(self, vals):
        told = [name for name in _TOLD_FIELDS if name in vals]
        if not told:
            return super().write(vals)
        # sudo: what the portal is told does not depend on who may read it, nor whose cases they are.
        contacts = self.sudo()
        before = {contact: [contact[name] for name in told] for contact in contacts}
        result = super().write(vals)
        changed = contacts.filtered(lambda contact: before[contact] != [contact[name] for name in told])
        if changed:
            of_these = Domain("owner_id", "in", changed.ids) & Domain("state", "in", OPEN_STATES)
            self.env["kho.dl.case"].sudo().search(of_these)._enqueue_case_sync()
        return result
