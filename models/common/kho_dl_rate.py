from odoo import api, fields, models
from odoo.tools import SQL


class KhoDLRate(models.AbstractModel):
    """How often somebody did something that costs us: a row each time, for as long as it counts."""

    _name = "kho.dl.rate"
    _description = "Rate"
    _rec_name = "caller"

    caller = fields.Char(required=True, readonly=True)

    # How often one caller came lately.
    _caller_idx = models.Index("(caller, create_date)")

    @api.model
    def _note_caller(self, caller, most, period):
        """Note that `caller` comes, and return whether they may: of more than `most` within `period`, a timedelta, none."""
        now = fields.Datetime.now()
        statement = SQL(
            """
            INSERT INTO %(table)s (caller, create_uid, create_date, write_uid, write_date)
            SELECT %(caller)s, %(user)s, %(now)s, %(user)s, %(now)s
             WHERE (SELECT count(*) FROM (
                        SELECT 1 FROM %(table)s WHERE caller = %(caller)s AND create_date > %(since)s LIMIT %(most)s
                   ) AS recent) < %(most)s
            RETURNING id
            """,
            table=SQL.identifier(self._table),
            caller=caller,
            user=self.env.uid,
            now=now,
            since=now - period,
            most=most,
        )
        return bool(self.env.execute_query(statement))
