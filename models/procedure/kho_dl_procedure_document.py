from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KhoDLProcedureDocument(models.Model):
    _name = "kho.dl.procedure.document"
    _description = "Document required by a procedure"
    _order = "procedure_id, sequence, id"
    _inherit = ["kho.dl.search.name", "kho.dl.kept"]

    procedure_id = fields.Many2one("kho.dl.procedure", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    code = fields.Char(help="Code of the document within the procedure")
    required = fields.Boolean(default=True)
    variant_ids = fields.Many2many(
        "kho.dl.procedure.variant",
        string="Asked for when",
        copy=False,
        domain="[('procedure_id', '=', procedure_id)]",
        help="Empty: asked for in all circumstances.",
    )
    form_name = fields.Char("Name of the form", help="The form that an applicant fills in, where there is one.")
    form_url = fields.Char("Address of the form")
    is_reusable = fields.Boolean(
        "Can be reused",
        default=True,
        help="Not ticked: no result of a procedure replaces this document, such as an application form.",
    )
    result_code_ids = fields.Many2many(
        "kho.dl.result.code",
        "kho_dl_procedure_document_result_code_rel",
        "procedure_document_id",
        "result_code_id",
        string="Accepted results",
        ondelete="restrict",
        help="National result codes that satisfy this document. Without any, the document has to be handed in.",
    )
    substitute_code_ids = fields.Many2many(
        "kho.dl.result.code",
        "kho_dl_procedure_document_substitute_rel",
        "procedure_document_id",
        "result_code_id",
        string="Accepted in its place",
        ondelete="restrict",
        help="Those of the accepted results that are another paper than the document itself. "
        "The portal is told so when one of them is used.",
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True, precompute=True, index=True)
    active = fields.Boolean(default=True)

    @api.constrains("variant_ids", "procedure_id")
    def _check_variants(self):
        for document in self:
            if strangers := document.variant_ids - document.procedure_id.with_context(active_test=False).variant_ids:
                raise ValidationError(
                    self.env._("“%s” does not belong to the procedure of this document.", strangers[0].name)
                )

    @api.constrains("substitute_code_ids", "result_code_ids")
    def _check_substitutes(self):
        for document in self:
            if document.substitute_code_ids - document.result_code_ids:
                raise ValidationError(
                    self.env._(
                        "What is accepted in place of “%s” must be among its accepted results, too.", document.name
                    )
                )
