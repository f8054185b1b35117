from odoo import api, fields, models
from odoo.exceptions import ValidationError


class KhoDLCase(models.Model):
    """Who received a case: somebody of its company, because the national store is told this officer's own number."""

    _inherit = "kho.dl.case"

    officer_id = fields.Many2one(domain="[('share', '=', False), ('company_ids', 'in', company_id)]")

    @api.model_create_multi
    def create(self, vals_list):
        cases = super().create(vals_list)
        cases._check_officer()
        return cases

    def write(self, vals):
        result = super().write(vals)
        if "officer_id" in vals:
            self._check_officer()
        return result

    def _check_officer(self):
        # Imports and other applications that work as superuser say who it was: a constraint could not tell them.
        if self.env.su:
            return
        for case in self:
            # sudo: the companies of a colleague.
            officer = case.officer_id.sudo()
            if officer and case.company_id not in officer.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(officer)s does not work for %(company)s. Choose a receiving officer of this company.",
                        officer=officer.name,
                        company=case.company_id.name,
                    )
                )
