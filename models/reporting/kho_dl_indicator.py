from odoo import fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .indicators import COUNTS, DECIDING, DEFINITION, DEFINITIONS, INDICATORS, RECEIVING, SOURCES, period_of_fact
from .kept_facts import AS_RECEIVED

# From this share on an indicator has its full points; below, they are in proportion (wire §8).
TARGET = 80
_FIELDS = tuple(one.field for one in INDICATORS)


class KhoDLIndicator(models.Model):
    """What the agency is measured on: one row for each month, company, procedure and indicator (wire §8).

    A share of a group is the sum of the cases that count by the sum of all, never a mean of shares. Where a group holds
    several indicators, a case counts once for each of them; its points are the mean of the indicators' points, each from the
    sums of its cases, where all are of one definition.
    """

    _name = "kho.dl.indicator"
    _description = "Indicators of digitisation"
    _inherit = ["kho.dl.by.level", "kho.dl.guarded"]
    _auto = False
    _order = "month desc, indicator, missing_count desc, id"
    _rec_name = "indicator"
    _depends = SOURCES

    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date("First day of the month", readonly=True)
    # Odoo's lists would show the first of the month.
    month_name = fields.Char("Month", readonly=True)
    procedure_id = fields.Many2one("kho.dl.procedure", readonly=True)
    sector_id = fields.Many2one("kho.dl.sector", "Field", readonly=True)
    # A procedure of several agencies counts for each of them, and once in the total.
    agency_ids = fields.Many2many(related="procedure_id.present_agency_ids", string="Agency")
    definition = fields.Selection(DEFINITIONS, "Definition and its source", readonly=True)
    indicator = fields.Selection([(one.code, one.name) for one in INDICATORS], readonly=True)
    case_count = fields.Integer(
        "Cases", readonly=True, help="Where several indicators stand together, a case counts once for each of them."
    )
    counted_count = fields.Integer("Counted", readonly=True)
    missing_count = fields.Integer("Not counted", readonly=True)
    share = fields.Float(
        "Share (%)",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="Of the cases together: what counts, of all that was measured.",
    )
    has_points = fields.Boolean("Has a target", readonly=True)
    points = fields.Float(
        "Points (of 100)",
        digits=(5, 2),
        readonly=True,
        aggregator="avg",
        help="100 from a share of 80 % on, in proportion below.",
    )

    @property
    def _table_query(self):
        parts = (
            f"({position}, '{one.code}', {one.has_points}, "
            f"CASE WHEN {one.defined} AND {one.asked} THEN figure.{one.office} ELSE 0 END, figure.{one.field})"
            for position, one in enumerate(INDICATORS)
        )
        return SQL(
            """
            SELECT figure.first_case * %(part_count)s + part.position AS id, figure.company_id, figure.month,
                   TO_CHAR(figure.month, 'MM/YYYY') AS month_name, figure.procedure_id, procedure.sector_id,
                   %(definition)s AS definition, %(levels)s,
                   part.indicator, part.case_count, part.counted_count,
                   part.case_count - part.counted_count AS missing_count,
                   part.has_points, %(share)s AS share, CASE WHEN part.has_points THEN %(points)s END AS points
              FROM (SELECT month, company_id, procedure_id, MAX(first_case) AS first_case, %(sums)s
                      FROM (SELECT fact.month, fact.company_id, fact.procedure_id, MIN(fact.case_id) AS first_case,
                                   %(own)s
                              FROM kho_dl_indicator_fact fact
                              %(period)s
                             WHERE fact.month IS NOT NULL
                             GROUP BY fact.month, fact.company_id, fact.procedure_id
                             UNION ALL
                            -- Below zero: its ids are those of nobody's own cases.
                            SELECT fact.month, fact.company_id, fact.procedure_id, -MIN(fact.case_id), %(received)s
                              FROM (%(as_received)s) AS fact
                              %(period)s
                             WHERE fact.month IS NOT NULL
                             GROUP BY fact.month, fact.company_id, fact.procedure_id) AS office
                     GROUP BY month, company_id, procedure_id) AS figure
              JOIN kho_dl_procedure procedure ON procedure.id = figure.procedure_id
              JOIN res_company company ON company.id = figure.company_id
             CROSS JOIN LATERAL (VALUES %(parts)s) AS part(position, indicator, has_points, case_count, counted_count)
             WHERE part.case_count > 0
            """,
            share=share_of(SQL("part.counted_count"), SQL("part.case_count")),
            points=points_of(SQL("part.counted_count"), SQL("part.case_count")),
            definition=SQL(DEFINITION),
            levels=self._levels,
            period=period_of_fact(self.env.context),
            part_count=len(INDICATORS),
            sums=SQL(", ".join(f"SUM({name})::integer AS {name}" for name in (DECIDING, RECEIVING, *_FIELDS))),
            own=_counts({DECIDING: "TRUE", RECEIVING: "fact.receiving_company_id IS NULL"}),
            received=_counts({DECIDING: "FALSE", RECEIVING: "TRUE"}),
            as_received=AS_RECEIVED,
            parts=SQL(", ".join(parts)),
        )

    def _read_group_select(self, aggregate_spec, query):
        if aggregate_spec not in ("share:avg", "points:avg"):
            return super()._read_group_select(aggregate_spec, query)
        indicator, definition, counted, cases = (
            self._field_to_sql(self._table, name, query)
            for name in ("indicator", "definition", "counted_count", "case_count")
        )
        if aggregate_spec == "share:avg":
            return share_of(SQL("SUM(%s)", counted), SQL("SUM(%s)", cases))
        is_single, is_alike = (SQL("MIN(%(name)s) = MAX(%(name)s)", name=name) for name in (indicator, definition))
        # What is measured in two ways has no mean.
        return SQL("CASE WHEN %s OR %s THEN %s END", is_single, is_alike, _mean_points(indicator, counted, cases))

    def action_open_counted(self):
        """Open the cases of these rows that count."""
        return self._action_open_cases(self.env._("Cases that count"), "=")

    def action_open_missing(self):
        """Open the cases of these rows that do not count, each with the reason."""
        return self._action_open_cases(self.env._("Cases that do not count"), "!=")

    def _action_open_cases(self, name, operator):
        cases = self.env["kho.dl.indicator.case"]
        domain = Domain.OR(
            Domain("month", "=", row.month)
            & Domain("company_id", "=", row.company_id.id)
            & Domain("procedure_id", "=", row.procedure_id.id)
            & cases._measured_domain(row.indicator)
            & Domain(cases._field_of(row.indicator), operator, COUNTS)
            for row in self
        )
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": cases._name,
            "views": [(False, "list"), (False, "pivot")],
            "domain": list(domain),
            # Only what was asked for is shown.
            "context": {"kho_dl_indicators": self.mapped("indicator"), "kho_dl_with_former": True},
        }


