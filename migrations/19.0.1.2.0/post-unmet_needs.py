"""Questions of earlier versions asked in vain, too: they are counted as far as the journal still says what for."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Count what closed questions did not find."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    queries = env["kho.dl.query"].search([("outcome", "in", ("found", "none"))])
    if queries:
        env["kho.dl.unmet.need"]._count(queries)
