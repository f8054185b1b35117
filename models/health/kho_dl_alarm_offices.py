from collections import defaultdict
from dataclasses import replace
from functools import reduce

from odoo import api, models

from ..common.office_words import office_words
from .health_check import CHECKS


class KhoDLAlarm(models.Model):
    """What several offices of an account have at once has one cause, mostly: who keeps the account is told once for them all.

    Whoever administers one of these offices and not the account is told of that office.
    """

    _inherit = "kho.dl.alarm"

    def _compute_words(self):  # pylint: disable=missing-return
        super()._compute_words()
        for alarm in self:
            if offices := (alarm.facts or {}).get("offices"):
                where = office_words(self.env, offices)
                alarm.advice = self.env._("Where: %(offices)s. %(advice)s", offices=where, advice=alarm.advice)

    @api.model
    def _present(self):
        present, unknown, is_decided = super()._present()
        return self._told_once(present), unknown, is_decided

    @api.model
    def _told_once(self, present):
        """Return the troubles `present`, those that several offices of an account have as one of the account.

        So they stay until none has them any more, or whoever has them last would be told of anew.
        """
        # sudo: as the scheduled action, which looks after all companies.
        alarms = self.sudo().search([("ended_on", "=", False)])
        lasting = {alarm._key() for alarm in alarms if "offices" in (alarm.facts or {})}
        companies = self.env["res.company"].sudo()
        administrators = self.env["res.users"]._kho_dl_administrators(companies)
        once, of_accounts = dict(present), defaultdict(dict)
        common = [key for key in present if CHECKS[key[0]].is_common]
        # All at once: each is asked for its account.
        offices = companies.browse([company_id for _kind, _level, company_id in common])
        for key, office in zip(common, offices, strict=True):
            kind, level, _company_id = key
            of_accounts[kind, level, office._kho_dl_account()][office] = present[key]
        for (kind, level, account), troubles in of_accounts.items():
            key = (kind, level, account.id)
            keepers = administrators.filtered(lambda user, account=account: account in user.company_ids)
            if not keepers or (len(troubles) == 1 and key not in lasting):
                continue
            for office, trouble in troubles.items():
                del once[kind, level, office.id]
                if any(office in user.company_ids for user in administrators - keepers):
                    once[kind, level, office.id] = _with(trouble, told_by=account.id)
            together = reduce(CHECKS[kind].together, troubles.values())
            once[key] = _with(together, offices=tuple(office.name for office in troubles))
        return once

    def _administrators(self):
        told = super()._administrators()
        if account_id := (self.facts or {}).get("told_by"):
            told -= self.env["res.users"]._kho_dl_administrators(self.company_id.browse(account_id))
        return told


def _with(trouble, **values):
    return replace(trouble, values={**trouble.values, **values})
