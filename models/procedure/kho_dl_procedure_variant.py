from odoo import fields, models


class KhoDLProcedureVariant(models.Model):
    """The circumstances (trường hợp) in which a procedure asks for documents of their own (wire §7)."""

    _name = "kho.dl.procedure.variant"
    _description = "Circumstances of a procedure"
    _inherit = ["kho.dl.search.name", "kho.dl.kept"]
    _order = "procedure_id, sequence, id"

    procedure_id = fields.Many2one("kho.dl.procedure", required=True, index=True, ondelete="cascade")
    sequence = fields.Integer(default=10)
    catalogue_name = fields.Char(
        "Name in the national catalogue", readonly=True, copy=False, help="By which a name changed here is known."
    )
    company_id = fields.Many2one(related="procedure_id.company_id", store=True, precompute=True, index=True)
    active = fields.Boolean(default=True)

    def _named(self, names):
        """Return those of these circumstances that the catalogue, or a person, calls one of `names`."""
        return self.filtered(lambda variant: (variant.catalogue_name or variant.name) in names)
