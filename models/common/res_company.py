from odoo import models

# What work on any case asks of its office; also what Odoo's chatter asks.
OF_EACH_CASE = {
    "alias_domain_id",
    "kho_dl_differs_in",
    "kho_dl_own_server",
    "kho_dl_portal_lane",
    "kho_dl_sync_enabled",
    "kho_dl_unit_code",
}


class ResCompany(models.Model):
    """Our settings are read by whoever asks for one of them, and not by everybody who reads the company.

    Its row is read in nearly every request of Odoo, and three of four columns of it would be ours.
    """

    _inherit = "res.company"

    def _post_model_setup__(self):  # pylint: disable=missing-return
        super()._post_model_setup__()
        for name, field in self._fields.items():
            if name.startswith("kho_dl_") and field.prefetch is True and name not in OF_EACH_CASE:
                field.prefetch = "kho_dl"
