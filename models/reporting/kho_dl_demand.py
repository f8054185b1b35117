from odoo import fields, models
from odoo.tools import SQL


class KhoDLDemand(models.Model):
    """How many cases a month needed a paper that neither store had, by result code (guideline III.1, step 4)."""

    _name = "kho.dl.demand"
    _description = "Papers missing in the national store"
    _inherit = ["kho.dl.by.level"]
    _auto = False
    _order = "month desc, case_count desc, code"
    _rec_name = "code"
    _depends = {
        "kho.dl.unmet.need": ["company_id", "month", "code"],
        "kho.dl.result.code": ["code", "name"],
        "kho.dl.case": ["is_draft"],
        "res.company": ["parent_path"],
    }

    company_id = fields.Many2one("res.company", readonly=True)
    month = fields.Date("First day of the month", readonly=True)
    # Odoo's lists would show the first of the month.
    month_name = fields.Char("Month", readonly=True)
    code = fields.Char("Result code", readonly=True)
    name = fields.Char("Result", readonly=True)
    case_count = fields.Integer("Cases", readonly=True)

    @property
    def _table_query(self):
        # The catalogue is asked for the name of today; a code that it lost stands there as it was asked.
        return SQL(
            """
            SELECT MIN(need.id) AS id, need.company_id, need.month, need.code,
                   TO_CHAR(need.month, 'MM/YYYY') AS month_name,
                   COALESCE(MIN(result.name), need.code) AS name, COUNT(*)::integer AS case_count, %s
              FROM kho_dl_unmet_need need
              JOIN res_company company ON company.id = need.company_id
              LEFT JOIN kho_dl_result_code result ON result.code = need.code
             WHERE need.case_id NOT IN (SELECT id FROM kho_dl_case WHERE is_draft IS TRUE)
             GROUP BY need.company_id, company.id, need.month, need.code
            """,
            self._levels,
        )
