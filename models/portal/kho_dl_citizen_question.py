from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...protocol.errors import KhoDLError, TimedOut
from ..common.transactions import commit_or_retry

_HOUR = timedelta(hours=1)


class AskedTooOften(UserError):
    """A citizen has asked the national store more often within an hour than the office allows."""


class KhoDLQuery(models.Model):
    """Citizens ask no more often than the office allows, and none of them waits for a portal that answers nobody."""

    _inherit = "kho.dl.query"

    @api.model
    def _check_rate(self, company):
        if self.env.user._is_portal():
            recent = Domain("user_id", "=", self.env.uid) & Domain("asked_on", ">", fields.Datetime.now() - _HOUR)
            # sudo: a citizen reads neither the journal nor settings.
            if self.sudo().search_count(recent) >= company.sudo().kho_dl_citizen_questions:
                raise AskedTooOften(
                    self.env._(
                        "You have asked the national store several times within an hour. Nothing was asked now, and nothing is "
                        "lost: go on later, hand in the papers yourself, or submit and let the office ask."
                    )
                )
        return super()._check_rate(company)

    def _answer_to(self, client, question):
        if not self.env.user._is_portal():
            return super()._answer_to(client, question)
        breakers, settings = self.env["kho.dl.breaker"], client.settings
        # One question of many tries it, when its time has come; the last one to be due says when that is.
        opened = breakers._open_to_portal(settings).sorted("next_trial_on", reverse=True)
        if not all(breaker._claim() for breaker in opened):
            raise TimedOut("spared")
        try:
            return super()._answer_to(client, question)
        except KhoDLError as error:
            commit_or_retry(self.env, partial(breakers._portal_silent, settings, error))
            raise
