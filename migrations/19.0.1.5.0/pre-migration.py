from odoo.tools.sql import table_exists


def migrate(cr, version):
    """Close the forms that were open at the upgrade: they stand on no lookup; what was asked in them is in the journal."""
    if table_exists(cr, "kho_dl_retrieve_wizard"):
        cr.execute("DELETE FROM kho_dl_retrieve_wizard")
