from psycopg2.errors import ForeignKeyViolation, RestrictViolation

from odoo.tools import SQL

from .models.reporting import audit_triggers, indicator_triggers

# A system administrator's choice, see the settings.
KEEP_FILES = "kho_dl.keep_files"


def post_init_hook(env):
    """Do what a first installation needs besides its records."""
    close_sign_in_at_odoo(env.cr)


def close_sign_in_at_odoo(cr):
    """Switch off Odoo's own provider of sign-ins where it came with us: an office has not asked for it.

    The add-on that it is of was there before where the provider is older; then it stays as people left it.
    """
    cr.execute(
        """
        UPDATE auth_oauth_provider provider
           SET enabled = FALSE
          FROM ir_model_data data
         WHERE data.module = 'auth_oauth' AND data.name = 'provider_openerp' AND data.res_id = provider.id
           AND provider.create_date > now() AT TIME ZONE 'UTC' - interval '1 hour'
           AND NOT EXISTS (SELECT FROM res_users WHERE oauth_provider_id = provider.id)
        """
    )


def remove_sign_in(env):
    """Delete the providers by which citizens sign in: without our checks Odoo would take a token from whoever brings one."""
    env["auth.oauth.provider"].search([("kho_dl_company_id", "!=", False)]).unlink()


def uninstall_hook(env):
    """Take away what PostgreSQL and Odoo would keep, and put aside what a person chose to keep."""
    indicator_triggers.remove(env.cr)
    audit_triggers.remove(env.cr)
    remove_sign_in(env)
    parameters = env["ir.config_parameter"].sudo()
    if parameters.get_param(KEEP_FILES):
        env.flush_all()
        _keep_files(env.cr)
        env.invalidate_all()
    parameters.search([("key", "=like", "kho_dl.%")]).unlink()
    _forget_what_people_made(env)
    env.flush_all()
    give_contacts_back(env.cr)
    _empty_tables(env.cr)
    env.invalidate_all()
    _forget_our_models(env.cr)


def give_contacts_back(cr):
    """Make contacts of several offices the first one's again, with their accounts: all below the company above would read them.

    Those that no office was to read are archived: they signed in, and have a case nowhere.
    """
    cr.execute(
        """
        WITH given AS (
            UPDATE res_partner contact SET company_id = office.id FROM res_company office
             WHERE office.id = (contact.kho_dl_offices ->> 0)::integer
         RETURNING contact.id, office.id AS office_id
        )
        UPDATE res_users account SET company_id = given.office_id FROM given
          JOIN res_company_users_rel may ON may.cid = given.office_id
         WHERE account.partner_id = given.id AND may.user_id = account.id
        """
    )
    cr.execute(
        """
        WITH nobodys AS (
            UPDATE res_partner contact SET active = FALSE
             WHERE jsonb_typeof(kho_dl_offices) = 'array'
               AND NOT EXISTS (SELECT FROM res_users WHERE partner_id = contact.id AND share IS NOT TRUE)
               AND NOT EXISTS (SELECT FROM res_company WHERE contact.kho_dl_offices ? id::text)
         RETURNING id
        )
        UPDATE res_users SET active = FALSE WHERE partner_id IN (SELECT id FROM nobodys)
        """
    )


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
             UNION ALL
            SELECT file.id, paper.owner_id, paper.company_id
              FROM ir_attachment file
              JOIN kho_dl_paper paper ON paper.id = file.res_id AND file.res_model = 'kho.dl.paper'
        )
        UPDATE ir_attachment file
           SET res_model = 'res.partner', res_id = COALESCE(owned.owner_id, company.partner_id)
          FROM owned JOIN res_company company ON company.id = owned.company_id
         WHERE file.id = owned.attachment_id AND file.res_model LIKE 'kho.dl.%' AND file.res_field IS NULL
        """
    )


def _forget_what_people_made(env):
    """Delete what people made for our models and what is no data of ours: favourites, exports, actions with their menus."""
    actions = env["ir.actions.act_window"].search([("res_model", "=like", "kho.dl.%")])
    ours = env["ir.model.data"].search([("module", "=", "kho_dl"), ("model", "=", "ir.actions.act_window")])
    theirs = actions.filtered(lambda action: action.id not in ours.mapped("res_id"))
    names = [f"{action._name},{action.id}" for action in theirs]
    menus = env["ir.ui.menu"].with_context(**{"ir.ui.menu.full_list": True}, active_test=False)
    menus.search([("action", "in", names)]).unlink()
    theirs.unlink()
    for model, field in (
        ("ir.filters", "model_id"),
        ("ir.exports", "resource"),
        ("base_import.mapping", "res_model"),
        ("mail.message.subtype", "res_model"),
    ):
        env[model].with_context(active_test=False).search([(field, "=like", "kho.dl.%")]).unlink()


def _empty_tables(cr):
    """Empty our tables: their rows would keep contacts and users of the demo, which Odoo deletes before the tables."""
    cr.execute(
        r"""
        SELECT class.relname
          FROM ir_model model
          JOIN pg_class class ON class.relname = replace(model.model, '.', '_') AND class.relkind = 'r'
         WHERE model.model LIKE 'kho.dl.%'
        """
    )
    left = [name for (name,) in cr.fetchall()]
    while left:
        # A table goes once those that point at it are empty; what another module points at stays until its end.
        still_left = [name for name in left if not _is_emptied(cr, name)]
        if len(still_left) == len(left):
            return
        left = still_left


def _is_emptied(cr, table):
    try:
        with cr.savepoint(flush=False):
            cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)), log_exceptions=False)
    except (ForeignKeyViolation, RestrictViolation):
        return False
    return True


def _forget_our_models(cr):
    """Delete what Odoo notes of our models under the names of other modules, and so does not delete with ours."""
    cr.execute(
        r"""
        DELETE FROM ir_model_data
         WHERE module <> 'kho_dl' AND model IN ('ir.model.fields', 'ir.model.fields.selection', 'ir.model.inherit')
           AND name ~ '^(field|selection_|model_inherit_)_kho_dl_'
        """
    )
    # Keys of tables between our models and others, and from others to a company: Odoo drops the tables and columns and
    # forgets the notes.
    cr.execute(
        r"""
        DELETE FROM ir_model_constraint
         WHERE type = 'f' AND name LIKE '%kho\_dl\_%' AND module = (SELECT id FROM ir_module_module WHERE name = 'kho_dl')
        """
    )
