from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.any_way import found_any_way
from ..common.id_number import clean_id_number, ending_with, number_sought
from ..common.kho_dl_guarded import check_one
from .kho_dl_id_number import VERIFICATIONS

READERS = "kho_dl.group_clerk,kho_dl.group_auditor"
# No number of a person or an organisation is shorter: nobody looks for a part of a name by it.
_WHOLE_NUMBER = 9


def known_as(value):
    """Return the domains of contacts with `value` as any other number of theirs; each has an index."""
    return [Domain(name, "=", value) for name in ("vat", "ref", "company_registry")]


class ResPartner(models.Model):
    """The id number of a contact, as the group of the current company knows it (`kho.dl.id.number`)."""

    _inherit = "res.partner"

    # Nobody's to search by, as the cases of a contact: what shows numbers reads them by their own rules.
    kho_dl_number_ids = fields.One2many("kho.dl.id.number", "partner_id", "Id numbers", groups=fields.NO_ACCESS)
    kho_dl_id_number = fields.Char(
        "Id number",
        compute="_compute_kho_dl_id_number",
        compute_sudo=False,
        inverse="_inverse_kho_dl_id_number",
        search="_search_kho_dl_id_number",
        groups=READERS,
        help="Citizen id number (12 digits, 9 on an old card) of a person, or tax code of an organisation.",
    )
    kho_dl_old_numbers = fields.Char(
        "Earlier id numbers", compute="_compute_kho_dl_id_number", compute_sudo=False, groups=READERS
    )
    kho_dl_is_old_unseen = fields.Boolean(
        "Earlier id number not verified", compute="_compute_kho_dl_id_number", compute_sudo=False, groups=READERS
    )
    kho_dl_verified_how = fields.Selection(
        [("none", "Not verified"), *VERIFICATIONS],
        "Id number verified",
        compute="_compute_kho_dl_id_number",
        compute_sudo=False,
        groups=READERS,
    )
    kho_dl_verified_by = fields.Char(
        "Verified by", compute="_compute_kho_dl_id_number", compute_sudo=False, groups=READERS
    )
    kho_dl_verified_on = fields.Datetime(
        "Verified on", compute="_compute_kho_dl_id_number", compute_sudo=False, groups=READERS
    )

    @api.depends("kho_dl_number_ids.number", "kho_dl_number_ids.verified_how")
    @api.depends_context("company")
    def _compute_kho_dl_id_number(self):
        known = self._kho_dl_numbers(self.env.company).grouped("partner_id")
        for partner in self:
            numbers = known.get(partner._origin, self.env["kho.dl.id.number"])
            current = numbers._current()
            partner.kho_dl_id_number = current.number
            partner.kho_dl_old_numbers = ", ".join((numbers - current).mapped("number"))
            partner.kho_dl_is_old_unseen = not all((numbers - current)._of_people().mapped("verified_how"))
            partner.kho_dl_verified_how = current.verified_how or "none"
            # sudo: who said so is told to whoever reads the number.
            partner.kho_dl_verified_by = current.sudo().verified_by.name
            partner.kho_dl_verified_on = current.verified_on

    def _kho_dl_numbers(self, companies):
        """Return the `kho.dl.id.number` of these contacts that the groups of `companies` know, as far as the user does."""
        return self.env["kho.dl.id.number"].search(
            [("partner_id", "in", self._origin.ids), ("company_id", "in", companies.root_id.ids)]
        )

    def _inverse_kho_dl_id_number(self):
        if not (self.env.su or self.env.user.has_group("kho_dl.group_clerk")):
            raise AccessError(self.env._("Only officers write id numbers."))
        # sudo: whoever may write the contact writes its number; the rows are made by this code only.
        contacts, new = self.sudo(), []
        rows = self.env["kho.dl.id.number"].sudo()
        known = contacts._kho_dl_numbers(self.env.company).grouped("partner_id")
        for partner in contacts:
            numbers = known.get(partner, rows)
            number, current = clean_id_number(partner.kho_dl_id_number), numbers._current()
            # One of the same kind is a correction; a card with 12 digits leaves the old number what it was.
            same_kind = numbers.filtered(lambda own, number=number: len(own.number) == len(number))._current()
            if not number:
                current._log(self.env._("The id number was taken away."))
                current.unlink()
            elif number in numbers.mapped("number"):
                continue
            elif same_kind:
                same_kind.number = number
                same_kind._log(self.env._("The id number was changed."))
            else:
                new.append({"partner_id": partner.id, "number": number})
        rows.create(new)
        # What holds now may be another one than was typed.
        computed = self.pool.field_computed[self._fields["kho_dl_id_number"]]
        self.invalidate_recordset([field.name for field in computed], flush=False)

    @api.model
    def _search_kho_dl_id_number(self, operator, value):
        if operator not in ("in", "ilike", "=ilike", "like", "=like", "any"):
            return NotImplemented
        if operator == "in" and False in value:
            # Who has none.
            named = Domain("number", "in", [one for one in value if one])
            return self._kho_dl_without_number() | self._kho_dl_with_number(named)
        return self._kho_dl_with_number(Domain("number", operator, value))

    @api.model
    def _kho_dl_with_number(self, domain):
        """Return the domain of the contacts whose number is in `domain`, as far as the user may know."""
        return Domain("id", "in", self._kho_dl_numbers_known(domain).subselect("partner_id"))

    @api.model
    def _kho_dl_without_number(self):
        """Return the domain of the contacts with no number that the user may know."""

        def to_sql(_model, alias, _query):
            numbers = self._kho_dl_numbers_known(Domain.TRUE)
            numbers.add_where(SQL("%s = %s", SQL.identifier(numbers.table, "partner_id"), SQL.identifier(alias, "id")))
            # Contact by contact: as a list of all who have one PostgreSQL would read every number for the few that are asked about.
            return SQL("NOT EXISTS %s", numbers.subselect())

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _kho_dl_numbers_known(self, domain):
        # Also for code that acts for a user with all rights: what other agencies know is not asked.
        own = Domain("company_id", "in", self.env.companies.root_id.ids)
        return self.env["kho.dl.id.number"]._search(domain & own)

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        digits = number_sought(value) if isinstance(value, str) else ""
        if operator != "ilike" or not digits or not self.env.user.has_group("kho_dl.group_clerk"):
            return domain
        numbered = self._kho_dl_with_number(Domain("number", *ending_with(digits)))
        is_whole, is_picked = len(digits) >= _WHOLE_NUMBER, self.env.context.get("kho_dl_with_number")
        named = [Domain("kho_dl_search_name", "ilike", value)] if is_picked and not is_whole else []
        found = self._search(
            found_any_way(self, [numbered, *named, *known_as(value)]), active_test=False
        ).get_result_ids()
        # For a part of a name, which Odoo looks for as well, all contacts are read: for a whole number there is no need,
        # and where an applicant is chosen it would be at each pause in a number that nobody has yet.
        if found or is_whole or is_picked:
            return Domain("id", "in", found)
        return Domain(domain) | numbered

    def _kho_dl_correctable_fields(self):
        return super()._kho_dl_correctable_fields() | {"kho_dl_id_number"}

    def action_kho_dl_card_seen(self):
        """Say that an officer has compared the id number of this contact with the card."""
        check_one(self)
        self.check_access("read")
        self._kho_dl_numbers(self.env.company)._current().action_card_seen()
        return True

    def action_kho_dl_old_card_seen(self):
        """Say that an officer has compared the earlier numbers of this contact with the old card, or with what confirms them."""
        check_one(self)
        self.check_access("read")
        numbers = self._kho_dl_numbers(self.env.company)
        (numbers - numbers._current())._of_people().action_card_seen()
        return True

    def _kho_dl_vouched(self, companies):
        """Return {(contact, root company)}: which of these contacts sign in by VNeID, which verified their number there."""
        numbers = self._kho_dl_numbers(companies).filtered(lambda number: number.verified_how == "vneid")
        users = numbers.partner_id.user_ids.filtered(
            lambda user: user._is_portal() and user.oauth_uid and user.oauth_provider_id.kho_dl_company_id
        )
        roots = {(user.partner_id, user.oauth_provider_id.kho_dl_company_id.root_id) for user in users}
        return roots & {(number.partner_id, number.company_id) for number in numbers}

    def _kho_dl_verify(self, how):
        """Record that the id number of this contact was verified by `how`, "card" or "vneid"; for code that has made sure of it.

        Raises UserError where the contact has no number in the group of the current company.
        """
        self.ensure_one()
        current = self._kho_dl_numbers(self.env.company)._current()
        current._check_typed()
        current._verify(how)
