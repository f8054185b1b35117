from psycopg2.errors import SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL


class KhoDLUnmetNeed(models.Model):
    """Counter: one row for each case, month and result code that neither store had (guideline III.1, step 4).

    Own rows and no view on the journal, because the journal's personal data may be emptied, and what was asked goes
    with it. Nobody reads these rows; people read `kho.dl.demand`.
    """

    _name = "kho.dl.unmet.need"
    _description = "Paper that neither store had"

    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    case_id = fields.Many2one("kho.dl.case", required=True, ondelete="cascade")
    month = fields.Date(required=True, help="First day of the month in Vietnam.")
    code = fields.Char(required=True)

    # A case that asks again in the same month needs its paper once; the order is that of the report.
    _once = models.UniqueIndex("(company_id, month, code, case_id)", "This need is counted already.")
    _case_idx = models.Index("(case_id)")

    @api.model
    def _count(self, queries):
        """Do as `_add`, also in a transaction that began before a colleague asked the same for this case."""
        try:
            with self.env.cr.savepoint():
                self._add(queries)
        except SerializationFailure:
            # So it is counted.
            return

    @api.model
    def _add(self, queries):
        """Count what `queries`, closed `kho.dl.query`, asked for in vain; those counted before count nothing.

        Our own store was looked at before each question, and a question that got no answer says nothing. A document
        that any of several results satisfies counts for each of them. Raises SerializationFailure where a colleague has
        asked the same meanwhile: for `commit_or_retry`.
        """
        queries.flush_recordset()
        statement = SQL(
            """
            INSERT INTO kho_dl_unmet_need (
                   company_id, case_id, month, code, create_uid, create_date, write_uid, write_date
            )
            SELECT DISTINCT query.company_id, query.case_id,
                   date_trunc('month', query.asked_on AT TIME ZONE 'UTC' AT TIME ZONE 'Asia/Ho_Chi_Minh')::date,
                   code, %(uid)s, %(now)s::timestamp, %(uid)s, %(now)s::timestamp
              FROM kho_dl_query query,
                   jsonb_each(CASE jsonb_typeof(query.asked) WHEN 'object' THEN query.asked END) AS document(id, entry),
                   jsonb_array_elements_text(document.entry -> 'codes') AS code
             WHERE query.id IN %(queries)s
               AND document.entry ->> 'outcome' = 'none'
            ON CONFLICT DO NOTHING
            """,
            queries=tuple(queries.ids),
            uid=self.env.uid,
            now=fields.Datetime.now(),
        )
        self.env.cr.execute(statement, log_exceptions=False)
        self.invalidate_model()
