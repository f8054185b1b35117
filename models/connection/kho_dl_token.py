import math
import time
from contextlib import suppress
from datetime import timedelta, timezone

from psycopg2.errors import LockNotAvailable, SerializationFailure

from odoo import api, fields, models
from odoo.tools import SQL

from ...protocol.errors import AccountRefused, TimedOut
from ...protocol.tokens import Token
from ..common.transactions import let_go, lock_of, locked, try_hold

# Losing a race means that somebody else has just written the token: one more look is normally enough.
_TRIES = 5
# Longer than any login may take (see kho_dl_timeout), so that a waiter meets the winner's token.
_LOCK_SECONDS = 330
# Who has waited so long has waited for a login, and not only for the lock.
_IN_LINE_SECONDS = 1
# An account that the portal refused is not tried again by itself for so long: portals lock accounts.
REST_AFTER_REFUSAL = timedelta(minutes=1)
# When an account last got a token is of interest for longer than the token.
_KEPT = timedelta(days=90)


class KhoDLToken(models.Model):
    """Tokens of the portal, one row an account, shared by all workers and nodes through this table.

    No access rule exists on purpose: nobody but the gateway reads them.
    """

    _name = "kho.dl.token"
    _description = "Token of the portal"
    _log_access = False

    # A digest with the password in it: beside the rest of the settings it tells which guess is right.
    account_key = fields.Char(required=True, exportable=False)
    token = fields.Char(groups="base.group_system", exportable=False)
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

    A login happens under an advisory lock of the account, with no transaction open: whoever waits for the lock finds
    the new token, also when the transaction that asked for it is rolled back later.
    """

    def __init__(self, env, until=math.inf):
        """No login of another worker is waited for beyond `until` (time.monotonic())."""
        self._env = env
        self._until = until
        self._looked_up = {}

    def obtain(self, account_key, login, *, refused=None):
        """Return a valid `Token`, at the price of at most one login among all who ask at once.

        Raises what `login` raises, and TimedOut when the lock cannot be had.
        """
        # Once: what is refused, or asked for again, is read anew.
        if current := self._looked_up.pop(account_key, None):
            return current
        # Not on the caller's cursor: it has committed, and would have a transaction open again while the other side thinks.
        with self._env.registry.cursor() as cr:
            current = self._on(cr).current(account_key, refused=refused)
        if current:
            return current
        for _attempt in range(_TRIES):
            try:
                with self._env.registry.cursor() as cr:
                    return self._on(cr)._renew(account_key, login, refused)
            except SerializationFailure:
                continue
            except LockNotAvailable as error:
                raise TimedOut("waiting for another worker's login") from error
        raise TimedOut("the token changed hands too often")

    def look_up(self, account_key):
        """Read the token of this account in the transaction of the caller, who commits and calls at once."""
        self._looked_up[account_key] = self.current(account_key)

    def _on(self, cr):
        return DatabaseTokenStore(self._env(cr=cr), self._until)

    def _renew(self, account_key, login, refused):
        cr, began = self._env.cr, time.monotonic()
        seconds = max(1, min(_LOCK_SECONDS, self._until - began))
        with locked(self._env, lock_of(account_key), seconds=seconds):
            # What was committed before the lock was had is seen only from now on.
            cr.commit()  # pylint: disable=invalid-commit
            current = self.current(account_key, refused=refused)
            cr.commit()  # pylint: disable=invalid-commit
            if current:
                return current
            if time.monotonic() - began > _IN_LINE_SECONDS:
                self._raise_for_failed_login(account_key)
            try:
                token = login()
            except AccountRefused:
                self.note_refusal(account_key)
                raise
            self.keep(account_key, token)
            cr.commit()  # pylint: disable=invalid-commit
            return token

    def _raise_for_failed_login(self, account_key):
        """Raise what the login ended with that was waited for: each in the line would wait as long for the same."""
        was_refused = self.is_refused_lately(account_key)
        self._env.cr.commit()
        if was_refused:
            raise AccountRefused("refused a moment ago")
        raise TimedOut("another worker's login has just failed")

    # -- for an owner of threads, who must not wait itself ------------------------------------------

    def current(self, account_key, *, refused=None):
        """Return the valid `Token` of this account, None where there is none but the `refused` one."""
        self._env.cr.execute(SQL("SELECT token, expires_at FROM kho_dl_token WHERE account_key = %s", account_key))
        value, expires_at = self._env.cr.fetchone() or (None, None)
        if not value or not expires_at or value == refused or expires_at <= fields.Datetime.now():
            return None
        return Token(value, expires_at.replace(tzinfo=timezone.utc))

    def begin_login(self, account_key):
        """Return whether the login to this account is ours to make now; if so, `end_login` must follow."""
        return try_hold(self._env, lock_of(account_key))

    def end_login(self, account_key):
        """Let others log in to this account."""
        let_go(self._env, lock_of(account_key))

    def keep(self, account_key, token):
        """Write the new `token` of this account."""
        self._env.cr.execute(
            SQL(
                """
                INSERT INTO kho_dl_token (account_key, token, expires_at, obtained_on)
                VALUES (%(key)s, %(token)s, %(expires_at)s, %(now)s)
                    ON CONFLICT (account_key)
                    DO UPDATE SET token = EXCLUDED.token, expires_at = EXCLUDED.expires_at, obtained_on = EXCLUDED.obtained_on
                """,
                key=account_key,
                token=token.value,
                expires_at=token.expires_at.astimezone(timezone.utc).replace(tzinfo=None),
                now=fields.Datetime.now(),
            )
        )

    def is_refused_lately(self, account_key):
        """Return whether the portal refused this account a moment ago, and nobody was accepted since."""
        self._env.cr.execute(
            SQL(
                """
                SELECT 1 FROM kho_dl_token
                 WHERE account_key = %s AND refused_on > %s AND (obtained_on IS NULL OR obtained_on <= refused_on)
                """,
                account_key,
                fields.Datetime.now() - REST_AFTER_REFUSAL,
            )
        )
        return bool(self._env.cr.rowcount)

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
