from odoo import models
from odoo.exceptions import UserError
from odoo.http import request

from ..common.transactions import connection_lost_words, forget_broken_connections, is_connection_lost


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    @classmethod
    def _handle_error(cls, exception):
        if is_connection_lost(exception):
            forget_broken_connections(request.env.registry)
            exception = UserError(connection_lost_words(request.env))
        return super()._handle_error(exception)

    @classmethod
    def _auth_method_kho_dl_paper(cls):
        """Let in who brings a token in the address: they have no user, no session, and no language.

        Naming a language, whichever, spares Odoo looking for one through user, company and contact.
        """
        cls._auth_method_none()
        if request.httprequest.query_string:
            # What an adapter adds behind the question mark is for itself; Odoo would make arguments of it.
            request.reroute(request.httprequest.path, "")
        [(code, _name), *_others] = request.env["res.lang"].sudo().get_installed()
        request.update_context(lang=code)

    def session_info(self):
        info = super().session_info()
        if banner := self.env["kho.dl.database"]._banner():
            info["kho_dl_copy"] = banner
        return info
