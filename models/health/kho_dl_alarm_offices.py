from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from functools import reduce

from odoo import Command, api, fields, models

from ..common.office_words import office_words
from .health_check import CHECKS

# Whoever knows of most offices already gets no mail of a few more so soon, nor of one that comes back.
_AGAIN_AFTER = timedelta(days=1)


class KhoDLAlarm(models.Model):
    """What several offices of an account have at once has one cause, mostly: each administrator is told once, of all of theirs.

    So nobody learns of an office in which they do not work, but for whoever keeps the account of one that has no administrator.
    """

    _inherit = "kho.dl.alarm"

    # {id of an office: when a mail named it}
    mailed = fields.Json(readonly=True)

    def _compute_words(self):  # pylint: disable=missing-return
        super()._compute_words()
        for alarm in self:
            offices = (alarm.facts or {}).get("where", ())
            if len(offices) > 1:
                where = office_words(self.env, [name for _office_id, name in offices])
                alarm.advice = self.env._("Where: %(offices)s. %(advice)s", offices=where, advice=alarm.advice)

    @api.model
    def _present(self):
        present, unknown, is_decided = super()._present()
        return self._by_person(present), unknown, is_decided

    @api.model
    def _by_person(self, present):
        """Return the troubles `present`, of those that are common one a person: {(kind, level, account id, user id): Trouble}."""
        common = [key for key in present if CHECKS[key[0]].is_common]
        by_person = {key: trouble for key, trouble in present.items() if not CHECKS[key[0]].is_common}
        # sudo: as the scheduled action, which looks after all companies.
        companies = self.env["res.company"].sudo()
        # All at once: each is asked for its account.
        offices = companies.browse([company_id for _kind, _level, company_id in common])
        of_accounts = defaultdict(dict)
        for key, office in zip(common, offices, strict=True):
            kind, level, _company_id = key
            of_accounts[kind, level, office._kho_dl_account().id][office] = present[key]
        administrators = self.env["res.users"]._kho_dl_administrators(companies)
        looked_after = set(administrators.company_ids.ids)
        for user in administrators:
            own = set(user.company_ids.ids)
            for (kind, level, account_id), troubles in of_accounts.items():
                # Whoever keeps the account sees to offices that nobody else looks after.
                theirs = own | ({office.id for office in troubles} - looked_after if account_id in own else set())
                if where := [office for office in troubles if office.id in theirs]:
                    together = reduce(CHECKS[kind].together, (troubles[office] for office in where))
                    values = {**together.values, "where": tuple([office.id, office.name] for office in where)}
                    by_person[kind, level, account_id, user.id] = replace(together, values=values)
        return by_person

    def _key(self):
        kind, level, company_id = super()._key()
        if not self.for_user_id:
            return kind, level, company_id
        # The same one, however many offices there are.
        return kind, level, self.company_id._kho_dl_account().id, self.for_user_id.id

    @api.model
    def _values_of(self, key, trouble):
        values = super()._values_of(key, trouble)
        match key:
            case (_kind, _level, _account_id, user_id):
                values["for_user_id"] = user_id
                if len(trouble.values["where"]) == 1:
                    [[values["company_id"], _name]] = trouble.values["where"]
        return values

    def _administrators(self):
        return self.for_user_id or super()._administrators()

    def _keep_current(self, trouble):  # pylint: disable=missing-return
        super()._keep_current(trouble)
        if self.for_user_id:
            self._tell_of_more()

    def _tell_of_more(self):
        """Write again where as many offices as are known already have it as well; of fewer after a day."""
        offices, lately = self._office_ids(), fields.Datetime.to_string(fields.Datetime.now() - _AGAIN_AFTER)
        former = self.mailed or {}
        mailed = {office: moment for office, moment in former.items() if office in offices or moment > lately}
        if mailed != former:
            self.mailed = mailed
        new = offices - mailed.keys()
        if new and (2 * len(new) >= len(offices) or max(mailed.values()) <= lately):
            if not self._ours():
                # Who saw to it has more to see to.
                self.told_user_ids = [Command.clear()]
                self._give_activities()
            self._send_mail()

    def _send_mail(self):
        if self.for_user_id:
            now = fields.Datetime.to_string(fields.Datetime.now())
            self.mailed = {**(self.mailed or {}), **dict.fromkeys(self._office_ids(), now)}
        return super()._send_mail()

    def _office_ids(self):
        """Return the ids of the offices that have it, as a Json field has them as names."""
        return {str(office_id) for office_id, _name in self.facts["where"]}
