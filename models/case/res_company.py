from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from .kho_dl_case import OPEN_STATES


class ResCompany(models.Model):
    """An office goes only when no open case lies there any more: its companies are those that people see."""

    _inherit = "res.company"

    @api.constrains("active")
    def _check_no_case_lies_there(self):
        gone = self.filtered(lambda company: not company.active)
        # sudo: administrators of Odoo need not be allowed to see cases; their number alone is told.
        cases = self.env["kho.dl.case"].sudo()
        own = Domain("company_id", "in", gone.ids) & Domain("held_by_id", "=", False) & Domain("is_draft", "=", False)
        lying = Domain("state", "in", OPEN_STATES) & (own | Domain("held_by_id", "in", gone.ids))
        for company, of_others, count in cases._read_group(lying, ["company_id", "held_by_id"], ["__count"], limit=1):
            raise ValidationError(
                self.env._(
                    "%(count)s open cases lie at “%(office)s”, and nobody would find them afterwards. It was not archived. "
                    "First hand over those of other offices, and finish its own: clerks of another office do so once "
                    "they are allowed this one, too.",
                    count=count,
                    office=(of_others or company).name,
                )
            )
