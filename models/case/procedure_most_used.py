from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

# So many of the procedures that somebody uses most stand first.
_FIRST = 5


class KhoDLProcedure(models.Model):
    """The procedures that a clerk used most stand first where one is chosen for a case."""

    _inherit = "kho.dl.procedure"

    def _order_to_sql(self, order, query, alias=None, reverse=False):
        ordered = super()._order_to_sql(order, query, alias, reverse)
        used = self._most_used() if self.env.context.get("kho_dl_most_used") and alias is None else []
        if not used:
            return ordered
        place = SQL("array_position(%s, %s)", used, SQL.identifier(self._table, "id"))
        return SQL("%s, %s", place, ordered) if ordered else place

    @api.model
    def _most_used(self):
        """Return the ids of the procedures of most of the user's own cases, the most used first."""
        own = Domain("officer_id", "=", self.env.uid) & Domain("company_id", "in", self.env.companies.ids)
        # Without the order that is being asked for.
        cases = self.env["kho.dl.case"].with_context(kho_dl_most_used=False)
        groups = cases._read_group(own, ["procedure_id"], ["__count"], order="__count DESC, procedure_id", limit=_FIRST)
        return [procedure.id for procedure, _count in groups]
