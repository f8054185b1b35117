"""How work that commits on its way gets along with others that do the same."""

import hashlib
import secrets
from contextlib import contextmanager
from functools import partial

from psycopg2 import DatabaseError, InterfaceError, OperationalError
from psycopg2.errors import DeadlockDetected, SerializationFailure
from psycopg2.extensions import TRANSACTION_STATUS_INERROR

from odoo.tools import SQL

# Losing a race is rare, losing it this often in a row is a fault.
_RACES = 10
# More than a pool holds.
_MOST_CONNECTIONS = 1000
# How PostgreSQL says that another transaction was faster.
LOST_RACES = (SerializationFailure, DeadlockDetected)


def commit_or_retry(env, action, lost_races=LOST_RACES, before_again=lambda: None):
    """Run `action()` and commit; return what it returned.

    Where another transaction was faster, everything since the last commit is rolled back and `action` runs
    again on what that one left, so `action` must read its records anew. `lost_races` are the errors that tell
    so; the last of them is raised after too many lost races. `before_again()` runs before each further try.
    """
    for races_left in reversed(range(_RACES)):
        try:
            if races_left < _RACES - 1:
                before_again()
            result = action()
            env.cr.commit()
            return result
        except lost_races:
            env.cr.rollback()
            if not races_left:
                raise


def in_mind(env, names):
    """Return what this transaction has read of records of the models `names`, to `recall` it after a commit.

    For what stands still for a moment, or may be as it was a moment ago; what is written must be read anew.
    """
    dirty = env.transaction.field_dirty
    return {
        field: cache
        for field, cache in env.transaction.field_data.items()
        if field.model_name in names and field.column_type and field.store and not dirty.get(field)
    }


def recall(env, mind):
    """Have what `in_mind` returned in the cache of this transaction, which has just begun, and not read anew."""
    for field, cache in mind.items():
        env.transaction.field_data.setdefault(field, cache)


def has_written(env):
    """Return whether anything was written, or locked, since the last commit; what waits in memory is written herewith."""
    env.cr.flush()
    [(is_written,)] = env.execute_query(SQL("SELECT pg_current_xact_id_if_assigned() IS NOT NULL"))
    return is_written


def is_connection_lost(error):
    """Return whether `error` says that PostgreSQL ended our connection, as it does when it is restarted."""
    # 57P..: it is shutting down, or has just begun; without a code, or 08...: nobody answered.
    if isinstance(error, OperationalError) and not isinstance(error, LOST_RACES):
        return (error.pgcode or "08").startswith(("08", "57P"))
    # The bare base class: what the pool's look at an idle connection raises.
    return isinstance(error, InterfaceError) or (type(error) is DatabaseError and not error.pgcode)


def forget_broken_connections(registry):
    """Take the idle connections that broke together with ours out of the pool, or each would cost somebody a request."""
    for _connection in range(_MOST_CONNECTIONS):
        try:
            with registry.cursor():
                return
        except OperationalError:
            # None is left, and no new one can be had yet.
            return
        except DatabaseError:
            continue


def connection_lost_words(env):
    """Return for a clerk what happened when the connection was lost, and what became of their work."""
    try:
        return env._(
            "The database broke off the connection, as it does when it is restarted, so this was not finished. What was "
            "saved before is kept, and files that were on their way come by themselves. Please try again in a moment."
        )
    except (InterfaceError, OperationalError):
        # The user's language stands in that database.
        return connection_lost_words(env(context={}))


