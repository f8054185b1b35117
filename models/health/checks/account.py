"""Whether the portal knows us: what is entered, what became of the last logins, and until when the account holds."""

import json
from dataclasses import replace
from datetime import timedelta

from odoo import fields, models
from odoo.tools import format_date

from ....protocol.errors import SettingsIncomplete
from ....protocol.tokens import account_key
from ...common.office_time import end_of_day
from ..health_check import SETTINGS, Check, _lt, each_row

_PLACE = replace(SETTINGS, setting="kho_dl_account")
# SQL: the last question of those, each found by its index: see `work_of_offices`.
_LAST = """(SELECT id, closed_on, outcome, error_kind, lacks_right FROM kho_dl_query WHERE {} AND closed_on IS NOT NULL
             ORDER BY closed_on DESC, id DESC LIMIT 1)"""


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


def account_facts(env, companies):
    """Return the facts of the account of each company: `missing` settings, whether any was entered (`is_begun`), its end, its logins."""
    facts, keys_of = {}, {}
    for company in companies:
        facts[company.id] = _entered_facts(company)
        try:
            keys_of[company.id] = account_keys(env, company)
        except SettingsIncomplete as error:
            facts[company.id]["missing"] = error.missing
    rows = each_row(
        env,
        companies,
        """
        SELECT MAX(obtained_on) AS last_login_on,
               MIN(obtained_on) FILTER (WHERE token IS NOT NULL AND expires_at > %(now)s) AS token_since,
               MAX(refused_on) FILTER (
                   WHERE (obtained_on IS NULL OR refused_on > obtained_on)
                     AND refused_on >= COALESCE(company.kho_dl_account_changed_on, '-infinity')
               ) AS refused_on
          FROM jsonb_array_elements_text(%(keys)s::jsonb -> company.id::text) AS ours(account_key)
          JOIN kho_dl_token USING (account_key)
        """,
        now=fields.Datetime.now(),
        keys=json.dumps(keys_of),
    )
    return {company_id: {**facts[company_id], **row} for company_id, row in rows.items()}


def _entered_facts(company):
    until = company.kho_dl_account_valid_until or None
    return {
        "missing": (),
        "is_begun": bool(company.kho_dl_ss_url or company.kho_dl_username or company._kho_dl_secret("kho_dl_password")),
        "account_until": until,
        # The moment in which its last day ends.
        "account_ends_on": until and end_of_day(until),
    }


def _test_passed_on(env, company):
    """Return when the settings of `company` that are entered now were tested with success, or None."""
    is_tested = company.kho_dl_tested_key == tested_key(account_keys(env, company), company)
    return (is_tested and not company.kho_dl_test_problem and company.kho_dl_tested_on) or None


def query_facts(env, companies):
    """Return the facts of the last question: was it refused for the account that is entered now, or for a missing right?"""
    return each_row(
        env,
        companies,
        f"""
        SELECT MAX(closed_on) AS last_query_on,
               COALESCE(BOOL_OR(outcome_or_kind NOT IN ('found', 'none')), FALSE) AS last_query_failed,
               COALESCE(BOOL_OR(outcome_or_kind = 'account_refused' AND closed_on >= changed_on), FALSE) AS is_query_refused,
               COUNT(*) FILTER (WHERE lacks_right) AS query_lacks_right
          FROM (SELECT last.*, COALESCE(error_kind, outcome) AS outcome_or_kind,
                       COALESCE(company.kho_dl_account_changed_on, '-infinity') AS changed_on
                  FROM ({_LAST.format("company_id = company.id AND held_by_id IS NULL")}
                        UNION ALL {_LAST.format("held_by_id = company.id")}) AS last
                 ORDER BY closed_on DESC, id DESC LIMIT 1) AS last
        """,
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
    kind, sequence, place = "account_refused", 30, _PLACE
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
        if not last:
            return None
        # A test tells of the settings that were tested.
        passed_on = not facts.missing and _test_passed_on(company.env, company)
        return None if passed_on and passed_on > last else self.danger(on=last)


class AccountEnding(Check):
    kind, sequence, place = "account_ending", 40, _PLACE
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