def _counts(whose):
    """Return the SQL of how many cases there are, and count for each indicator; `whose` is {office: which are its}."""
    cases = [f"COUNT(*) FILTER (WHERE {whose[office]}) AS {office}" for office in (DECIDING, RECEIVING)]
    counted = [f"COUNT(*) FILTER (WHERE {whose[one.office]} AND {one.counts}) AS {one.field}" for one in INDICATORS]
    return SQL(", ".join([*cases, *counted]))


def share_of(counted, cases):
    """Return the SQL of a share in percent."""
    return SQL("100.0 * %s / NULLIF(%s, 0)", counted, cases)


def points_of(counted, cases):
    """Return the SQL of the points, of 100, that go with a share."""
    return SQL("LEAST(100.0, 100.0 * %s / %s)", share_of(counted, cases), TARGET)


def _mean_points(indicator, counted, cases):
    """Return the SQL of the mean of the points of those indicators that a group holds."""
    codes = [one.code for one in INDICATORS if one.has_points]
    parts = [
        points_of(
            SQL("SUM(%s) FILTER (WHERE %s = %s)", counted, indicator, code),
            SQL("SUM(%s) FILTER (WHERE %s = %s)", cases, indicator, code),
        )
        for code in codes
    ]
    # LEAST passes over NULL: without a case there would be full points.
    present = [
        SQL("CASE WHEN COUNT(*) FILTER (WHERE %s = %s) > 0 THEN %s ELSE 0 END", indicator, code, part)
        for code, part in zip(codes, parts, strict=True)
    ]
    count = SQL(
        "NULLIF(COUNT(DISTINCT %(name)s) FILTER (WHERE %(name)s IN %(codes)s), 0)", name=indicator, codes=tuple(codes)
    )
    return SQL("(%s) / %s", SQL(" + ").join(present), count)
