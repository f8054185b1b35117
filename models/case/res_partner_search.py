import re

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.any_way import found_any_way
from ..common.citizen_card import read_card, write_birth
from ..common.id_number import number_sought
from ..common.text import plain, searched_words
from .res_partner_id_number import READERS, known_as

# As `plain` takes marks off, and parts words.
_PLAIN = "regexp_replace(translate(lower(regexp_replace(normalize({}, NFD), '[\u0300-\u036f]+', '', 'g')), 'đĐ', 'dd'), '[^a-z0-9]+', ' ', 'g')"
_YEAR = re.compile("(19|20)[0-9]{2}")
_WORDS = f"to_tsvector('simple', {_PLAIN})"


def _with_words(words, whole_name=None):
    """Return the domain of contacts whose name has words that begin with each of `words`, or that are called `whole_name`."""

    def to_sql(model, alias, _query):
        name = model._fields["name"], model._fields["complete_name"]
        sought = " & ".join(words if whole_name else [f"{word}:*" for word in words])
        called = SQL("AND btrim(%s) = %s", SQL(_PLAIN.format("name")), whole_name) if whole_name else SQL()
        # OFFSET: found by the index, whatever else is asked. In the order of names PostgreSQL would read all until some have been found.
        return SQL(
            "%s IN (SELECT id FROM res_partner WHERE %s @@ to_tsquery('simple', %s) %s OFFSET 0)",
            SQL.identifier(alias, "id", to_flush=name),
            SQL(_WORDS.format("complete_name")),
            sought,
            called,
        )

    return Domain.custom(to_sql=to_sql)


class ResPartner(models.Model):
    """How a clerk finds an applicant: without marks, by number, by a card scanned into the field; staff are none."""

    _inherit = "res.partner"

    # Not stored: an installation would write it for each contact that there is. What is looked for stands in an index alone.
    kho_dl_search_name = fields.Char(
        "Name without marks",
        compute="_compute_kho_dl_search_name",
        search="_search_kho_dl_search_name",
        groups=READERS,
    )
    kho_dl_may_apply = fields.Boolean(
        "May be an applicant",
        compute="_compute_kho_dl_may_apply",
        search="_search_kho_dl_may_apply",
        groups=READERS,
    )

    _kho_dl_words_idx = models.Index(f"USING gin ({_WORDS.format('complete_name')})")

    @api.depends("name")
    def _compute_kho_dl_search_name(self):
        for partner in self:
            partner.kho_dl_search_name = plain(partner.name or "")

    @api.model
    def _search_kho_dl_search_name(self, operator, value):
        """Find words without marks in names by "ilike", each by how it begins, or whole names by "in"."""
        if operator == "ilike":
            return _with_words(words) if (words := searched_words(value)) else Domain.TRUE
        if operator != "in":
            return NotImplemented
        names = [name for name in value if name and isinstance(name, str) and plain(name) == name]
        return Domain.OR(_with_words(searched_words(name), name) for name in names)

    def _compute_kho_dl_may_apply(self):
        applicants = self.filtered_domain(self._search_kho_dl_may_apply("in", [True]))
        for partner in self:
            partner.kho_dl_may_apply = partner in applicants

    @api.model
    def _search_kho_dl_may_apply(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: which contact a company is, also another one's, is no applicant of this one.
        companies = self.env["res.company"].sudo().with_context(active_test=False).search([("partner_id", "!=", False)])
        applicants = Domain("partner_share", "=", True) & Domain("id", "not in", companies.partner_id.ids)
        return applicants if True in value else ~applicants

    @api.model
    def _search_display_name(self, operator, value):
        is_words = operator == "ilike" and isinstance(value, str) and self.env.user.has_group("kho_dl.group_clerk")
        if is_words and (card := read_card(value)):
            value = card.number
        domain = super()._search_display_name(operator, value)
        words = searched_words(value) if is_words else []
        # Nobody's name is such a number: the names of all contacts are not read for it.
        if not words or number_sought(value):
            return domain
        named = [Domain("kho_dl_search_name", "ilike", value)]
        if words[1:] and _YEAR.fullmatch(words[-1]):
            # Of many people of one name.
            named.append(_with_words(words[:-1]) & Domain("kho_dl_birth_year", "=", int(words[-1])))
        if self.env.context.get("kho_dl_with_number") and "@" not in value:
            # Parts of names, e-mail addresses and numbers, which Odoo looks for, have no index: all contacts are read for them.
            # Who types a name pauses often, and nobody is called so yet: the list of applicants looks for parts, where asked to.
            return found_any_way(self, [*named, *known_as(value)])
        return Domain.OR([Domain(domain), *named])

    @api.model
    def web_name_search(self, name, specification, domain=None, operator="ilike", limit=100):
        found = super().web_name_search(name, specification, domain, operator, limit)
        # Only in the list that somebody chooses from: what stands in the field is the name.
        if not self.env.context.get("kho_dl_with_number") or not self.env.user.has_groups(READERS):
            return found
        people = self.browse([one["id"] for one in found])
        for one, person in zip(found, people, strict=True):
            known = [person.kho_dl_id_number, person.kho_dl_birth_year and str(person.kho_dl_birth_year)]
            if any(known) and "__formatted_display_name" in one:
                one["__formatted_display_name"] += f" \t --{' · '.join(filter(None, known))}--"
        return found

    @api.model
    def name_create(self, name):
        # A card that was scanned into the field of the name: nobody is called so.
        card = read_card(name) if isinstance(name, str) and self.env.user.has_group("kho_dl.group_clerk") else None
        if not card or not card.name:
            return super().name_create(name)
        person = self.create(
            {
                "name": card.name,
                "kho_dl_id_number": card.number,
                "kho_dl_birth": write_birth(card.birth),
                "street": card.address,
            }
        )
        return person.id, person.display_name
