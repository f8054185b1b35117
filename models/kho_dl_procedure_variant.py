from odoo import fields, models


class KhoDLProcedureVariant(models.Model):
    """The circumstances (trường hợp) in which a procedure asks for documents of their own (wire §7)."""

    _name = "kho.dl.procedure.variant"
    _description = "Circumstances of a procedure"
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one("kho.dl.procedure", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    name = fields.Char(required=True)
    company_id = fields.Many2one(related="procedure_id.company_id", store=True, index=True)
    active = fields.Boolean(default=True)
