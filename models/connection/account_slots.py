"""The slots of files under way of an account behind a security server: those of all workers, on all machines, together."""

import time
from collections import Counter, defaultdict
from functools import partial

from odoo.tools import SQL

from ...protocol.slots import Slots
from ...protocol.tokens import account_key
from ..common.transactions import freed_at_end, lock_of

# The lock, besides those with a slot's number, that all share who have no slot and wait for one.
_WAITS = 0
# Who has more files than slots looks so often (s) whether others wait.
_LOOK_SECONDS = 0.25
# One of so many slots, and one at the least, is kept for those who sit before a screen.
_KEPT_OF = 4
# Stands where a lane's name does, for the slots of the account as a whole.
_ACCOUNT = None


class AccountSlots(Slots):
    """Slots that are locks of this session of PostgreSQL, which frees them when their process dies.

    A file under way has two of them: one of the account's, one of its far system's. Nobody waits for one in the database, but
    asks again. Whoever has more files than slots gives some back, as its files end, while others have none: all then have
    the same share. What nobody waits for (not `is_awaited`) leaves some to clerks.
    """

    def __init__(self, env, settings, is_awaited=True):
        super().__init__()
        self._env, self._key, self._is_awaited = env, account_key(settings, settings.directory), is_awaited
        self._ours, self._ours_of_lane = settings.parallel_downloads, settings.parallel_per_server
        width = settings.account_downloads
        # A far system has the same share of what all fetch as of what one does.
        share = max(1, width * self._ours_of_lane // max(1, self._ours))
        self._width, self._width_of_lane = self._within_reach(width), self._within_reach(share)
        # {lane: numbers of the locks that are ours}.
        self._own = defaultdict(set)
        # How many we may have, and when that is looked at again.
        self._most, self._look_at = self._width, 0.0
        self._is_waiting = False

    def _within_reach(self, width):
        """Return how many of so many slots we may ever have."""
        return width if self._is_awaited else max(1, width - max(1, width // _KEPT_OF))

    def begin(self, lanes, sign):
        """Execute the SQL expression `sign`, and take slots for a file of each of `lanes` in the same statement."""
        for lane in lanes:
            self.wanted[lane] += 1
        self.wanted = self._target(Counter())
        self._take(self.wanted, sign)

    def hold(self, under_way):
        """As `Slots.hold`. Asks the database for what is to begin only, and commits."""
        if not self.wanted - under_way:
            return
        is_time = self._look_at and time.monotonic() >= self._look_at
        if is_time:
            self._look()
        target = self._target(under_way)
        is_change = target != +self.held
        if is_change:
            missing = target - self.held
            self._take(missing, self._freeing(self.held - target))
            self._say_waiting(not self.held.total())
        if is_time or is_change:
            self._env.cr.commit()

    def give_back(self, besides=None):
        """Give back what is wanted no more; return what the SQL expression `besides` gives, if any. The caller commits."""
        surplus = self.held - self.wanted
        asked = [*([self._freeing(surplus)] if surplus else []), *([besides] if besides else [])]
        return self._ask(SQL("SELECT %s", SQL(", ").join(asked)))[0][-1] if asked else None

    def end(self):
        """Give back all. The caller commits."""
        self.wanted = Counter()
        self.give_back()
        self._say_waiting(False)

    def _target(self, under_way):
        """Return how many slots of each lane there should be: all that are wanted, or our share of them."""
        target, most = +under_way, max(min(self._most, self._ours), under_way.total())
        for lane, wanted in self.wanted.items():
            if (more := min(wanted, self._ours_of_lane, self._width_of_lane) - target[lane]) > 0:
                target[lane] += min(more, most - target.total())
        return +target

    def _look(self):
        [(sharing, waiting)] = self._env.execute_query(
            SQL(
                """
                SELECT COUNT(DISTINCT pid), COUNT(*) FILTER (WHERE objid = %s AND pid != pg_backend_pid())
                  FROM pg_locks
                 WHERE locktype = 'advisory'
                   AND objsubid = 2
                   AND classid = %s
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                """,
                _WAITS,
                self._lock(_ACCOUNT),
            )
        )
        self._most = max(1, self._width // sharing) if waiting else self._width
        self._look_at = time.monotonic() + _LOOK_SECONDS

    def _say_waiting(self, is_waiting):
        if is_waiting != self._is_waiting:
            name = "pg_advisory_lock_shared" if is_waiting else "pg_advisory_unlock_shared"
            self._ask(SQL("SELECT %s(%s, %s)", SQL.identifier(name), self._lock(_ACCOUNT), _WAITS))
            self._is_waiting = is_waiting

    # -- the locks -------------------------------------------------------------------------------------

    def _ask(self, statement):
        """Execute `statement`, which takes or frees locks; return its rows.

        Where it breaks off, nobody knows which ones are ours, and the connection goes to others with them: all are given back.
        """
        lanes = {_ACCOUNT, *self.wanted, *self._own}
        try:
            return self._env.execute_query(statement)
        except BaseException:
            with freed_at_end(self._env, partial(self._free_all, [self._lock(lane) for lane in lanes])):
                raise

    def _free_all(self, keys):
        self._own.clear()
        self.held, self._is_waiting = Counter(), False
        self._env.execute_query(
            SQL(
                """
                SELECT CASE mode WHEN 'ShareLock' THEN pg_advisory_unlock_shared(classid::bigint::integer, objid::bigint::integer)
                                 ELSE pg_advisory_unlock(classid::bigint::integer, objid::bigint::integer) END
                  FROM pg_locks
                 WHERE locktype = 'advisory'
                   AND objsubid = 2
                   AND classid::bigint = ANY(%s)
                   AND pid = pg_backend_pid()
                   AND granted
                """,
                keys,
            )
        )

    def _take(self, missing, sign=SQL("NULL")):  # noqa: B008 - it does not change
        """Take up to `missing` slots, a Counter of lanes, as many of the account as of the lanes."""
        [(_sign, taken)] = self._ask(SQL("SELECT %s, (%s)", sign, self._taking(+missing)))
        for lane, number in taken or ():
            self._own[lane].add(number)
        self.held = Counter({lane: len(numbers) for lane, numbers in self._own.items() if lane is not _ACCOUNT})
        if len(self._own[_ACCOUNT]) > self.held.total():
            # Far systems are as busy as may be: others can do with what is left of the account's.
            self._ask(SQL("SELECT %s", self._freeing(Counter())))
        self._look_at = time.monotonic() + _LOOK_SECONDS

    def _freeing(self, surplus):
        """Return the SQL expression that gives back `surplus`, a Counter of lanes, and slots of the account beside no other."""
        self.held -= surplus
        spare = len(self._own[_ACCOUNT]) - self.held.total()
        lanes = [*surplus.elements(), *[_ACCOUNT] * spare]
        return SQL(
            "(SELECT COUNT(pg_advisory_unlock(slot.key, slot.number)) "
            "FROM unnest(%s::integer[], %s::integer[]) AS slot(key, number))",
            [self._lock(lane) for lane in lanes],
            [self._own[lane].pop() for lane in lanes],
        )

    def _taking(self, missing):
        if not missing:
            return SQL("NULL")
        of_lanes = [self._free_ones(lane, self._width_of_lane, most) for lane, most in missing.items()]
        return SQL(
            """
            WITH of_account AS MATERIALIZED (%s),
                 of_lanes AS MATERIALIZED (SELECT * FROM (%s) AS each LIMIT (SELECT COUNT(*) FROM of_account))
            SELECT json_agg(json_build_array(lane, number)) FROM (TABLE of_account UNION ALL TABLE of_lanes) AS taken
            """,
            self._free_ones(_ACCOUNT, self._width, missing.total()),
            SQL(" UNION ALL ").join(of_lanes),
        )

    def _free_ones(self, lane, width, most):
        """Return the query that locks up to `most` numbers nobody has: PostgreSQL tries no more than it returns."""
        # Clerks begin with those that the background leaves alone.
        numbers = range(width, 0, -1) if self._is_awaited else range(1, width + 1)
        return SQL(
            """
            (SELECT %s::text AS lane, number FROM unnest(%s::integer[]) AS number
              WHERE pg_try_advisory_lock(%s, number) LIMIT %s)
            """,
            lane,
            [number for number in numbers if number not in self._own[lane]],
            self._lock(lane),
            most,
        )

    def _lock(self, lane):
        # 31 of its bits: the first half of a lock of two numbers, above 0.
        # No lane has this name; "" is the one of files without any.
        return lock_of(f"kho_dl.slot {self._key} {'*' if lane is _ACCOUNT else lane}") >> 31
