from functools import partial

from odoo import api, fields, models

from ..common import cron_budget
from ..common.transactions import commit_or_retry
from . import indicator_triggers
from .indicators import CASE_FACTS, FACTS, FETCHED
from .kept_facts import KEPT

_FIELDS = {"boolean": fields.Boolean, "timestamp": fields.Datetime}
_AT_HANDOVER = "what was there as it handed it over."
_WITH_COMING = "what was there or on its way as it handed it over."
# So many cases are counted anew between two commits.
_BATCH = 20_000
# None begins with less time (s).
_BATCH_SECONDS = 5
# The id of the last case that was counted anew, where the night's work was interrupted.
_COUNTED_UNTIL = "kho_dl.indicators_counted_until"


class KhoDLIndicatorFact(models.Model):
    """What of each case counts for the indicators (wire §8): one narrow row a case.

    Kept by triggers of the database (`indicator_triggers.py`), in the transaction of the change itself, so that the
    figures of a million cases take no longer than reading a million short rows, and are never of yesterday. A row has
    the id of its case. Nobody reads these rows; people read `kho.dl.indicator` and `kho.dl.indicator.case`.
    """

    _name = "kho.dl.indicator.fact"
    _description = "What of a case counts for the indicators"
    _log_access = False

    case_id = fields.Many2one("kho.dl.case", required=True, ondelete="cascade")
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    receiving_company_id = fields.Many2one(
        "res.company",
        "Receiving office",
        ondelete="cascade",
        help="Empty where the office that decides about the case received it.",
    )
    procedure_id = fields.Many2one("kho.dl.procedure", required=True, ondelete="cascade")
    month = fields.Date(help="First day of the month in Vietnam in which the case was received; empty before that.")
    vars().update({fact.name: fields.Boolean(help=fact.help) for fact in FACTS})
    vars().update({fact.name: _FIELDS[fact.column](help=fact.help) for fact in CASE_FACTS})
    kept_month = fields.Date(
        "Month at the receiving office",
        help="First day of the month in Vietnam in which an office received the case for another one.",
    )
    kept_received_on = fields.Datetime(
        "Received at the receiving office", help="When an office received the case for another one."
    )
    vars().update(
        {
            f"kept_{fact.name}": fields.Boolean(
                f"{fact.help.rstrip('.')}, at the handover",
                help=f"{fact.help} For the office that received the case for another one: "
                f"{_WITH_COMING if fact.name in FETCHED else _AT_HANDOVER}",
            )
            for fact in KEPT
        }
    )

    _case_once = models.UniqueIndex("(case_id)", "This case is counted already.")
    # All that a figure is made of: the table itself is not looked at.
    _figures_idx = models.Index(
        "(month, company_id, procedure_id) INCLUDE (case_id, receiving_company_id, "
        f"{', '.join(fact.name for fact in (*CASE_FACTS, *FACTS))})"
    )
    _received_idx = models.Index("(kept_month, receiving_company_id) WHERE receiving_company_id IS NOT NULL")
    # By which `kho.dl.indicator.case` finds the row of who received a case.
    _received_id_idx = models.Index("((-case_id)) WHERE receiving_company_id IS NOT NULL")

    def init(self):
        # The watched tables may not be there yet.
        self.pool.post_init(self._install_triggers)

    @api.model
    def _install_triggers(self):
        is_other = indicator_triggers.install(self.env.cr)
        self.env.cr.execute("SELECT FROM kho_dl_indicator_fact LIMIT 1")
        # Millions of cases take long, and everybody waits for an upgrade: what triggers missed the night catches up.
        if is_other or not self.env.cr.rowcount:
            indicator_triggers.count_all(self.env.cr)

    @api.model
    def _cron_count_all(self):
        """Count every case anew, at night: what was changed with triggers switched off, as a restore does, is caught up.

        In batches, each with a commit of its own: a clerk whose case is just being counted does not wait for the others.
        """
        # sudo: the scheduled action works for all companies.
        parameters = self.env["ir.config_parameter"].sudo()
        last = int(parameters.get_param(_COUNTED_UNTIL) or 0)
        if not cron_budget.report(self.env, 0, self._count_left(last), cron_budget.ends_at() - _BATCH_SECONDS):
            return
        while last is not None:
            last = commit_or_retry(self.env, partial(self._count_some, last))
            seconds_left = self.env["ir.cron"]._commit_progress(_BATCH, remaining=self._count_left(last))
            if not seconds_left:
                break
        if last or parameters.get_param(_COUNTED_UNTIL):
            commit_or_retry(self.env, partial(parameters.set_param, _COUNTED_UNTIL, last or False))

    def _count_some(self, after):
        self.env.flush_all()
        _wrong, last = indicator_triggers.count_some(self.env.cr, after, _BATCH)
        return last

    def _count_left(self, last):
        """Return how many cases with ids above `last` there are; 0 where all were counted."""
        return 0 if last is None else self.env["kho.dl.case"].sudo().search_count([("id", ">", last)])
