from odoo import api, models
from odoo.exceptions import ValidationError

from .kho_dl_case import OPEN_STATES


class ResCompany(models.Model):
    """An office goes only when nothing of other offices lies there any more."""

    _inherit = "res.company"

    @api.constrains("active")
    def _check_no_case_lies_there(self):
        gone = self.filtered(lambda company: not company.active)
        # sudo: administrators of Odoo need not be allowed to see cases; their number alone is told.
        held = self.env["kho.dl.case"].sudo()
        lying = [("held_by_id", "in", gone.ids), ("state", "in", OPEN_STATES)]
        for company, count in held._read_group(lying, ["held_by_id"], ["__count"]):
            raise ValidationError(
                self.env._(
                    "%(count)s cases lie at “%(office)s” that belong to other offices, and nobody could hand them over "
                    "afterwards. It was not archived: hand these cases over first.",
                    count=count,
                    office=company.name,
                )
            )
