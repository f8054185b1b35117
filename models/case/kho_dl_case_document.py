from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import clean_context

SOURCES = [("upload", "Handed in"), ("local", "Our own store"), ("national", "National store")]
OUTCOMES = [("found", "Found"), ("none", "None exists"), ("failed", "Could not ask")]
# What a store knows of one document: it may know a paper and not have it.
ANSWERS = [*OUTCOMES, ("no_file", "Known, but without a file")]
# What this code records about a document; whoever could write it could forge where a paper came from, or give it to
# another person or office.
_RECORDED_FIELDS = {
    "case_id",
    "company_id",
    "procedure_document_id",
    "origin_document_id",
    "origin_paper_id",
    "recorded_attachment_ids",
    "source",
    "is_not_had",
}
_PROVENANCE = "provenance_"


class KhoDLCaseDocument(models.Model):
    _name = "kho.dl.case.document"
    _description = "Required document of a case"
    _inherit = ["kho.dl.kept", "kho.dl.held", "kho.dl.guarded"]
    _order = "case_id, sequence, id"
    _is_read_whole = True

    case_id = fields.Many2one("kho.dl.case", required=True, index=True, ondelete="cascade")
    procedure_document_id = fields.Many2one(
        "kho.dl.procedure.document", "Required document", required=True, index=True, ondelete="restrict"
    )
    name = fields.Char(related="procedure_document_id.name", related_sudo=False)
    sequence = fields.Integer(related="procedure_document_id.sequence", store=True, precompute=True)
    required = fields.Boolean(related="procedure_document_id.required", related_sudo=False)
    result_code_ids = fields.Many2many(related="procedure_document_id.result_code_ids", related_sudo=False)
    is_case_open = fields.Boolean(related="case_id.is_open", related_sudo=False)
    needs_number = fields.Boolean(compute="_compute_needs_number")
    paper_number = fields.Char(
        help="Number printed on the paper. Needed where a person can hold several of that paper."
    )
    source = fields.Selection(SOURCES, readonly=True, copy=False)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        "kho_dl_case_document_attachment_rel",
        "case_document_id",
        "attachment_id",
        string="Files",
        copy=False,
        bypass_search_access=True,
    )
    # Those files that this code attached: what a clerk puts beside or in their place is handed in.
    recorded_attachment_ids = fields.Many2many(
        "ir.attachment",
        "kho_dl_case_document_recorded_attachment_rel",
        "case_document_id",
        "attachment_id",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    status = fields.Selection(
        [
            ("attached", "On the case"),
            ("other_number", "Fetched for another number"),
            ("fetching", "Being fetched"),
            ("not_asked", "Not looked for yet"),
            ("fetchable", "Can be fetched"),
            ("none", "Not there"),
            ("no_file", "Known, but without a file"),
            ("failed", "Could not be asked"),
            ("hand_in", "To be handed in"),
        ],
        compute="_compute_status",
    )
    national_outcome = fields.Selection(ANSWERS, "Answer of the national store", compute="_compute_national_outcome")
    asked_on = fields.Datetime(
        "Answer of", compute="_compute_national_outcome", help="When the national store was asked for it last."
    )
    asked_words = fields.Char("Asked on", compute="_compute_asked_words")
    retrieval_ids = fields.One2many("kho.dl.retrieval", "case_document_id", "Fetched files", readonly=True)
    company_id = fields.Many2one(related="case_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(related="case_id.held_by_id", store=True, precompute=True, index="btree_not_null")

    # Provenance of what was attached last; each file's own is on its retrieval.
    provenance_agency_code = fields.Char("Agency code", readonly=True, copy=False)
    provenance_agency = fields.Char("Issued by", readonly=True, copy=False)
    provenance_result_code_id = fields.Many2one(
        "kho.dl.result.code", "Result code", readonly=True, copy=False, ondelete="restrict"
    )
    provenance_paper_name = fields.Char("Paper", readonly=True, copy=False)
    provenance_paper_number = fields.Char("Number on the paper", readonly=True, copy=False)
    provenance_time = fields.Datetime("Attached on", readonly=True, copy=False)
    provenance_sha256 = fields.Text(
        "SHA-256", readonly=True, copy=False, help="One line for each file, in the order they were attached."
    )

    _once_on_a_case = models.Constraint(
        "unique(case_id, procedure_document_id)", "This document is on the case already."
    )

    @api.constrains("case_id", "procedure_document_id")
    def _check_procedure(self):
        for document in self:
            if document.procedure_document_id.procedure_id != document.case_id.procedure_id:
                raise ValidationError(
                    self.env._("“%s” is not a document of this case's procedure.", document.procedure_document_id.name)
                )

    @api.depends("result_code_ids.holds_many")
    def _compute_needs_number(self):
        for document in self:
            document.needs_number = any(document.result_code_ids.mapped("holds_many"))

    @api.depends("paper_number", "case_id.query_ids.outcome", "case_id.query_ids.asked")
    def _compute_national_outcome(self):
        # sudo: what the store answered is a fact about the document, whoever asked.
        for document, privileged in zip(self, self.sudo(), strict=True):
            answers = ((query._answer_for(document), query.asked_on) for query in privileged.case_id.query_ids)
            document.national_outcome, document.asked_on = next(
                (answer for answer in answers if answer[0]), (False, False)
            )

    @api.model_create_multi
    def create(self, vals_list):
        # A default in the caller's context is typed in, too.
        self = self.with_context(clean_context(self.env.context))
        for vals in vals_list:
            self._check_not_forged(vals, allowed={"case_id", "procedure_document_id"})
        documents = super().create(vals_list)
        with_files = documents.filtered("attachment_ids")
        for document in with_files:
            document._check_files_changed(document.attachment_ids.browse())
        with_files._adopt_uploads()
        return documents

    def write(self, vals):
        self._check_not_forged(vals)
        before = {document: document.attachment_ids for document in self} if "attachment_ids" in vals else {}
        result = super().write(vals)
        if "attachment_ids" in vals:
            for document, files in before.items():
                document._check_files_changed(files)
            present = self.env["ir.attachment"].union(*before.values()).exists()
            self._drop_removed(
                {document: (files - document.attachment_ids) & present for document, files in before.items()}
            )
            self._adopt_uploads()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_files(self):
        if self.attachment_ids:
            raise UserError(self.env._("This document has files. Remove them first."))

    def action_view_details(self):
        """Open this document with everything that is known about where its files come from."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": self._name,
            "res_id": self.id,
            "views": [(False, "form")],
            "target": "new",
        }

    def _check_not_forged(self, vals, allowed=()):
        """Let people change a document's number and files, and nothing of what is recorded about them."""
        if self.env.su:
            return
        if vals.get("source") == "upload" and all(document.source in (False, "upload") for document in self):
            # True of what a clerk hands in, and recorded anyway.
            allowed = {*allowed, "source"}
        if any(name in _RECORDED_FIELDS - set(allowed) or name.startswith(_PROVENANCE) for name in vals):
            raise AccessError(self.env._("Where a paper came from is recorded by the system and cannot be changed."))

    def _adopt_uploads(self):
        """Make uploaded files follow the access rules of this document, and record where they came from."""
        for document in self:
            document._take_files()
            # sudo: which files were recorded is for this code only.
            recorded = document.sudo().recorded_attachment_ids
            files = document.attachment_ids
            if not files or (document.source not in (False, "upload") and not recorded & files):
                document._clear_provenance()
            if not files:
                continue
            self.env["kho.dl.file.check"]._check_unchecked(document, files - recorded)
            if not document.source:
                # sudo: provenance is recorded by this code only.
                document.sudo().write({"source": "upload", "provenance_time": fields.Datetime.now()})
        self._files_changed()

    def _write_below_the_guard(self, vals):
        # No flag in the context opens the guard: a remote caller could set it.
        return super().write(vals)  # pylint: disable=super-method-mismatch

    def _drop_removed(self, leaving):
        """Delete files that were taken off documents, {document: attachments}, and that belong nowhere else; the journal
        keeps a copy.

        A file that is gone can be fetched again; one that merely lost its link would block that.
        """
        self._note_removed(leaving)
        own = self.env["ir.attachment"].union(
            *(
                files.filtered(
                    lambda file, document=document: (file.res_model, file.res_id) == (self._name, document.id)
                )
                for document, files in leaving.items()
            )
        )
        own.unlink()

    def _clear_provenance(self):
        fields_to_clear = ["source", "origin_document_id", "origin_paper_id"] + [
            name for name in self._fields if name.startswith(_PROVENANCE)
        ]
        # sudo: provenance is recorded by this code only.
        self.sudo().write(dict.fromkeys(fields_to_clear, False))

    def _attach(self, attachments, provenance):
        """Add `attachments` with `provenance`, as `_note_provenance` takes it."""
        links = [Command.link(attachment.id) for attachment in attachments]
        # sudo: what this code attached is recorded by it only.
        self.sudo().write({"attachment_ids": links, "recorded_attachment_ids": links})
        self._note_provenance(provenance)

    def _note_provenance(self, provenance):
        """Record `provenance`, values of this model, of files that were added; hashes pile up, one line a file."""
        self.ensure_one()
        hashes = [self.provenance_sha256, provenance.get("provenance_sha256")]
        # sudo: provenance is recorded by this code only.
        self.sudo().write(
            {
                **provenance,
                "provenance_time": fields.Datetime.now(),
                "provenance_sha256": "\n".join(filter(None, hashes)),
            }
        )
