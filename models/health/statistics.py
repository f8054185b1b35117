"""What was done, day by day, for a monitor outside: counts and times, nothing of a person."""

from dataclasses import dataclass, field
from datetime import timedelta

from odoo import models
from odoo.tools import SQL

from ..common.kho_dl_held import work_of_offices
from ..common.office_time import OFFICE_TIMEZONE, begin_of_day
from .health_levels import unit_codes


@dataclass(frozen=True, slots=True)
class _Source:
    """Rows with `office_id`, whose work each is; {name: column} by which its closed rows are grouped, {name: sum} and the seconds that each row took."""

    rows: str
    groups: dict
    sums: dict = field(default_factory=dict)
    seconds: str = ""


_SOURCES = {
    "questions": _Source(
        work_of_offices("kho_dl_query"),
        {"outcome": "outcome", "reason": "error_kind"},
        {"papers": "COALESCE(SUM(paper_count), 0)"},
        "duration",
    ),
    "files": _Source(
        work_of_offices("kho_dl_retrieval"),
        {"agency": "agency_code", "outcome": "state", "reason": "error_kind"},
        {"bytes": "COALESCE(SUM(size), 0)"},
        "EXTRACT(EPOCH FROM closed_on - requested_on)",
    ),
    # One that is sent again after a refusal counts by what comes of it.
    "messages": _Source(
        "(SELECT company_id AS office_id, * FROM kho_dl_outbox)",
        {"outcome": "NULLIF(NULLIF(state, 'pending'), 'running')", "reason": "error_kind"},
        seconds="EXTRACT(EPOCH FROM closed_on - COALESCE(waiting_since, date_trunc('second', create_date)))",
    ),
    "given": _Source(
        "(SELECT company_id AS office_id, * FROM kho_dl_serving)",
        {"outcome": "status"},
        {"bytes": "COALESCE(SUM(size), 0)"},
    ),
}


def statistics_of(env, company, today, days, is_by_unit=False):
    """Return {"from", "until", "time_zone", "questions", "files", "messages", "given"} of the last `days` until `today`.

    The last four are lists with an entry for each group of each day: "day", what it is grouped by, "count", sums, and the
    middle and the slow end of its times in seconds. `company` and its branches count together, in days of the office;
    `is_by_unit` parts them by the "unit" that did it and the outcome alone.
    """
    # sudo: sums of what the company and its branches did; they name nobody, and who brings the token has no user.
    # What an office did stays when it is archived.
    companies = env["res.company"].sudo().with_context(active_test=False).search([("id", "child_of", company.id)])
    first = today - timedelta(days=days - 1)
    return {
        "from": first.isoformat(),
        "until": today.isoformat(),
        "time_zone": OFFICE_TIMEZONE,
        **{what: _entries(env, source, companies, first, is_by_unit) for what, source in _SOURCES.items()},
    }


def _entries(env, source, companies, first, is_by_unit):
    groups = {"unit": "office_id", "outcome": source.groups["outcome"]} if is_by_unit else source.groups
    times = {"median_seconds": 0.5, "p95_seconds": 0.95} if source.seconds else {}
    columns = {
        **groups,
        "count": "COUNT(*)",
        **source.sums,
        **{
            name: f"ROUND(PERCENTILE_CONT({part}) WITHIN GROUP (ORDER BY {source.seconds})::numeric, 2)::float"
            for name, part in times.items()
        },
    }
    places = ", ".join(str(place + 1) for place in range(len(groups) + 1))
    env.cr.execute(
        SQL(
            f"""
            SELECT ((closed_on AT TIME ZONE 'UTC') AT TIME ZONE %(zone)s)::date::text AS day,
                   {", ".join(f"{column} AS {name}" for name, column in columns.items())}
              FROM {source.rows} AS done
             WHERE office_id IN %(companies)s AND closed_on >= %(since)s
             GROUP BY {places} ORDER BY {places}
            """,
            zone=OFFICE_TIMEZONE,
            companies=companies._ids,
            since=begin_of_day(first),
        )
    )
    entries = env.cr.dictfetchall()
    codes = {company.id: code for company, code in unit_codes(companies).items()} if is_by_unit else {}
    return [{**entry, "unit": codes[entry["unit"]]} for entry in entries] if is_by_unit else entries


class KhoDLQuery(models.Model):
    _inherit = "kho.dl.query"

    _closed_idx = models.Index("(company_id, closed_on) WHERE closed_on IS NOT NULL")
    _held_closed_idx = models.Index("(held_by_id, closed_on) WHERE held_by_id IS NOT NULL AND closed_on IS NOT NULL")


class KhoDLServing(models.Model):
    _inherit = "kho.dl.serving"

    _closed_idx = models.Index("(company_id, closed_on) WHERE closed_on IS NOT NULL")
