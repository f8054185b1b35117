from odoo import api, models


class KhoDLCase(models.Model):
    """By what a case is judged, and where it lies, only our own code writes.

    Loaded behind what records it, so that what somebody else gives is refused before.
    """

    _inherit = "kho.dl.case"

    @api.model_create_multi
    def create(self, vals_list):
        # When it ended is said of a case that begins so, as its other dates are.
        self._check_not_recorded({name for vals in vals_list for name in vals} - {"date_stopped"})
        return super().create(vals_list)

    def write(self, vals):
        self._check_not_recorded(vals)
        return super().write(vals)
