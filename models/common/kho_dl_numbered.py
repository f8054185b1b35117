from odoo import api, models
from odoo.fields import Domain

from .id_number import clean_id_number


class KhoDLNumbered(models.AbstractModel):
    """A record that is found by an id number however it is typed: with blanks or dots, without the dash of a branch."""

    _name = "kho.dl.numbered"
    _description = "Record found by an id number"

    # The fields that hold id numbers as `clean_id_number` makes them.
    _id_numbers = ("owner_id_number",)

    @api.model
    def _search(self, domain, *args, **options):
        return super()._search(Domain(domain).map_conditions(self._by_clean_number), *args, **options)

    @api.model
    def _by_clean_number(self, condition):
        value = condition.value
        is_typed = condition.field_expr in self._id_numbers and condition.operator == "=" and isinstance(value, str)
        return Domain(condition.field_expr, "=", clean_id_number(value) or value) if is_typed else condition
