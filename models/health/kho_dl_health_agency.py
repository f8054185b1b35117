from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import formatLang

from ..common.kho_dl_held import work_of_offices
from .kho_dl_alike import KhoDLAlike

# Endings of a file that say nothing of the agency that serves it: they are ours, or the case's.
_OUR_OWN_ERRORS = (
    "account_refused",
    "case_changed",
    # Nothing tells whose it was.
    "connection_broken",
    "consent_withdrawn",
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
# How far back files count.
LOOKED_BACK = timedelta(days=7)
# From so many seconds on a time is told in minutes.
_MINUTES_FROM = 120


class KhoDLHealthAgency(models.Model):
    """How well each far system has served a company lately: one row a lane, from the journal."""

    _name = "kho.dl.health.agency"
    _description = "How well an agency serves"
    _inherit = ["kho.dl.alike"]
    _auto = False
    _order = "failed_count desc, file_count desc, name"
    _depends = {
        "kho.dl.retrieval": [
            "company_id",
            "held_by_id",
            "lane",
            "agency_code",
            "agency_name",
            "state",
            "error_kind",
            "requested_on",
            "closed_on",
        ],
        "kho.dl.breaker": ["own_server", "lane", "opened_on"],
        "res.company": ["kho_dl_own_server"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    lane = fields.Char("Destination code", readonly=True)
    name = fields.Char("Agency", readonly=True)
    file_count = fields.Integer("Files", readonly=True)
    failed_count = fields.Integer("Failed", readonly=True)
    success_rate = fields.Float("Succeeded (%)", digits=(5, 1), readonly=True, aggregator=None)
    median_seconds = fields.Float(
        "Median time (s)",
        digits=(10, 1),
        readonly=True,
        aggregator=None,
        help="From the moment a clerk selected a file until it was on the case; half of the files took less.",
    )
    median_time = fields.Char("Median time", compute="_compute_median_time")
    opened_on = fields.Datetime("Unreachable since", readonly=True)
    all_files = fields.Integer("Files of all offices", compute="_compute_together")
    all_failed = fields.Integer("Failed in all offices", compute="_compute_together")
    all_success_rate = fields.Float("Succeeded in all offices (%)", digits=(5, 1), compute="_compute_all_success_rate")
    all_median_seconds = fields.Float(
        "Longest median time (s)",
        digits=(10, 1),
        compute="_compute_together",
        help="The median time of the office that waits longest for this agency.",
    )
    all_median_time = fields.Char("Longest median time", compute="_compute_median_time")
    all_opened_on = fields.Datetime("Unreachable for an office since", compute="_compute_together")

    _alike_by = ("lane",)
    _together = {
        **KhoDLAlike._together,
        "all_files": "file_count:sum",
        "all_failed": "failed_count:sum",
        "all_median_seconds": "median_seconds:max",
        "all_opened_on": "opened_on:min",
    }

    @api.depends("all_files", "all_failed")
    @api.depends_context("allowed_company_ids")
    def _compute_all_success_rate(self):
        for agency in self:
            agency.all_success_rate = 100 * (1 - agency.all_failed / (agency.all_files or 1))

    @api.depends("median_seconds", "file_count", "failed_count", "all_median_seconds", "all_files", "all_failed")
    @api.depends_context("lang", "allowed_company_ids")
    def _compute_median_time(self):
        for agency in self:
            is_any_done = agency.failed_count < agency.file_count
            agency.median_time = is_any_done and self._seconds_words(agency.median_seconds)
            is_any_done = agency.all_failed < agency.all_files
            agency.all_median_time = is_any_done and self._seconds_words(agency.all_median_seconds)

    def _seconds_words(self, seconds):
        if seconds < _MINUTES_FROM:
            return self.env._("%s s", formatLang(self.env, seconds, digits=1))
        return self.env._("%s min", formatLang(self.env, seconds / 60, digits=0))

    def action_open_offices(self):
        """Open what each office knows of this agency."""
        return self._open_offices()

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT served.*, breaker.opened_on
              FROM (SELECT MIN(file.id) AS id, file.office_id AS company_id, file.lane,
                           COALESCE((ARRAY_AGG(file.agency_name ORDER BY file.id DESC)
                               FILTER (WHERE file.agency_name IS NOT NULL))[1], file.lane) AS name,
                           COUNT(*)::integer AS file_count,
                           COUNT(*) FILTER (WHERE file.state = 'failed')::integer AS failed_count,
                           100.0 * COUNT(*) FILTER (WHERE file.state = 'done') / COUNT(*) AS success_rate,
                           PERCENTILE_CONT(0.5) WITHIN GROUP (
                               ORDER BY EXTRACT(EPOCH FROM file.closed_on - file.requested_on)
                           ) FILTER (WHERE file.state = 'done') AS median_seconds
                      FROM %(files)s AS file
                     WHERE file.closed_on >= %(since)s
                       AND file.lane IS NOT NULL
                       AND (file.error_kind IS NULL OR file.error_kind NOT IN %(ours)s)
                     GROUP BY file.office_id, file.lane) AS served
              JOIN res_company company ON company.id = served.company_id
              LEFT JOIN kho_dl_breaker breaker
                     ON breaker.own_server = company.kho_dl_own_server AND breaker.lane = served.lane
            """,
            files=SQL(work_of_offices("kho_dl_retrieval")),
            since=fields.Datetime.now() - LOOKED_BACK,
            ours=_OUR_OWN_ERRORS,
        )


class KhoDLRetrieval(models.Model):
    _inherit = "kho.dl.retrieval"

    # What ended lately is counted for the health of a company.
    _closed_idx = models.Index("(company_id, closed_on) WHERE closed_on IS NOT NULL")
    _held_closed_idx = models.Index("(held_by_id, closed_on) WHERE held_by_id IS NOT NULL AND closed_on IS NOT NULL")
