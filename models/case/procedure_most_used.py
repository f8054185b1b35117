from odoo import api, models
from odoo.fields import Domain

# So many of the procedures that somebody uses most stand first.
_FIRST = 5


class KhoDLProcedure(models.Model):
    """The procedures that a clerk used most stand first where one is chosen for a case."""

    _inherit = "kho.dl.procedure"

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        used = self._most_used() if self.env.context.get("kho_dl_most_used") else []
        if not used:
            return super().name_search(name, domain, operator, limit)
        wanted = Domain(domain or Domain.TRUE)
        named = Domain("display_name", operator, name) if name else Domain.TRUE
        found = self.search_fetch(wanted & named & Domain("id", "in", used), ["display_name"])
        first = [(one.id, one.display_name) for one in found.sorted(lambda one: used.index(one.id))][:limit]
        left = limit - len(first) if limit else limit
        if limit and not left:
            return first
        return first + super().name_search(name, wanted & Domain("id", "not in", found.ids), operator, left)

    @api.model
    def _most_used(self):
        """Return the ids of the procedures of most of the user's own cases, the most used first."""
        own = Domain("officer_id", "=", self.env.uid) & Domain("company_id", "in", self.env.companies.ids)
        groups = self.env["kho.dl.case"]._read_group(
            own, ["procedure_id"], ["__count"], order="__count DESC, procedure_id", limit=_FIRST
        )
        return [procedure.id for procedure, _count in groups]
