from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .kho_dl_case import OPEN_STATES

# A case that is past a step has its date, even if nobody pressed the button of that step.
_DATES_OF_STATES = {
    "2": ("date_received",),
    "4": ("date_received",),
    "9": ("date_received", "date_finished"),
    "10": ("date_received", "date_finished", "date_returned"),
}
# The clock of a case stands in it.
ASKED_FOR_MORE = "5"
STOPPED = "8"
STOPPED_STATES = ("3", "7", STOPPED)
_CLOCK = frozenset(
    {"date_stopped", "supplement_on", "supplement_count", "supplement_seconds", "is_reopened", "date_closed_again"}
)
_STEP_DATES = ("date_received", "date_finished", "date_returned")
_SAID_DATES = ("date_submitted", "date_due", *_STEP_DATES)
# What other systems write for "none" is no moment in every zone: lists of all cases would fail at it.
_FIRST_YEAR, _LAST_YEAR = 1900, 9998


class KhoDLCase(models.Model):
    """The dates of the steps of a case, filled in where nobody said them."""

    _inherit = "kho.dl.case"

    date_stopped = fields.Datetime("Ended without a result on", copy=False, readonly=True)
    supplement_on = fields.Datetime("More documents asked for since", copy=False, readonly=True)
    supplement_count = fields.Integer("Times more documents were asked for", copy=False, readonly=True)
    supplement_seconds = fields.Integer("Time (s) waited for more documents", copy=False, readonly=True)
    is_reopened = fields.Boolean("Taken up again after its end", copy=False, readonly=True)
    date_closed_again = fields.Datetime("Ended again on", copy=False, readonly=True)

    @api.model
    def _recorded_fields(self):
        return super()._recorded_fields() | _CLOCK

    @api.constrains(*_SAID_DATES)
    def _check_years(self):
        for case in self:
            for name in _SAID_DATES:
                if case[name] and not _FIRST_YEAR <= case[name].year <= _LAST_YEAR:
                    raise ValidationError(
                        self.env._(
                            "“%(date)s” must be in a year from %(first)s to %(last)s. Leave it empty where it is not known. "
                            "Nothing was changed.",
                            date=self._fields[name]._description_string(self.env),
                            first=_FIRST_YEAR,
                            last=_LAST_YEAR,
                        )
                    )

    @api.model
    def _with_state_dates(self, vals):
        """Add the dates of the steps that a case is past which begins so, as at the counter or from another system."""
        vals, dates = self._with_date_submitted(vals), {}
        for name in reversed(_DATES_OF_STATES.get(str(vals["state"]), ())):
            # No step was later than the next one that is said.
            following = next((vals[other] for other in _STEP_DATES if other in dates and vals.get(other)), None)
            submitted = name == "date_received" and vals.get("date_submitted")
            dates[name] = vals.get(name) or _earliest(submitted, following) or fields.Datetime.now()
        if vals["state"] == ASKED_FOR_MORE and vals.get("date_received"):
            dates |= {"supplement_on": fields.Datetime.now(), "supplement_count": 1}
        elif vals["state"] in STOPPED_STATES:
            dates["date_stopped"] = vals.get("date_stopped") or fields.Datetime.now()
        elif vals.get("date_stopped"):
            self._check_not_recorded({"date_stopped"})
        return {**vals, **dates}

    @api.model
    def _with_date_submitted(self, vals):
        """Add when it was submitted where nobody says so, for the default, now, would be later than steps that are said."""
        earliest = _earliest(*(vals.get(name) for name in _STEP_DATES))
        if not earliest or "date_submitted" in vals or "default_date_submitted" in self.env.context:
            return vals
        return {**vals, "date_submitted": _earliest(earliest, fields.Datetime.now())}

    def _stamp_state_dates(self, state):
        """Fill the dates that belong to `state` where they are still empty."""
        now = fields.Datetime.now()
        for field_name in _DATES_OF_STATES.get(state, ()):
            self.filtered(lambda case, field_name=field_name: not case[field_name]).write({field_name: now})
        # sudo: by what a case is judged is recorded by this code only.
        for values, cases in self.sudo().grouped(lambda case: tuple(case._clock_values(state, now).items())).items():
            if values:
                cases.write(dict(values))

    def _clock_values(self, state, now):
        """Return what changes of the times by which a case is judged, now that it is in `state`."""
        is_waiting, is_stopped, is_open = state == ASKED_FOR_MORE, state in STOPPED_STATES, state in OPEN_STATES
        values = {}
        if is_waiting and not self.supplement_on and self.date_received:
            values = {"supplement_on": now, "supplement_count": self.supplement_count + 1}
        elif self.supplement_on and not is_waiting:
            values = {"supplement_on": False, "supplement_seconds": self.supplement_seconds + self._waited(now)}
        if bool(self.date_stopped) != is_stopped:
            values["date_stopped"] = is_stopped and now
        has_ended = self.date_finished or self.date_returned or self.date_stopped
        is_open_again = self.is_reopened and not self.date_closed_again
        if is_open and has_ended and not is_open_again:
            values |= {"is_reopened": True, "date_closed_again": False}
        elif is_open_again and not is_open:
            values["date_closed_again"] = now
        return values

    def _waited(self, now):
        """Return the seconds for which the clock stood until `now`: none where the time was over before it did."""
        due = self.date_due and self.date_due + timedelta(seconds=self.supplement_seconds)
        return 0 if due and self.supplement_on > due else round((now - self.supplement_on).total_seconds())


def _earliest(*times):
    """Return the earliest of those of `times`, as datetime or text, that are said; None of none."""
    return min(filter(None, map(_moment, times)), default=None)


def _moment(time):
    try:
        return fields.Datetime.to_datetime(time)
    except (TypeError, ValueError):
        # Odoo says so itself as it is written.
        return None
