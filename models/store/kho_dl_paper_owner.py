from odoo import api, models

from ..common.citizen_card import is_scan, read_scan
from ..common.id_number import clean_id_number
from ..common.text import plain


class KhoDLPaperOwner(models.AbstractModel):
    """Whose a paper is, as a clerk enters it: a number, typed or scanned off the card, finds the owner, and they their number.

    A heir has `case_id`, `company_id`, `owner_id` and `owner_id_number`.
    """

    _name = "kho.dl.paper.owner"
    _description = "Paper of an owner with an id number"

    @api.onchange("owner_id_number")
    def _onchange_find_owner(self):
        typed = self.owner_id_number or ""
        if self.case_id or not typed:
            return None
        card = read_scan(typed)
        if is_scan(typed) and not card:
            self.owner_id_number = False
            words = self.env._("The card could not be read. Scan it again, or type the number.")
            return {"warning": {"title": self.env._("Id number"), "message": words, "type": "notification"}}
        self.owner_id_number = card.number if card else clean_id_number(typed)
        found = self._case_here()._person_with(self.owner_id_number)
        if found and (card or not self.owner_id):
            self.owner_id = found
        elif card and plain(card.name) != plain(self.owner_id.name or ""):
            self.owner_id = False
        return None

    @api.onchange("owner_id")
    def _onchange_known_number(self):
        owner = self.owner_id._origin
        if self.case_id or not owner:
            return
        here = self._case_here()
        # A number that nobody is known by is what the clerk has just typed of this owner.
        if not self.owner_id_number or here._person_with(self.owner_id_number) - owner:
            self.owner_id_number = here._last_known_id_numbers(owner).get((owner.id, here.company_id.id))

    def _case_here(self):
        """Return a case of the office whose paper it is, to ask who is known there."""
        return self.env["kho.dl.case"].new({"company_id": (self.company_id or self.env.company).id})
