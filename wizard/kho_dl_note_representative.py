import logging
from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.common.citizen_card import read_number
from ..models.common.id_number import PERSON
from ..models.common.text import plain

_logger = logging.getLogger(__name__)

# Numbers are not tried out: so many from a card may be typed within an hour.
MOST_CARDS = 10
_AN_HOUR = timedelta(hours=1)


class KhoDLNoteRepresentative(models.TransientModel):
    """Asks at the counter who represents a business by law, and which paper shows it."""

    _name = "kho.dl.note.representative"
    _description = "Note the lawful representative"
    _inherit = ["kho.dl.guarded"]
    _rec_name = "organisation_id"

    organisation_id = fields.Many2one("res.partner", "Business", required=True, ondelete="cascade")
    person_id = fields.Many2one(
        "res.partner",
        "Lawful representative",
        ondelete="cascade",
        help="Whose card you have seen, with the number on this contact.",
    )
    person_number = fields.Char("Number on the card", help="For somebody who signs in by VNeID and has no case here.")
    person_name = fields.Char("Name on the card")
    paper_seen = fields.Char(
        "Paper seen", required=True, help="The registration certificate, or the decision that names the representative."
    )
    until = fields.Date(
        required=True,
        default=lambda self: self.env["kho.dl.mandate"]._today() + timedelta(days=365),
        help="The last day, at most five years from now.",
    )

    def action_note(self):
        """Keep in the journal that this person may act for the business, and name others for it."""
        self.ensure_one()
        mandates = self.env["kho.dl.mandate"]
        person = self.person_id
        if not person:
            # Before anybody is looked up: who may note nothing is told of nobody.
            mandates._noted_for(self.organisation_id, self.until, self.paper_seen)
            person = self._person_of_card()
        mandates._note_lawful(self.organisation_id, person, self.until, self.paper_seen)
        return self.organisation_id.action_kho_dl_mandates()

    def _person_of_card(self):
        """Return the contact with the number and the name that were typed, as superuser where the user may not read it. Commits."""
        number, name = read_number(self.person_number or ""), plain(self.person_name or "")
        if number and name:
            self._count_card()
            found = self.env["res.partner"]._kho_dl_of_card(number, name, self.env.company)
            # As superuser: whether somebody has seen the card is not told either.
            is_told = not found.env.su or self.env["kho.dl.mandate"]._verified_number_or_none(found, PERSON)
            if found and is_told:
                return found
        # One answer, so that it does not tell whose number it is.
        raise UserError(
            self.env._(
                "Nobody with this number and this name is known here. Choose the person, or type both as they stand on the "
                "card. Nothing was noted."
            )
        )

    def _count_card(self):
        """Note that the user types a number and a name; raise UserError where it was too often within an hour. Commits."""
        is_free = self.env["kho.dl.citizen"]._is_free("representative", MOST_CARDS, _AN_HOUR)
        # Counted, whatever becomes of it.
        self.env.cr.commit()  # pylint: disable=invalid-commit
        if not is_free:
            _logger.warning("User %s typed %s numbers and names within an hour", self.env.uid, MOST_CARDS)
            raise UserError(
                self.env._(
                    "You typed %(most)s numbers within an hour. Choose the person, or come back in an hour. Nothing was noted.",
                    most=MOST_CARDS,
                )
            )
