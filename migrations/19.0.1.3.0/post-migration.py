from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, sql


def migrate(cr, version):
    """Bring what an earlier version kept to 19.0.1.3.0."""
    _take_old_warnings_away(cr)
    _date_received_cases(cr)
    _make_sectors_records(cr)


def _take_old_warnings_away(cr):
    """Warnings about an old directory are alarms now: the activities of before would never go away."""
    cr.execute("DELETE FROM mail_activity WHERE res_model = 'kho.dl.directory.refresh' AND automated")


def _date_received_cases(cr):
    """A case that began as a received one had no date of it, and so would count in no month's indicators."""
    cr.execute(
        """
        UPDATE kho_dl_case SET date_received = COALESCE(date_submitted, create_date)
         WHERE date_received IS NULL AND state IN ('2', '4', '9', '10')
        """
    )


def _make_sectors_records(cr):
    """Make a field of each code that procedures name, and take the two columns away.

    The field of a procedure is a record now: what was typed as code and name becomes one.
    """
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
