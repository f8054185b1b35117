"""What is measured of a company: few statements, each bounded by an index. Nothing here names a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from odoo import fields
from odoo.tools import SQL

from ...protocol.errors import SettingsIncomplete
from ...protocol.tokens import account_key
from ..common.office_time import begin_of_day
from ..connection.kho_dl_breaker import OWN_SERVER, PORTAL
from ..gate.child_python import child_facts
from ..journal.journal_walk import unsealed_for_long

# Endings of a file that say nothing of the agency that serves it: they are ours, or the case's.
OUR_OWN_ERRORS = (
    "account_refused",
    "case_changed",
    "file_not_scanned",
    "file_not_stored",
    "file_questioned",
    "file_too_large",
    "inspection_unavailable",
    "interrupted",
    "not_kept",
    "overdue",
    "refused",
    "scanner_unreachable",
    "security_server_unreachable",
    "server_unknown",
    "settings_incomplete",
    "unexpected",
)
# How far back the share of failed files is counted.
_LATELY = timedelta(days=1)
# So long a synchronisation that failed is said.
_CATALOGUE_SAID = timedelta(days=7)
# So many agencies are named; the others are counted.
_MOST_NAMED = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """How it stands; times are naive UTC as everywhere in Odoo, None where there is none.

    `missing` are the settings still to be filled in, `is_begun` tells whether any was. Of the queues, `since` is
    the age of the oldest row that nothing known holds up. `rejected` waits for a person. `is_query_refused`: the last
    question was refused for the account that is entered now.
    """

    is_copy: bool
    missing: tuple[str, ...]
    is_begun: bool
    last_login_on: datetime | None
    token_since: datetime | None
    refused_on: datetime | None
    test_passed_on: datetime | None
    last_query_on: datetime | None
    last_query_outcome: str | None
    is_query_refused: bool
    own_server_out_since: datetime | None
    agencies_out: int
    agencies_out_since: datetime | None
    agencies_out_names: tuple[str, ...]
    directory_done_on: datetime | None
    directory_first_on: datetime | None
    catalogue_failed_on: datetime | None
    files_waiting: int
    files_waiting_since: datetime | None
    files_closed: int
    files_failed: int
    messages_waiting: int
    messages_waiting_since: datetime | None
    messages_rejected: int
    account_until: date | None
    seal_until: datetime | None
    trust_until: datetime | None
    trust_name: str | None
    journal_fault: str | None
    journal_fault_position: int | None
    is_head_unsent: bool
    journal_unsealed_since: datetime | None
    journal_checked_on: datetime | None
    actions_off: tuple[str, ...]
    python_fault: str
    library: str

    @property
    def account_ends_on(self) -> datetime | None:
        """The moment in which the last day of the account ends."""
        return begin_of_day(self.account_until + timedelta(days=1)) if self.account_until else None


def read_facts(env, company):
    """Return the `Facts` of `company`: from the database, and from the other Python, where one is named, now and then."""
    # sudo: numbers about a company, none of them secret; what they are read from is.
    company = company.sudo()
    env = company.env
    env.flush_all()
    return Facts(
        is_copy=not env["kho.dl.database"]._is_confirmed(),
        **_connection(env, company),
        **_last_query(env, company),
        **_breakers(env, company),
        **_directory(env),
        **_catalogue(env, company),
        **_files(env, company),
        **_messages(env, company),
        **_certificates(env, company),
        **_journal(env, company),
        **child_facts(env),
        actions_off=_actions_off(env),
    )


def account_keys(env, company):
    """Return the names under which `kho.dl.token` keeps the tokens of `company`. Raises SettingsIncomplete."""
    settings = env["kho.dl.gateway"]._settings(company)
    settings.check()
    return tuple(sorted({account_key(settings, service) for service in (settings.directory, settings.papers)}))


def tested_key(keys, company):
    """Return what names the accounts under `keys` and the way to them, to tell whether they are those that were tested."""
    return " ".join((*keys, company.kho_dl_dstcode_in))


def _connection(env, company):
    values = {
        "missing": (),
        "is_begun": bool(company.kho_dl_ss_url or company.kho_dl_username or company.kho_dl_password),
        "last_login_on": None,
        "token_since": None,
        "refused_on": None,
        "test_passed_on": None,
    }
    try:
        keys = account_keys(env, company)
    except SettingsIncomplete as error:
        return {**values, "missing": error.missing}
    row = _one(
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
    return {**values, **row, "test_passed_on": (is_tested and company.kho_dl_tested_on) or None}


def _last_query(env, company):
    return _one(
        env,
        """
        SELECT MAX(closed_on) AS last_query_on, MAX(outcome) AS last_query_outcome,
               COALESCE(BOOL_OR(outcome = 'account_refused' AND closed_on >= %(changed_on)s), FALSE) AS is_query_refused
          FROM (SELECT closed_on, COALESCE(error_kind, outcome) AS outcome
                  FROM kho_dl_query
                 WHERE company_id = %(company)s AND outcome IS NOT NULL
                 ORDER BY id DESC LIMIT 1) AS last
        """,
        company=company.id,
        changed_on=company.kho_dl_account_changed_on or datetime.min,
    )


def _breakers(env, company):
    row = _one(
        env,
        """
        SELECT MIN(opened_on) FILTER (WHERE lane = %(own)s) AS own_server_out_since,
               COUNT(*) FILTER (WHERE lane != %(own)s) AS agencies_out,
               MIN(opened_on) FILTER (WHERE lane != %(own)s) AS agencies_out_since,
               ARRAY_AGG(COALESCE(lane_name, lane) ORDER BY opened_on)
                   FILTER (WHERE lane != %(own)s) AS agencies_out_names
          FROM kho_dl_breaker
         WHERE own_server = %(server)s AND opened_on IS NOT NULL
           -- A portal of other companies is none of ours.
           AND (SPLIT_PART(lane, ' ', 1) != %(portal)s OR lane = %(our_portal)s)
        """,
        server=company.kho_dl_own_server or "",
        own=OWN_SERVER,
        portal=PORTAL,
        our_portal=company.kho_dl_portal_lane,
    )
    return {**row, "agencies_out_names": tuple((row["agencies_out_names"] or ())[:_MOST_NAMED])}


def _directory(env):
    return _one(
        env,
        """
        SELECT MAX(started_on) FILTER (WHERE outcome = 'done') AS directory_done_on,
               MIN(started_on) AS directory_first_on
          FROM kho_dl_directory_refresh
        """,
    )


def _catalogue(env, company):
    return _one(
        env,
        """
        SELECT MAX(ended_on) AS catalogue_failed_on
          FROM kho_dl_catalogue_sync
         WHERE state = 'failed' AND ended_on >= %(since)s
           AND id = (SELECT MAX(id) FROM kho_dl_catalogue_sync WHERE company_id = %(company)s)
        """,
        company=company.id,
        # Who brings procedures in from tables since need not be reminded for ever.
        since=fields.Datetime.now() - _CATALOGUE_SAID,
    )


def _files(env, company):
    waiting = _one(
        env,
        """
        SELECT COUNT(*) AS files_waiting,
               MIN(requested_on) FILTER (
                   WHERE NOT EXISTS (SELECT FROM kho_dl_breaker breaker
                                      WHERE breaker.own_server = %(server)s
                                        AND breaker.opened_on IS NOT NULL
                                        AND breaker.lane IN (file.lane, %(own)s))
               ) AS files_waiting_since
          FROM kho_dl_retrieval file
         WHERE company_id = %(company)s AND state IN ('pending', 'running')
        """,
        company=company.id,
        server=company.kho_dl_own_server or "",
        own=OWN_SERVER,
    )
    # What a clerk has to decide on, nobody wants any more, or was tried again since, is no failure.
    closed = _one(
        env,
        """
        SELECT COUNT(*) AS files_closed, COUNT(*) FILTER (WHERE state = 'failed') AS files_failed
          FROM kho_dl_retrieval file
         WHERE company_id = %(company)s AND closed_on >= %(since)s
           AND (error_kind IS NULL OR error_kind NOT IN ('case_changed', 'file_questioned'))
           AND NOT EXISTS (SELECT FROM kho_dl_retrieval later
                            WHERE later.case_document_id = file.case_document_id
                              AND later.link_key = file.link_key AND later.id > file.id)
        """,
        company=company.id,
        since=fields.Datetime.now() - _LATELY,
    )
    return {**waiting, **closed}


def _messages(env, company):
    # What stands behind a refused message of its case waits for a person, as that one does.
    row = _one(
        env,
        """
        SELECT COUNT(*) FILTER (WHERE state != 'rejected') AS messages_waiting,
               MIN(COALESCE(waiting_since, create_date)) FILTER (
                   WHERE state != 'rejected'
                     AND NOT EXISTS (SELECT FROM kho_dl_outbox earlier
                                      WHERE earlier.case_id = message.case_id
                                        AND earlier.id < message.id
                                        AND earlier.state = 'rejected')
                     AND NOT EXISTS (SELECT FROM kho_dl_breaker breaker
                                      WHERE breaker.own_server = %(server)s
                                        AND breaker.opened_on IS NOT NULL
                                        AND breaker.lane IN (%(portal)s, %(own)s))
               ) AS messages_waiting_since,
               COUNT(*) FILTER (WHERE state = 'rejected') AS messages_rejected
          FROM kho_dl_outbox message
         WHERE company_id = %(company)s AND state != 'accepted'
        """,
        company=company.id,
        server=company.kho_dl_own_server or "",
        portal=company.kho_dl_portal_lane,
        own=OWN_SERVER,
    )
    # Where nothing is told, nothing waits for anybody.
    return row if company.kho_dl_sync_enabled else {**row, "messages_waiting_since": None, "messages_rejected": 0}


def _certificates(env, company):
    row = _one(
        env,
        """
        SELECT MAX(valid_until) AS trust_until, MAX(name) AS trust_name
          FROM (SELECT valid_until, name
                  FROM kho_dl_trust_certificate
                 WHERE active AND (company_id = %(company)s OR company_id IS NULL) AND valid_until >= %(since)s
                 -- One that ended, and was said then, hides none that will.
                 ORDER BY valid_until < %(now)s, valid_until, id
                 LIMIT 1) AS next
        """,
        company=company.id,
        now=fields.Datetime.now(),
        # One that was over long ago is kept on purpose, for what was signed under it.
        since=fields.Datetime.now() - timedelta(days=company.kho_dl_alarm_certificate_days),
    )
    return {
        **row,
        "account_until": company.kho_dl_account_valid_until or None,
        "seal_until": company.kho_dl_seal_valid_until or None,
    }


def _journal(env, company):
    row = _one(
        env,
        """
        SELECT MAX(fault) AS journal_fault, MAX(fault_position) AS journal_fault_position,
               COUNT(head_problem) > 0 AS is_head_unsent,
               MAX(COALESCE(checked_on, create_date)) FILTER (WHERE position > 0) AS journal_checked_on
          FROM kho_dl_journal_chain WHERE company_id = %(company)s
        """,
        company=company.id,
    )
    unsealed = unsealed_for_long(env, company)
    return {**row, "journal_unsealed_since": unsealed[2] if unsealed else None}


def _actions_off(env):
    row = _one(
        env,
        """
        SELECT ARRAY_AGG(data.name ORDER BY data.name) AS names
          FROM ir_cron cron
          JOIN ir_model_data data ON data.model = 'ir.cron' AND data.res_id = cron.id
         WHERE data.module = 'kho_dl' AND NOT cron.active
        """,
    )
    return tuple(row["names"] or ())


def _one(env, statement: str, **values) -> Mapping:
    """Return the only row of `statement`, which is of this file, as {column: value}."""
    env.cr.execute(SQL(statement, **values))
    return env.cr.dictfetchone()
