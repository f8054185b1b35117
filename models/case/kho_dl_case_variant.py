from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KhoDLCase(models.Model):
    """Which of a procedure's documents a case asks for, where that depends on the applicant's circumstances."""

    _inherit = "kho.dl.case"

    has_variants = fields.Boolean("Several circumstances", compute="_compute_has_variants")
    variant_id = fields.Many2one(
        "kho.dl.procedure.variant",
        "Circumstances",
        compute="_compute_variant_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="restrict",
        domain="[('procedure_id', '=', procedure_id)]",
        help="The procedure asks for other documents in other circumstances.",
    )

    @api.depends("procedure_id.variant_ids")
    def _compute_has_variants(self):
        for case in self:
            case.has_variants = len(case.procedure_id.variant_ids) > 1

    @api.depends("procedure_id")
    def _compute_variant_id(self):
        for case in self:
            if case.variant_id.procedure_id != case.procedure_id:
                case.variant_id = case.procedure_id.variant_ids[:1]

    @api.constrains("variant_id", "procedure_id")
    def _check_variant(self):
        for case in self:
            if case.variant_id and case.variant_id.procedure_id != case.procedure_id:
                raise ValidationError(
                    self.env._("“%s” does not belong to the procedure of this case.", case.variant_id.name)
                )

    def write(self, vals):
        result = super().write(vals)
        if "variant_id" in vals:
            self._fit_documents()
        return result

    def _asked_documents(self):
        """Return the documents of the procedure that this case asks for."""
        self.ensure_one()
        return self.procedure_id.document_ids.filtered(
            lambda document: not document.variant_ids or self.variant_id in document.variant_ids
        )

    def _fit_documents(self):
        """Bring the documents of these cases in line with their circumstances; what has files or a history stays."""
        missing = []
        for case in self:
            asked = case._asked_documents()
            strays = case.document_ids.filtered(
                lambda document, asked=asked: (
                    document.procedure_document_id not in asked
                    and not document.attachment_ids
                    and not document.retrieval_ids
                )
            )
            # sudo: a clerk may not delete documents, but these are empty and not asked for any more.
            strays.sudo().unlink()
            missing += [(case, document) for document in asked - case.document_ids.procedure_document_id]
        self.env["kho.dl.case.document"].create(
            [{"case_id": case.id, "procedure_document_id": document.id} for case, document in missing]
        )
