from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..case.kho_dl_case import STATES
from .kho_dl_indicator import RETURNS_PAPER, SOURCES

_COUNTS = ("counts", "Counts")
_FIELDS = {"4.1": "result_state", "4.2": "digitised_state", "4.3": "reuse_state", "4.4": "national_state"}


class KhoDLIndicatorCase(models.Model):
    """Which case counts for which indicator, and why not: one row a received case, with the id of the case."""

    _name = "kho.dl.indicator.case"
    _description = "Case and its indicators"
    _inherit = ["kho.dl.guarded"]
    _auto = False
    _order = "date_received desc, id desc"
    _rec_name = "case_id"
    _depends = {
        **SOURCES,
        "kho.dl.case": [*SOURCES["kho.dl.case"], "state"],
        "res.company": ["kho_dl_own_providerurl"],
    }

    case_id = fields.Many2one("kho.dl.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True)
    procedure_id = fields.Many2one("kho.dl.procedure", readonly=True)
    sector_id = fields.Many2one("kho.dl.sector", "Field", readonly=True)
    agency_ids = fields.Many2many(related="procedure_id.agency_ids", string="Agency")
    date_received = fields.Datetime("Received on", readonly=True)
    state = fields.Selection(STATES, "State of the case", readonly=True)
    result_state = fields.Selection(
        [_COUNTS, ("no_result", "No electronic result"), ("not_measured", "Not asked: returns no paper")],
        "4.1 Electronic result",
        readonly=True,
    )
    digitised_state = fields.Selection(
        [
            _COUNTS,
            ("nothing", "No document file, no electronic result"),
            ("no_result", "No electronic result"),
            ("no_file", "No document file"),
        ],
        "4.2 Documents and result",
        readonly=True,
    )
    reuse_state = fields.Selection(
        [_COUNTS, ("no_file", "No document file"), ("not_reused", "Nothing reused")],
        "4.3 Reused data",
        readonly=True,
    )
    national_state = fields.Selection(
        [
            _COUNTS,
            ("no_result", "Nothing from the national store, no result"),
            ("no_address", "Nothing from the national store, no address for links"),
            ("not_told", "Nothing from the national store, links not synchronised"),
        ],
        "4.4 National store",
        readonly=True,
    )

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT fact.case_id AS id, fact.case_id, fact.company_id, fact.month, fact.procedure_id,
                   procedure.sector_id, job.date_received, job.state,
                   CASE WHEN NOT %(returns_paper)s THEN 'not_measured'
                        WHEN fact.has_result THEN 'counts'
                        ELSE 'no_result' END AS result_state,
                   CASE WHEN fact.has_result AND fact.has_file THEN 'counts'
                        WHEN fact.has_file THEN 'no_result'
                        WHEN fact.has_result THEN 'no_file'
                        ELSE 'nothing' END AS digitised_state,
                   CASE WHEN fact.has_reuse THEN 'counts'
                        WHEN fact.has_file THEN 'not_reused'
                        ELSE 'no_file' END AS reuse_state,
                   CASE WHEN fact.has_national OR fact.is_told THEN 'counts'
                        WHEN NOT fact.has_result THEN 'no_result'
                        WHEN COALESCE(company.kho_dl_own_providerurl, '') = '' THEN 'no_address'
                        ELSE 'not_told' END AS national_state
              FROM kho_dl_indicator_fact fact
              JOIN kho_dl_procedure procedure ON procedure.id = fact.procedure_id
              JOIN res_company company ON company.id = fact.company_id
              -- LEFT: where nothing of the case itself is asked, it is not looked at.
              LEFT JOIN kho_dl_case job ON job.id = fact.case_id
             WHERE fact.month IS NOT NULL
            """,
            returns_paper=RETURNS_PAPER,
        )

    @api.model
    def _field_of(self, indicator):
        """Return the name of the field that says whether a case counts for `indicator`, such as "4.1"."""
        return _FIELDS[indicator]

    @api.model
    def _measured_domain(self, indicator):
        """Return the domain of the cases that `indicator` asks for."""
        return Domain(self._field_of(indicator), "!=", "not_measured") if indicator == "4.1" else Domain.TRUE

    def action_open_case(self):
        """Open the case itself."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "kho.dl.case",
            "res_id": self.case_id.id,
            "views": [(False, "form")],
        }
