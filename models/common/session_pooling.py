"""Whether what stands between Odoo and PostgreSQL keeps a session for each connection, as locks across commits need."""

import psycopg2

from odoo.sql_db import db_connect

# A pooler that has several sessions to give may give the same one twice.
_TRIALS = 3


def changes_sessions(database):
    """Return whether a pooler gives the transactions of one connection to several sessions of PostgreSQL.

    The primary is asked, never a replica, on connections of their own: a single round where PostgreSQL itself answers.
    """
    connect = db_connect(database).cursor
    try:
        with connect() as one:
            session = _session(one)
            # A pooler cannot know the number of a session that it has not chosen yet, and makes one up.
            if session == one.connection.info.backend_pid:
                return False
            with connect() as other:
                return any(_is_changed(one, other, session) for _trial in range(_TRIALS))
    except psycopg2.Error:
        # Where no connection is free nothing is known; whatever else is done says so itself.
        return False


def _is_changed(one, other, session):
    one.rollback()
    other.rollback()
    # What was just given back is given to the next one, who keeps it while the first comes again.
    return _session(other) == session or _session(one) != session


def _session(cursor):
    cursor.execute("SELECT pg_backend_pid()")
    return cursor.fetchone()[0]
