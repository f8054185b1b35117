from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..models.common.xlsx_report import COUNT, DAY, DECIMAL, TEXT, Sheet, about_sheet, workbook_of
from ..models.reporting.kho_dl_by_level import branch_words


class KhoDLAuditSheet(models.TransientModel):
    """Asks for a period, and gives the days of clerks as a spreadsheet, with what is unusual about them.

    Works the same without a browser: create it, read `day_count`, call `action_download()`.
    """

    _name = "kho.dl.audit.sheet"
    _description = "Days of clerks as a spreadsheet"
    _inherit = ["kho.dl.sheet"]
    _rec_name = "date_from"

    date_from = fields.Date(
        "From day", required=True, default=lambda self: fields.Date.context_today(self).replace(day=1)
    )
    date_to = fields.Date("To day", required=True, default=fields.Date.context_today)
    is_unusual_only = fields.Boolean("Only what is unusual")
    day_count = fields.Integer("Days of clerks", compute="_compute_day_count")

    @api.depends("company_id", "date_from", "date_to", "is_unusual_only")
    def _compute_day_count(self):
        for form in self:
            form.day_count = self._figures_of("kho.dl.audit.day").search_count(form._period())

    def action_download(self):
        """Return the action that downloads the list as XLSX."""
        self.ensure_one()
        if not self.day_count:
            raise UserError(self.env._("Nothing was asked in this period. Choose another one."))
        return {"type": "ir.actions.act_url", "url": f"/kho_dl/audit/{self.id}", "target": "download"}

    def _sheet(self):
        """Return the list as the bytes of an XLSX file. Raises AccessError for who may not read it."""
        self.check_access("read")
        sheets = [self._days(), self._clerks()]
        # Those that the user may read: the sum is of what they see.
        if len(self._figures_of("kho.dl.audit.day")._read_group(self._period(), ["company_id"])) > 1:
            sheets += [
                self._sums("company_id", self.env._("Companies"), self.env._("Company")),
                self._sums("branch_company_id", self.env._("By branch"), self.env._("Office with those below it")),
                self._sums("level", self.env._("Levels"), self.env._("Level")),
            ]
        return workbook_of([*sheets, self._about()])

    def _about(self):
        return about_sheet(
            self.env,
            (self.env._("Period"), f"{self.date_from:%d/%m/%Y} – {self.date_to:%d/%m/%Y}"),
            (self.env._("Office with those below it"), self.company_id.display_name),
            (self.env._("Only what is unusual"), self.env._("Yes") if self.is_unusual_only else self.env._("No")),
        )

    def _file_name(self):
        return f"kho-dl-{self.date_from}-{self.date_to}.xlsx"

    def _period(self):
        period = (
            Domain("company_id", "child_of", self.company_id.id)
            & Domain("day", ">=", self.date_from)
            & Domain("day", "<=", self.date_to)
        )
        return period & Domain("mark_count", ">", 0) if self.is_unusual_only else period

    def _days(self):
        measures = (
            "question_count", "person_count", "case_count", "usual_count", "off_hours_count", "closed_case_count",
            "own_count", "file_count",
        )  # fmt: skip
        days = self._figures_of("kho.dl.audit.day").search_fetch(
            self._period(), ["day", "user_id", *measures, "has_many_people", "is_busy", "mark_count"]
        )
        columns = [
            (self.env._("Day"), 12, DAY),
            (self.env._("Clerk"), 30, TEXT),
            (self.env._("Questions"), 10, COUNT),
            (self.env._("People"), 10, COUNT),
            (self.env._("Cases"), 10, COUNT),
            (self.env._("Usual day"), 10, DECIMAL),
            (self.env._("Outside office hours"), 12, COUNT),
            (self.env._("Without an open case"), 12, COUNT),
            (self.env._("About oneself"), 12, COUNT),
            (self.env._("Files selected"), 10, COUNT),
            (self.env._("Unusual"), 80, TEXT),
        ]
        rows = [(day.day, day.user_id.display_name, *(day[name] for name in measures), day.reasons) for day in days]
        return Sheet(self.env._("Days"), columns, rows)

    def _clerks(self):
        return self._sums("user_id", self.env._("Clerks"), self.env._("Clerk"))

    def _sums(self, groupby, title, group_title):
        """Return the sheet with the sums of each group."""
        measures = (
            "__count",
            "question_count:sum",
            "person_count:sum",
            "case_count:sum",
            "off_hours_count:sum",
            "closed_case_count:sum",
            "own_count:sum",
            "file_count:sum",
            "mark_count:sum",
        )
        found = self._figures_of("kho.dl.audit.day")._read_group(self._period(), [groupby], measures)
        levels = dict(self.env["kho.dl.audit.day"]._fields["level"]._description_selection(self.env))
        columns = [
            (group_title, 30, TEXT),
            (self.env._("Days"), 10, COUNT),
            (self.env._("Questions"), 10, COUNT),
            (self.env._("People by day"), 12, COUNT),
            (self.env._("Cases by day"), 12, COUNT),
            (self.env._("Outside office hours"), 12, COUNT),
            (self.env._("Without an open case"), 12, COUNT),
            (self.env._("About oneself"), 12, COUNT),
            (self.env._("Files selected"), 10, COUNT),
            (self.env._("Marks"), 10, COUNT),
        ]
        names = {"level": levels.get, "branch_company_id": branch_words}.get(
            groupby, lambda record: record.display_name
        )
        return Sheet(title, columns, [(names(group), *sums) for group, *sums in found])
