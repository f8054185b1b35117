from odoo.tools import SQL

from .models import indicator_triggers

# A system administrator's choice, see the settings.
KEEP_FILES = "kho_dl.keep_files"


def uninstall_hook(env):
    """Take away what PostgreSQL and Odoo would keep, and put aside what a person chose to keep."""
    indicator_triggers.remove(env.cr)
    parameters = env["ir.config_parameter"].sudo()
    if parameters.get_param(KEEP_FILES):
        _keep_files(env)
    parameters.search([("key", "=like", "kho_dl.%")]).unlink()


def _keep_files(env):
    """Make the files of cases and of our own store files of the contacts that they are about."""
    env.flush_all()
    owners = {
        "kho.dl.case.document": SQL(
            """
            SELECT document.id, kase.owner_id
              FROM kho_dl_case_document AS document JOIN kho_dl_case AS kase ON kase.id = document.case_id
            """
        ),
        "kho.dl.paper": SQL("SELECT id, owner_id FROM kho_dl_paper WHERE owner_id IS NOT NULL"),
    }
    for model, owned in owners.items():
        env.execute_query(
            SQL(
                """
                UPDATE ir_attachment AS file SET res_model = 'res.partner', res_id = owned.owner_id, res_field = NULL
                  FROM (%s) AS owned(id, owner_id)
                 WHERE file.res_model = %s AND file.res_id = owned.id
                RETURNING file.id
                """,
                owned,
                model,
            )
        )
    env.invalidate_all()
