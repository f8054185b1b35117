from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..common.citizen_card import Birth, read_birth, write_birth
from .res_partner_id_number import READERS


class ResPartner(models.Model):
    """When an applicant was born, for whoever may read id numbers: it tells two people of one name apart."""

    _inherit = "res.partner"

    kho_dl_birth_date = fields.Date("Day of birth", copy=False, groups=READERS)
    kho_dl_birth_year = fields.Integer("Year of birth", copy=False, groups=READERS)
    kho_dl_birth = fields.Char(
        "Date of birth",
        compute="_compute_kho_dl_birth",
        compute_sudo=False,
        inverse="_inverse_kho_dl_birth",
        groups=READERS,
        help="The day, or the year alone where only that is known.",
    )

    @api.depends("kho_dl_birth_date", "kho_dl_birth_year")
    def _compute_kho_dl_birth(self):
        for partner in self:
            year = partner.kho_dl_birth_year
            partner.kho_dl_birth = write_birth(Birth(partner.kho_dl_birth_date, year) if year else None)

    def _inverse_kho_dl_birth(self):
        for partner in self:
            birth = self._kho_dl_read_birth(partner.kho_dl_birth)
            # sudo: whoever may write the contact writes this.
            partner.sudo().write(
                {"kho_dl_birth_date": birth and birth.day, "kho_dl_birth_year": birth.year if birth else 0}
            )

    @api.model
    def _kho_dl_read_birth(self, text):
        """Return the `Birth` that `text` says, None for nothing; raises ValidationError in words for a clerk."""
        try:
            return read_birth(text)
        except ValueError:
            raise ValidationError(self._kho_dl_birth_words()) from None

    @api.model
    def _kho_dl_birth_words(self):
        return self.env._("Write the date of birth as on the card, 01/02/1990, or the year alone, 1990.")

    @api.onchange("kho_dl_birth")
    def _onchange_kho_dl_birth(self):
        # sudo: whoever types it may have no right on the stored fields.
        for partner in self.filtered("kho_dl_birth"):
            partner.kho_dl_birth = write_birth(self._kho_dl_read_birth(partner.kho_dl_birth))

    def _kho_dl_correctable_fields(self):
        return super()._kho_dl_correctable_fields() | {"kho_dl_birth"}
