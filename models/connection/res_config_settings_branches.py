from odoo import api, fields, models
from odoo.exceptions import UserError

from ..common.kho_dl_guarded import check_one
from .res_company_secrets import SECRETS


class ResConfigSettings(models.TransientModel):
    """Whose settings a branch has, and which secrets come from outside the database."""

    _inherit = "res.config.settings"

    # Of a branch: {group: {"from": whose they are, "above": whom it would follow, "is_own": bool}}
    kho_dl_followed = fields.Json("Whose settings these are", compute="_compute_kho_dl_followed")
    kho_dl_unit_above = fields.Char("Unit code of the company above", compute="_compute_kho_dl_followed")
    # {name of a field: words}
    kho_dl_outside = fields.Json("From outside the database", compute="_compute_kho_dl_outside")

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._kho_dl_write_at_once(vals)
        return super().create(vals_list)

    def _kho_dl_write_at_once(self, vals):
        """Write to the company together what Odoo would field by field: a key file and its password, for all branches."""
        own = self._fields["company_id"]
        company = (
            own.convert_to_record(own.convert_to_cache(vals["company_id"], self), self)
            if vals.get("company_id")
            else self.env.company
        )
        changed = {}
        for name in vals.keys() & self._fields.keys():
            field = self._fields[name]
            is_ours = (field.related or "").startswith("company_id.kho_dl_") and not field.readonly
            if is_ours and company[name] != field.convert_to_record(field.convert_to_cache(vals[name], self), self):
                changed[name] = vals[name]
        if changed:
            company.write(changed)

    @api.depends("company_id")
    def _compute_kho_dl_followed(self):
        for settings in self:
            # sudo: of the companies above only what they are called is told, and the code that the branch sends.
            company = settings.company_id.sudo()
            above = company.parent_id
            settings.kho_dl_unit_above = (above and above._kho_dl_unit()) or self.env._("e.g. H46")
            settings.kho_dl_followed = above and {
                group: {
                    "from": company._kho_dl_source(group).name,
                    "above": above._kho_dl_source(group).name,
                    "is_own": company._kho_dl_source(group) == company,
                }
                for group in company._kho_dl_setting_groups()
            }

    @api.depends("company_id")
    def _compute_kho_dl_outside(self):
        for settings in self:
            found = {name: settings.company_id._kho_dl_outside(name) for name in SECRETS}
            settings.kho_dl_outside = {
                name: self._kho_dl_outside_words(outside) for name, outside in found.items() if outside
            }

    def _kho_dl_outside_words(self, outside):
        if outside.is_shared:
            return self.env._(
                "%s names several offices, so none of them gets it: give each office a unit code of its own.",
                outside.name,
            )
        if outside.problem:
            return self.env._(
                "%(name)s names a file that cannot be read: %(reason)s.", name=outside.name, reason=outside.problem
            )
        return self.env._("Comes from %s, outside the database.", outside.name)

    def action_kho_dl_follow(self, group):
        """Give the branch the settings of `group` of the company above again."""
        self._kho_dl_checked(group)._kho_dl_follow(group)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def action_kho_dl_differ(self, group):
        """Let the branch keep its settings of `group`, whatever is changed in the company above."""
        self._kho_dl_checked(group)._kho_dl_differ(group)
        return {"type": "ir.actions.client", "tag": "soft_reload"}

    def _kho_dl_checked(self, group):
        """Return the company of the form. Raises UserError for what is no group of settings, AccessError as usual."""
        check_one(self)
        self.company_id.check_access("write")
        if group not in self.company_id._kho_dl_setting_groups():
            raise UserError(self.env._("There are no such settings."))
        return self.company_id
