from odoo import api, models
from odoo.tools import SQL

from .audit_triggers import is_outdated

# So many go at once.
_GC_BATCH = 10_000


def _remove_outdated(model, column):
    """Remove a batch of rows whose `column`, a date, is older than their company keeps counts; return how Odoo is told."""
    table = SQL.identifier(model._table)
    removed = model.env.execute_query(
        SQL(
            """
            DELETE FROM %(table)s
             WHERE id IN (SELECT kept.id
                            FROM res_company company
                            JOIN %(table)s kept ON kept.company_id = company.id
                           WHERE %(is_outdated)s
                           LIMIT %(most)s)
         RETURNING id
            """,
            table=table,
            is_outdated=is_outdated(SQL.identifier("kept", column)),
            most=_GC_BATCH,
        )
    )
    model.invalidate_model()
    return len(removed), len(removed) == _GC_BATCH


class KhoDLAuditTotal(models.Model):
    _inherit = "kho.dl.audit.total"

    @api.autovacuum
    def _gc_outdated(self):
        """Remove totals of days that are older than their company keeps them."""
        return _remove_outdated(self, "day")


class KhoDLUnmetNeed(models.Model):
    _inherit = "kho.dl.unmet.need"

    @api.autovacuum
    def _gc_outdated(self):
        """Remove what was missing in months that are older than their company keeps them."""
        return _remove_outdated(self, "month")
