from datetime import date

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.reporting.demand_sheet import Demand, demand_sheet

# Months in the form when it opens, the running one not among them: it would make the frequency too small.
USUAL_MONTHS = 3
MOST_MONTHS = 60


class KhoDLDemandRequest(models.TransientModel):
    """Asks for a period, and gives the list that the portal's form "Gửi yêu cầu hỗ trợ" wants.

    Guideline III.1, step 4. Works the same without a browser: create it, read `code_count`, call `action_download()`.
    """

    _name = "kho.dl.demand.request"
    _description = "Request more documents in Kho DL"
    _inherit = ["kho.dl.sheet"]
    _rec_name = "date_from"

    date_from = fields.Date("From month", required=True, default=lambda self: self._last_month(USUAL_MONTHS - 1))
    date_to = fields.Date("To month", required=True, default=lambda self: self._last_month())
    month_count = fields.Integer("Months", compute="_compute_counts")
    code_count = fields.Integer("Result codes", compute="_compute_counts")
    case_count = fields.Integer("Cases", compute="_compute_counts")

    @api.depends("company_id", "date_from", "date_to")
    def _compute_counts(self):
        for request in self:
            rows = request._rows() if request._is_period() else []
            request.month_count = request._months()
            request.code_count = len(rows)
            request.case_count = sum(total for *_names, total in rows)

    def action_download(self):
        """Return the action that downloads the list as XLSX."""
        self.ensure_one()
        if not self._is_period():
            raise UserError(
                self.env._("Choose a period that ends after it begins, of %(most)s months at most.", most=MOST_MONTHS)
            )
        if not self.code_count:
            raise UserError(
                self.env._("In this period every paper that was asked for was found, so there is nothing to request.")
            )
        return {"type": "ir.actions.act_url", "url": f"/kho_dl/demand/{self.id}", "target": "download"}

    def _sheet(self):
        """Return the list as the bytes of an XLSX file. Raises AccessError for who may not read it."""
        self.check_access("read")
        months = self._months()
        return demand_sheet(Demand(code, name, total / months) for code, name, total in self._rows())

    def _file_name(self):
        return f"kho-dl-{self.date_from:%Y-%m}-{self.date_to:%Y-%m}.xlsx"

    def _rows(self):
        """Return (code, name, cases in the whole period), the most wanted first."""
        demand = self._figures_of("kho.dl.demand")
        domain = (
            Domain("company_id", "child_of", self.company_id.id)
            & Domain("month", ">=", _first(self.date_from))
            & Domain("month", "<=", self.date_to)
        )
        return demand._read_group(domain, ["code", "name"], ["case_count:sum"], order="case_count:sum desc, code")

    def _is_period(self):
        return bool(self.date_from and self.date_to) and 1 <= self._months() <= MOST_MONTHS

    def _months(self):
        """Return how many months the period touches."""
        if not self.date_from or not self.date_to:
            return 0
        return (self.date_to.year - self.date_from.year) * 12 + self.date_to.month - self.date_from.month + 1

    @api.model
    def _last_month(self, before=0):
        """Return the first day of the month that ended last, or of one so many months `before` it."""
        return _first(fields.Date.context_today(self)) - relativedelta(months=1 + before)


def _first(day: date) -> date:
    return day.replace(day=1)
