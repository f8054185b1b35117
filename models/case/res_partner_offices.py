from odoo import api, fields, models
from odoo.fields import Command


class ResPartner(models.Model):
    """Which offices read a contact that several of them know: those that have or had a case of it.

    Odoo's rule gives a contact to one company and all that stand below it. So a contact of several offices is that of the
    company above them, for what Odoo checks, and a rule of ours keeps it to these offices. Of other contacts it says nothing.
    """

    _inherit = "res.partner"

    # Nobody's to search by, as the cases of a contact: they would tell whose cases another office has.
    kho_dl_is_kept = fields.Boolean("Read by its offices only", copy=False, groups=fields.NO_ACCESS)
    kho_dl_office_ids = fields.Many2many(
        "res.company",
        "kho_dl_partner_office_rel",
        "partner_id",
        "company_id",
        "Offices that read it",
        copy=False,
        groups=fields.NO_ACCESS,
    )

    @api.model_create_multi
    def create(self, vals_list):
        contacts = super().create(vals_list)
        if any(vals.get("parent_id") for vals in vals_list):
            # sudo: what is kept is kept whoever writes.
            contacts.sudo()._kho_dl_follow()
        return contacts

    def write(self, vals):
        result = super().write(vals)
        if vals.get("parent_id") or vals.get("company_id"):
            # sudo: as above.
            self.sudo()._kho_dl_follow()
        return result

    def copy_data(self, default=None):
        # Of whoever makes the copy: what is above the offices has it from this contact only.
        kept = self.filtered(lambda contact: contact.sudo().kho_dl_is_kept)
        return [
            {**vals, "company_id": self.env.company.id} if contact in kept else vals
            for contact, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def _kho_dl_follow(self):
        """Keep who belongs to a kept contact to the same offices, and let the company that a kept one was given to read it."""
        for contact in self:
            if contact.parent_id.kho_dl_is_kept:
                contact._kho_dl_keep_to(contact.parent_id.kho_dl_office_ids)
            if contact.kho_dl_is_kept and contact.company_id not in contact.kho_dl_office_ids.parent_ids:
                contact._kho_dl_keep_to(contact.company_id)

    def _kho_dl_share(self, above):
        """Make this contact of one office that of the company `above`, to be read where it is known by now."""
        known = self.company_id | self.kho_dl_case_ids.filtered(lambda case: not case.is_draft)._offices()
        # Odoo lets a contact stand in no other company than its account does.
        self.user_ids.filtered("share").write({"company_id": above.id, "company_ids": [Command.link(above.id)]})
        self.company_id = above
        self._kho_dl_keep_to(known)

    def _kho_dl_keep_to(self, offices):
        """Let `offices` read this contact and who belongs to it, besides those that do, and no others."""
        if new := offices - self.kho_dl_office_ids:
            everybody = self.with_context(active_test=False).search([("id", "child_of", self.ids)])
            links = [Command.link(office.id) for office in new]
            everybody.write({"kho_dl_is_kept": True, "kho_dl_office_ids": links})


class MergePartnerAutomatic(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    def _update_values(self, src_partners, dst_partner):
        # sudo: as with all of it.
        contact = dst_partner.sudo()
        is_kept = contact.kho_dl_is_kept
        super()._update_values(src_partners, dst_partner)
        # Whether that is so is what stays of the one that stays; the offices Odoo has put together.
        contact.kho_dl_is_kept = is_kept
        contact.kho_dl_case_ids._tell_of_applicants()
