from odoo import fields, models


class KhoDLFileKind(models.Model):
    """A kind of file that can be accepted; which are, says each company."""

    _name = "kho.dl.file.kind"
    _description = "Kind of file"
    _inherit = ["kho.dl.cached"]
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    mimetypes = fields.Char(required=True, help="Media types, with spaces.")
    sequence = fields.Integer(default=10)
