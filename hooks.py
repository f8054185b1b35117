from .models import indicator_triggers

# A system administrator's choice, see the settings.
KEEP_FILES = "kho_dl.keep_files"


def uninstall_hook(env):
    """Take away what PostgreSQL and Odoo would keep, and put aside what a person chose to keep."""
    indicator_triggers.remove(env.cr)
    parameters = env["ir.config_parameter"].sudo()
    if parameters.get_param(KEEP_FILES):
        env.flush_all()
        _keep_files(env.cr)
        env.invalidate_all()
    parameters.search([("key", "=like", "kho_dl.%")]).unlink()
    _forget_our_models(env.cr)


def _keep_files(cr):
    """Make the files of cases and papers those of the applicant's contact, or of the agency's where there is none."""
    cr.execute(
        """
        WITH owned AS (
            SELECT link.attachment_id, job.owner_id, job.company_id
              FROM kho_dl_case_document_attachment_rel link
              JOIN kho_dl_case_document document ON document.id = link.case_document_id
              JOIN kho_dl_case job ON job.id = document.case_id
             UNION ALL
            SELECT link.attachment_id, paper.owner_id, paper.company_id
              FROM kho_dl_paper_attachment_rel link JOIN kho_dl_paper paper ON paper.id = link.paper_id
             UNION ALL
            SELECT file.id, job.owner_id, job.company_id
              FROM ir_attachment file
              JOIN kho_dl_case job ON job.id = file.res_id AND file.res_model = 'kho.dl.case'
        )
        UPDATE ir_attachment file
           SET res_model = 'res.partner', res_id = COALESCE(owned.owner_id, company.partner_id)
          FROM owned JOIN res_company company ON company.id = owned.company_id
         WHERE file.id = owned.attachment_id AND file.res_model LIKE 'kho.dl.%' AND file.res_field IS NULL
        """
    )


def _forget_our_models(cr):
    """Delete what Odoo notes of our models under the names of other modules, and so does not delete with ours."""
    cr.execute(
        r"""
        DELETE FROM ir_model_data
         WHERE module <> 'kho_dl' AND model IN ('ir.model.fields', 'ir.model.fields.selection', 'ir.model.inherit')
           AND name ~ '^(field|selection_|model_inherit_)_kho_dl_'
        """
    )
    # Keys of tables between our models and others: Odoo drops the tables and forgets the notes.
    cr.execute(
        r"""
        DELETE FROM ir_model_constraint
         WHERE type = 'f' AND name LIKE 'kho\_dl\_%' AND module = (SELECT id FROM ir_module_module WHERE name = 'kho_dl')
        """
    )
