import time

from psycopg2.errors import DeadlockDetected, LockNotAvailable

from odoo.tools import SQL

_TRIES = 100
_PATIENCE, _PAUSE = "2s", 1
# Each table that Kho DL has a field in, of other modules' models, too.
_OURS = """
    SELECT DISTINCT pg_class.relname
      FROM ir_model_fields
      JOIN ir_model_data ON ir_model_data.model = 'ir.model.fields' AND ir_model_data.res_id = ir_model_fields.id
      JOIN pg_class ON pg_class.relname IN (replace(ir_model_fields.model, '.', '_'), ir_model_fields.relation_table)
     WHERE ir_model_data.module = 'kho_dl' AND pg_class.relkind = 'r'
       AND pg_class.relnamespace = current_schema()::regnamespace
     ORDER BY 1
"""


def migrate(cr, version):
    """Have all tables before the first is changed, at each new version: people may be at work on another machine.

    The upgrade changes tables one by one and keeps each until its end. A request that has read one of them and waits for
    another would be a deadlock, and end the upgrade. As long as nothing is changed yet, letting go and beginning anew is free.
    """
    cr.execute(_OURS)
    tables = SQL(", ").join(SQL.identifier(name) for (name,) in cr.fetchall())
    if not tables:
        return
    cr.execute("SELECT current_setting('lock_timeout')")
    [usual] = cr.fetchone()
    for tried in range(_TRIES):
        cr.execute("SELECT set_config('lock_timeout', %s, TRUE)", [_PATIENCE])
        try:
            with cr.savepoint(flush=False):
                cr.execute(SQL("LOCK TABLE %s IN ACCESS EXCLUSIVE MODE", tables), log_exceptions=False)
            break
        except (LockNotAvailable, DeadlockDetected):
            if tried == _TRIES - 1:
                raise
            time.sleep(_PAUSE)
    cr.execute("SELECT set_config('lock_timeout', %s, TRUE)", [usual])
