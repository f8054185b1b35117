from contextlib import suppress
from datetime import timedelta, timezone

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from ..protocol.errors import AccountRefused, TimedOut
from ..protocol.tokens import Token

# Losing a race means that somebody else has just written the token: one more look is normally enough.
_TRIES = 5
# Longer than any login may take (see kho_dl_timeout), so that a waiter meets the winner's token.
_LOCK_SECONDS = 330
# When an account last got a token is of interest for longer than the token.
_KEPT = timedelta(days=90)


class KhoDLToken(models.Model):
    """Tokens of the portal, one row an account, shared by all workers and nodes through this table.

    No access rule exists on purpose: nobody but the gateway reads them.
    """

    _name = "kho.dl.token"
    _description = "Token of the portal"
    _log_access = False

    account_key = fields.Char(required=True)
    token = fields.Char(groups="base.group_system")
    expires_at = fields.Datetime()
    obtained_on = fields.Datetime(help="When the portal last accepted the account.")
    refused_on = fields.Datetime(help="When the portal last refused the account.")

    _account_key_uniq = models.Constraint("unique(account_key)", "One token for each account.")

    @api.autovacuum
    def _gc_expired(self):
        now = fields.Datetime.now()
        self.search([("token", "!=", False), ("expires_at", "<", now)]).token = False
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM kho_dl_token
                 WHERE token IS NULL AND COALESCE(GREATEST(obtained_on, refused_on), expires_at) < %s
                """,
                now - _KEPT,
            )
        )
        self.invalidate_model()


class DatabaseTokenStore:
    """The `protocol.tokens.TokenStore` of this database.

    A login happens under the lock of the account's row, on a cursor of its own: whoever waits for the
    lock finds the new token, also when the transaction that logged in is rolled back later.
    """

    def __init__(self, env):
        self._env = env

    def obtain(self, account_key, login, *, refused=None):
        """Return a valid `Token`, at the price of at most one login among all who ask at once.

        Raises what `login` raises, and TimedOut when the lock cannot be had.
        """
        current = self._read(self._env.cr, account_key)
        if self._is_usable(current, refused):
            return current
        for _attempt in range(_TRIES):
            try:
                with self._env.registry.cursor() as cr:
                    return self._renew(cr, account_key, login, refused)
            except SerializationFailure:
                continue
            except AccountRefused:
                self.note_refusal(account_key)
                raise
            except LockNotAvailable as error:
                raise TimedOut("waiting for another worker's login") from error
        raise TimedOut("the token changed hands too often")

    def _renew(self, cr, account_key, login, refused):
        cr.execute(SQL("SELECT set_config('lock_timeout', %s, true)", f"{_LOCK_SECONDS}s"))
        cr.execute(SQL("INSERT INTO kho_dl_token (account_key) VALUES (%s) ON CONFLICT DO NOTHING", account_key))
        current = self._read(cr, account_key, for_update=True)
        if self._is_usable(current, refused):
            return current
        token = login()
        cr.execute(
            SQL(
                "UPDATE kho_dl_token SET token = %s, expires_at = %s, obtained_on = %s WHERE account_key = %s",
                token.value,
                token.expires_at.astimezone(timezone.utc).replace(tzinfo=None),
                fields.Datetime.now(),
                account_key,
            )
        )
        return token

    def note_refusal(self, account_key):
        """Keep that the portal refused the account just now."""
        # A colleague who is refused at this moment notes the same.
        with suppress(SerializationFailure), self._env.registry.cursor() as cr:
            cr.execute(
                SQL(
                    """
                    INSERT INTO kho_dl_token (account_key, refused_on) VALUES (%(key)s, %(now)s)
                        ON CONFLICT (account_key) DO UPDATE SET refused_on = EXCLUDED.refused_on
                    """,
                    key=account_key,
                    now=fields.Datetime.now(),
                ),
                log_exceptions=False,
            )

    def _read(self, cr, account_key, for_update=False):
        lock = SQL("FOR UPDATE") if for_update else SQL()
        cr.execute(SQL("SELECT token, expires_at FROM kho_dl_token WHERE account_key = %s %s", account_key, lock))
        value, expires_at = cr.fetchone() or (None, None)
        return Token(value, expires_at.replace(tzinfo=timezone.utc)) if value and expires_at else None

    @staticmethod
    def _is_usable(token, refused):
        now = fields.Datetime.now().replace(tzinfo=timezone.utc)
        return token is not None and token.value != refused and token.expires_at > now
