from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.office_time import begin_of_day, end_of_day
from .audit_triggers import OFFICE_HOURS

# From so many people on, and so many a case, a clerk may be asking for people who are not there.
MANY_PEOPLE, PEOPLE_A_CASE = 3, 2
# A day is busy with so many questions, and so many times those of the clerk's usual day.
MANY_QUESTIONS, TIMES_USUAL = 20, 3
# The usual day is the median of the last so many days with questions; with fewer than the second number there is none.
USUAL_DAYS, FEWEST_DAYS = 30, 5
# So many days back a day still tells what is usual.
LOOKED_BACK = 90


class KhoDLAuditDay(models.Model):
    """Who asked how much about how many people: one row a clerk and day in Vietnam, with what is unusual about it.

    Read from `kho.dl.audit.total`, and made of facts that stay when the personal data of the journal is emptied. A mark is
    a reason to look, no verdict.
    """

    _name = "kho.dl.audit.day"
    _description = "Questions of a clerk on a day"
    _inherit = ["kho.dl.by.level", "kho.dl.guarded"]
    _auto = False
    _order = "day desc, mark_count desc, question_count desc, id"
    _rec_name = "user_id"
    _depends = {
        "kho.dl.query": [
            "company_id",
            "held_by_id",
            "user_id",
            "asked_on",
            "case_id",
            "person_of_day",
            "was_own_number",
            "was_case_closed",
        ],
        "kho.dl.retrieval": ["company_id", "held_by_id", "user_id", "requested_on", "retried_by_id"],
        "res.company": ["parent_path"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", "Clerk", readonly=True)
    day = fields.Date(readonly=True)
    question_count = fields.Integer("Questions", readonly=True)
    # What is known of a person is only whether the same clerk asked about them on the same day.
    person_count = fields.Integer(
        "People by day",
        readonly=True,
        help="Added up, a person counts once for each day, clerk and office that asked about them.",
    )
    case_count = fields.Integer(
        "Cases by day",
        readonly=True,
        help="Added up, a case counts once for each day, clerk and office that asked for it.",
    )
    usual_count = fields.Float(
        "Usual day",
        digits=(10, 1),
        readonly=True,
        aggregator=None,
        help="Median of the questions of this clerk's last days with questions. Shown for days with many questions, and for "
        "clerks who have worked here for a while.",
    )
    off_hours_count = fields.Integer("Outside office hours", readonly=True)
    closed_case_count = fields.Integer("Without an open case", readonly=True)
    own_count = fields.Integer("About oneself", readonly=True)
    file_count = fields.Integer("Files selected", readonly=True)
    has_many_people = fields.Boolean("Many people, few cases", readonly=True)
    is_busy = fields.Boolean("Much more than usual", readonly=True)
    mark_count = fields.Integer("Marks", readonly=True, help="How many things are unusual about this day.")
    reasons = fields.Text("Unusual", compute="_compute_reasons")

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT marked.*, %(levels)s,
                   marked.has_many_people::integer + marked.is_busy::integer + (marked.off_hours_count > 0)::integer
                   + (marked.closed_case_count > 0)::integer + (marked.own_count > 0)::integer AS mark_count
              FROM (SELECT total.*, usual.usual_count,
                           total.person_count >= %(many_people)s
                           AND total.person_count >= %(people_a_case)s * total.case_count AS has_many_people,
                           COALESCE(total.question_count > %(times_usual)s * usual.usual_count, FALSE) AS is_busy
                      FROM kho_dl_audit_total AS total
                      LEFT JOIN LATERAL (%(usual)s) AS usual ON TRUE
                     -- A citizen asks about nobody else.
                     WHERE total.user_id NOT IN (SELECT id FROM res_users WHERE share)) AS marked
              JOIN res_company company ON company.id = marked.company_id
            """,
            levels=self._levels,
            usual=self._usual(),
            many_people=MANY_PEOPLE,
            people_a_case=PEOPLE_A_CASE,
            times_usual=TIMES_USUAL,
        )

    def _usual(self):
        # Looked up for the few days that may be busy: a month is read without the years before it.
        return SQL(
            """
            SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY before.question_count) AS usual_count
              FROM (SELECT earlier.question_count
                      FROM kho_dl_audit_total AS earlier
                     WHERE total.question_count >= %(many_questions)s
                       AND earlier.user_id = total.user_id AND earlier.company_id = total.company_id
                       AND earlier.day BETWEEN total.day - %(looked_back)s AND total.day - 1
                       AND earlier.question_count > 0
                     ORDER BY earlier.day DESC
                     LIMIT %(usual_days)s) AS before
            HAVING COUNT(*) >= %(fewest_days)s
            """,
            many_questions=MANY_QUESTIONS,
            looked_back=LOOKED_BACK,
            usual_days=USUAL_DAYS,
            fewest_days=FEWEST_DAYS,
        )

    @api.depends_context("lang")
    def _compute_reasons(self):
        for row in self:
            row.reasons = "\n".join(row._reasons()) or False

    def _reasons(self):
        """Yield in words what is unusual about this day."""
        self.ensure_one()
        if self.has_many_people:
            yield self.env._(
                "Many people, few cases: %(people)s people, %(cases)s cases.",
                people=self.person_count,
                cases=self.case_count,
            )
        if self.is_busy:
            yield self.env._(
                "Much more than usual: %(count)s questions, on a usual day %(usual)s.",
                count=self.question_count,
                usual=round(self.usual_count),
            )
        if self.off_hours_count:
            yield self.env._(
                "At night or on a weekend: %(count)s questions before %(opens)s:00, after %(closes)s:00, or on Saturday or Sunday.",
                count=self.off_hours_count,
                opens=OFFICE_HOURS[0],
                closes=OFFICE_HOURS[1],
            )
        if self.closed_case_count:
            yield self.env._("Without an open case: %(count)s questions.", count=self.closed_case_count)
        if self.own_count:
            yield self.env._(
                "About oneself: %(count)s questions about the clerk's own id number.", count=self.own_count
            )

    def action_open_questions(self):
        """Open the journal's questions of these days."""
        return self._action_open("kho.dl.query", "asked_on", self.env._("Questions"))

    def action_open_files(self):
        """Open the journal's files of these days."""
        return self._action_open("kho.dl.retrieval", "requested_on", self.env._("Fetched files"))

    def _action_open(self, model, moment, name):
        self.check_access("read")
        if not self:
            raise UserError(self.env._("Choose the days whose rows should be opened."))
        domain = Domain.OR(
            self.env[model]._of_offices(row.company_id)
            & Domain("user_id", "=", row.user_id.id)
            & Domain(moment, ">=", fields.Datetime.to_string(begin_of_day(row.day)))
            & Domain(moment, "<", fields.Datetime.to_string(end_of_day(row.day)))
            for row in self
        )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": list(domain),
        }
