from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .id_number import PERSON, clean_id_number, id_number_kind


class ResUsers(models.Model):
    _inherit = "res.users"

    kho_dl_id_number = fields.Char(
        "Officer's id number",
        help="Citizen id number (CCCD) of this officer. The national store asks for it with every question "
        "at the counter and by post.",
        copy=False,
        groups="base.group_erp_manager",
    )

    @property
    def SELF_READABLE_FIELDS(self):
        return super().SELF_READABLE_FIELDS + ["kho_dl_id_number"]

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._with_clean_id_number(vals) for vals in vals_list])

    def write(self, vals):
        return super().write(self._with_clean_id_number(vals))

    @api.model
    def _with_clean_id_number(self, vals):
        if vals.get("kho_dl_id_number"):
            return {**vals, "kho_dl_id_number": clean_id_number(vals["kho_dl_id_number"])}
        return vals

    @api.model
    def _kho_dl_administrators(self, company):
        """Return the active administrators of Kho DL; where `company` is one, only those who work in it."""
        # sudo: who keeps Kho DL is told to whoever has to turn to them.
        users = self.env.ref("kho_dl.group_administrator").sudo().all_user_ids.filtered("active")
        return users.filtered(lambda user: company in user.company_ids) if company else users

    @api.constrains("kho_dl_id_number")
    def _check_kho_dl_id_number(self):
        for user in self:
            if user.kho_dl_id_number and id_number_kind(user.kho_dl_id_number) != PERSON:
                raise ValidationError(self.env._("The officer's id number must have 12 digits, or 9 on an old card."))
