"""Whether the portal knows us: what is entered, what became of the last logins, and until when the account holds."""

from dataclasses import replace
from datetime import datetime, timedelta

from odoo import fields, models
from odoo.tools import format_date

from ....protocol.errors import SettingsIncomplete
from ....protocol.tokens import account_key
from ...common.office_time import begin_of_day
from ..health_check import SETTINGS, Check, _lt, one_row


class KhoDLHealth(models.Model):
    _inherit = "kho.dl.health"

    last_login_on = fields.Datetime("Last login", compute="_compute_facts")
    token_since = fields.Datetime("Token in use since", compute="_compute_facts")
    last_query_on = fields.Datetime("Last question", compute="_compute_facts")
    last_query_failed = fields.Boolean("The last question failed", compute="_compute_facts")
    account_until = fields.Date("Account valid until", compute="_compute_facts")


def account_keys(env, company):
    """Return the names under which `kho.dl.token` keeps the tokens of `company`. Raises SettingsIncomplete."""
    settings = env["kho.dl.gateway"]._settings(company)
    settings.check()
    return tuple(sorted({account_key(settings, service) for service in (settings.directory, settings.papers)}))


def tested_key(keys, company):
    """Return what names the accounts under `keys` and the way to them, to tell whether they are those that were tested."""
    return " ".join((*keys, company.kho_dl_dstcode_in))


def account_facts(env, company):
    """Return the facts of the account: `missing` settings, whether any was entered (`is_begun`), its end, its logins."""
    until = company.kho_dl_account_valid_until or None
    facts = {
        "missing": (),
        "is_begun": bool(company.kho_dl_ss_url or company.kho_dl_username or company._kho_dl_secret("kho_dl_password")),
        "account_until": until,
        # The moment in which its last day ends.
        "account_ends_on": until and begin_of_day(until + timedelta(days=1)),
        **dict.fromkeys(("last_login_on", "token_since", "refused_on", "test_passed_on")),
    }
    try:
        keys = account_keys(env, company)
    except SettingsIncomplete as error:
        return {**facts, "missing": error.missing}
    row = one_row(
        env,
        """
        SELECT MAX(obtained_on) AS last_login_on,
               MIN(obtained_on) FILTER (WHERE token IS NOT NULL AND expires_at > %(now)s) AS token_since,
               MAX(refused_on) FILTER (
                   WHERE (obtained_on IS NULL OR refused_on > obtained_on) AND refused_on >= %(changed_on)s
               ) AS refused_on
          FROM kho_dl_token
         WHERE account_key IN %(keys)s
        """,
        now=fields.Datetime.now(),
        keys=keys,
        changed_on=company.kho_dl_account_changed_on or datetime.min,
    )
    # A test tells of the settings that were tested.
    is_tested = company.kho_dl_tested_key == tested_key(keys, company) and not company.kho_dl_test_problem
    return {**facts, **row, "test_passed_on": (is_tested and company.kho_dl_tested_on) or None}


def query_facts(env, company):
    """Return the facts of the last question: was it refused for the account that is entered now, or for a missing right?"""
    return one_row(
        env,
        """
        SELECT MAX(closed_on) AS last_query_on,
               COALESCE(BOOL_OR(outcome NOT IN ('found', 'none')), FALSE) AS last_query_failed,
               COALESCE(BOOL_OR(outcome = 'account_refused' AND closed_on >= %(changed_on)s), FALSE) AS is_query_refused,
               COUNT(*) FILTER (WHERE lacks_right) AS query_lacks_right
          FROM (SELECT closed_on, COALESCE(error_kind, outcome) AS outcome, lacks_right
                  FROM kho_dl_query
                 WHERE company_id = %(company)s AND outcome IS NOT NULL
                 ORDER BY id DESC LIMIT 1) AS last
        """,
        company=company.id,
        changed_on=company.kho_dl_account_changed_on or datetime.min,
    )


class NotSetUp(Check):
    kind, sequence, place = "not_set_up", 20, SETTINGS
    group = "connection"
    title = _lt("The connection to the national store is not set up yet")
    advice = _lt("Go through the first steps at the top of the settings.")
    measures = (account_facts,)

    def judge(self, facts, company, now):
        # Nobody is reminded of a company that was never meant to be connected.
        return replace(self.danger(), is_quiet=not facts.is_begun) if facts.missing else None


class AccountRefused(Check):
    kind, sequence, place = "account_refused", 30, SETTINGS
    group = "connection"
    title = _lt("The national portal refused our account on %(time)s")
    advice = _lt(
        "Check account and password in the settings, and test the connection. Perhaps the portal changed the password."
    )
    measures = (account_facts, query_facts)
    times = {
        "last_login_on": "When the portal last accepted the account.",
        "token_since": "Since when the oldest token in use is in use.",
        "last_query_on": "When the last question to the national store ended.",
    }

    def judge(self, facts, company, now):
        refusals = (facts.refused_on, facts.is_query_refused and facts.last_query_on)
        last = max(filter(None, refusals), default=None)
        if last and not (facts.test_passed_on and facts.test_passed_on > last):
            return self.danger(on=last)
        return None


class AccountEnding(Check):
    kind, sequence, place = "account_ending", 40, SETTINGS
    group = "connection"
    title = _lt("Our account at the national portal: its last day is %(day)s")
    advice = _lt(
        "After that day nothing can be asked. Have the portal extend it, and enter the new last day in the settings."
    )
    measures = (account_facts,)
    times = {"account_ends_on": "When the account at the portal ends."}

    def judge(self, facts, company, now):
        end = facts.account_ends_on
        if end and end - now < timedelta(days=company.kho_dl_alarm_certificate_days):
            return (self.danger if end <= now else self.warning)(until=facts.account_until)
        return None

    def details(self, env, values):
        return {"day": format_date(env, values["until"])}
