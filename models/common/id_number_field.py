from odoo import fields
from odoo.tools import OrderedSet

from .citizen_card import read_number


class IdNumber(fields.Char):
    """An id number as `clean_id_number` makes it, found however it is typed: with blanks or dots, without a branch's dash, off a card."""

    def condition_to_sql(self, field_expr, operator, value, model, alias, query):
        # Which is also how one number comes here.
        if operator in ("in", "not in"):
            value = OrderedSet(isinstance(number, str) and read_number(number) or number for number in value)
        return super().condition_to_sql(field_expr, operator, value, model, alias, query)
