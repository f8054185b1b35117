from odoo import api, fields, models
from odoo.tools import format_date


class KhoDLCase(models.Model):
    """What a case and its applicant's contact tell each other of the id number."""

    _inherit = "kho.dl.case"

    number_verified = fields.Char("Number verified", compute="_compute_number_verified", compute_sudo=False)
    can_verify_number = fields.Boolean(compute="_compute_number_verified", compute_sudo=False)
    is_owner_company = fields.Boolean(
        "The applicant is a company", compute="_compute_is_owner_company", compute_sudo=False
    )

    @api.depends("owner_id.is_company")
    def _compute_is_owner_company(self):
        readable = self._readable_owners()
        for case in self:
            case.is_owner_company = case.owner_id in readable and case.owner_id.is_company

    @api.depends(
        "owner_id.kho_dl_number_ids.number", "owner_id.kho_dl_number_ids.verified_how", "owner_id.is_company",
        "owner_id_number", "company_id",
    )  # fmt: skip
    @api.depends_context("lang", "uid")
    def _compute_number_verified(self):
        is_officer = self.env.user.has_group("kho_dl.group_clerk")
        numbers = self.owner_id._kho_dl_numbers(self.company_id) if is_officer else self.env["kho.dl.id.number"]
        for case in self:
            number = case._own_among(numbers)
            how = dict(number._fields["verified_how"]._description_selection(self.env)).get(number.verified_how)
            if number.verified_how == "card" and case.is_owner_company:
                how = self.env._("Registration certificate seen")
            case.number_verified = how and self.env._(
                "%(how)s, %(day)s", how=how, day=format_date(self.env, number.verified_on)
            )
            case.can_verify_number = bool(number) and not how

    def _readable_owners(self):
        """Return the applicants whom the user may read: the contact of a case may be another agency's by now."""
        return self.owner_id._filtered_access("read")

    def _of_contact(self, numbers):
        owner, root = self.owner_id._origin, self.company_id.root_id
        return numbers.filtered(lambda number: number.partner_id == owner and number.company_id == root)

    def _own_among(self, numbers):
        """Return the one of these `kho.dl.id.number` that this case has; empty where the contact has another one."""
        return self._of_contact(numbers).filtered(lambda number: number.number == self.owner_id_number)

    def _owner_numbers(self):
        """Return {case: the id numbers of its applicant}: its own, and the other one of the same person.

        An old number of 9 digits and one of 12 belong together where both were verified: who takes a namesake's contact by
        mistake must not see the other person's papers.
        """
        # sudo: which numbers belong together is a fact about the applicant, of this group of companies.
        numbers = self.owner_id.sudo()._kho_dl_numbers(self.company_id).filtered("verified_how")
        return {
            case: frozenset(
                [case.owner_id_number, *case._own_among(numbers)._of_same_person(case._of_contact(numbers))]
            )
            for case in self
            if case.owner_id_number
        }

    def action_card_seen(self):
        """Say that an officer has compared the applicant's number with the card."""
        self.ensure_one()
        self.check_access("write")
        self._own_among(self.owner_id._kho_dl_numbers(self.company_id)).action_card_seen()
        return True

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._note_numbers()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if {"owner_id", "owner_id_number", "is_number_right"}.intersection(vals):
            self._note_numbers()
        return result

    def _note_numbers(self):
        wanted = {
            (case.owner_id, case.company_id): case.owner_id_number
            for case in self
            if case.owner_id and case._has_number_to_ask()
        }
        if wanted:
            self.env["kho.dl.id.number"]._note(wanted)
