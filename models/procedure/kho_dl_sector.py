from odoo import fields, models


class KhoDLSector(models.Model):
    """A field of administration (lĩnh vực), for all companies (wire §7)."""

    _name = "kho.dl.sector"
    _description = "Field of administration"
    _order = "name, id"
    _inherit = ["kho.dl.catalogued"]
    _procedure_field = "sector_id"

    code = fields.Char(help="National code of the field, e.g. G15-LV01")

    _code_uniq = models.Constraint("unique(code)", "This field exists already.")
