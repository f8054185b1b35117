from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..common.text import plain, words_sought

# A city with its wards and departments has some hundreds; so many are looked at without marks.
_MOST_OFFICES = 5000


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
    # Cases tell of an office also when it is no more; nobody finds it in a list then.
    active = fields.Boolean(readonly=True)
    code = fields.Char("Unit code", readonly=True)
    root_company_id = fields.Many2one("res.company", "Agency with its branches", readonly=True)

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT id, name, active, kho_dl_unit_code AS code,
                   split_part(parent_path, '/', 1)::integer AS root_company_id
              FROM res_company
            """
        )

    @api.depends("name", "code")
    def _compute_display_name(self):
        for office in self:
            office.display_name = f"{office.name} ({office.code})" if office.code else office.name

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if not (words := words_sought(operator, value)):
            return domain
        # All are looked at, without marks.
        named = self.search([], limit=_MOST_OFFICES).filtered(
            lambda office: all(word in plain(office.display_name) for word in words)
        )
        return Domain(domain) | Domain("id", "in", named.ids)

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        if not isinstance(name, str) or not plain(name):
            return super().name_search(name, domain, operator, limit)
        found = super().name_search(name, domain, operator, None)
        offices = self.browse([number for number, _name in found])
        places = {office.id: office._place_among_found(name) for office in offices}
        return sorted(found, key=lambda one: places[one[0]])[:limit]

    def _place_among_found(self, asked):
        """Return how far from the front this office stands of those that were found for `asked`: who types all of it means it."""
        words, own = plain(asked), plain(self.name)
        has_marks = asked.strip().casefold() in self.display_name.casefold()
        if words in (own, plain(self.code or "")):
            nearness = 0
        elif own.endswith(f" {words}"):
            # "xã", "phường" and the like stand before the name.
            nearness = 1
        else:
            nearness = 2 if f" {words} " in f" {own} " else 3
        return nearness, not has_marks
