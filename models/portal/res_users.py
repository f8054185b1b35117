from contextlib import contextmanager
from datetime import timedelta
from functools import partial

from odoo import api, models
from odoo.exceptions import AccessDenied, UserError
from odoo.tools import SQL

from ..common.after_answer import after_answer, is_answer_awaited

# So often a day anybody has a mail with the way to a new password sent to an account.
_MOST_MAILS, _DAY = 5, timedelta(days=1)


class ResUsers(models.Model):
    _inherit = "res.users"

    @api.model
    def _auth_oauth_validate(self, provider, access_token):
        # Odoo's own way takes a token from whoever brings one, also one that was given to another site.
        # sudo: nobody has signed in yet.
        if self.env["auth.oauth.provider"].browse(provider).sudo().kho_dl_company_id:
            raise AccessDenied()
        return super()._auth_oauth_validate(provider, access_token)

    @contextmanager
    def _assert_can_auth(self, user=None):
        with super()._assert_can_auth(user=user):
            try:
                yield
            except AccessDenied:
                # A wrong password takes its time: who has none would be told from who has one. By its login alone, as Odoo looks:
                # a mail address is none. sudo: nobody has signed in yet.
                if isinstance(user, str) and not (
                    self.sudo().search(self._get_login_domain(user))._kho_dl_with_password()
                ):
                    # Not what was typed, of which too much is refused.
                    self._crypt_context().hash("")
                raise

    def reset_password(self, login):
        users = self._kho_dl_called(login)
        # Their address an officer typed, perhaps that of who helped with a form: no mailbox opens what a provider vouches for.
        vouched = users.sudo().filtered(lambda user: user.oauth_provider_id.kho_dl_company_id)
        is_without = vouched != vouched._kho_dl_with_password()
        if self.env.user._is_internal():
            if is_without:
                raise UserError(
                    self.env._("This account has no password: sign in as you did before. Nothing was sent.")
                )
            return super().reset_password(login)
        # Neither words nor the time of the answer tell a stranger who has an account here.
        if len(users) != 1 or is_without:
            return None
        if self.env["kho.dl.upload"].sudo()._note_caller(f"password {users.id}", _MOST_MAILS, _DAY):
            if is_answer_awaited():
                after_answer("a mail with the way to a new password was not sent", partial(_send, users))
            else:
                users.action_reset_password()
        return None

    @api.model
    def _kho_dl_called(self, login):
        """Return the users that somebody means who types `login`, as Odoo finds them; none for what no account can be called."""
        if not isinstance(login, str) or "\0" in login:
            return self.browse()
        return self.search(self._get_login_domain(login)) or self.search(self._get_email_domain(login))

    def _kho_dl_with_password(self):
        statement = SQL("SELECT id FROM res_users WHERE id = ANY(%s) AND COALESCE(password, '') != ''", self.ids)
        return self & self.browse(number for (number,) in self.env.execute_query(statement))


def _send(users):
    with users.env.registry.cursor() as cr:
        users.with_env(users.env(cr=cr)).action_reset_password()
