"""The tour through the first case: Odoo's own `web_tour` offers it to a clerk who has no case yet."""

from odoo import api, models
from odoo.modules import module

_NAME = "kho_dl_first_case"


class WebTourTour(models.Model):
    _inherit = "web_tour.tour"

    @api.model
    def get_current_tour(self):
        # Odoo itself offers tours to administrators alone, and all of them: a clerk gets this one and no other.
        tour = self._kho_dl_first_case()
        # What was received for another office, and handed over, was a case as well.
        had = {"kho.dl.case": "officer_id", "kho.dl.handover": "user_id"}
        if tour and not any(
            self.env[name].search_count([(who, "=", self.env.uid)], limit=1) for name, who in had.items()
        ):
            return tour._get_tour_json()
        return super().get_current_tour()

    @api.model
    def _kho_dl_first_case(self):
        """Return the tour, where it is for the user: a clerk who neither went through it nor stopped it."""
        user = self.env.user
        if not user.has_group("kho_dl.group_clerk") or user.has_group("kho_dl.group_administrator"):
            return self.browse()
        if module.current_test and not user.tour_enabled:
            # As Odoo has it: a pointer would stand in the way of what the browser of a test presses.
            return self.browse()
        return self.search([("name", "=", _NAME), ("user_consumed_ids", "not in", user.ids)])


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        told = super().session_info()
        # Also with the first case just made: a page that is loaded anew goes on where the clerk was.
        if self.env["web_tour.tour"]._kho_dl_first_case():
            told["tour_enabled"] = True
        return told


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def switch_tour_enabled(self, val):
        if not val:
            # "Stop Tour": what is offered to everybody new would be offered again by the next page.
            self.env["web_tour.tour"].consume(_NAME)
        return super().switch_tour_enabled(val)
