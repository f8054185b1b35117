from ast import literal_eval

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..case.kho_dl_case import STATES
from .indicators import INDICATORS, NOT_DEFINED, NOT_MEASURED, SOURCES, period_of_fact
from .kept_facts import AS_DECIDING, AS_RECEIVED

_BY_CODE = {indicator.code: indicator for indicator in INDICATORS}


class KhoDLIndicatorCase(models.Model):
    """Which case counts for which indicator, and why not: one row a received case, with the id of the case.

    Where one office received it and another one decides about it, each has a row of it with the indicators that are its
    own; that of the first has the id below zero.
    """

    _name = "kho.dl.indicator.case"
    _description = "Case and its indicators"
    _inherit = ["kho.dl.guarded"]
    _auto = False
    _order = "date_received desc, id desc"
    _rec_name = "case_id"
    _depends = {**SOURCES, "kho.dl.case": [*SOURCES["kho.dl.case"], "state"]}

    case_id = fields.Many2one("kho.dl.case", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date(readonly=True)
    procedure_id = fields.Many2one("kho.dl.procedure", readonly=True)
    sector_id = fields.Many2one("kho.dl.sector", "Field", readonly=True)
    agency_ids = fields.Many2many(related="procedure_id.present_agency_ids", string="Agency")
    date_received = fields.Datetime("Received on", readonly=True)
    state = fields.Selection(STATES, "State of the case", readonly=True)
    # Whether it counts for each indicator, or why not.
    vars().update({one.field: fields.Selection(one.selection, one.title, readonly=True) for one in INDICATORS})

    @property
    def _table_query(self):
        states = ", ".join(f"CASE WHEN fact.is_{one.office} THEN {one.state} END AS {one.field}" for one in INDICATORS)
        return SQL(
            """
            SELECT fact.row_id AS id, fact.case_id, fact.company_id, fact.month, fact.procedure_id,
                   procedure.sector_id, fact.received_on AS date_received,
                   -- Looked up for what is shown, not for all of a month that is put in order.
                   (SELECT job.state FROM kho_dl_case job WHERE job.id = fact.case_id) AS state, %(states)s
              FROM (SELECT own.*, own.case_id AS row_id FROM (%(as_deciding)s) AS own
                     UNION ALL
                    SELECT received.*, -received.case_id FROM (%(as_received)s) AS received) AS fact
              %(period)s
              -- There always are: LEFT keeps PostgreSQL from beginning with them, and leaves them out where nothing of them is read.
              LEFT JOIN kho_dl_procedure procedure ON procedure.id = fact.procedure_id
              LEFT JOIN res_company company ON company.id = fact.company_id
             WHERE fact.month IS NOT NULL
            """,
            states=SQL(states),
            as_deciding=AS_DECIDING,
            as_received=AS_RECEIVED,
            period=period_of_fact(self.env.context),
        )

    @api.depends("case_id")
    def _compute_display_name(self):
        for row in self:
            # sudo: whoever received the case knows its number, also when it is the other office's alone.
            row.display_name = row.case_id.sudo().name

    @api.model
    def _field_of(self, indicator):
        """Return the name of the field that says whether a case counts for `indicator`, such as "4.1"."""
        return _BY_CODE[indicator].field

    @api.model
    def _measured_domain(self, indicator):
        """Return the domain of the cases that `indicator` asks for."""
        asked = _BY_CODE[indicator]
        # Empty where it is another office's figure.
        return Domain(asked.field, "not in", [False, NOT_MEASURED, NOT_DEFINED])

    @api.model
    def action_open(self):
        """Open all cases, each with the indicators that the definitions of the selected companies have."""
        self.check_access("read")
        action = self.env["ir.actions.actions"]._for_xml_id("kho_dl.action_kho_dl_indicator_case")
        chosen = set(self.env.companies.mapped("kho_dl_indicator_definition"))
        asked = [one.code for one in INDICATORS if chosen.intersection(one.definitions)]
        return {**action, "context": {**literal_eval(action["context"]), "kho_dl_indicators": asked}}

    def action_open_case(self):
        """Open the case itself."""
        self.ensure_one()
        shown = self.case_id
        if not shown.has_access("read"):
            # What was handed over.
            shown = self.env["kho.dl.handover"].search([("case_id", "=", shown.id)], limit=1) or shown
        return {
            "type": "ir.actions.act_window",
            "res_model": shown._name,
            "res_id": shown.id,
            "views": [(False, "form")],
        }
