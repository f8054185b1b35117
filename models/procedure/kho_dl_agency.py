from odoo import fields, models


class KhoDLAgency(models.Model):
    """An agency that carries out procedures, as the national catalogue lists it, for all companies (wire §7).

    Not a security server: many agencies stand behind one, and most procedures are a district's or a commune's.
    """

    _name = "kho.dl.agency"
    _description = "Agency that carries out procedures"
    _order = "name, id"
    _inherit = ["kho.dl.catalogued"]
    _procedure_field = "agency_ids"

    code = fields.Char(help="National code of the agency, e.g. H46.12")
    level = fields.Char(help="Level of administration, as the national catalogue puts it.")

    _code_uniq = models.Constraint("unique(code)", "This agency exists already.")
