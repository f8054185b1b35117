"""The field of a procedure is a record now: what was typed as code and name becomes one."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, sql


def migrate(cr, version):
    """Make a field of each code that procedures name, and take the two columns away."""
    if not sql.column_exists(cr, "kho_dl_procedure", "sector_code"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    typed = env.execute_query(
        SQL(
            """
            SELECT btrim(sector_code), max(sector_name), array_agg(id)
              FROM kho_dl_procedure
             WHERE btrim(sector_code) <> ''
             GROUP BY 1
            """
        )
    )
    sectors = env["kho.dl.sector"].create([{"code": code, "name": name or code} for code, name, _ids in typed])
    for sector, (_code, _name, ids) in zip(sectors, typed, strict=True):
        env["kho.dl.procedure"].browse(ids).sector_id = sector
    env.flush_all()
    cr.execute("ALTER TABLE kho_dl_procedure DROP COLUMN sector_code, DROP COLUMN sector_name")
