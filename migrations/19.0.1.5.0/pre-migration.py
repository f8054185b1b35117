from odoo.tools import SQL
from odoo.tools.sql import column_exists, table_exists

# What hangs on a case; nobody has received one for another office yet.
_HELD = (
    "kho_dl_case",
    "kho_dl_case_document",
    "kho_dl_case_fee",
    "kho_dl_case_supplement",
    "kho_dl_case_message",
    "kho_dl_case_decision",
    "kho_dl_file_check",
    "kho_dl_file_decision",
    "kho_dl_withdrawal",
    "kho_dl_query",
    "kho_dl_retrieval",
    "kho_dl_lookup",
    "kho_dl_lookup_document",
    "kho_dl_lookup_candidate",
)


# Some hundred years and more meant for ever, which 0 says.
_DAYS = ("kho_dl_retention_days", "kho_dl_unused_days", "kho_dl_message_days", "kho_dl_count_days")
_MOST_DAYS = 36_500
# What other systems write for "none": no case that has one could be changed any more.
_DATES = ("date_submitted", "date_due", "date_received", "date_finished", "date_returned")
_YEARS = SQL("'1900-01-01' AND '9998-12-31 23:59:59.999999'")


def migrate(cr, version):
    """Bring numbers and dates into the calendar, and close the forms that were open at the upgrade.

    They stand on no lookup; what was asked in them is in the journal.
    """
    for name in _DAYS:
        if column_exists(cr, "res_company", name):
            days = SQL.identifier(name)
            cr.execute(SQL("UPDATE res_company SET %s = 0 WHERE %s > %s", days, days, _MOST_DAYS))
    if column_exists(cr, "kho_dl_procedure", "processing_days"):
        cr.execute(
            """
            UPDATE kho_dl_procedure SET processing_days = LEAST(GREATEST(processing_days, 0), 3650)
             WHERE processing_days NOT BETWEEN 0 AND 3650
            """
        )
    for name in _DATES:
        if column_exists(cr, "kho_dl_case", name):
            date = SQL.identifier(name)
            cr.execute(SQL("UPDATE kho_dl_case SET %s = NULL WHERE %s NOT BETWEEN %s", date, date, _YEARS))
    if table_exists(cr, "kho_dl_retrieve_wizard"):
        cr.execute("DELETE FROM kho_dl_retrieve_wizard")
    for table in _HELD:
        # Odoo would work it out for every row of the largest tables.
        if table_exists(cr, table) and not column_exists(cr, table, "held_by_id"):
            cr.execute(SQL("ALTER TABLE %s ADD COLUMN held_by_id integer", SQL.identifier(table)))
