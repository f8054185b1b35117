from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..case import paper_states
from ..common.id_number import id_number_kind
from ..common.id_number_field import IdNumber

KINDS = [
    ("original", "Original"),
    ("copy", "Certified copy"),
    ("certified", "Certified electronic copy"),
]
TRUST_LEVELS = [
    ("1", "1 – Handed in by the person"),
    ("2", "2 – Digitised by an officer"),
    ("3", "3 – Digitised and sealed by the agency"),
    ("4", "4 – Issued electronically"),
]


class KhoDLPaper(models.Model):
    """Our own store: one row a version of a paper that this agency issued, and that others may reuse.

    A draft becomes effective by `action_enter()` and is never changed or deleted from then on: a correction is a new
    version that replaces it, a mistake is revoked (guideline III).
    """

    _name = "kho.dl.paper"
    _description = "Paper of our own store"
    _inherit = ["kho.dl.owner.number", "kho.dl.paper.owner", "mail.thread", "kho.dl.guarded"]
    _order = "date_issued desc, id desc"
    _rec_names_search = ["name", "number", "owner_id_number"]
    _check_company_auto = True

    name = fields.Char(
        "Paper",
        compute="_compute_name",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
    )
    result_code_id = fields.Many2one(
        "kho.dl.result.code", "Result", required=True, index=True, ondelete="restrict", tracking=True
    )
    number = fields.Char(help="Number printed on the paper.", tracking=True)
    abstract = fields.Text(help="What the paper says, in a sentence.")
    scope = fields.Char(
        "Valid for", help="Where and what for the paper can be used; empty: without limits.", tracking=True
    )
    owner_id = fields.Many2one(
        "res.partner",
        compute="_compute_owner",
        # What a case holds is copied with the rights of who asks: a stored compute would read it for anybody.
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
    )
    owner_name = fields.Char(
        "Owner's name", compute="_compute_owner_name", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    # Not tracked: id numbers have no place in the chatter.
    owner_id_number = IdNumber(
        "Owner's id number",
        compute="_compute_owner",
        # What a case holds is copied with the rights of who asks: a stored compute would read it for anybody.
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        help="Citizen id number (12 digits, 9 on an old card) of a person, or tax code of an organisation.",
    )
    agency_code = fields.Char(
        compute="_compute_agency", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    agency = fields.Char(
        "Issued by", compute="_compute_agency", compute_sudo=False, store=True, readonly=False, precompute=True
    )
    date_issued = fields.Date("Issued on", tracking=True)
    date_expiry = fields.Date("Valid until", tracking=True)
    kind = fields.Selection(KINDS, required=True, default="original", tracking=True)
    trust_level = fields.Selection(
        TRUST_LEVELS,
        required=True,
        # Nobody has looked whether a file is signed: the higher levels are for whoever says so.
        default="2",
        tracking=True,
        help="4 is for a file that the agency made and signed electronically, 3 for a sealed copy of a paper.",
    )
    state = fields.Selection(
        paper_states.SELECTION, required=True, default=paper_states.DRAFT, readonly=True, copy=False, tracking=True
    )
    is_locked = fields.Boolean(compute="_compute_is_in_store")
    is_in_store = fields.Boolean("In the store", compute="_compute_is_in_store")
    case_id = fields.Many2one(
        "kho.dl.case", "Source case", index="btree_not_null", ondelete="restrict", check_company=True
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "kho_dl_paper_attachment_rel",
        "paper_id",
        "attachment_id",
        string="Files",
        copy=False,
        bypass_search_access=True,
    )
    file_ids = fields.One2many("kho.dl.paper.file", "paper_id", "Files in the store", readonly=True, copy=False)
    version = fields.Integer(default=1, readonly=True, copy=False)
    supersedes_id = fields.Many2one(
        "kho.dl.paper", "Replaces", readonly=True, copy=False, ondelete="restrict", check_company=True
    )
    successor_ids = fields.One2many("kho.dl.paper", "supersedes_id", readonly=True)
    superseded_by_id = fields.Many2one("kho.dl.paper", "Replaced by", compute="_compute_superseded_by_id")
    entered_on = fields.Datetime("In the store since", readonly=True, copy=False)
    ended_on = fields.Datetime("Replaced or revoked on", readonly=True, copy=False)
    revoke_reason = fields.Char("Revoked because", readonly=True, copy=False, tracking=True)
    note = fields.Text()
    missing = fields.Char("Still missing", compute="_compute_missing")
    company_id = fields.Many2one(
        "res.company",
        compute="_compute_company_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
    )

    # What the retrieval form looks up: the papers of one owner that can be reused for some results.
    _lookup_idx = models.Index(
        f"(owner_id_number, result_code_id) WHERE {paper_states.sql_condition(paper_states.IN_STORE)}"
    )
    _once_in_the_store = models.UniqueIndex(
        "(company_id, owner_id_number, result_code_id, COALESCE(agency_code, ''), number) "
        f"WHERE {paper_states.sql_condition(paper_states.IN_STORE)} AND number <> ''",
        "This paper is in the store already: same owner, result, agency and number.",
    )
    _one_successor = models.UniqueIndex(
        "(supersedes_id) WHERE supersedes_id IS NOT NULL", "A correction of this paper has been begun already."
    )

    # -- values ------------------------------------------------------------------------------------

    @api.depends("state")
    def _compute_is_in_store(self):
        for paper in self:
            paper.is_locked = paper.state in paper_states.LOCKED
            paper.is_in_store = paper.state in paper_states.IN_STORE

    @api.depends("result_code_id")
    def _compute_name(self):
        for paper in self:
            paper.name = paper.name or paper.result_code_id.name

    @api.depends("case_id.owner_id", "case_id.owner_id_number")
    def _compute_owner(self):
        # What is in the store stays what was entered.
        for paper in self.filtered(lambda paper: not paper.is_locked):
            paper.owner_id = paper.case_id.owner_id or paper.owner_id
            paper.owner_id_number = paper.case_id.owner_id_number or paper.owner_id_number

    @api.depends("owner_id")
    def _compute_owner_name(self):
        for paper in self:
            paper.owner_name = paper.owner_id.name or paper.owner_name

    @api.depends("case_id")
    def _compute_company_id(self):
        for paper in self:
            paper.company_id = paper.case_id.company_id or paper.company_id or self.env.company

    @api.depends("company_id")
    def _compute_agency(self):
        for paper in self:
            paper.agency_code = paper.agency_code or paper.company_id._kho_dl_unit()
            paper.agency = paper.agency or paper.company_id.name

    @api.depends("successor_ids.is_locked")
    def _compute_superseded_by_id(self):
        for paper in self:
            paper.superseded_by_id = paper.successor_ids.filtered("is_locked")[:1]

    @api.depends("name", "number")
    def _compute_display_name(self):
        for paper in self:
            paper.display_name = " · ".join(filter(None, (paper.name, paper.number)))

    @api.depends(
        "attachment_ids", "owner_id_number", "agency", "agency_code", "date_issued", "date_expiry", "is_unlimited",
        "number", "result_code_id", "state",
    )  # fmt: skip
    def _compute_missing(self):
        drafts = self._drafts()
        twins = drafts._twins()
        (self - drafts).missing = False
        for paper in drafts:
            if paper._identity() in twins:
                paper.missing = self.env._("nothing, but the store has this paper already")
            else:
                paper.missing = ", ".join(paper._missing())

    def _drafts(self):
        return self.filtered(lambda paper: paper.state == paper_states.DRAFT)

    def _identity(self):
        """Return what two papers that are one have in common."""
        return (
            self.company_id.id,
            self.owner_id_number,
            self.result_code_id.id,
            # As the index has it: no code is no code, however it came to be empty.
            self.agency_code or "",
            self.number,
        )

    def _twins(self):
        """Return the `_identity` of what is in the store already, and not about to be replaced by one of these."""
        numbered = self.filtered("number")
        if not numbered:
            return set()
        # sudo: what the database refuses does not depend on what the user may read.
        stored = self.sudo().search(
            Domain("state", "in", paper_states.IN_STORE)
            & Domain("owner_id_number", "in", numbered.mapped("owner_id_number"))
            & Domain("number", "in", numbered.mapped("number"))
            & Domain("id", "not in", self.supersedes_id.ids)
        )
        return {paper._identity() for paper in stored}

    def _missing(self):
        """Return the names of what this draft lacks before it can enter the store."""
        lacking = [name for name in ("attachment_ids", "owner_id_number", "agency", "date_issued") if not self[name]]
        if not self.is_unlimited and not self.date_expiry:
            lacking.append("date_expiry")
        if self.result_code_id.holds_many and not self.number:
            # Without it nobody could ask for this one of several.
            lacking.append("number")
        # sudo: the name of a field is no secret.
        labels = self.env["ir.model.fields"].sudo()
        return [labels._get(self._name, name).field_description for name in lacking]

    @api.constrains("owner_id_number", "is_number_right")
    def _check_owner_id_number(self):
        for paper in self:
            number = paper.owner_id_number
            # Of a case it was said there.
            is_said = paper.case_id or paper._has_number_to_ask()
            if number and not (is_said and id_number_kind(number)):
                raise ValidationError(
                    paper._number_words()
                    or self.env._(
                        "The owner's id number is not valid. A person has 12 digits (9 on an old card), "
                        "an organisation a tax code of 10 or 13 digits."
                    )
                )
