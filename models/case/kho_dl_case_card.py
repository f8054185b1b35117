from typing import NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import clean_context

from ..common.citizen_card import is_doubtful_name, is_scan, read_birth, read_scan, write_birth
from ..common.id_number import ORGANISATION, PERSON, clean_id_number, id_number_kind
from ..common.mail_address import is_mail_address
from ..common.text import plain
from .res_partner_id_number import READERS

_NEW_PERSON = ("person_name", "person_birth", "person_phone", "person_email", "person_street", "person_old_number")


class _Typed(NamedTuple):
    """A new applicant as typed with a case: `vals` are those of the case."""

    name: str
    number: str
    company: models.BaseModel
    vals: dict

    @property
    def key(self):
        return self.company.id, self.number, plain(self.name)


class KhoDLCase(models.Model):
    """A case begins with the number: it finds the applicant, or one is made with the case, in one form and one save.

    What a scanned card says fills the form and nothing else: what counts is what the clerk sees and saves.
    """

    _inherit = "kho.dl.case"

    # Typed for an applicant who is not known yet; kept on the contact that is made.
    person_name = fields.Char("New applicant", store=False)
    person_birth = fields.Char("Born on", store=False)
    person_phone = fields.Char("Phone", store=False)
    person_email = fields.Char("Email", store=False)
    mail_words = fields.Text("About the mail address", compute="_compute_mail_words")
    person_street = fields.Char("Address", store=False)
    person_old_number = fields.Char("Old number", store=False)
    # Whom the number found: who was chosen by name stays when the number changes.
    found_id = fields.Integer("Found by the number", store=False)
    card_words = fields.Text("About the card", store=False)
    is_new_person = fields.Boolean("The applicant is not known yet", compute="_compute_is_new_person")
    is_new_organisation = fields.Boolean("The applicant is an organisation", compute="_compute_is_new_person")
    owner_birth = fields.Char("Born", compute="_compute_owner_birth", compute_sudo=False, groups=READERS)

    @api.depends("owner_id.kho_dl_birth_date", "owner_id.kho_dl_birth_year")
    def _compute_owner_birth(self):
        readable = self._readable_owners()
        for case in self:
            case.owner_birth = case.owner_id in readable and case.owner_id.kho_dl_birth

    @api.depends("owner_id", "owner_id_number", "is_number_right", "person_name")
    def _compute_is_new_person(self):
        for case in self:
            is_new = not case.owner_id and (bool(case.person_name) or case._has_number_to_ask())
            case.is_new_person = is_new
            case.is_new_organisation = is_new and id_number_kind(case.owner_id_number) == ORGANISATION

    @api.depends("person_email")
    @api.depends_context("lang")
    def _compute_mail_words(self):
        for case in self:
            typed = case.person_email
            case.mail_words = (
                typed
                and not is_mail_address(typed)
                and self.env._("“%s” is no mail address: no mail would arrive. Correct it, or leave it empty.", typed)
            )

    # -- what is typed or scanned ------------------------------------------------------------------

    @api.onchange("owner_id_number", "is_number_right")
    def _onchange_find_person(self):
        typed = self.owner_id_number or ""
        self.card_words = False
        card = read_scan(typed)
        if is_scan(typed) and not card:
            self.owner_id_number = False
            self.card_words = self.env._("The card could not be read. Scan it again, or type the number.")
            return
        self._find_person(card.number if card else clean_id_number(typed), card)

    def _find_person(self, number, card):
        self.owner_id_number = number
        if not self._has_number_to_ask():
            return
        old_number = card.old_number if card else ""
        found = self._person_with(number) or self._person_with(old_number)
        is_chosen = self.owner_id and self.owner_id._origin.id != self.found_id
        if found:
            if card or not is_chosen:
                self._take_person(found, card)
        elif self.owner_id and (not is_chosen or (card and plain(card.name) != plain(self.owner_id.name or ""))):
            self.owner_id = False
            self.found_id = 0
        if card:
            # The contact may be known by another number.
            self.owner_id_number = number
            self._take_card(card)

    def _take_person(self, person, card):
        self.owner_id = person
        self.found_id = person.id
        for name in _NEW_PERSON:
            self[name] = False
        if not card and not self._origin:
            # Said as it holds now: of whom an old number is known the new one is asked about.
            known = self._last_known_id_numbers(person)
            self.owner_id_number = known.get((person.id, self.company_id.id), self.owner_id_number)

    def _take_card(self, card):
        """Fill the form for a new applicant with `card`, or say how it differs from the known one."""
        birth = write_birth(card.birth)
        if not self.owner_id:
            self.person_name = card.name
            self.person_birth = birth
            self.person_street = card.address
            self.person_old_number = card.old_number
            if card.is_doubtful or not card.name:
                self.card_words = self._doubtful_words()
        elif card.name and plain(card.name) != plain(self.owner_id.name or "") and not card.is_doubtful:
            self.card_words = self.env._(
                "The card says %(card)s, but this number is known here as that of %(known)s. Compare both.",
                card=" · ".join(filter(None, [card.name, birth])),
                known=self.owner_id.name,
            )

    @api.onchange("person_birth")
    def _onchange_person_birth(self):
        try:
            self.person_birth = write_birth(read_birth(self.person_birth))
        except ValueError:
            self.card_words = self.env["res.partner"]._kho_dl_birth_words()

    @api.onchange("person_name", "owner_id")
    def _onchange_person_name(self):
        if self.owner_id or not self.person_name:
            return
        namesakes = self._namesakes(self.person_name)
        if namesakes:
            self.card_words = self.env._(
                "%(name)s is among the applicants, without an id number. If it is the same person, choose that contact.",
                name=namesakes[0].name,
            )
        elif self.card_words == self._doubtful_words() and not is_doubtful_name(self.person_name):
            # It was compared, and corrected.
            self.card_words = False

    def _doubtful_words(self):
        return self.env._("The scanner did not type all letters of the name. Compare it with the card.")

    # -- whom a number finds -----------------------------------------------------------------------

    def _person_with(self, number):
        """Return the contact that `number` is known to be of here, as far as the user may see; empty where nobody is."""
        people = self.env["res.partner"]
        if not id_number_kind(number):
            return people
        company = self.company_id or self.env.company
        here = Domain(people._check_company_domain(company)) & Domain("active", "=", True)
        known = self.env["kho.dl.id.number"].search(
            Domain("company_id", "=", company.root_id.id) & Domain("number", "=", number)
        )
        found = people.search(here & Domain("id", "in", known.partner_id.ids), limit=1)
        if not found and id_number_kind(number) == ORGANISATION:
            found = people.search(here & Domain("vat", "in", [number, number.replace("-", "")]), limit=1)
        if found:
            return found
        # Whose contact may be archived, or another branch's: who stood on the last case with it.
        cases = self.search(
            Domain("company_id", "=", company.id)
            & Domain("owner_id_number", "=", number)
            & Domain("id", "not in", self._origin.ids)
            & Domain("owner_id", "any", here),
            order="id desc",
            limit=1,
        )
        return cases.owner_id._filtered_access("read")

    def _namesakes(self, name):
        """Return applicants of this `name` that nobody knows a number of here."""
        people = self.env["res.partner"]
        return people.search(
            Domain(people._check_company_domain(self.company_id or self.env.company))
            & Domain("kho_dl_search_name", "=", plain(name))
            & Domain("kho_dl_may_apply", "=", True)
            & Domain("kho_dl_id_number", "=", False),
            limit=1,
        )

    # -- made with the case ------------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._with_people(vals_list))

    def write(self, vals):
        # Written to no case, the values would reach another company, for no rule of a case refuses them.
        if self and any(name in vals for name in _NEW_PERSON):
            self.check_access("write")
            said = {"company_id": self[:1].company_id.id, "owner_id_number": self[:1].owner_id_number, **vals}
            [with_person] = self._with_people([said])
            vals = {name: value for name, value in with_person.items() if name in vals or name == "owner_id"}
        return super().write(vals)

    @api.model
    def _with_people(self, vals_list):
        """Return `vals_list` with the applicants in it that were typed for cases without one; each is made once."""
        typed = [None if vals.get("owner_id") else self._typed_person(vals) for vals in vals_list]
        wanted = {person.key: person for person in reversed(typed) if person}
        made = dict(zip(wanted, self._make_people(list(wanted.values())), strict=True))
        complete = []
        for vals, person in zip(vals_list, typed, strict=True):
            rest = {name: value for name, value in vals.items() if name not in _NEW_PERSON}
            complete.append({**rest, "owner_id": made[person.key].id} if person else rest)
        return complete

    @api.model
    def _typed_person(self, vals):
        """Return whom `vals` of a case name as its new applicant, None where they name nobody."""
        name = " ".join(str(vals.get("person_name") or "").split())
        if not name:
            return None
        return _Typed(name, clean_id_number(vals.get("owner_id_number")), self._company_said(vals), vals)

    @api.model
    def _make_people(self, typed):
        """Return the contacts of `typed`: a colleague's of this moment with the same number and name, or new ones."""
        self = self.with_context(clean_context(self.env.context))
        found = [self._known_meanwhile(person) for person in typed]
        new = [self._person_values(person) for person, known in zip(typed, found, strict=True) if not known]
        made = iter(self.env["res.partner"].create(new))
        result = [known or next(made) for known in found]
        old = {
            (contact, person.company): number
            for person, contact in zip(typed, result, strict=True)
            if id_number_kind(number := clean_id_number(person.vals.get("person_old_number"))) == PERSON
        }
        if old:
            # Kept as typed: nobody has seen the old card.
            self.env["kho.dl.id.number"]._note(old)
        return result

    @api.model
    def _known_meanwhile(self, person):
        known = self.new({"company_id": person.company.id})._person_with(person.number)
        if plain(known.name or "") == plain(person.name):
            return known
        # sudo: whoever has number and name before them has the person at the counter, and with the case knows the contact.
        kept = known.sudo()._kho_dl_kept_with(person.number, person.company.sudo())
        if plain(kept.name or "") != plain(person.name):
            return known.browse()
        kept._kho_dl_keep_to(person.company)
        return kept.sudo(False)

    @api.model
    def _person_values(self, person):
        is_organisation = id_number_kind(person.number) == ORGANISATION
        values = {
            "name": person.name,
            "is_company": is_organisation,
            "phone": person.vals.get("person_phone"),
            "email": person.vals.get("person_email"),
            "street": person.vals.get("person_street"),
            "company_id": person.company.id,
            "kho_dl_is_entered": True,
        }
        if is_organisation:
            return {**values, "kho_dl_organisation_kind": self.env["res.partner"]._kho_dl_kind_of(person.name)}
        return {**values, "kho_dl_birth": person.vals.get("person_birth")}
