from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .kho_dl_case_dates import STOPPED


class KhoDLCase(models.Model):
    """A case that one office receives and another one decides (Decree 118/2025).

    It is the other's from the beginning. Whoever received it works on it until it is handed over, and the other sees
    it on its way; from then on it is the other's alone (`kho.dl.handover` keeps what was received).
    """

    _name = "kho.dl.case"
    _inherit = ["kho.dl.case", "kho.dl.held"]

    receiving_company_id = fields.Many2one(
        "res.company", "Receiving office", readonly=True, copy=False, ondelete="restrict"
    )
    handed_over_on = fields.Datetime("Handed over on", readonly=True, copy=False, tracking=True)
    held_by_id = fields.Many2one(
        "res.company",
        "Still at",
        compute="_compute_held_by",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    office_id = fields.Many2one(
        "kho.dl.office",
        "Belongs to",
        compute="_compute_offices",
        inverse="_inverse_office",
        help="The office that decides about the case, wherever it is received.",
    )
    receiving_office_id = fields.Many2one("kho.dl.office", "Office that received it", compute="_compute_offices")
    has_offices = fields.Boolean(compute="_compute_has_offices")
    is_held_here = fields.Boolean(compute="_compute_is_held_here")
    is_on_its_way = fields.Boolean(compute="_compute_is_held_here")
    can_choose_other_office = fields.Boolean(compute="_compute_is_held_here")
    received_words = fields.Char("How it comes here", compute="_compute_received_words")

    @api.depends("receiving_company_id", "company_id", "handed_over_on")
    def _compute_held_by(self):
        for case in self:
            is_held = case._is_received_elsewhere() and not case.handed_over_on
            case.held_by_id = is_held and case.receiving_company_id

    @api.depends("receiving_company_id", "company_id")
    def _compute_offices(self):
        offices = self.env["kho.dl.office"]
        for case in self:
            case.office_id = offices.browse(case.company_id._origin.id)
            case.receiving_office_id = case._is_received_elsewhere() and offices.browse(case.receiving_company_id.id)

    def _is_received_elsewhere(self):
        return bool(self.receiving_company_id) and self.receiving_company_id != self.company_id

    def _office_at(self, moment):
        """Return the company that worked on this case at `moment`: the one that received it, until it was handed over."""
        # Handing over is noted to the second, the making of a row to parts of it.
        second = moment.replace(microsecond=0)
        was_held = self._is_received_elsewhere() and (not self.handed_over_on or second <= self.handed_over_on)
        return self.receiving_company_id if was_held else self.company_id

    def _inverse_office(self):
        """Nothing: `create` says whose a case is, and there it stays."""

    @api.depends_context("allowed_company_ids", "uid")
    def _compute_has_offices(self):
        # sudo: the company above may be closed to whoever works in a branch.
        here = Domain("root_company_id", "=", self.env.company.sudo().root_id.id)
        has_offices = self.env["kho.dl.office"].search_count(here, limit=2) > 1
        for case in self:
            case.has_offices = has_offices

    @api.depends("held_by_id", "handed_over_on", "is_open")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_is_held_here(self):
        for case in self:
            # Whoever has a case that somebody received for another office, before it is handed over and after.
            is_anothers = case.is_open and case._is_received_elsewhere()
            case.can_choose_other_office = is_anothers and case._office() in self.env.companies
            case.is_held_here = bool(case.held_by_id) and case.held_by_id in self.env.companies
            case.is_on_its_way = bool(case.held_by_id) and not case.is_held_here

    @api.depends("is_on_its_way", "handed_over_on", "officer_id", "is_open")
    @api.depends_context("lang")
    def _compute_received_words(self):
        for case in self:
            office = case.receiving_office_id.name
            if case.is_on_its_way:
                words = self.env._("%s has received this case for you. You work on it once it is handed over.", office)
            elif case.handed_over_on and not case.officer_id and case.is_open:
                words = self.env._("%s has received this case and handed it over. Nobody here works on it yet.", office)
            else:
                words = False
            case.received_words = words

    @api.model
    def _recorded_fields(self):
        return super()._recorded_fields() | {"receiving_company_id", "handed_over_on"}

    @api.model_create_multi
    def create(self, vals_list):
        complete = [self._with_receiver(vals) for vals in vals_list]
        offices = self.env["kho.dl.office"].browse({office for vals in complete if (office := vals.get("office_id"))})
        if not all(offices.mapped("active")):
            raise UserError(self.env._("This office is no more. Choose the one that took over its work."))
        for vals in complete:
            self._share_applicant(vals.get("owner_id"), vals["company_id"], vals["receiving_company_id"])
        cases = super().create(complete)
        cases._tell_of_applicants()
        return cases

    def copy_data(self, default=None):
        # Whoever may not work at the office whose the case is makes a case of their own.
        elsewhere = self.filtered(lambda case: case.company_id not in self.env.companies)
        return [
            {**vals, "company_id": self.env.company.id}
            if case in elsewhere and "company_id" not in (default or {})
            else vals
            for case, vals in zip(self, super().copy_data(default), strict=True)
        ]

    def write(self, vals):
        if not self.env.su and any(case.is_on_its_way for case in self):
            raise UserError(
                self.env._(
                    "This case is still with the office that received it. You can work on it once it is handed over."
                )
            )
        if vals.get("owner_id"):
            for case in self.filtered("held_by_id"):
                self._share_applicant(vals["owner_id"], case.company_id.id, case.held_by_id.id)
        if "office_id" in vals:
            # Whose it is it stays, as its company: refused there.
            rest = {name: value for name, value in vals.items() if name != "office_id"}
            vals = {**rest, "company_id": vals["office_id"]}
        result = super().write(vals)
        if vals.get("owner_id") or "is_draft" in vals:
            self._tell_of_applicants()
        return result

    def _check_links(self, vals_list):  # pylint: disable=missing-return
        # The office was chosen from the list of all: its company the user need not be able to read.
        super()._check_links(
            [
                {name: value for name, value in vals.items() if name != "company_id" or value != vals.get("office_id")}
                for vals in vals_list
            ]
        )

    def action_choose_other_office(self):
        """Stop this case, which was received for an office whose it is not; return the action that begins another one.

        What is asked and fetched is written down for the office whose a case is, and the portal knows its number: so it is
        never moved. Raises UserError where it was not received for another office, and AccessError for who may not work on it.
        """
        self.ensure_one()
        self.check_access("write")
        if not self.can_choose_other_office:
            raise UserError(
                self.env._("Only an open case that was received for another office goes to a different one.")
            )
        begins_with = ["owner_id", "owner_id_number", "procedure_id", "channel", "date_submitted"]
        values = self._convert_to_write(self.read(begins_with, load=None)[0])
        self.write({"state": STOPPED})
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "current",
            "context": {f"default_{name}": values[name] for name in begins_with},
        }

    @api.model
    def _with_receiver(self, vals):
        """Return `vals` of a new case with whose it is and who receives it: one and the same, unless an office is chosen."""
        # A foreign company as a default of the caller is refused here, and any other dropped.
        here = self._company_said({**self.default_get(["company_id", "receiving_company_id"]), **vals})
        office = vals.get("office_id")
        if office and type(office) is not int:
            raise AccessError(self.env._("There is no such office. Choose one of the list."))
        received = {"receiving_company_id": vals.get("receiving_company_id") or here.id}
        # Nor by a default of the caller; what is no company Odoo refuses itself.
        return {
            "company_id": here.id,
            **vals,
            **received,
            **({"company_id": office} if office else {}),
            "handed_over_on": vals.get("handed_over_on"),
        }

    @api.model
    def _share_applicant(self, owner_id, company_id, receiving_id):
        """Let a contact of one office stand where both that receives a case and whose it is can have it: above them."""
        if company_id == receiving_id or not all(type(one) is int for one in (owner_id, company_id, receiving_id)):
            return
        owner = self.env["res.partner"].browse(owner_id)
        # sudo: which companies are above another one does not depend on where the user works.
        above, receiving = (self.env["res.company"].sudo().browse(one).parent_ids for one in (company_id, receiving_id))
        shared = above & receiving
        if owner.company_id and owner.company_id not in shared and shared:
            owner.check_access("read")
            # sudo: of the contact itself nothing changes, and whose case it is reads the applicant.
            owner.sudo()._kho_dl_share(shared[-1])

    def _tell_of_applicants(self):
        """Let the offices of these cases read their applicants, where those are kept to some; a draft is nobody's business."""
        # sudo: who reads a contact is told to nobody.
        for case in self.sudo().filtered(lambda case: not case.is_draft and case.owner_id.kho_dl_offices):
            case.owner_id._kho_dl_keep_to(case._offices())

    def _offices(self):
        """Return the companies whose these cases are, and those that received them."""
        return self.company_id | self.receiving_company_id
