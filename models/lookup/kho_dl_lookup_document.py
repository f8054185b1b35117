from odoo import api, fields, models

from ..common.own_fields import check_only

# What stands because the national store was asked.
_ANSWERED = ("found", "none", "no_file", "failed")


class KhoDLLookupDocument(models.Model):
    """A required document in a lookup: what is known about it, and the number to ask with."""

    _name = "kho.dl.lookup.document"
    _description = "Required document in a lookup"
    _inherit = ["kho.dl.guarded", "kho.dl.placed"]
    _is_made_by_code = True
    _is_read_whole = True
    _order = "lookup_id.id, id"
    _rec_name = "case_document_id"

    lookup_id = fields.Many2one("kho.dl.lookup", required=True, readonly=True, index=True, ondelete="cascade")
    company_id = fields.Many2one(related="lookup_id.company_id", store=True, precompute=True, index=True)
    held_by_id = fields.Many2one(related="lookup_id.held_by_id", store=True, precompute=True, index="btree_not_null")
    case_document_id = fields.Many2one(
        "kho.dl.case.document", required=True, readonly=True, index=True, ondelete="cascade"
    )
    # The question that asked for it last.
    query_id = fields.Many2one("kho.dl.query", readonly=True, index="btree_not_null", ondelete="cascade")
    name = fields.Char(related="case_document_id.name", related_sudo=False)
    required = fields.Boolean(related="case_document_id.required", related_sudo=False)
    needs_number = fields.Boolean(related="case_document_id.needs_number", related_sudo=False)
    mapping_state = fields.Selection(related="case_document_id.mapping_state", related_sudo=False)
    paper_number = fields.Char(related="case_document_id.paper_number", related_sudo=False, readonly=False)
    is_missing = fields.Boolean(compute="_compute_plan")
    is_form = fields.Boolean(related="case_document_id.is_form", related_sudo=False)
    answered_words = fields.Char(compute="_compute_answered_words")
    failed_words = fields.Text(compute="_compute_answered_words")
    plan = fields.Selection(
        [
            ("attached", "On the case"),
            ("other_number", "Fetched for another number"),
            ("fetching", "Being fetched"),
            ("local", "In our own store"),
            ("number", "Type the number to ask"),
            ("ask", "Not looked for yet"),
            ("found", "Can be fetched"),
            ("none", "Not there: ask the applicant"),
            ("no_file", "Known, but without a file: ask the applicant"),
            ("failed", "Could not be asked"),
            ("hand_in", "To be handed in"),
        ],
        compute="_compute_plan",
    )

    def write(self, vals):
        check_only(self, vals, {"paper_number"})
        return super().write(vals)

    @api.depends(
        "case_document_id.status",
        "case_document_id.paper_number",
        "lookup_id.case_id.owner_id_number",
        "lookup_id.candidate_ids.case_document_id",
        "lookup_id.candidate_ids.selected",
        "query_id.asked",
    )
    def _compute_plan(self):
        self.case_document_id._note_without_files()
        for document in self:
            document.plan = document._plan()
            document.is_missing = document.plan in ("number", "ask", "found", "none", "no_file", "failed")

    @api.depends("plan", "query_id", "lookup_id.is_said_on_line")
    @api.depends_context("tz", "lang")
    def _compute_answered_words(self):
        for document in self:
            query, plan = document.query_id, document.plan
            document.answered_words = plan in _ANSWERED and self.env._(
                "asked at %(time)s", time=document.lookup_id._clock(query.asked_on)
            )
            document.failed_words = plan == "failed" and document.lookup_id.is_said_on_line and query.message

    def _plan(self):
        case_document = self.case_document_id
        own = self.lookup_id.candidate_ids.filtered(lambda candidate: candidate.case_document_id == case_document)
        if case_document._is_provided_for():
            return case_document.status
        national = own.filtered(lambda candidate: candidate.source == "national")
        if not national and any(own.mapped("selected")):
            return "local"
        if not case_document.result_code_ids:
            return "hand_in"
        # Of this number: with another one typed since it is asked for again.
        outcome = self.query_id._outcome_for(case_document) if self.query_id else False
        if outcome == "found" and not any(national.mapped("file_count")):
            return "no_file"
        return outcome or ("ask" if self._codes() else "number")

    def _codes(self):
        """Return [(result code record, paper number or "")] that can be asked for this document."""
        number = (self.paper_number or "").strip()
        return [
            (code, number if code.holds_many else "")
            for code in self.case_document_id.result_code_ids.filtered("active")
            if number or not code.holds_many
        ]
