from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..common.office_time import moment_words


class FileLine(NamedTuple):
    """A file that the citizen may have: its id in the address of its page, name, size in bytes."""

    id: int
    name: str
    size: int


class Download(NamedTuple):
    """A file that is about to be given to the citizen, whose it is."""

    attachment_id: int
    name: str
    mimetype: str
    size: int


class KhoDLCitizen(models.AbstractModel):
    """Who the citizen at the portal is, and which records are theirs: decided here, once.

    A citizen has no rights on any record, for their fields tell of officers, links and other people. What a page shows are
    plain values that these methods read as superuser, of what `_own_domain` holds and of nothing else.
    """

    _name = "kho.dl.citizen"
    _description = "Citizen at the portal"

    @api.model
    def _contact(self):
        """Return the contact of the user where that is a citizen; empty for everybody else, also for officers."""
        return self.env["kho.dl.lookup"]._citizen()

    @api.model
    def _verified_numbers(self):
        """Return {root company: id numbers of the citizen that were verified there}: what is typed is nobody's number.

        What one group of companies has verified says nothing in another. {} for whoever is no citizen.
        """
        contact = self._contact()
        # sudo: a citizen reads no records; these are about the own contact.
        rows = self.env["kho.dl.id.number"].sudo()
        if contact:
            rows = rows.search([("partner_id", "=", contact.id), ("verified_how", "!=", False)])
        by_root = rows.grouped("company_id")
        return {root: own.mapped("number") for root, own in by_root.items() if own._can_be_one_person()}

    @api.model
    def _own_domain(self):
        """Return the domain of cases and papers that are the citizen's: own number, where it was verified, and own contact.

        Where the two disagree, somebody mistyped one of them, and it may be about another person.
        """
        contact = self._contact()
        return Domain("owner_id", "in", contact.ids) & Domain.OR(
            Domain("company_id", "child_of", root.id) & Domain("owner_id_number", "in", numbers)
            for root, numbers in self._verified_numbers().items()
        )

    @api.model
    def _typed(self, text):
        """Return `text` of a form without the character that the database refuses."""
        return (text or "").replace("\0", "")

    # -- in words ----------------------------------------------------------------------------------

    @api.model
    def _moment(self, moment):
        return moment_words(self.env, moment) if moment else ""

    @api.model
    def _day(self, day):
        return format_date(self.env, day) if day else ""

    @api.model
    def _label(self, record, name):
        """Return what the selection `name` of `record` shows, in the citizen's language."""
        return dict(record._fields[name]._description_selection(self.env)).get(record[name], "")


class KhoDLLookup(models.Model):
    _inherit = "kho.dl.lookup"

    def _proven_number(self):
        company, citizen = self.case_id.company_id, self.env["kho.dl.citizen"]
        numbers = citizen._verified_numbers().get(company.root_id, [])
        number = self.case_id.owner_id_number
        return number if number in numbers else super()._proven_number()
