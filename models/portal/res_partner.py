from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..case.kho_dl_naming import with_number
from ..common.kho_dl_guarded import check_one


class ResPartner(models.Model):
    """A citizen keeps the own address, and no name that was compared with a card or a document: offices are told it.

    And who may act for a business at the portal.
    """

    _inherit = "res.partner"

    def write(self, vals):
        if words := self._kho_dl_name_refused(vals):
            raise UserError(words)
        if "email" in vals:
            self._kho_dl_refuse_address(vals["email"])
        return super().write(vals)

    def _kho_dl_refuse_address(self, address):
        """Raise where one of these contacts is a person with an account, whose new password would go to another address."""
        changed = self.filtered(lambda contact: (contact.email or "") != (address or "")) - self.env.user.partner_id
        people = changed._kho_dl_accounts_not_told()
        # sudo: who has an account is looked at.
        if people := people.sudo().with_context(active_test=False).filtered("user_ids").sudo(False):
            # Who may not change the contact at all reads that, and not who has an account.
            people.check_access("write")
            raise UserError(
                self.env._(
                    "%(name)s has an account, and a new password for it goes to this mail address: only who manages accounts "
                    "changes it. Nothing was changed. The person does it on the pages for citizens, or somebody who has Odoo's "
                    "right “Access Rights” does.",
                    name=people[0].name,
                )
            )

    def signup_get_auth_param(self):
        """As Odoo, which asks for no right: of who has an id number only to whoever manages accounts.

        The account reads the person's cases, and whoever has this makes it.
        """
        return super(ResPartner, self - self._kho_dl_accounts_not_told()).signup_get_auth_param()

    def _get_signup_url(self):
        # Odoo's templates have it, and any officer composes from them: with it a password is set anew.
        return False if self._kho_dl_accounts_not_told() else super()._get_signup_url()

    def _get_signup_url_for_action(self, *args, **options):
        people = self._kho_dl_accounts_not_told()
        return dict.fromkeys(people.ids, False) | super(ResPartner, self - people)._get_signup_url_for_action(
            *args, **options
        )

    def _kho_dl_accounts_not_told(self):
        """Return those of these contacts that have an id number, where the user manages no accounts."""
        if self.env.su or self.env.user.has_group("base.group_erp_manager"):
            return self.browse()
        return self & with_number(self)

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

    # -- who may act for a business ------------------------------------------------------------------

    def action_kho_dl_mandates(self):
        """Open who may act for this business, and who could."""
        check_one(self)
        self.check_access("read")
        action = self.env["ir.actions.act_window"]._for_xml_id("kho_dl.action_kho_dl_mandate")
        numbers = self._kho_dl_numbers(self.env.company).mapped("number")
        domain = Domain("kind", "!=", "revoked") & Domain("organisation_number", "in", numbers)
        return {**action, "domain": list(domain), "context": {}}

    def action_kho_dl_note_representative(self):
        """Open the form that asks who represents this business by law."""
        check_one(self)
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Note the lawful representative"),
            "res_model": "kho.dl.note.representative",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_organisation_id": self.id},
        }


def _words(name):
    return " ".join((name or "").split())
