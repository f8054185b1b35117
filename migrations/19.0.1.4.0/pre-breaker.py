"""What is known of a far system is shared by all companies behind one security server, no longer each one's own."""

from odoo.tools.sql import table_exists


def migrate(cr, version):
    """Forget what each company knew: three failures teach it anew, and a row of one company may be another's now."""
    if not table_exists(cr, "kho_dl_breaker"):
        return  # the first version had no breakers
    cr.execute("DELETE FROM kho_dl_breaker")
    cr.execute("ALTER TABLE kho_dl_breaker DROP COLUMN IF EXISTS company_id")
    # Installations keep this rule as they have it.
    cr.execute(
        """
        UPDATE ir_rule SET domain_force = '[(''company_ids'', ''in'', company_ids)]'
         WHERE id IN (SELECT res_id FROM ir_model_data
                       WHERE module = 'kho_dl' AND name = 'rule_breaker_company' AND model = 'ir.rule')
        """
    )
