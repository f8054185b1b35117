from odoo import api, models
from odoo.fields import Domain

from ..common.any_way import found_any_way
from ..common.citizen_card import read_card
from ..common.id_number import ending_with, number_sought
from ..common.text import words_sought
from .res_partner_id_number import READERS


class KhoDLCase(models.Model):
    """How a case is found: by its number, or its applicant's name without marks, or the last digits of the id number."""

    _inherit = "kho.dl.case"

    # A part of the number, from its end too; where Odoo's own searches by a part have no index, this has none either.
    _number_part_idx = models.Index(
        lambda registry: "USING gin (owner_id_number gin_trgm_ops)" if registry.has_trigram else ""
    )

    @api.model
    def _search_display_name(self, operator, value):
        if operator == "ilike" and isinstance(value, str) and (card := read_card(value)):
            # Scanned into the search of a list.
            value = card.number
        domain = super()._search_display_name(operator, value)
        if not words_sought(operator, value):
            return domain
        ways = [Domain("name", operator, value)]
        if digits := number_sought(value):
            # Nobody's name is such a number: the names of all applicants are not read for it. What is whole has no parts elsewhere.
            ways.append(Domain("owner_id_number", *ending_with(digits)))
            if ending_with(digits)[0] != "=":
                ways.append(Domain("owner_id_number", operator, value))
        elif self.env.user.has_groups(READERS):
            ways.append(Domain("owner_id", "any", Domain("kho_dl_search_name", operator, value)))
        else:
            ways.append(Domain("owner_id.name", operator, value))
        return found_any_way(self, ways)
