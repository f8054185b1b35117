"""What is trusted for all companies is read by each, and changed by none of them."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Narrow the rule that installations keep as they have it to reading; the new rules say who changes what."""
    rule = api.Environment(cr, SUPERUSER_ID, {}).ref("kho_dl.rule_trust_certificate_company", raise_if_not_found=False)
    if rule:
        rule.write({"perm_write": False, "perm_create": False, "perm_unlink": False})
