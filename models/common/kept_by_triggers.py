"""What tables have in common that PostgreSQL keeps right by itself.

A trigger and no hook of the ORM: whatever changes the watched tables, in whichever way, changes the kept table in the same
transaction. It fires once a statement, however many rows that touches.
"""

from odoo.tools import SQL

_EVENTS = {
    "INSERT": SQL("NEW TABLE AS new_rows"),
    "UPDATE": SQL("OLD TABLE AS old_rows NEW TABLE AS new_rows"),
    "DELETE": SQL("OLD TABLE AS old_rows"),
}


def name_of_watch(prefix, table):
    """Return the name of the trigger function that watches `table`."""
    return f"{prefix}_watch_{table}"


def install(cr, prefix, count, watches):
    """Make functions and triggers whose names begin with `prefix`; those of an earlier version go.

    `count` makes the function that counts, and `watches`, {watched table: SQL}, the trigger functions that call it,
    each by its `name_of_watch`. They see `new_rows`, `old_rows`, or both. Returns whether any of them is another one now.
    """
    before = _functions(cr, prefix)
    remove(cr, prefix)
    cr.execute(count)
    for table, watch in watches.items():
        cr.execute(watch)
        for event, transition in _EVENTS.items():
            cr.execute(
                SQL(
                    """
                    CREATE TRIGGER %(name)s AFTER %(event)s ON %(table)s REFERENCING %(transition)s
                        FOR EACH STATEMENT EXECUTE FUNCTION %(function)s()
                    """,
                    name=SQL.identifier(f"{prefix}_{event.lower()}"),
                    event=SQL(event),
                    table=SQL.identifier(table),
                    transition=transition,
                    function=SQL.identifier(name_of_watch(prefix, table)),
                )
            )
    return _functions(cr, prefix) != before


def remove(cr, prefix):
    """Take away the functions whose names begin with `prefix`, and their triggers."""
    for function in _functions(cr, prefix):
        cr.execute(SQL("DROP FUNCTION %s CASCADE", SQL(function)))


def _functions(cr, prefix):
    """Return {function with its arguments: its text}."""
    name = prefix.replace("_", r"\_") + r"\_%"
    cr.execute("SELECT oid::regprocedure::text, prosrc FROM pg_proc WHERE proname LIKE %s", [name])
    return dict(cr.fetchall())
