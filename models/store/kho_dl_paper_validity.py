from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..common.office_time import OFFICE_TIMEZONE


class KhoDLPaper(models.Model):
    """From when and until when a paper is valid."""

    _inherit = "kho.dl.paper"

    is_unlimited = fields.Boolean(
        "Without end", compute="_compute_is_unlimited", store=True, readonly=False, precompute=True
    )
    is_expired = fields.Boolean(compute="_compute_is_expired", search="_search_is_expired")

    _validity = models.Constraint(
        "CHECK (date_expiry IS NULL OR NOT is_unlimited)", "A paper without end has no last day of validity."
    )
    _dates = models.Constraint(
        "CHECK (date_expiry IS NULL OR date_issued IS NULL OR date_expiry >= date_issued)",
        "A paper cannot end before it was issued.",
    )

    @api.depends("date_expiry")
    def _compute_is_unlimited(self):
        for paper in self:
            paper.is_unlimited = not paper.date_expiry

    @api.onchange("is_unlimited")
    def _onchange_is_unlimited(self):
        if self.is_unlimited:
            self.date_expiry = False

    @api.depends("date_expiry")
    def _compute_is_expired(self):
        today = self._today()
        for paper in self:
            paper.is_expired = bool(paper.date_expiry and paper.date_expiry < today)

    @api.model
    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain.OR(~self._valid_domain() if wanted else self._valid_domain() for wanted in value)

    @api.model
    def _valid_domain(self):
        return Domain("date_expiry", "=", False) | Domain("date_expiry", ">=", self._today())

    @api.model
    def _today(self):
        # A paper's last day ends when it ends for the office, wherever the caller is.
        return fields.Date.context_today(self.with_context(tz=OFFICE_TIMEZONE))

    @api.constrains("date_issued")
    def _check_date_issued(self):
        today = self._today()
        if any(paper.date_issued and paper.date_issued > today for paper in self):
            raise ValidationError(self.env._("A paper cannot be issued in the future."))
