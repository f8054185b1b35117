from datetime import timedelta
from functools import partial

from odoo import api, fields, models

from ..common import cron_budget
from ..common.office_time import day_of
from ..common.transactions import commit_or_retry
from . import audit_triggers

# So many days are counted anew between two commits.
_BATCH_DAYS = 7
# How long that may take.
_SECONDS_A_BATCH = 8
# The last days are counted anew every night, those before in turn, as far as the time goes.
_RECENT_DAYS = 35
# The last day that was not counted anew yet, where the time was over.
_COUNTED_BACK_TO = "kho_dl.audit_counted_back_to"


class KhoDLAuditTotal(models.Model):
    """How much a clerk asked on a day in Vietnam, one row a company, clerk and day: numbers only, and nobody's.

    Kept by triggers of the database (`audit_triggers.py`), in the transaction of the question or file itself. Nobody reads
    these rows; people read `kho.dl.audit.day`.
    """

    _name = "kho.dl.audit.total"
    _description = "Totals of a clerk's day"
    _log_access = False

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    day = fields.Date(required=True)
    question_count = fields.Integer()
    person_count = fields.Integer()
    case_count = fields.Integer()
    off_hours_count = fields.Integer()
    closed_case_count = fields.Integer()
    own_count = fields.Integer()
    file_count = fields.Integer()

    _day_once = models.UniqueIndex("(user_id, company_id, day)", "This day of the clerk is counted already.")
    _day_idx = models.Index("(day)")

    def init(self):
        # The watched tables may not be there yet.
        self.pool.post_init(self._install_triggers)

    @api.model
    def _install_triggers(self):
        cr = self.env.cr
        audit_triggers.install(cr)
        cr.execute("SELECT FROM kho_dl_audit_total LIMIT 1")
        if not cr.rowcount:
            # The first time, also where an earlier version kept no totals.
            audit_triggers.count_between(cr, None, None)

    @api.model
    def _cron_count_all(self):
        """Count days anew, at night: what was changed with triggers switched off, as a restore does, is caught up."""
        # sudo: the scheduled action works for all companies.
        parameters = self.env["ir.config_parameter"].sudo()
        goes_on_at = fields.Date.to_date(parameters.get_param(_COUNTED_BACK_TO) or False)
        first = audit_triggers.first_day(self.env.cr)
        day = day_of(fields.Datetime.now())
        older = day - timedelta(days=_RECENT_DAYS)
        last = None
        give_up_at = cron_budget.ends_at() - _SECONDS_A_BATCH
        # A night in which nothing was counted yet is made up for; the rest of the older days is for the next nights.
        while first and day >= first and cron_budget.report(self.env, 0, int(last is None), give_up_at):
            begin = day - timedelta(days=_BATCH_DAYS - 1)
            commit_or_retry(self.env, partial(self._count, begin if begin > first else None, last))
            day = begin - timedelta(days=1)
            if goes_on_at and day < older:
                day, goes_on_at = min(day, goes_on_at), None
            last = day
        left = fields.Date.to_string(goes_on_at or day) if first and day >= first else False
        commit_or_retry(self.env, partial(parameters.set_param, _COUNTED_BACK_TO, left))

    def _count(self, first, last):
        self.env.flush_all()
        audit_triggers.count_between(self.env.cr, first, last)
