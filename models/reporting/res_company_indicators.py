from odoo import fields, models

from .indicators import DEFINITIONS


class ResCompany(models.Model):
    _inherit = "res.company"

    kho_dl_indicator_definition = fields.Selection(
        DEFINITIONS,
        "Definition of the indicators",
        default=DEFINITIONS[0][0],
        required=True,
        groups="base.group_user",
        help="What the figures are measured by; its source stands beside them.",
    )

    def _get_company_root_delegated_field_names(self):
        # A province and its offices are measured alike.
        return [*super()._get_company_root_delegated_field_names(), "kho_dl_indicator_definition"]


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    kho_dl_indicator_definition = fields.Selection(
        related="company_id.kho_dl_indicator_definition", readonly=False, required=True
    )
