import time
from functools import partial

from ...protocol.errors import AccountRefused
from ...protocol.tokens import HandedTokens
from ..common.transactions import commit_or_retry
from ..connection.kho_dl_breaker import FAILURES_TO_OPEN
from ..connection.kho_dl_token import DatabaseTokenStore


class Logins:
    """The tokens of a pass: the calls of its threads use those that are `handed` in here, and log in for nobody.

    One login an account at a time, among all workers: it is a call of its own in `pool`, so that a portal that hangs
    at it holds up no other. Called by the thread that owns the records.
    """

    def __init__(self, env, pool):
        self.handed = HandedTokens()
        self._env, self._pool = env, pool
        self._store = DatabaseTokenStore(env)
        self._under_way = {}

    def is_refused(self, lane):
        """Return whether the portal has refused this account a moment ago."""
        return self._store.is_refused_lately(lane.key)

    def is_ready(self, lane, until):
        """Return whether the calls of `lane` have a token; if not, a login is made until `until`, or waited for.

        Raises AccountRefused where the portal has refused this account a moment ago.
        """
        if lane.key in self._under_way:
            return False
        if self.handed.has_good(lane.key, lane.refused_token) or self._adopt(lane):
            return True
        if self.is_refused(lane):
            raise AccountRefused("refused a moment ago")
        if self._has_room(lane) and self._store.begin_login(lane.key):
            # What was committed before the lock was had is seen only from now on.
            self._env.cr.commit()
            if self._adopt(lane):
                self._store.end_login(lane.key)
                return True
            self._under_way[lane.key] = lane
            self._pool.start((lane, None), _log_in, lane.client, until)
        return False

    def _has_room(self, lane):
        """Return whether a login may begin: no more at once than show that a server is dead, however many accounts it has."""
        server = lane.client.settings.server_key
        here = [other for other in self._under_way.values() if other.client.settings.server_key == server]
        return self._pool.has_room() and len(here) < FAILURES_TO_OPEN

    def settle(self, lane, future):
        """Keep what became of the login for `lane`; return what it raised, None where there is a token now."""
        error = future.exception()
        if error is None:
            self.handed.hand_in(lane.key, future.result())
            lane.log_in(future.result().value, time.monotonic())
            commit_or_retry(self._env, partial(self._store.keep, lane.key, future.result()))
        self._under_way.pop(lane.key, None)
        self._store.end_login(lane.key)
        return error

    def refuse(self, lane):
        """Keep that the portal refused this account."""
        self._store.note_refusal(lane.key)

    def end(self):
        """Let others log in where this pass ended before its login did."""
        for key in self._under_way:
            self._store.end_login(key)

    def _adopt(self, lane):
        token = self._store.current(lane.key, refused=lane.refused_token)
        if token:
            self.handed.hand_in(lane.key, token)
        return bool(token)


def _log_in(client, until):
    return client.log_in(client.settings.directory, until=until)
