from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Tell the portal of the papers that `pre-papers.py` took back: their addresses are dead."""
    cr.execute(
        """
        SELECT DISTINCT ended.case_id
          FROM kho_dl_paper ended
          JOIN kho_dl_paper first
            ON (first.company_id, first.owner_id_number, first.result_code_id, COALESCE(first.agency_code, ''), first.number)
             = (ended.company_id, ended.owner_id_number, ended.result_code_id, COALESCE(ended.agency_code, ''), ended.number)
         WHERE first.state = 'effective' AND ended.state = 'revoked' AND ended.case_id IS NOT NULL
           AND ended.ended_on > now() AT TIME ZONE 'UTC' - interval '1 day'
        """
    )
    env = api.Environment(cr, SUPERUSER_ID, {})
    env["kho.dl.case"].browse(case_id for (case_id,) in cr.fetchall())._tell_portal()
