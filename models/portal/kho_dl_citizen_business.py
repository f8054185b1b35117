from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools.translate import LazyTranslate

from .kho_dl_mandate import IN_FORCE, LAWFUL, LONGEST, NAMED, OVER, REVOKED

_lt = LazyTranslate(__name__)

_WORDS = {IN_FORCE: _lt("May act"), OVER: _lt("Over"), REVOKED: _lt("Revoked")}
_MOST_SHOWN = 100
_LONGEST_NAME, _LONGEST_REASON = 128, 1000
# Digits of a number by which who named it knows it again.
_DIGITS_SHOWN = 4


class PersonLine(NamedTuple):
    """Somebody who is or was named for a business; all but `id` and `may_act` are words."""

    id: int
    name: str
    number: str
    until: str
    named_by: str
    state: str
    ended_on: str
    ended_by: str
    why: str
    may_act: bool


class BusinessLine(NamedTuple):
    """A business for which the citizen may act; `last_day` is the latest that can be chosen for another, None who may not name.

    `id` is that of the citizen's own mandate.
    """

    id: int
    name: str
    tax_code: str
    office: str
    until: str
    named_by: str
    first_day: date | None
    last_day: date | None
    people: list


class KhoDLCitizen(models.AbstractModel):
    """The businesses for which the citizen may act, and whom the citizen names for them."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _mandates(self):
        """Return the citizen's mandates that stand, of businesses whose tax code is verified, as superuser."""
        mandates = self.env["kho.dl.mandate"]._of_person(self._own_numbers())
        return mandates.browse().union(*mandates._businesses().values())

    @api.model
    def _business_count(self):
        return len(self._mandates())

    @api.model
    def _businesses(self):
        """Return [BusinessLine] of what the citizen may act for today."""
        mandates = self._mandates()
        people = mandates.search(self._named_domain(mandates), limit=_MOST_SHOWN).grouped(
            lambda named: (named.company_id, named.organisation_number)
        )
        today = mandates._today()
        nobody = mandates.browse()
        return [
            BusinessLine(
                mandate.id,
                mandate.organisation_name,
                mandate.organisation_number,
                mandate.company_id.name,
                self._day(mandate.until),
                self._namer(mandate),
                today if mandate.kind == LAWFUL else None,
                min(mandate.until, today + timedelta(days=LONGEST[NAMED])) if mandate.kind == LAWFUL else None,
                [
                    self._person_line(named)
                    for named in people.get((mandate.company_id, mandate.organisation_number), nobody)
                    if mandate.kind == LAWFUL
                ],
            )
            for mandate in mandates
        ]

    @api.model
    def _named_domain(self, mandates):
        """Return the domain of those who were named for the businesses of which `mandates` are the lawful representative's."""
        return Domain("kind", "=", NAMED) & Domain.OR(
            Domain("company_id", "=", own.company_id.id) & Domain("organisation_number", "=", own.organisation_number)
            for own in mandates
            if own.kind == LAWFUL
        )

    @api.model
    def _namer(self, mandate):
        # An officer's name is nobody's business.
        return mandate.under_id.person_name or mandate.company_id.name

    @api.model
    def _person_line(self, named):
        ended_by = named.revoked_by
        return PersonLine(
            named.id,
            named.person_name,
            f"…{(named.person_number or '')[-_DIGITS_SHOWN:]}",
            self._day(named.until),
            self._namer(named),
            self.env._(_WORDS[named.state]),
            self._moment(named.revoked_on),
            ended_by.name if ended_by.share else named.company_id.name if ended_by else "",
            named.revoked_why if ended_by.share else "",
            named.state == IN_FORCE,
        )

    @api.model
    def _name_for_business(self, mandate_id, name, number, until):
        """Let another act for the business of the own mandate; None where that is not the citizen's, UserError as it says."""
        mandate = self._mandates().filtered(lambda own: own.id == mandate_id and own.kind == LAWFUL)
        if not mandate:
            return None
        return mandate._name_another(self._typed(name)[:_LONGEST_NAME], self._typed(number), until)

    @api.model
    def _revoke_mandate(self, mandate_id, reason):
        """Revoke the own mandate, or one for a business that the citizen represents; None where it is neither."""
        own = self.env["kho.dl.mandate"]._of_person(self._own_numbers())
        # sudo: a citizen reads no records; these are named for a business of the citizen's.
        named = self.env["kho.dl.mandate"].sudo().search(self._named_domain(self._mandates()))
        mandate = (own | named).filtered(lambda one: one.id == mandate_id)
        if not mandate:
            return None
        mandate._revoke(self._typed(reason)[:_LONGEST_REASON])
        return mandate


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _send_all_here(self, user, ended, failed):
        """Tell nobody of files that they selected as long as they could act for the business of this case."""
        is_theirs = not user._is_portal() or self.env["kho.dl.citizen"].with_user(user)._own_case(self.id)
        return super()._send_all_here(user, ended, failed) if is_theirs else None
