"""How old the directory of security servers is."""

from datetime import timedelta

from odoo import fields, models

from ...common.office_time import moment_words
from ..health_check import Check, Place, _lt, of_all, one_row
from .account import account_facts


class KhoDLHealth(models.Model):
    _inherit = "kho.dl.health"

    directory_done_on = fields.Datetime("Last refresh of the directory", compute="_compute_facts")


@of_all
def _directory_facts(env):
    return one_row(
        env,
        """
        SELECT MAX(started_on) FILTER (WHERE outcome = 'done') AS directory_done_on,
               MIN(started_on) AS directory_first_on
          FROM kho_dl_directory_refresh
        """,
    )


class Directory(Check):
    kind, sequence = "directory", 80
    place = Place("kho_dl.action_kho_dl_directory_refresh", _lt("Directory refreshes"))
    title = _lt("The directory of security servers is out of date")
    advice = _lt("No refresh has worked since %(since)s. See what the last one said, correct it, and refresh again.")
    measures = (_directory_facts, account_facts)
    times = {"directory_done_on": "When the directory was last refreshed."}
    is_for_all = True

    def judge(self, facts, company, now):
        since = facts.directory_done_on or facts.directory_first_on
        # A company that was never meant to be connected has no limits to keep.
        if facts.is_begun and since and now - since >= timedelta(days=company.kho_dl_alarm_directory_days):
            return self.danger(since=facts.directory_done_on)
        return None

    def details(self, env, values):
        since = values["since"]
        return {"since": moment_words(env, since) if since else env._("the beginning")}
