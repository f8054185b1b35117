from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_datetime

from .clerk_words import error_kind, error_words
from .retry import pause

# So many failures in a row, and a far system is spared, and so are the files of all others.
FAILURES_TO_OPEN = 3
# Trials come no rarer than after so many failures: an agency that is back should not be waited for.
LONGEST_PAUSE_AFTER = 4
# A trial is somebody's for this long, even if that worker dies.
TRIAL_LEASE = timedelta(minutes=3)
# Behind which no file waits so long after its trial was due, nobody knows whether it still fails.
_UNASKED = timedelta(hours=1)
# The lane of our own security server: behind it lies every far system.
OWN_SERVER = "own"


class KhoDLBreaker(models.Model):
    """One far system as a company meets it: how often in a row it failed, and whether it is left alone for now.

    Open means: no file is asked for, except one trial from time to time; a trial that works closes it. The far
    system is named by its lane, the X-Road subsystem that serves it, or OWN_SERVER.
    """

    _name = "kho.dl.breaker"
    _description = "Agency that cannot be reached"
    _order = "opened_on desc, id desc"
    _rec_name = "lane_name"

    company_id = fields.Many2one("res.company", required=True, readonly=True, index=True, ondelete="cascade")
    lane = fields.Char("Destination code", required=True, readonly=True)
    lane_name = fields.Char("Agency", readonly=True)
    failures = fields.Integer("Failures in a row", readonly=True)
    trials = fields.Integer("Trials since", readonly=True)
    opened_on = fields.Datetime("Unreachable since", readonly=True, index="btree_not_null")
    last_failed_on = fields.Datetime("Last failure", readonly=True)
    next_trial_on = fields.Datetime("Next trial", readonly=True)
    error = fields.Text("Reason", readonly=True)
    error_kind = fields.Char(readonly=True)
    waiting_count = fields.Integer("Files waiting", compute="_compute_waiting_count")

    _lane_uniq = models.UniqueIndex("(company_id, lane)", "This agency stands here already.")

    def _compute_waiting_count(self):
        # sudo: how many files wait is no secret, whose they are is.
        retrievals = self.env["kho.dl.retrieval"].sudo()
        counts = retrievals._read_group(
            retrievals._waiting_domain() & Domain("company_id", "in", self.company_id.ids),
            ["company_id", "lane"],
            ["__count"],
        )
        by_lane = {(company.id, lane): count for company, lane, count in counts}
        for breaker in self:
            breaker.waiting_count = sum(
                count
                for (company_id, lane), count in by_lane.items()
                if company_id == breaker.company_id.id and breaker.lane in (lane, OWN_SERVER)
            )

    def action_try_now(self):
        """Let the next worker try these agencies at once instead of waiting for their time.

        Those for which no file waits are taken off the list: the next question shows how they are.
        """
        self.check_access("write")
        unasked = self.filtered(lambda breaker: breaker.opened_on and not breaker.waiting_count)
        unasked._forget()
        (self - unasked).filtered("opened_on").write({"next_trial_on": fields.Datetime.now()})
        # sudo: administrators of Kho DL have no rights on scheduled actions.
        self.env.ref("kho_dl.ir_cron_process").sudo()._trigger()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "info",
                "message": self.env._(
                    "No file waits for it. It is tried again with the next file that a clerk selects."
                )
                if unasked == self
                else self.env._("A file is being asked for now. If it comes, the others follow."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }

    @api.model
    def _forget_unasked(self):
        """Forget agencies whose trial was due long ago and for which no file waits any more, so that none can be made."""
        # sudo: workers serve all companies.
        overdue = Domain("opened_on", "!=", False) & Domain("next_trial_on", "<", fields.Datetime.now() - _UNASKED)
        self.sudo().search(overdue).filtered(lambda breaker: not breaker.waiting_count)._forget()

    def _forget(self):
        # The next failure opens them again at once.
        self.write({"failures": FAILURES_TO_OPEN - 1, "trials": 0, "opened_on": False, "next_trial_on": False})

    # -- what workers ask and tell -----------------------------------------------------------------

    def _claim(self):
        """Return whether the trial of this open breaker is due, and now this transaction's to make."""
        is_ours = self.next_trial_on <= fields.Datetime.now() and self.try_lock_for_update()
        if is_ours:
            self.write({"trials": self.trials + 1, "next_trial_on": fields.Datetime.now() + TRIAL_LEASE})
        return bool(is_ours)

    def _behind(self):
        """Return the domain of the `kho.dl.retrieval` that these breakers hold up; of no row without any."""
        return Domain.OR(
            Domain("company_id", "=", breaker.company_id.id)
            & (Domain.TRUE if breaker.lane == OWN_SERVER else Domain("lane", "=", breaker.lane))
            for breaker in self
        )

    @api.model
    def _failed(self, company, lane, name, error):
        """Count the typed `error` against a far system; open its breaker when it is one too many."""
        # sudo: workers act for whoever selected the files.
        breaker = self.sudo().search([("company_id", "=", company.id), ("lane", "=", lane)])
        breaker = breaker or breaker.create({"company_id": company.id, "lane": lane})
        now = fields.Datetime.now()
        failures = breaker.failures + 1
        values = {
            "failures": failures,
            "last_failed_on": now,
            "error_kind": error_kind(error),
            "error": error_words(breaker.env, error),
            "lane_name": name,
        }
        if failures >= FAILURES_TO_OPEN:
            values["opened_on"] = breaker.opened_on or now
            values["next_trial_on"] = now + pause(min(2 + breaker.trials, LONGEST_PAUSE_AFTER))
        breaker.write(values)

    @api.model
    def _worked(self, company, lanes):
        """Close the breakers of these far systems, which answered; return whether files may go on at once for it."""
        # sudo: workers act for whoever selected the files.
        answering = self.sudo().search(
            [("company_id", "=", company.id), ("lane", "in", list(lanes)), ("failures", ">", 0)]
        )
        was_open = answering.filtered("opened_on")
        answering.write({"failures": 0, "trials": 0, "opened_on": False, "next_trial_on": False})
        if was_open:
            pausing = Domain("state", "=", "pending") & Domain("next_try_on", "!=", False)
            self.env["kho.dl.retrieval"].sudo().search(pausing & was_open._behind())._make_due()
        return bool(was_open)

    # -- what people read --------------------------------------------------------------------------

    def _holding(self, rows):
        """Return those of these breakers that any of `rows`, all of one company, waits behind."""
        own = self.filtered(lambda breaker: breaker.company_id == rows.company_id)
        return own.filtered(lambda breaker: breaker.lane == OWN_SERVER or breaker.lane in rows.mapped("lane"))

    def _in_words(self):
        """Return one line for each of these open breakers, for clerks and administrators."""
        today = fields.Date.context_today(self)
        return [
            self.env._(
                "%(agency)s: unreachable since %(time)s, files waiting: %(count)s. They are fetched as soon as it answers.",
                agency=breaker.lane_name,
                time=format_datetime(
                    self.env, breaker.opened_on, dt_format="HH:mm" if breaker._opened_date() == today else "dd/MM HH:mm"
                ),
                count=breaker.waiting_count,
            )
            for breaker in self
        ]

    def _opened_date(self):
        return fields.Datetime.context_timestamp(self, self.opened_on).date()
