from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.id_number import clean_id_number, id_number_kind
from .kho_dl_case import FINISHED_STATES

# Newest records of people that are looked at for one case; one person rarely has more.
_MOST_KNOWN = 200


class Known(NamedTuple):
    """An id number that a contact has by a record of ours: where that stands, for a clerk, in which company and case."""

    owner: models.BaseModel
    number: str
    where: str
    company: models.BaseModel
    case: models.BaseModel


class KhoDLCase(models.Model):
    """Whether the applicant and the number on a case belong together, as far as its own company knows.

    Said before anything is asked, and never in the way: a person may have a new number, and a contact may stand there
    twice. Files that were fetched under another number than the case has now must be taken off, or left with a reason,
    before it is finished.
    """

    _inherit = "kho.dl.case"

    owner_warning = fields.Text("Applicant and number", compute="_compute_owner_warning")
    check_ids = fields.One2many("kho.dl.file.check", "case_id", "Checks of the files", readonly=True)
    other_number_count = fields.Integer("Files fetched for another number", compute="_compute_other_number")
    other_number_files = fields.Text(compute="_compute_other_number")
    has_number = fields.Boolean(compute="_compute_has_number")

    @api.depends_context("lang")
    @api.depends("owner_id", "owner_id_number", "company_id")
    def _compute_owner_warning(self):
        numbers = {
            case: number
            for case in self
            if case.owner_id and id_number_kind(number := clean_id_number(case.owner_id_number))
        }
        known = self.union(*numbers)._known_numbers(set(numbers.values())) if numbers else []
        for case in self:
            number = numbers.get(case)
            # A contact's own number is of no case, neither is a case that was never saved.
            others = [one for one in known if number and not (one.case and one.case == case._origin)]
            own = [one for one in others if case._is_of_company(one.company)]
            sentences = case._holder_words(own, number) + case._other_number_words(own, number)
            case.owner_warning = "\n".join(sentences)

    def _is_of_company(self, company):
        # A contact without a company is everybody's; an id number is known to a group of companies.
        return not company or company in (self.company_id._origin, self.company_id._origin.root_id)

    def _known_numbers(self, numbers):
        """Return [Known] about `numbers` and about these applicants, of these companies and readable for the user."""
        owners, companies = self.owner_id._origin, self.company_id._origin
        about = Domain("company_id", "in", companies.ids) & (
            Domain("owner_id_number", "in", list(numbers))
            | (Domain("owner_id", "in", owners.ids) & Domain("owner_id_number", "!=", False))
        )
        newest = {"order": "id desc", "limit": _MOST_KNOWN * len(self)}
        # Of wide rows, many for a business, what is told of them.
        cases = self.search_fetch(about, ["owner_id", "owner_id_number", "name", "company_id"], **newest)
        papers = self.env["kho.dl.paper"].search(about & Domain("owner_id", "!=", False), **newest)
        with_tax_code = Domain("company_id", "in", [False, *companies.ids]) & Domain("vat", "in", list(numbers))
        contacts = self.env["res.partner"].search(with_tax_code, limit=newest["limit"])
        contacts |= owners._filtered_access("read")
        return [
            *(
                Known(row.partner_id, row.number, "", row.company_id, cases.browse())
                for row in self.env["kho.dl.id.number"].search_fetch(
                    Domain("company_id", "in", companies.root_id.ids)
                    & (Domain("number", "in", list(numbers)) | Domain("partner_id", "in", owners.ids)),
                    ["partner_id", "number", "company_id"],
                    **newest,
                )
            ),
            *(Known(case.owner_id, case.owner_id_number, case.name, case.company_id, case) for case in cases),
            *(
                Known(paper.owner_id, paper.owner_id_number, paper.display_name, paper.company_id, paper.case_id)
                for paper in papers
            ),
            *(
                Known(contact, clean_id_number(contact.vat), "", contact.company_id, cases.browse())
                for contact in contacts
            ),
        ]

    def _holder_words(self, known, number):
        """Return who else has this `number`; another contact of the same name is nobody else."""
        own_name = _name(self.owner_id)
        others = {_name(one.owner): one for one in known if one.number == number}
        return [
            self.env._("This number is known here as that of %(name)s (%(where)s).", name=name, where=one.where)
            if one.where
            else self.env._("This number is known here as that of %(name)s.", name=name)
            for name, one in others.items()
            if name.casefold() != own_name.casefold()
        ][:1]

    def _other_number_words(self, known, number):
        """Return which other number of the same kind this applicant has; nothing where this one is known, too."""
        own = [
            one
            for one in known
            if one.owner == self.owner_id._origin and id_number_kind(one.number) and len(one.number) == len(number)
        ]
        if not own or number in [one.number for one in own]:
            return []
        one = next((one for one in own if one.where), own[0])
        words = {"name": _name(self.owner_id), "number": one.number, "where": one.where}
        if one.where:
            return [self.env._("%(name)s is known here with another number: %(number)s (%(where)s).", **words)]
        return [self.env._("%(name)s is known here with another number: %(number)s.", **words)]

    @api.depends("check_ids.is_for_other_number")
    def _compute_other_number(self):
        for case in self:
            checks = case.check_ids.filtered("is_for_other_number")
            case.other_number_count = len(checks)
            case.other_number_files = "\n".join(
                f"{check.case_document_id.name}: {check.name}"
                for check in checks.sorted(lambda check: check.attachment_id.id)
            )

    @api.depends("owner_id_number")
    def _compute_has_number(self):
        # As it is kept: what is being typed must not close its own field.
        for case in self:
            case.has_number = bool(case._origin.owner_id_number)

    def write(self, vals):
        if not self.env.su:
            self._check_applicant_stays(vals)
        result = super().write(vals)
        if vals.get("state") in FINISHED_STATES:
            self._check_files_decided()
        return result

    def _check_applicant_stays(self, vals):
        """Refuse to make a case whose result is with the applicant another person's; a missing number may be typed."""
        returned = self.filtered(lambda case: case.state == "10" and vals.get("state", "10") == "10")
        vals = self._with_clean_values(vals)
        for case in returned:
            number = case.owner_id_number
            is_other_number = number and "owner_id_number" in vals and vals["owner_id_number"] != number
            if is_other_number or ("owner_id" in vals and vals["owner_id"] != case.owner_id.id):
                raise UserError(
                    self.env._(
                        "The result of case %s was returned, so the applicant and the id number stay as they are. "
                        "Set the case back to “Processed” first, if one of them is wrong.",
                        case.name,
                    )
                )

    def _hold_still(self):
        """Keep what these cases are about as it is read now until the transaction ends; others wait, or were first."""
        if self:
            # Written, not only locked: who waited for a lock would go on with what it saw before, and so mark nothing
            # of what is attached here. Odoo repeats who waited for a row that was written.
            self.env.cr.execute(
                SQL(
                    """
                    WITH held AS (SELECT id FROM kho_dl_case WHERE id IN %s ORDER BY id FOR NO KEY UPDATE)
                    UPDATE kho_dl_case job SET write_date = job.write_date FROM held WHERE job.id = held.id
                    """,
                    tuple(self.ids),
                )
            )

    def _check_files_decided(self):
        for case in self:
            if case.other_number_count:
                raise UserError(
                    self.env._(
                        "Case %(case)s was not finished: files on it were fetched for another number than the "
                        "applicant's. Take them off, or say why they stay:\n%(files)s",
                        case=case.name,
                        files=case.other_number_files,
                    )
                )

    def action_decide_files(self):
        """Open the form for the files that were fetched for another number: take them off, or say why they stay."""
        self.ensure_one()
        return self.env["kho.dl.decide.file"]._action_open(self.check_ids.filtered("is_for_other_number").attachment_id)


def _name(contact):
    # sudo: who may read a case or a paper sees whose it is, also where the contact is not theirs to open.
    return " ".join((contact.sudo().name or "").split())
