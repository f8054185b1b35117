from odoo import api, fields, models
from odoo.tools import SQL


class KhoDLOffice(models.Model):
    """The offices of an agency by name and code, and nothing else of them: so that a clerk can say whose a case is.

    Companies themselves are read by those only who work there. A row has the id of its company.
    """

    _name = "kho.dl.office"
    _description = "Office of an agency"
    _auto = False
    _order = "name, id"
    _rec_names_search = ["name", "code"]
    _depends = {"res.company": ["name", "kho_dl_unit_code", "parent_path", "active"]}

    name = fields.Char("Name of the office", readonly=True)
    code = fields.Char("Unit code", readonly=True)
    root_company_id = fields.Many2one("res.company", "Agency with its branches", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, name, kho_dl_unit_code AS code, split_part(parent_path, '/', 1)::integer AS root_company_id
              FROM res_company
             WHERE active
            """
        )

    @api.depends("name", "code")
    def _compute_display_name(self):
        for office in self:
            office.display_name = f"{office.name} ({office.code})" if office.code else office.name
