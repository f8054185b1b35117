from psycopg2.errors import DeadlockDetected, SerializationFailure

# Losing a race is rare, losing it this often in a row is a fault.
RACES = 10


def commit_or_retry(env, action):
    """Run `action()` and commit; return what it returned.

    Where another transaction was faster, everything since the last commit is rolled back and `action` runs
    again on what that one left, so `action` must read its records anew. Raises SerializationFailure or
    DeadlockDetected after too many lost races.
    """
    for races_left in reversed(range(RACES)):
        try:
            result = action()
            env.cr.commit()
            return result
        except (SerializationFailure, DeadlockDetected):
            env.cr.rollback()
            if not races_left:
                raise
