from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.common.xlsx_report import COUNT, DECIMAL, TEXT, Sheet, about_sheet, workbook_of
from ..models.reporting.indicators import COUNTS, DEFINITIONS, INDICATORS
from ..models.reporting.kho_dl_by_level import branch_words
from ..models.reporting.kho_dl_indicator import TARGET

_MEASURES = ("case_count:sum", "counted_count:sum", "missing_count:sum", "share:avg", "points:avg")


class KhoDLIndicatorSheet(models.TransientModel):
    """Asks for a period, and gives the indicators as a spreadsheet.

    Works the same without a browser: create it, read `case_count`, call `action_download()`.
    """

    _name = "kho.dl.indicator.sheet"
    _description = "Indicators as a spreadsheet"
    _inherit = ["kho.dl.sheet"]
    _rec_name = "date_from"

    date_from = fields.Date("From month", required=True, default=lambda self: self._last_month())
    date_to = fields.Date("To month", required=True, default=lambda self: self._last_month())
    period = fields.Char("Period measured", compute="_compute_period")
    case_count = fields.Integer("Cases", compute="_compute_case_count")

    @api.model
    def _last_month(self):
        return fields.Date.context_today(self).replace(day=1) - relativedelta(months=1)

    @api.depends("date_from", "date_to")
    def _compute_period(self):
        # Odoo's field of a date shows a day, also where only its month counts.
        for form in self:
            months = [f"{day:%m/%Y}" for day in (form.date_from, form.date_to) if day]
            form.period = " – ".join(dict.fromkeys(months))

    @api.depends("company_id", "date_from", "date_to")
    def _compute_case_count(self):
        for form in self:
            # A case that another office received has a row of each of the two.
            [[form.case_count]] = self._figures_of("kho.dl.indicator.case")._read_group(
                form._period(), [], ["case_id:count_distinct"]
            )

    def action_download(self):
        """Return the action that downloads the indicators as XLSX."""
        self.ensure_one()
        if not self.case_count:
            raise UserError(self.env._("No case was received in this period. Choose another one."))
        return {"type": "ir.actions.act_url", "url": f"/kho_dl/indicators/{self.id}", "target": "download"}

    def _sheet(self):
        """Return the indicators as the bytes of an XLSX file. Raises AccessError for who may not read them."""
        self.check_access("read")
        # Of a case that is open the end of what was asked for counts, not that of its month.
        ends_on = min(self.date_to, date.max - timedelta(days=31)).replace(day=1) + relativedelta(months=1)
        self = self.with_context(kho_dl_period_ends_on=ends_on, kho_dl_with_former=True)
        # Those that the user may read: the sum is of what they see.
        has_branches = len(self._figures_of("kho.dl.indicator")._read_group(self._period(), ["company_id"])) > 1
        return workbook_of(
            [
                self._figures(self.env._("Indicators"), None, None),
                self._figures(self.env._("By month"), "month:month", self.env._("Month")),
                self._figures(self.env._("By field"), "sector_id", self.env._("Field")),
                self._figures(self.env._("By agency"), "agency_ids", self.env._("Agency")),
                self._figures(self.env._("By procedure"), "procedure_id", self.env._("Procedure")),
                *(self._by_office() if has_branches else []),
                self._reasons(),
                about_sheet(
                    self.env,
                    (self.env._("Period measured"), self.period),
                    (self.env._("Office with those below it"), self.company_id.display_name),
                ),
            ]
        )

    def _by_office(self):
        """Return the sheets along the tree of companies; each sum is of cases."""
        return [
            self._figures(self.env._("By company"), "company_id", self.env._("Company")),
            self._figures(self.env._("By branch"), "branch_company_id", self.env._("Office with those below it")),
            self._figures(self.env._("By level"), "level", self.env._("Level")),
        ]

    def _file_name(self):
        definition = self.company_id.kho_dl_indicator_definition
        name = "kho-dl-4.1-4.4" if definition == DEFINITIONS[0][0] else f"kho-dl-{definition}"
        return f"{name}-{self.date_from:%Y-%m}-{self.date_to:%Y-%m}.xlsx"

    def _period(self):
        """Return the domain of the months asked for, for figures as for cases."""
        if not self.date_from or not self.date_to:
            return Domain.FALSE
        return (
            Domain("company_id", "child_of", self.company_id.id)
            & Domain("month", ">=", self.date_from.replace(day=1))
            & Domain("month", "<=", self.date_to)
        )

    def _figures(self, title, groupby, group_title):
        """Return the sheet with the figures of each indicator, or of each group and indicator."""
        groups = ["definition", "indicator"] if groupby is None else [groupby, "definition", "indicator"]
        figures = self._figures_of("kho.dl.indicator")
        names, sources = (
            dict(figures._fields[name]._description_selection(self.env)) for name in ("indicator", "definition")
        )
        rows = [
            (
                *(self._name_of(one, groupby) for one in group),
                names[code],
                cases,
                counted,
                missing,
                share,
                target,
                points,
                sources[definition],
            )
            for *group, definition, code, cases, counted, missing, share, points in figures._read_group(
                self._period(), groups, _MEASURES
            )
            # Of what has no points nobody has said how much it should be; Odoo has False for what has none.
            for target in [None if points is False else TARGET]
        ]
        columns = [
            (self.env._("Indicator"), 40, TEXT),
            (self.env._("Cases"), 12, COUNT),
            (self.env._("Counted"), 12, COUNT),
            (self.env._("Not counted"), 12, COUNT),
            (self.env._("Share (%)"), 10, DECIMAL),
            (self.env._("Target (%)"), 10, COUNT),
            (self.env._("Points (of 100)"), 10, DECIMAL),
            (self.env._("Definition and its source"), 60, TEXT),
        ]
        return Sheet(title, columns if groupby is None else [(group_title, 60, TEXT), *columns], rows)

    def _reasons(self):
        """Return the sheet that says why how many cases do not count."""
        cases = self._figures_of("kho.dl.indicator.case")
        names = dict(self.env["kho.dl.indicator"]._fields["indicator"]._description_selection(self.env))
        rows = []
        for indicator in INDICATORS:
            words = dict(cases._fields[indicator.field]._description_selection(self.env))
            measured = cases._measured_domain(indicator.code) & Domain(indicator.field, "!=", COUNTS)
            found = cases._read_group(self._period() & measured, [indicator.field], ["__count"], order="__count desc")
            rows += [(names[indicator.code], words[reason], count) for reason, count in found]
        columns = [
            (self.env._("Indicator"), 40, TEXT),
            (self.env._("Why a case does not count"), 70, TEXT),
            (self.env._("Cases"), 12, COUNT),
        ]
        return Sheet(self.env._("Reasons"), columns, rows)

    def _name_of(self, group, groupby):
        if groupby == "branch_company_id":
            return branch_words(group)
        if isinstance(group, models.BaseModel):
            return group.display_name or self.env._("Not entered")
        if isinstance(group, str):
            return dict(self.env["kho.dl.indicator"]._fields["level"]._description_selection(self.env))[group]
        return f"{group:%m/%Y}"
