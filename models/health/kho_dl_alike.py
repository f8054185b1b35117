from odoo import api, fields, models
from odoo.fields import Domain


class KhoDLAlike(models.AbstractModel):
    """Rows of offices that are alike, such as those of one agency, shown on one line at the level above them.

    The line is the row of one of the offices, which also says what all of them have together: of those that the reader has
    selected, or on the page of an office of those of the page. A model that inherits this has `company_id`, says in `_alike_by`
    by which fields its rows are alike, and in `_together` how each field of `_compute_together` is made of them.
    """

    _name = "kho.dl.alike"
    _description = "Rows of offices that are shown on one line"
    _inherit = ["kho.dl.guarded"]

    office_count = fields.Integer("Offices", compute="_compute_together")

    _alike_by = ()
    # {field: aggregate of the rows}
    _together = {"office_count": "company_id:count_distinct"}

    @api.depends_context("allowed_company_ids")
    def _compute_together(self):
        alike = [Domain(name, "in", self.mapped(name)) for name in self._alike_by]
        # Also where it is read as superuser.
        selected = Domain("company_id", "in", self.env.companies.ids)
        self._show_together(self._found_together(Domain.AND([selected, *alike])))

    @api.model
    def _lines(self, domain, limit, *order):
        """Return a row for each kind among those of `domain` that says what all of them have together, `limit` at most.

        In the `order` of these fields of `_together`, the most first.
        """
        aggregates = [self._together[name] for name in order]
        order = ", ".join([*(f"{aggregate} desc" for aggregate in aggregates), *self._alike_by])
        found = self._found_together(domain, order=order, limit=limit)
        lines = self.union(*(min(rows, key=lambda row: row.id) for rows, _values in found.values()))
        shown = [field for field in self._fields.values() if field.compute == "_compute_together"]
        # What the page is about, whatever is selected.
        with self.env.protecting(shown, lines):
            lines._show_together(found)
        return lines

    def _found_together(self, domain, **how):
        found = self._read_group(domain, self._alike_by, ["id:recordset", *self._together.values()], **how)
        count = len(self._alike_by)
        return {
            group[:count]: (group[count], dict(zip(self._together, group[count + 1 :], strict=True))) for group in found
        }

    def _show_together(self, found):
        none = (self, dict.fromkeys(self._together))
        for row in self:
            _rows, values = found.get(tuple(row[name] for name in self._alike_by), none)
            row.update(values)

    def _alike(self):
        """Return the domain of this row and those of other offices that are alike, on a page of those of the page."""
        self.ensure_one()
        alike = Domain.AND([Domain(name, "=", self[name]) for name in self._alike_by])
        # As the lists of that page say it; whatever is selected besides is not what its lines have counted.
        page = self.env.context.get("kho_dl_page")
        if not isinstance(page, int):
            return alike
        return alike & Domain("company_id", "in", self.env["kho.dl.health"].browse(page)._offices().ids)

    def _open_offices(self):
        """Return the action that opens the rows of the offices that this line is about."""
        return {
            "type": "ir.actions.act_window",
            "name": self.display_name,
            "res_model": self._name,
            "views": [(False, "list")],
            "domain": list(self._alike()),
            "context": {"allowed_company_ids": self.env.companies.ids},
        }


class KhoDLDemand(models.Model):
    _name = "kho.dl.demand"
    _inherit = ["kho.dl.demand", "kho.dl.alike"]

    all_cases = fields.Integer("Cases in all offices", compute="_compute_together")

    _alike_by = ("month_name", "code")
    _together = {**KhoDLAlike._together, "all_cases": "case_count:sum"}
