from odoo import SUPERUSER_ID, api, models

from .kho_dl_naming import with_number


def hidden_people(contacts):
    """Return those of `contacts` that have an id number and that the user may not read, also where superuser reads for the user."""
    env = contacts.env
    # Who has not signed in names nobody by an id: what Odoo shows them is theirs by a token.
    if not env.uid or env.uid == SUPERUSER_ID or env.user._is_public():
        return contacts.browse()
    asked = contacts._origin.sudo(False)
    hidden = asked - asked._filtered_access("read")
    known = hidden and with_number(hidden)
    return contacts.filtered(lambda contact: contact._origin in known)


class ResPartner(models.Model):
    """Odoo tells the name of a contact, as superuser, to whoever links it by its mere id, in a field of any application."""

    _inherit = "res.partner"

    @api.depends_context("allowed_company_ids", "uid")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        hidden_people(self).display_name = ""


class ResUsers(models.Model):
    """The same of whoever has an account: who made a record, and who is to do something, are fields of nearly all."""

    _inherit = "res.users"

    @api.depends_context("allowed_company_ids", "uid")
    def _compute_display_name(self):  # pylint: disable=missing-return
        super()._compute_display_name()
        # sudo: whose accounts these are.
        hidden = hidden_people(self.sudo().partner_id.with_env(self.env))
        self.filtered(lambda user: user.sudo().partner_id in hidden).display_name = ""
