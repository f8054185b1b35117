"""Whether the files that clerks select arrive."""

from datetime import timedelta

from odoo import fields, models

from ...common.kho_dl_held import office_of, seen_by_offices, work_of_offices
from ...connection.kho_dl_breaker import OWN_SERVER
from ..health_check import Check, Place, _lt, each_row, oldest_and_sum
from .breakers import WAS_TOLD

_PLACE = Place("kho_dl.action_kho_dl_health_failure", _lt("Why they fail"))
# How far back the share of failed files is counted.
_LATELY = timedelta(days=1)
# Fewer files than this say nothing about a share.
_ENOUGH_FILES = 10


class KhoDLHealth(models.Model):
    _inherit = "kho.dl.health"

    files_waiting = fields.Integer(compute="_compute_facts")
    files_closed = fields.Integer("Files of the last 24 hours", compute="_compute_facts")
    files_failed = fields.Integer("Of these not attached", compute="_compute_facts")


def _waiting_facts(env, companies):
    """Return how many wait in each company, and since when the oldest that nothing known holds up."""
    return each_row(
        env,
        companies,
        f"""
        SELECT COUNT(*) AS files_waiting,
               -- All that waited for a far system is fetched once it answers: from then on it waits for us.
               MIN(GREATEST(requested_on, (SELECT MAX(outage_until) FROM kho_dl_breaker breaker
                                            WHERE %(was_told)s AND breaker.lane IN (file.lane, %(own)s)))) FILTER (
                   WHERE NOT EXISTS (SELECT FROM kho_dl_breaker breaker
                                      WHERE breaker.own_server = company.kho_dl_own_server
                                        AND breaker.opened_on IS NOT NULL
                                        AND breaker.lane IN (file.lane, %(own)s))
               ) AS files_waiting_since
          FROM {work_of_offices("kho_dl_retrieval")} AS file
         WHERE file.office_id = company.id AND state IN ('pending', 'running')
        """,
        own=OWN_SERVER,
        was_told=WAS_TOLD,
    )


# What failed because of what was fetched: its agency answered.
_OF_THE_FILE = ("file_not_as_claimed", "file_too_large", "link_not_usable")


def closed_facts(env, companies):
    """Return of each company how many files of the last day came to an end, failed, lacked an access right, or were given up
    because a far system could not be reached: of that one its own check tells, once for all offices.

    All of them count for whoever has the case now, as in `kho.dl.health.failure`; a right is lacked by who fetched.
    """
    # What a clerk has to decide on, nobody wants any more, or was tried again since, is no failure.
    return each_row(
        env,
        companies,
        f"""
        SELECT COUNT(*) FILTER (WHERE is_counted) AS files_closed,
               COUNT(*) FILTER (WHERE is_counted AND file.state = 'failed') AS files_failed,
               COUNT(*) FILTER (WHERE is_fetched AND file.state = 'failed' AND file.lacks_right) AS files_lack_right,
               COUNT(*) FILTER (WHERE is_counted AND file.state = 'failed' AND file.lacks_right IS NOT TRUE
                                  AND file.error_kind NOT IN %(of_the_file)s AND EXISTS (
                   SELECT FROM kho_dl_breaker breaker
                    WHERE breaker.own_server = company.kho_dl_own_server AND breaker.lane IN (file.lane, %(own)s)
                      AND file.closed_on >= LEAST(breaker.outage_since, breaker.opened_on)
                      AND (breaker.opened_on IS NOT NULL OR (file.closed_on <= breaker.outage_until AND %(was_told)s))
               )) AS files_unreachable
          FROM {seen_by_offices("kho_dl_retrieval")} AS file
          JOIN kho_dl_case job ON job.id = file.case_id
         CROSS JOIN LATERAL (
               SELECT company.id = {office_of("file.")} AS is_fetched,
                      company.id = {office_of("job.")} AS is_counted) AS whose
         WHERE file.office_id = company.id AND file.closed_on >= %(since)s
           AND (file.error_kind IS NULL
                OR file.error_kind NOT IN ('case_changed', 'consent_withdrawn', 'file_questioned'))
           AND NOT EXISTS (SELECT FROM kho_dl_retrieval later
                            WHERE later.case_document_id = file.case_document_id
                              AND later.link_key = file.link_key AND later.id > file.id)
        """,
        since=fields.Datetime.now() - _LATELY,
        own=OWN_SERVER,
        was_told=WAS_TOLD,
        of_the_file=_OF_THE_FILE,
    )


class FilesWaiting(Check):
    kind, sequence, place = "files_waiting", 90, _PLACE
    is_common = True
    title = _lt("Files are waiting to be fetched since %(time)s (%(count)s in all)")
    advice = _lt("See why they fail. If there is no reason, look whether Odoo's scheduled actions are run at all.")
    measures = (_waiting_facts,)
    counts = {"files_waiting": "Files on their way."}
    times = {"files_waiting_since": "Since when the oldest file waits that nothing known holds up."}

    def judge(self, facts, company, now):
        since = facts.files_waiting_since
        if since and now - since >= timedelta(hours=company.kho_dl_alarm_waiting_hours):
            return self.danger(since=since, count=facts.files_waiting)
        return None

    def together(self, trouble, other):
        return self.danger(**oldest_and_sum(trouble.values, other.values))


class FilesFailing(Check):
    kind, sequence, place = "files_failing", 100, _PLACE
    is_common = True
    title = _lt("%(failed)s of the last %(closed)s files could not be attached")
    advice = _lt("See the causes, correct them, and try all of them again.")
    measures = (closed_facts,)
    counts = {
        "files_closed": "Files that ended in the last 24 hours.",
        "files_failed": "Files that could not be attached in the last 24 hours.",
    }

    def judge(self, facts, company, now):
        closed, failed = (count - facts.files_unreachable for count in (facts.files_closed, facts.files_failed))
        if closed >= _ENOUGH_FILES and failed * 100 >= company.kho_dl_alarm_failed_percent * closed:
            return self.danger(failed=failed, closed=closed)
        return None

    def together(self, trouble, other):
        return self.danger(**{name: count + other.values[name] for name, count in trouble.values.items()})
