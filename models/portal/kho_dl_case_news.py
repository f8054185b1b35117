from odoo import api, models
from odoo.fields import Domain
from odoo.tools import clean_context

from ..common.office_language import in_office_language

APPLICANT, MESSAGE = "kho_dl.mail_activity_type_applicant", "kho_dl.mail_activity_type_message"
# Of a company's clerks so many get an activity each, where a case is nobody's yet.
_MOST_CLERKS = 20


class KhoDLCitizen(models.AbstractModel):
    """Which cases a citizen follows."""

    _inherit = "kho.dl.citizen"

    @api.model
    def _followed(self, case_id):
        """Return the own case as superuser, once it was submitted; empty for any other."""
        return self._own_case(case_id).filtered(lambda case: not case.is_draft)


class KhoDLCase(models.Model):
    """What the applicant does online is an activity of whoever works on the case."""

    _inherit = "kho.dl.case"

    def _tell_officer(self, words, kind=APPLICANT, note=None):
        """Give whoever works on each case an activity with what `words`, and `note` as markup, return of it.

        Who has the same one already gets no second.
        """
        # sudo: a citizen has no rights on activities; whose login it is says nothing about who has to do it.
        cases = self.sudo().with_context(clean_context(self.env.context))
        for case in in_office_language(cases.with_context(mail_activity_quick_update=True)):
            told = self.env["res.users"]._kho_dl_clerks_of(case)
            known = {(activity.user_id, activity.summary) for activity in case._activities(kind)}
            for user in told:
                theirs = case.with_context(lang=user.lang) if user.lang else case
                summary = words(theirs)
                if (user, summary) not in known:
                    theirs.activity_schedule(kind, summary=summary, note=note(theirs) if note else "", user_id=user.id)
            # Odoo has them follow the case, and so get a mail of whatever happens to it.
            case.message_unsubscribe((told - case.officer_id).partner_id.ids)

    def _activities(self, kind):
        kind = self.env.ref(kind, raise_if_not_found=False)
        return self.activity_ids.filtered(lambda activity: activity.activity_type_id == kind)


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _kho_dl_clerks_of(self, case):
        """Return, as superuser, the officer of `case`; where none works on it, the clerks of the office where it lies.

        Not all of many; whoever may work in all offices of a province is asked only where an office has nobody of its own.
        """
        # sudo: who works there is told to nobody by this.
        users = self.sudo()
        clerks = (
            Domain("all_group_ids", "in", self.env.ref("kho_dl.group_clerk").ids)
            & Domain("company_ids", "in", case._office().ids)
            & Domain("share", "=", False)
        )
        officer = users.search(clerks & Domain("id", "in", case.officer_id.ids))
        own = clerks & Domain("company_id", "=", case._office().id)
        return officer or users.search(own, limit=_MOST_CLERKS) or users.search(clerks, limit=_MOST_CLERKS)
