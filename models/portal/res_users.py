from odoo import api, models
from odoo.exceptions import AccessDenied


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _auth_oauth_validate(self, provider, access_token):
        # Odoo's own way takes a token from whoever brings one, also one that was given to another site.
        # sudo: nobody has signed in yet.
        if self.env["auth.oauth.provider"].browse(provider).sudo().kho_dl_company_id:
            raise AccessDenied()
        return super()._auth_oauth_validate(provider, access_token)
