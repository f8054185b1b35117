from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import reduce

from odoo import Command, api, fields, models

from ..common.office_words import office_words
from .health_check import CHECKS
from .kho_dl_alarm import SAME_WITHIN

# Whoever knows of most offices already gets no mail of a few more so soon, nor of one that comes back.
_AGAIN_AFTER = timedelta(days=1)


class KhoDLAlarm(models.Model):
    """What several offices of an account have at once has one cause, mostly: each administrator is told once, of all of theirs.

    So nobody learns of an office in which they do not work, but for whoever sees to one that has no administrator.
    """

    _inherit = "kho.dl.alarm"

    # {id of an office: when a mail named it}
    mailed = fields.Json(readonly=True)

    @api.depends("mailed")
    def _compute_words(self):  # pylint: disable=missing-return
        super()._compute_words()
        for alarm in self:
            if offices := alarm._offices():
                # Those that no mail has named come first.
                ids = sorted(offices, key=(alarm.mailed or {}).__contains__)
                alarm.where = office_words(self.env, [offices[office_id] for office_id in ids])
                alarm.advice = self.env._("Where: %(offices)s. %(advice)s", offices=alarm.where, advice=alarm.advice)

    def _offices(self):
        """Return {id: name} of the offices that have it, where it is told by person; ids as a Json field has them as names."""
        return {str(office_id): name for office_id, name in (self.facts or {}).get("where", ())}

    @api.model
    def _present(self):
        present, unknown, is_decided = super()._present()
        return self._by_person(present), unknown, is_decided

    @api.model
    def _by_person(self, present):
        """Return the troubles `present`, those that are common, or of an office without an administrator, one a person:
        {(kind, level, account id, user id, or False where nobody looks after it): Trouble}.
        """
        # sudo: as the scheduled action, which looks after all companies.
        companies, workers = self.env["res.company"].sudo(), defaultdict(list)
        for user in self.env["res.users"]._kho_dl_administrators(companies):
            for company_id in user.company_ids.ids:
                workers[company_id].append(user.id)
        by_person, of_people = {}, defaultdict(dict)
        # All at once: each is asked for its account.
        known = companies.browse({company_id for _kind, _level, company_id, _user_id in present if company_id})
        offices = {office.id: office for office in known}
        for key, trouble in present.items():
            kind, level, company_id, _user_id = key
            is_common = CHECKS[kind].is_common
            if not company_id or (company_id in workers and not is_common):
                by_person[key] = trouble
                continue
            office = offices[company_id]
            account = office._kho_dl_account() if is_common else office
            # Whoever keeps the account sees to offices that nobody else looks after, then the nearest above.
            near = (one.id for one in (office, account, *reversed(office.parent_ids)) if one.id in workers)
            for user_id in workers.get(next(near, False), [False]):
                of_people[kind, level, account.id, user_id][office] = trouble
        for key, troubles in of_people.items():
            together = reduce(CHECKS[key[0]].together, troubles.values())
            where = tuple([office.id, office.name] for office in troubles)
            by_person[key] = replace(together, values={**together.values, "where": where})
        return by_person

    def _administrators(self):
        return self.for_user_id or super()._administrators()

    @api.model
    def _keep_current(self, known):  # pylint: disable=missing-return
        super()._keep_current(known)
        for _trouble, alarm in known:
            if alarm.for_user_id:
                alarm._tell_of_more()

    def _tell_of_more(self):
        """Write again where as many offices as were named already have it as well; of fewer after a day."""
        offices, lately = self._offices(), fields.Datetime.to_string(fields.Datetime.now() - _AGAIN_AFTER)
        former = self.mailed or {}
        mailed = {office: moment for office, moment in former.items() if office in offices or moment > lately}
        if mailed != former:
            self.mailed = mailed
        new = offices.keys() - mailed.keys()
        if new and (len(new) >= len(mailed) or max(mailed.values()) <= lately):
            if not self._ours():
                # Who saw to it has more to see to.
                self.told_user_ids = [Command.clear()]
                self._give_activities()
            self._send_mail()

    def _tell_of_beginning(self):  # pylint: disable=missing-return
        """Of offices that a person was told of under another account, or by an earlier version, write no second mail."""
        of_people = self.filtered("for_user_id")
        super(KhoDLAlarm, self - of_people)._tell_of_beginning()
        lately, known = fields.Datetime.now() - SAME_WITHIN, defaultdict(list)
        for other in self.search(["|", ("ended_on", "=", False), ("ended_on", ">=", lately)]) - self:
            for user in other.told_user_ids:
                known[other.kind, other.level, user].append(other)
        for alarm in of_people:
            offices, mailed = alarm._offices(), {}
            for other in known[alarm.kind, alarm.level, alarm.for_user_id]:
                # An earlier version had one alarm an office.
                named = other.mailed or {str(other.company_id.id): fields.Datetime.to_string(other.since)}
                if told := {office: moment for office, moment in named.items() if office in offices}:
                    mailed |= told
                    alarm.since = min(alarm.since, other.since)
            alarm.mailed = mailed
            alarm._tell_of_more()

    def _send_mail(self):  # pylint: disable=missing-return
        super()._send_mail()
        if self.for_user_id:
            now = fields.Datetime.to_string(fields.Datetime.now())
            self.mailed = {**(self.mailed or {}), **dict.fromkeys(self._offices(), now)}
