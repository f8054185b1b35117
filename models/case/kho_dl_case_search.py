from odoo import api, models
from odoo.fields import Domain

from ..common.citizen_card import read_card
from ..common.id_number import clean_id_number
from ..common.text import searched_words
from .res_partner_id_number import FEWEST_DIGITS, READERS


class KhoDLCase(models.Model):
    """How a case is found: by its number, or its applicant's name without marks, or the last digits of the id number."""

    _inherit = "kho.dl.case"

    @api.model
    def _search_display_name(self, operator, value):
        if operator == "ilike" and isinstance(value, str) and (card := read_card(value)):
            # Scanned into the search of a list.
            value = card.number
        domain = super()._search_display_name(operator, value)
        if operator != "ilike" or not isinstance(value, str) or not (words := searched_words(value)):
            return domain
        domain = Domain(domain)
        if self.env.user.has_groups(READERS):
            named = Domain.AND(Domain("kho_dl_search_name", "ilike", word) for word in words)
            domain |= Domain("owner_id", "any", named)
        digits = clean_id_number(value)
        if digits.isdecimal() and len(digits) >= FEWEST_DIGITS:
            domain |= Domain("owner_id_number", "=like", f"%{digits}")
        return domain
