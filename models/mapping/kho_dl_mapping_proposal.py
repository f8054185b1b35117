from odoo import api, fields, models
from odoo.exceptions import UserError

from .mapping_match import is_form


class KhoDLMappingProposal(models.Model):
    """What a clerk at the counter says a required document is; an administrator decides."""

    _name = "kho.dl.mapping.proposal"
    _description = "Proposal of a mapping"
    _order = "id desc"
    _rec_name = "document_id"

    document_id = fields.Many2one(
        "kho.dl.procedure.document", required=True, readonly=True, index=True, ondelete="cascade"
    )
    result_code_id = fields.Many2one("kho.dl.result.code", required=True, readonly=True, ondelete="cascade")
    user_id = fields.Many2one("res.users", "Proposed by", required=True, readonly=True, ondelete="cascade")
    company_id = fields.Many2one(related="document_id.company_id", store=True, precompute=True, index=True)

    _once = models.Constraint("unique(document_id, result_code_id, user_id)", "You proposed this already.")

    @api.model
    def _propose(self, document, code):
        """Record that the current user takes `document` for the result `code`, and put it before the administrator."""
        # sudo: proposals are recorded by this code only; a document is looked at again.
        proposals = self.sudo()
        values = {"document_id": document.id, "result_code_id": code.id, "user_id": self.env.uid}
        known = proposals.search([(name, "=", value) for name, value in values.items()], limit=1)
        if not known:
            proposals.create(values)
            document.sudo().is_mapping_skipped = False
            document.sudo()._look_anew()


class KhoDLCaseDocument(models.Model):
    _inherit = "kho.dl.case.document"

    mapping_state = fields.Selection(related="procedure_document_id.mapping_state", related_sudo=False)
    is_form = fields.Boolean(compute="_compute_is_form", help="The applicant writes it: no office has it already.")

    @api.depends("procedure_document_id.form_name", "procedure_document_id.form_url", "name")
    def _compute_is_form(self):
        for document in self:
            required = document.procedure_document_id
            document.is_form = bool(required.form_name or required.form_url) or is_form(document.name or "")

    def action_propose_result(self, result_code_id):
        """Propose that this document, which nobody has mapped, is the result `result_code_id`; returns a notification."""
        self.ensure_one()
        self.check_access("write")
        code = self.env["kho.dl.result.code"]._chosen(result_code_id)
        if not code:
            raise UserError(self.env._("Choose the result first."))
        self.env["kho.dl.mapping.proposal"]._propose(self.procedure_document_id, code)
        thanks = self.env._(
            "Thank you. An administrator decides about it; from then on this document can be looked for. "
            "Until then the applicant hands it in."
        )
        if not self.procedure_document_id.company_id:
            thanks = self.env._(
                "Thank you. The procedure is one of all companies: a system administrator decides about it; from then "
                "on this document can be looked for. Until then the applicant hands it in."
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": thanks,
            },
        }
