from odoo import api, fields, models

from .own_fields import check_only


class KhoDLRetrieveWizardDocument(models.TransientModel):
    """A required document as the form shows it: what is known about it, and the number to ask with."""

    _name = "kho.dl.retrieve.wizard.document"
    _description = "Required document in the retrieval form"
    _inherit = ["kho.dl.guarded"]
    _order = "wizard_id, id"

    wizard_id = fields.Many2one("kho.dl.retrieve.wizard", required=True, index=True, ondelete="cascade")
    case_document_id = fields.Many2one("kho.dl.case.document", required=True, readonly=True, ondelete="cascade")
    name = fields.Char(related="case_document_id.name", related_sudo=False)
    required = fields.Boolean(related="case_document_id.required", related_sudo=False)
    needs_number = fields.Boolean(related="case_document_id.needs_number", related_sudo=False)
    mapping_state = fields.Selection(related="case_document_id.mapping_state", related_sudo=False)
    paper_number = fields.Char(related="case_document_id.paper_number", related_sudo=False, readonly=False)
    is_missing = fields.Boolean(compute="_compute_plan")
    plan = fields.Selection(
        [
            ("attached", "On the case"),
            ("other_number", "Fetched for another number"),
            ("fetching", "Being fetched"),
            ("local", "In our own store"),
            ("number", "Type the number to ask"),
            ("ask", "Will be asked for"),
            ("found", "Found"),
            ("none", "None exists: ask the applicant"),
            ("no_file", "Known, but without a file: ask the applicant"),
            ("failed", "Could not ask"),
            ("hand_in", "To be handed in"),
        ],
        compute="_compute_plan",
    )

    def write(self, vals):
        check_only(self, vals, {"paper_number"})
        return super().write(vals)

    @api.depends(
        "case_document_id.status",
        "case_document_id.national_outcome",
        "case_document_id.paper_number",
        "wizard_id.line_ids.case_document_id",
        "wizard_id.line_ids.selected",
        "wizard_id.query_id",
    )
    def _compute_plan(self):
        for document in self:
            document.plan = document._plan()
            document.is_missing = document.plan in ("number", "ask", "found", "none", "no_file", "failed")

    def _plan(self):
        case_document = self.case_document_id
        own_lines = self.wizard_id.line_ids.filtered(lambda line: line.case_document_id == case_document)
        if case_document.status in ("attached", "other_number", "fetching"):
            return case_document.status
        local_lines = own_lines.filtered(lambda line: line.source == "local")
        if "national" not in own_lines.mapped("source") and any(local_lines.mapped("selected")):
            return "local"
        national_lines = own_lines.filtered(lambda line: line.source == "national")
        if national_lines:
            return "found" if any(national_lines.mapped("file_count")) else "no_file"
        if not case_document.result_code_ids:
            return "hand_in"
        if self.wizard_id.query_id and case_document.national_outcome:
            return case_document.national_outcome
        return "ask" if self._codes() else "number"

    def _codes(self):
        """Return [(result code record, paper number or "")] that can be asked for this document."""
        number = (self.paper_number or "").strip()
        return [
            (code, number if code.holds_many else "")
            for code in self.case_document_id.result_code_ids.filtered("active")
            if number or not code.holds_many
        ]
