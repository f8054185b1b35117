from odoo.exceptions import UserError
from odoo.http import request, route

from .form_values import day_of_form
from .portal import READ, WRITE, CitizenPortal

BUSINESSES = "/my/kho-dl/businesses"


class BusinessPortal(CitizenPortal):
    """The businesses for which a citizen may act, and whom they name for them."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        citizen = request.env["kho.dl.citizen"]
        if citizen._contact() and (not counters or "kho_dl_business_count" in counters):
            values["kho_dl_business_count"] = citizen._business_count()
        return values

    @route(BUSINESSES, **READ)
    def businesses(self, done="", **_anything):
        return self._businesses_page(done=done)

    @route(f"{BUSINESSES}/<int:mandate_id>/name", **WRITE)
    def name_for_business(self, mandate_id, name="", number="", until="", **_anything):
        typed = {"id": mandate_id, "name": name, "number": number, "until": until}
        return self._answer(
            "named",
            lambda citizen: citizen._name_for_business(mandate_id, name, number, day_of_form(until)),
            typed=typed,
        )

    @route(f"{BUSINESSES}/<int:mandate_id>/revoke", **WRITE)
    def revoke_mandate(self, mandate_id, reason="", **_anything):
        return self._answer("revoked", lambda citizen: citizen._revoke_mandate(mandate_id, reason))

    def _answer(self, done, act, **typed):
        try:
            self._found(act(request.env["kho.dl.citizen"]))
        except UserError as error:
            return self._businesses_page(refused=str(error), **typed)
        return request.redirect(f"{BUSINESSES}?done={done}")

    def _businesses_page(self, **values):
        businesses = request.env["kho.dl.citizen"]._businesses()
        return self._page("kho_dl.portal_businesses", page_name="kho_dl_businesses", businesses=businesses, **values)
