from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date

from ..common.office_time import moment_words


class FileLine(NamedTuple):
    """A file that the citizen may have: its id in the address of its page, name, size in bytes; whether others get it no more."""

    id: int
    name: str
    size: int
    is_withdrawn: bool = False


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
    def _own_numbers(self):
        """Return the verified `kho.dl.id.number` of the citizen, as superuser: what is typed is nobody's number.

        What one group of companies has verified says nothing in another. None for whoever is no citizen.
        """
        contact = self._contact()
        # sudo: a citizen reads no records; these are about the own contact.
        rows = self.env["kho.dl.id.number"].sudo()
        if contact:
            rows = rows.search([("partner_id", "=", contact.id), ("verified_how", "!=", False)])
        by_root = rows.grouped("company_id").values()
        return rows.browse().union(*(own for own in by_root if own._can_be_one_person()))

    @api.model
    def _verified_numbers(self):
        """Return {root company: id numbers of the citizen that were verified there}; {} for whoever is no citizen."""
        return {root: own.mapped("number") for root, own in self._own_numbers().grouped("company_id").items()}

    @api.model
    def _acting_numbers(self):
        """Return the same as `_own_numbers`, with the tax codes of the businesses for which the citizen may act today."""
        own = self._own_numbers()
        return own.union(*self.env["kho.dl.mandate"]._of_person(own)._businesses())

    @api.model
    def _applicants(self, roots=None):
        """Return the contacts, as superuser, that the citizen may act for today: the own one first, then businesses.

        Of the businesses those that the groups of companies `roots` know; all where it is None.
        """
        numbers = self._acting_numbers()
        if roots is not None:
            numbers = numbers.filtered(lambda row: row.company_id in roots)
        # sudo: as above, and about the businesses that the citizen may act for.
        return self._contact().sudo() | numbers.partner_id

    @api.model
    def _own_domain(self):
        """Return the domain of cases and papers that are the citizen's, or of a business that the citizen may act for.

        That is by number, where it was verified, and contact: where the two disagree, somebody mistyped one of them, and it
        may be about another person.
        """
        return self._acting_domain(lambda row: Domain("owner_id", "=", row.partner_id.id))

    @api.model
    def _acting_domain(self, more):
        return Domain.OR(
            Domain("company_id", "child_of", root.id)
            & Domain.OR(Domain("owner_id_number", "=", row.number) & more(row) for row in rows)
            for root, rows in self._acting_numbers().grouped("company_id").items()
        )

    @api.model
    def _typed(self, text):
        """Return `text` of a form without the character that the database refuses; "" for a file, which is no text."""
        return text.replace("\0", "") if isinstance(text, str) else ""

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

    def _applicants(self):
        return self.env["kho.dl.citizen"]._applicants(self.case_id.company_id.root_id)

    def _proven_number(self):
        case = self.case_id
        is_proven = (
            self.env["kho.dl.citizen"]
            ._acting_numbers()
            .filtered(
                lambda row: (
                    row.company_id == case.company_id.root_id
                    and (row.partner_id, row.number) == (case.owner_id, case.owner_id_number)
                )
            )
        )
        return case.owner_id_number if is_proven else super()._proven_number()

    def _take_answer(self, query, codes_by_document, known=()):
        if self.partner_id:
            # Who may no longer act for the applicant, or lost the number, while the national store was asked.
            self._check_asker("write")
        return super()._take_answer(query, codes_by_document, known)
