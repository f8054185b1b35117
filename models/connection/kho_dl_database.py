import logging
from functools import wraps

from odoo import SUPERUSER_ID, api, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ...protocol.errors import DatabaseNotConfirmed
from ..common.session_pooling import changes_sessions
from .error_messages import error_message

_logger = logging.getLogger(__name__)

CONFIRMED = "kho_dl.confirmed_database"
# Read as it stands in the database, never from a cache: whoever copies a database tells no other process of it.
IS_CONFIRMED = SQL(
    """
    EXISTS (SELECT FROM ir_config_parameter AS own
                   JOIN ir_config_parameter AS confirmed ON confirmed.value = own.value
             WHERE own.key = 'database.uuid' AND confirmed.key = %s)
    """,
    CONFIRMED,
)


def rests_in_copies(method):
    """Let `method`, whose work speaks to others, do nothing in a copy: what waits goes on waiting, no try is counted."""

    @wraps(method)
    def resting(self, *args, **kwargs):
        return method(self, *args, **kwargs) if self.env["kho.dl.database"]._is_confirmed() else None

    resting.rests_in_copies = True
    return resting


class KhoDLDatabase(models.AbstractModel):
    """Whether this database is the one that works for its agencies: a copy of it sends, serves and seals nothing.

    Odoo gives a copy an id of its own (`database.uuid`). What differs from the id that was confirmed is a copy, until a
    system administrator confirms that id; so is a neutralised database. One that is restored on a new machine keeps its id.
    """

    _name = "kho.dl.database"
    _description = "Which database this is"

    def _register_hook(self):
        super()._register_hook()
        if changes_sessions(self.env.cr.dbname):
            _logger.error(
                "Kho DL: a pooler gives each transaction another session of PostgreSQL. Locks are lost: work may stand still "
                "or be done twice. Set pool_mode = session in pgbouncer, or connect Odoo to PostgreSQL itself."
            )

    @api.model
    def _is_confirmed(self):
        self.env["ir.config_parameter"].flush_model(["key", "value"])
        [[is_confirmed]] = self.env.execute_query(SQL("SELECT %s", IS_CONFIRMED))
        return is_confirmed

    @api.model
    def _mail_template(self, xmlid):
        """Return the template `xmlid` of a mail to people outside; empty in a copy, and where somebody deleted it.

        It sends as nobody, who has all rights: no header tells who of the office, or which citizen, was at work.
        """
        template = self.env.ref(xmlid, raise_if_not_found=False)
        is_sent = template and self._is_confirmed()
        return template.with_user(SUPERUSER_ID) if is_sent else self.env["mail.template"]

    @api.model
    def _check_confirmed(self):
        """Raise UserError, in words for a clerk, in a copy."""
        try:
            self._require_confirmed()
        except DatabaseNotConfirmed as error:
            raise UserError(error_message(self.env, error)) from error

    @api.model
    def _require_confirmed(self):
        """Raise the typed error DatabaseNotConfirmed in a copy."""
        if not self._is_confirmed():
            raise DatabaseNotConfirmed("database.uuid is not the one that was confirmed")

    @api.model
    def action_confirm(self):
        """Confirm that this database works for its agencies from now on; needs no record.

        Raises AccessError for anybody but system administrators.
        """
        if not self.env.user._is_system():
            raise AccessError(self.env._("Only a system administrator can confirm this database."))
        self._confirm()
        _logger.info("Kho DL: user %s confirmed this database", self.env.uid)
        return True

    @api.model
    def _confirm(self):
        # sudo: the id of the database is no secret, and who may confirm was asked before.
        self.env["ir.config_parameter"].sudo().set_param(CONFIRMED, self._parameter("database.uuid"))

    @api.model
    def _confirm_first(self):
        """Confirm the database in which the add-on, or the first version that asks, is being installed.

        Not one that Odoo copied while an earlier version was in it, as people do to try an upgrade.
        """
        if self._parameter(CONFIRMED):
            return
        if self._was_copied():
            _logger.warning("Kho DL: this database is a copy and rests until a system administrator confirms it")
        else:
            self._confirm()

    @api.model
    def _parameter(self, key):
        """Return the value of a system parameter as it stands in the database, None without one."""
        self.env["ir.config_parameter"].flush_model(["key", "value"])
        found = self.env.execute_query(SQL("SELECT value FROM ir_config_parameter WHERE key = %s", key))
        return found[0][0] if found else None

    @api.model
    def _was_copied(self):
        """Whether the id of this database was written after Kho DL came into it: a copy gets another id, nothing else does."""
        self.env["ir.config_parameter"].flush_model(["key", "value"])
        [[was_copied]] = self.env.execute_query(
            SQL(
                """
                SELECT EXISTS (SELECT FROM ir_config_parameter
                                WHERE key = 'database.uuid'
                                  AND write_date > (SELECT min(create_date) FROM ir_model_data WHERE module = 'kho_dl'))
                """
            )
        )
        return was_copied

    @api.model
    def _banner(self):
        """Return what the web client needs to tell the current user of a copy, None where there is nothing to tell."""
        user = self.env.user
        may_confirm = user._is_system()
        # Asked first, for it costs no query: whoever does not work with Kho DL is not told.
        if not (may_confirm or any(user.has_group(f"kho_dl.group_{name}") for name in _TOLD)) or self._is_confirmed():
            return None
        return {"may_confirm": may_confirm}


_TOLD = ("clerk", "administrator", "auditor")
