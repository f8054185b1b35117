from odoo import api, fields, models

# A case that is past a step has its date, even if nobody pressed the button of that step.
_DATES_OF_STATES = {
    "2": ("date_received",),
    "4": ("date_received",),
    "9": ("date_received", "date_finished"),
    "10": ("date_received", "date_finished", "date_returned"),
}
_STEP_DATES = ("date_received", "date_finished", "date_returned")


class KhoDLCase(models.Model):
    """The dates of the steps of a case, filled in where nobody said them."""

    _inherit = "kho.dl.case"

    @api.model
    def _with_state_dates(self, vals):
        """Add the dates of the steps that a case is past which begins so, as at the counter or from another system."""
        dates = {}
        for name in reversed(_DATES_OF_STATES.get(vals["state"], ())):
            said = vals.get(name) or (name == "date_received" and vals.get("date_submitted"))
            # No step was later than the next one that is said.
            following = next((vals[other] for other in _STEP_DATES if other in dates and vals.get(other)), None)
            dates[name] = said or following or fields.Datetime.now()
        return {**vals, **dates}

    def _stamp_state_dates(self, state):
        """Fill the dates that belong to `state` where they are still empty."""
        now = fields.Datetime.now()
        for field_name in _DATES_OF_STATES.get(state, ()):
            self.filtered(lambda case, field_name=field_name: not case[field_name]).write({field_name: now})