def lock_of(text):
    """Return the number of 62 bits of the advisory lock that is called `text`."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") >> 2


@contextmanager
def locked(env, *key, seconds=None):
    """Hold the advisory lock `key`, one number of 64 bits or two of 32, also across commits.

    PostgreSQL frees it when this process dies. Raises LockNotAvailable where it cannot be had within `seconds`; this
    transaction waits no longer for other locks either.
    """
    if seconds is not None:
        # At least 1: PostgreSQL takes 0 for ever.
        milliseconds = max(1, round(seconds * 1000))
        env.execute_query(SQL("SELECT set_config('lock_timeout', %s, TRUE)", f"{milliseconds}ms"))
    with _holding(env, key, lambda: env.execute_query(SQL("SELECT pg_advisory_lock(%s)", _numbers(key)))):
        yield


def locked_if_free(env, *key):
    """Hold the advisory lock `key` as `locked` does, unless somebody else has it; gives whether we do."""
    return _holding(env, key, partial(try_hold, env, *key))


@contextmanager
def _holding(env, key, take):
    """Hold the advisory lock `key`, which `take()` takes, until the end of the `with` block, whatever happens in it.

    Gives what `take()` returned: False where somebody else has the lock. A lock stays where a statement took it and then
    broke off, and Odoo gives the connection to others with it.
    """
    free = partial(_let_go_if_held, env, *key)
    with freed_at_end(env, lambda: free()):
        taken = take()
        free = partial(let_go, env, *key) if taken is not False else lambda: None
        yield taken


@contextmanager
def freed_at_end(env, free):
    """Have `free()` give back locks at the end of the `with` block, whatever happens in it."""
    try:
        yield
    except BaseException:
        if env.cr.connection.info.transaction_status == TRANSACTION_STATUS_INERROR:
            # What is worth keeping is committed; a broken transaction could not free the lock.
            env.cr.rollback()
        raise
    finally:
        free()


def try_hold(env, *key):
    """Take the advisory lock `key`, as `locked` does, unless somebody else has it; return whether we have it now."""
    [(is_ours,)] = env.execute_query(SQL("SELECT pg_try_advisory_lock(%s)", _numbers(key)))
    return is_ours


def hold_to_end_if_free(env, *key):
    """Take the advisory lock `key` until this transaction ends, unless somebody else has it; return whether we have it."""
    [(is_ours,)] = env.execute_query(SQL("SELECT %s", taken_to_end(*key)))
    return is_ours


def taken_to_end(*key):
    """Return the SQL expression that does so, for a statement that does more."""
    return SQL("pg_try_advisory_xact_lock(%s)", _numbers(key))


def begin_alone(env, *key):
    """Commit, and hold the advisory lock `key` until the transaction ends that begins then; it sees what others did before."""
    numbers, free = _numbers(key), partial(_let_go_if_held, env, *key)
    try:
        env.execute_query(SQL("SELECT pg_advisory_lock(%s)", numbers))
        free = partial(let_go, env, *key)
        # What this transaction saw before is older than the lock.
        env.cr.commit()
        # In this order: it is the same lock, held once more before the other one is let go.
        env.execute_query(SQL("SELECT pg_advisory_xact_lock(%s), pg_advisory_unlock(%s)", numbers, numbers))
    except BaseException:
        with freed_at_end(env, free):
            raise


def let_go(env, *key):
    """Give back what `try_hold` took."""
    env.execute_query(SQL("SELECT pg_advisory_unlock(%s)", _numbers(key)))


def _let_go_if_held(env, *key):
    # Nothing is given back, about which PostgreSQL would complain in its log, where the lock was not had.
    high, low, kind = (*key, 2) if len(key) == 2 else (key[0] >> 32, key[0] & 0xFFFFFFFF, 1)
    env.execute_query(
        SQL(
            """
            SELECT pg_advisory_unlock(%s)
              FROM pg_locks
             WHERE locktype = 'advisory'
               AND (classid::bigint, objid::bigint, objsubid) = (%s, %s, %s)
               AND pid = pg_backend_pid()
               AND granted
            """,
            _numbers(key),
            high,
            low,
            kind,
        )
    )


def _numbers(key):
    return SQL(", ").join(SQL("%s", number) for number in key)


@contextmanager
def worker_lock(env, take=None):
    """Hold a lock that PostgreSQL frees when this process dies; gives its key, see `locked_worker_keys`.

    `take(sign)` executes a statement with the SQL expression `sign`, which takes it, and may do more in the same one.
    """
    key = secrets.randbits(62)
    sign = SQL("pg_advisory_lock(%s)", key)
    take = take or (lambda sign: env.execute_query(SQL("SELECT %s", sign)))
    with _holding(env, (key,), partial(take, sign)):
        yield key


def locked_worker_keys(env):
    """Return the keys of all signs of life that are held in this database."""
    # A key of 64 bits shows as two halves, and as objsubid 1.
    rows = env.execute_query(
        SQL(
            """
            SELECT (classid::bigint << 32) | objid::bigint
              FROM pg_locks
             WHERE locktype = 'advisory'
               AND objsubid = 1
               AND granted
               AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        )
    )
    return [key for (key,) in rows]
