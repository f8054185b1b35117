from odoo import api, models

from .kho_dl_guarded import check_links, with_ids


class ResPartner(models.Model):
    """Who belongs to a contact is told its name and address: nobody is put below one that their maker may not read."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            # By a default of the caller's, too.
            self._kho_dl_check_below([*vals_list, self.default_get(["child_ids"])])
        contacts = super().create([with_ids(self, vals) for vals in vals_list])
        contacts._kho_dl_check_parent()
        return contacts

    def write(self, vals):
        self._kho_dl_check_below([vals])
        result = super().write(with_ids(self, vals))
        if "parent_id" in vals:
            self._kho_dl_check_parent()
        return result

    def onchange(self, values, field_names, fields_spec):
        # Whichever contacts a form begins with or is given: Odoo tells their names as superuser. Not those that it found itself, and
        # that come back with the next thing that is typed.
        links = (field for field in self._fields.values() if field.comodel_name == self._name and not field.readonly)
        names = {field.name for field in links} - {"child_ids"}
        defaults = {} if self or self.env.su else self.default_get(list(names - values.keys()))
        named = {**defaults, **values}
        check_links(self, [{name: named[name] for name in names & named.keys()}])
        return super().onchange(values, field_names, fields_spec)

    def _kho_dl_check_below(self, vals_list):
        # A list of lines is written as they are: Odoo asks for no right on what is put into it.
        check_links(self, [{"child_ids": vals["child_ids"]} for vals in vals_list if vals.get("child_ids")])

    def _kho_dl_check_parent(self):
        if not self.env.su:
            # sudo: which contacts these belong to, to look at the rights on those.
            self.sudo().parent_id.sudo(False).check_access("read")
