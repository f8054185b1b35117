from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...protocol import channels
from ..common.chatter import bullet_list
from ..common.id_number import clean_id_number, id_number_kind
from ..common.id_number_field import IdNumber

# The portal's own states (TrangThaiHoSo).
STATES = [
    ("1", "Newly registered"),
    ("2", "Received"),
    ("3", "Not accepted"),
    ("4", "In process"),
    ("5", "More documents asked"),
    ("6", "Fee asked"),
    ("7", "Withdrawn by the citizen"),
    ("8", "Stopped"),
    ("9", "Processed"),
    ("10", "Result returned"),
]
NEW, WITHDRAWN = "1", "7"
OPEN_STATES = ("1", "2", "4", "5", "6")
FINISHED_STATES = ("9", "10")


class KhoDLCase(models.Model):
    _name = "kho.dl.case"
    _description = "Case"
    _inherit = ["kho.dl.owner.number", "kho.dl.kept", "mail.thread", "mail.activity.mixin", "kho.dl.guarded"]
    _order = "date_submitted desc, id desc"
    _rec_names_search = ["name", "owner_id.name", "owner_id_number"]
    _check_company_auto = True

    name = fields.Char(
        "Case number", required=True, copy=False, readonly=True, default="/", index="trigram", tracking=True
    )
    procedure_id = fields.Many2one(
        "kho.dl.procedure", required=True, index=True, ondelete="restrict", check_company=True, tracking=True
    )
    owner_id = fields.Many2one(
        "res.partner", "Applicant", required=True, index=True, ondelete="restrict", check_company=True, tracking=True
    )
    # Not tracked: id numbers have no place in the chatter.
    owner_id_number = IdNumber(
        "Applicant's id number",
        compute="_compute_owner_id_number",
        # What another company noted for a contact is not told: only cases that the user may read count.
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        index=True,
        help="Citizen id number (12 digits, 9 on an old card) of a person, or tax code of an organisation.",
    )
    channel = fields.Selection(channels.SELECTION, required=True, default="1", tracking=True)
    officer_id = fields.Many2one(
        "res.users", "Receiving officer", default=lambda self: self.env.user, index=True, tracking=True
    )
    state = fields.Selection(STATES, required=True, default="1", index=True, copy=False, tracking=True)
    date_submitted = fields.Datetime("Submitted on", default=fields.Datetime.now, copy=False)
    date_received = fields.Datetime("Received on", copy=False)
    date_due = fields.Datetime("Result due on", copy=False)
    date_finished = fields.Datetime("Processed on", copy=False)
    date_returned = fields.Datetime("Result returned on", copy=False)
    document_ids = fields.One2many("kho.dl.case.document", "case_id", "Documents")
    query_ids = fields.One2many("kho.dl.query", "case_id", "Questions to the national store", readonly=True)
    query_count = fields.Integer("Number of questions", compute="_compute_query_count")
    is_open = fields.Boolean(compute="_compute_is_open")
    company_id = fields.Many2one("res.company", required=True, index=True, default=lambda self: self.env.company)

    _name_company_uniq = models.Constraint(
        "unique(name, company_id)", "This case number exists already in this company."
    )
    # The local store is asked by owner number: finished cases of one person, newest first.
    _finished_by_owner_idx = models.Index("(company_id, owner_id_number) WHERE state IN ('9', '10')")
    # In the order of its list: the first page of many years, of one office and of all of them.
    _own_newest_idx = models.Index("(company_id, date_submitted DESC, id DESC)")
    _newest_idx = models.Index("(date_submitted DESC, id DESC)")

    @api.depends("owner_id")
    def _compute_owner_id_number(self):
        known = self._last_known_id_numbers(self.owner_id)
        for case in self:
            # On a form that was never saved, a number typed before the applicant is chosen stays.
            typed = case.owner_id_number if not case._origin else False
            case.owner_id_number = known.get((case.owner_id.id, case.company_id.id), typed)

    def _last_known_id_numbers(self, owners):
        """Return {(partner id, company id): id number}: verified, or of the newest other case, of the contact, or a tax code.

        What one company noted is no other's, also for somebody who works in both.
        """
        if not owners.ids:
            return {}
        numbers = {
            (owner.id, company.id): clean_id_number(owner.vat)
            for owner in owners
            if id_number_kind(clean_id_number(owner.vat))
            for company in self.company_id
        }
        # Not of these cases themselves: their numbers are the ones in question.
        others = Domain("owner_id", "in", owners.ids) & Domain("id", "not in", self._origin.ids)
        others &= Domain("company_id", "in", self.company_id.ids) & Domain("owner_id_number", "!=", False)
        newest = self._read_group(others, ["owner_id", "company_id"], ["id:max"])
        cases = self.browse(case_id for _owner, _company, case_id in newest)
        contacts = owners._kho_dl_numbers(self.company_id).grouped(
            lambda number: (number.partner_id, number.company_id)
        )
        current = {
            (owner.id, company.id): known._current()
            for (owner, root), known in contacts.items()
            for company in self.company_id
            if company.root_id == root
        }
        numbers.update({place: known.number for place, known in current.items()})
        # What was typed last is newer than what nobody has verified.
        numbers.update({(case.owner_id.id, case.company_id.id): case.owner_id_number for case in cases})
        numbers.update({place: known.number for place, known in current.items() if known.verified_how})
        return numbers

    @api.depends("query_ids")
    def _compute_query_count(self):
        counts = dict(self.env["kho.dl.query"]._read_group([("case_id", "in", self.ids)], ["case_id"], ["__count"]))
        for case in self:
            case.query_count = counts.get(case._origin, 0)

    @api.depends("state")
    def _compute_is_open(self):
        for case in self:
            case.is_open = case.state in OPEN_STATES

    @api.constrains("owner_id_number")
    def _check_owner_id_number(self):
        for case in self:
            # What is odd and may come from another system is kept, and said beside the field.
            if case.owner_id_number and not id_number_kind(case.owner_id_number) and not case._number_words():
                raise ValidationError(
                    self.env._(
                        "The applicant's id number is not valid. A person has 12 digits (9 on an old card), "
                        "an organisation a tax code of 10 or 13 digits. Please compare it with the paper in front of you."
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        # A form sends all its fields, also empty ones, and a column of the board begins with its own state.
        first_state = self.default_get(["state"])["state"]
        complete = [
            self._with_state_dates(self._with_number(self._with_clean_values({"state": first_state, **vals})))
            for vals in vals_list
        ]
        cases = super().create(complete)
        cases.filtered(lambda case: not case.document_ids)._make_documents()
        return cases

    def write(self, vals):
        vals = self._with_clean_values(vals)
        if "owner_id" in vals:
            # Writing the owner that a case has already must not put the number typed on it in question.
            same = self.filtered(lambda case: case.owner_id.id == vals["owner_id"])
            if same:
                rest = {name: value for name, value in vals.items() if name != "owner_id"}
                return all([(self - same).write(vals), same.write(rest)])
        vals = self._without_company(vals)
        if "procedure_id" in vals:
            changing = self.filtered(lambda case: case.procedure_id.id != vals["procedure_id"])
            changing._check_procedure_can_change()
        else:
            changing = self.browse()
        steps = self._begin_steps(vals)
        result = super().write(vals)
        if changing:
            # sudo: a clerk may not delete documents, but these are empty and of the wrong procedure.
            changing.document_ids.sudo().unlink()
            changing._make_documents()
        if "state" in vals:
            self._stamp_state_dates(vals["state"])
        self._end_steps(steps)
        return result

    def unlink(self):
        self._check_never_asked()
        # One by one through their own rules, which a cascade of the database would skip.
        self.document_ids.unlink()
        return super().unlink()

    def _check_never_asked(self):
        # sudo: the journal counts whoever may read it.
        if self.env["kho.dl.query"].sudo().search_count([("case_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "The national store was asked about this case, and the journal must keep its row. "
                    "The case cannot be deleted: mark it as stopped instead."
                )
            )

    @api.model
    def _with_clean_values(self, vals):
        if vals.get("owner_id_number"):
            return {**vals, "owner_id_number": clean_id_number(vals["owner_id_number"])}
        return vals

    @api.model
    def _with_number(self, vals):
        if vals.get("name", "/") != "/":
            return vals
        company = self._company_said(vals)
        # sudo: the case may be another office's, of which whoever receives it reads nothing.
        company = company.sudo()
        number = self.env["ir.sequence"].sudo().with_company(company).next_by_code("kho.dl.case")
        return {**vals, "name": f"{company._kho_dl_unit() or 'HS'}-{number}"}

    @api.model
    def _company_said(self, vals):
        """Return the company that `vals` of a new case name, or the user's; what is no id Odoo refuses itself."""
        said = vals.get("company_id")
        return self.env["res.company"].browse(said) if said and type(said) is int else self.env.company

    def _make_documents(self):
        self.env["kho.dl.case.document"].create(
            [
                {"case_id": case.id, "procedure_document_id": document.id}
                for case in self
                for document in case._asked_documents()
            ]
        )

    def _without_company(self, vals):
        if "company_id" in vals and any(case.company_id.id != vals["company_id"] for case in self):
            raise UserError(self.env._("A case stays with its company: its documents and journal belong there."))
        # Said again it is no news, and no reason to refuse a case whose applicant has moved to another company since.
        return {name: value for name, value in vals.items() if name != "company_id"}

    def _check_procedure_can_change(self):
        if self.document_ids.attachment_ids:
            raise UserError(
                self.env._(
                    "Files are attached to this case already, so its procedure stays as it is. "
                    "Open a new case for the other procedure."
                )
            )
        # sudo: the journal counts whoever may read it.
        if self.env["kho.dl.retrieval"].sudo().search_count([("case_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Files were requested for the documents of this case, and the journal must keep which, so its "
                    "procedure stays as it is. Open a new case for the other procedure, and mark this one as stopped."
                )
            )

    def action_kho_dl_retrieve(self):
        """Open the form that looks for existing papers of this case."""
        self.ensure_one()
        wizard = self.env["kho.dl.retrieve.wizard"].create({"case_id": self.id})
        return wizard._action_open()

    def action_view_queries(self):
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Questions to the national store"),
            "res_model": "kho.dl.query",
            "view_mode": "list,form",
            "domain": [("case_id", "=", self.id)],
        }

    def _local_papers_attached(self, documents):
        """Sum up on the chatter what came from our own store."""
        for case in self:
            case.message_post(
                body=bullet_list(
                    self.env._("Attached from our own store:"),
                    [
                        f"{document.name}: {document._origin_words()}"
                        for document in documents
                        if document.case_id == case
                    ],
                )
            )

    @api.model
    def _mixed_in(self):
        """Return the models of other applications that stand on cases."""
        models_ = [self.env[name] for name in self.pool.descendants(["kho.dl.case.mixin"], "_inherit")]
        return [model for model in models_ if not model._abstract]

    def _documents_attached(self, documents):
        """Tell the records of other applications that stand on these cases what arrived.

        Call it when the files are committed, through `commit_or_retry`.
        """
        # sudo: the files are there whether or not the clerk may write the other application's records.
        self = self.sudo()
        for model in self._mixed_in():
            for record in model.search([("kho_dl_case_id", "in", self.ids)]):
                own = documents.filtered(lambda document, record=record: document.case_id == record.kho_dl_case_id)
                record._call_documents_attached(own)
