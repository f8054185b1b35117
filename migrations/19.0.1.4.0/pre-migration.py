from odoo.tools.sql import column_exists, table_exists
from odoo.tools.translate import get_translation

# As the store says it of a draft.
_REASON = "This paper is in the store already: same owner, result, agency and number."


def migrate(cr, version):
    """Bring what an earlier version kept to 19.0.1.4.0."""
    _share_breakers(cr)
    _revoke_equal_papers(cr)


def _share_breakers(cr):
    """Forget what each company knew: three failures teach it anew, and a row of one company may be another's now.

    What is known of a far system is shared by all companies behind one security server, no longer each one's own.
    """
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


def _revoke_equal_papers(cr):
    """Leave the first of equal papers in the store and revoke the others, which loses nothing of them.

    A draft again they could enter no more, for their files are kept already; replaced they are by nothing.

    Where no agency code was written, the store could hold one paper twice: the new index of it could not be made.
    """
    if not column_exists(cr, "kho_dl_paper", "revoke_reason"):
        # From a version that had no store yet.
        return
    cr.execute(
        """
        UPDATE kho_dl_paper SET state = 'revoked', ended_on = now() AT TIME ZONE 'UTC', revoke_reason = %s
         WHERE id IN (
               SELECT id
                 FROM (SELECT id,
                              row_number() OVER (
                                  PARTITION BY company_id, owner_id_number, result_code_id,
                                               COALESCE(agency_code, ''), number
                                      ORDER BY entered_on NULLS LAST, id
                              ) AS place
                         FROM kho_dl_paper
                        WHERE state = 'effective' AND number <> '' AND owner_id_number IS NOT NULL
                      ) AS equal
                WHERE place > 1)
        """,
        [get_translation("kho_dl", _language(cr), _REASON, ())],
    )


def _language(cr):
    """Return the language of most people who work here: no model of ours can be asked yet."""
    cr.execute(
        """
        SELECT lang FROM res_partner
         WHERE id IN (SELECT partner_id FROM res_users WHERE active AND NOT share) AND lang IS NOT NULL
         GROUP BY lang ORDER BY count(*) DESC, lang LIMIT 1
        """
    )
    found = cr.fetchone()
    return found[0] if found else "en_US"
