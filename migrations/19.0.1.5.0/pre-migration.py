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


def migrate(cr, version):
    """Close the forms that were open at the upgrade: they stand on no lookup; what was asked in them is in the journal."""
    for name in _DAYS:
        if column_exists(cr, "res_company", name):
            days = SQL.identifier(name)
            cr.execute(SQL("UPDATE res_company SET %s = 0 WHERE %s > %s", days, days, _MOST_DAYS))
    if table_exists(cr, "kho_dl_retrieve_wizard"):
        cr.execute("DELETE FROM kho_dl_retrieve_wizard")
    for table in _HELD:
        # Odoo would work it out for every row of the largest tables.
        if table_exists(cr, table) and not column_exists(cr, table, "held_by_id"):
            cr.execute(SQL("ALTER TABLE %s ADD COLUMN held_by_id integer", SQL.identifier(table)))
