from datetime import datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from markupsafe import Markup

from odoo import api, fields, models

from ...protocol import channels
from ..case.kho_dl_case import NEW
from ..case.kho_dl_case_draft import OPEN_DRAFT
from ..common.chatter import bullet_list
from ..common.office_time import OFFICE_TIMEZONE, day_of

_SATURDAY = 5
# When an office closes, in Vietnam.
_CLOSING = time(17)
_NEW_APPLICATION = "mail.mail_activity_data_todo"
# Of one citizen within a day: each is told to the portal, and to many clerks.
_MOST_SUBMITTED = 50


class DraftPage(NamedTuple):
    """All that the page of a draft shows; `circumstances` are [(id, name, whether it is the one)]."""

    id: int
    procedure: str
    office: str
    applicant: str
    is_business: bool
    id_number: str
    phone: str
    email: str
    duration: str
    cost: str
    circumstances: list
    documents: list
    asking: NamedTuple
    is_under_way: bool


class KhoDLCitizen(models.AbstractModel):
    """The page of a draft, and how it is submitted."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _draft_page(self, case_id):
        """Return the `DraftPage`, or None where it is no draft of the citizen's that can still be submitted."""
        draft = self._open_for_papers(case_id).filtered("is_draft")
        if not draft:
            return None
        lookup = self._lookup_of(draft)
        procedure, variants = self._procedure_line(draft.procedure_id), draft.procedure_id.variant_ids
        return DraftPage(
            id=draft.id,
            procedure=procedure.name,
            office=draft.company_id.name,
            applicant=draft.owner_id.name,
            is_business=draft.owner_id != self._contact(),
            id_number=draft.owner_id_number,
            phone=draft.owner_id.phone or "",
            email=draft.owner_id.email or "",
            duration=procedure.duration,
            cost=procedure.cost,
            circumstances=[(one.id, one.name, one == draft.variant_id) for one in variants]
            if len(variants) > 1
            else [],
            documents=self._ways(draft, lookup),
            asking=self._asking(draft, lookup),
            is_under_way=bool(draft.fetching_count),
        )

    @api.model
    def _submit(self, case_id):
        """Submit a draft of the citizen's; return (the case, why it was not submitted in words or "").

        The case is empty where it is not theirs. Submitted already, it is returned as it is: twice is once.
        """
        case = self._own_case(case_id)
        # Who comes second begins anew, and finds it submitted.
        case._hold_still()
        if not case.filtered_domain(OPEN_DRAFT):
            return case.filtered(lambda one: not one.is_draft), ""
        if gone := self._gone_words(case):
            return case, gone
        if missing := self._still_missing(case):
            words = self.env._(
                "Not submitted yet. Of these documents please choose a paper, hand one in, or say that you do not have it: "
                "%(names)s.",
                names=", ".join(missing.mapped("name")),
            )
            return case, words
        if not case._has_number_to_ask() or case.owner_id_number != self._number_of(case.owner_id, case.company_id):
            return case, self.env._("Your id number has changed since you began. Please begin a new application.")
        if not self._is_free("submit", _MOST_SUBMITTED, timedelta(days=1)):
            return case, self.env._(
                "You have submitted very many applications today. This one is kept: please submit it tomorrow."
            )
        case._submit_draft(self._receipt_lines(case))
        return case, ""

    @api.model
    def _still_missing(self, case):
        """Return the required documents about which the citizen has said nothing, and that somebody could hand in."""
        return case.document_ids.filtered(
            lambda one: (
                one.required
                and not one.is_not_had
                and not one._is_provided_for()
                # What could not be asked for the office asks for again.
                and one.national_outcome != "failed"
            )
        )


class KhoDLCase(models.Model):
    _inherit = "kho.dl.case"

    def _submit_draft(self, receipt_lines=False):
        """Make a draft a case as if it had been filed at the counter: told to the portal, and for the clerks to take up."""
        self.ensure_one()
        now = fields.Datetime.now()
        days = self.procedure_id.processing_days
        number = self._with_number({"company_id": self.company_id.id})["name"]
        # How it was called as a draft nobody knows.
        self.with_context(tracking_disable=True).write(
            {
                "name": number,
                "is_draft": False,
                "date_submitted": now,
                "date_due": days and due_after(now, days),
                "receipt_lines": receipt_lines,
            }
        )
        self._note_account_verified()
        self._message_log(body=self.env._("The applicant submitted this application online."))
        self._tell_clerks()

    def _tell_clerks(self):
        """Give the clerks of this company an activity each, which says what the applicant does not have, or was not asked."""
        self._tell_officer(
            lambda case: case.env._("New application online"), _NEW_APPLICATION, lambda case: case._online_words()
        )

    def _online_words(self):
        """Return as markup what clerks should know of an application that came online."""
        not_had = self.document_ids.filtered(lambda one: one.is_not_had and not one._is_settled())
        unasked = self.document_ids.filtered(lambda one: one.status == "failed") - not_had
        parts = []
        if not_had:
            parts.append(
                bullet_list(self.env._("The applicant says that these are not there:"), not_had.mapped("name"))
            )
        if unasked:
            words = self.env._("The national store could not be asked for these, please look again:")
            parts.append(bullet_list(words, unasked.mapped("name")))
        return Markup().join(parts)

    def write(self, vals):
        result = super().write(vals)
        if vals.get("state") not in (None, NEW) or vals.get("officer_id"):
            self._end_online_activities()
        return result

    def _end_online_activities(self):
        """Somebody has taken these up: nobody else need."""
        online = self.filtered(lambda case: case.channel in channels.BY_CITIZEN)
        # sudo: the activities of colleagues; those that an application online made.
        made_online = [("create_uid.share", "=", True)]
        online.sudo().activity_search([_NEW_APPLICATION], additional_domain=made_online).unlink()


def due_after(moment, days):
    """Return when an office closes on the working day that is `days` after `moment`; both naive and in UTC."""
    day = day_of(moment)
    while days:
        day += timedelta(days=1)
        days -= day.weekday() < _SATURDAY
    closing = datetime.combine(day, _CLOSING, ZoneInfo(OFFICE_TIMEZONE))
    return closing.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
