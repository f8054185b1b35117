from odoo import api, models
from odoo.exceptions import AccessDenied, UserError
from odoo.tools import SQL


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _auth_oauth_validate(self, provider, access_token):
        # Odoo's own way takes a token from whoever brings one, also one that was given to another site.
        # sudo: nobody has signed in yet.
        if self.env["auth.oauth.provider"].browse(provider).sudo().kho_dl_company_id:
            raise AccessDenied()
        return super()._auth_oauth_validate(provider, access_token)

    def reset_password(self, login):
        # Their address an officer typed, perhaps that of who helped with a form: no mailbox opens what a provider vouches for.
        users = self.browse()
        # What no account can be called Odoo refuses itself.
        if isinstance(login, str) and "\0" not in login:
            users = self.search(self._get_login_domain(login)) or self.search(self._get_email_domain(login))
        vouched = users.sudo().filtered(lambda user: user.oauth_provider_id.kho_dl_company_id)
        nothing = SQL("SELECT FROM res_users WHERE id = ANY(%s) AND COALESCE(password, '') = ''", vouched.ids)
        if self.env.execute_query(nothing):
            raise UserError(self.env._("This account has no password: sign in as you did before. Nothing was sent."))
        return super().reset_password(login)
