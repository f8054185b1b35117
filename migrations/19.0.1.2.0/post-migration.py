from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Bring what an earlier version kept to 19.0.1.2.0."""
    _mark_closed_rows_as_announced(cr)
    _narrow_the_rule_of_trust_to_reading(cr)
    _count_unmet_needs(cr)


def _mark_closed_rows_as_announced(cr):
    """Mark all closed rows as summed up and announced.

    What ended before there was a record of who knows of it was told at once, and is not told again.
    """
    cr.execute("UPDATE kho_dl_retrieval SET is_summed_up = true, is_announced = true WHERE state IN ('done', 'failed')")


def _narrow_the_rule_of_trust_to_reading(cr):
    """Narrow the rule that installations keep as they have it to reading; the new rules say who changes what.

    What is trusted for all companies is read by each, and changed by none of them.
    """
    rule = api.Environment(cr, SUPERUSER_ID, {}).ref("kho_dl.rule_trust_certificate_company", raise_if_not_found=False)
    if rule:
        rule.write({"perm_write": False, "perm_create": False, "perm_unlink": False})


def _count_unmet_needs(cr):
    """Count what closed questions did not find.

    Questions of earlier versions asked in vain, too: they are counted as far as the journal still says what for.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    queries = env["kho.dl.query"].search([("outcome", "in", ("found", "none"))])
    if queries:
        env["kho.dl.unmet.need"]._count(queries)
