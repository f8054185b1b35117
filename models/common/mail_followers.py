from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .kho_dl_beside import beside_hidden
from .kho_dl_guarded import OURS


class MailFollowers(models.Model):
    """Who follows a record of ours, officers among them, is told to those who may read it: Odoo tells every officer who is at what."""

    _inherit = "mail.followers"

    kho_dl_is_told = fields.Boolean(
        "Is about what may be read",
        compute="_compute_kho_dl_is_told",
        search="_search_kho_dl_is_told",
        groups=fields.NO_ACCESS,
    )

    @api.depends("res_model", "res_id")
    @api.depends_context("allowed_company_ids", "uid")
    def _compute_kho_dl_is_told(self):
        self.kho_dl_is_told = True
        # Rules are looked at as superuser.
        beside_hidden(self.sudo(False)).with_env(self.env).kho_dl_is_told = False

    @api.model
    def _search_kho_dl_is_told(self, operator, value):
        if operator != "in" or list(value) != [True]:
            return NotImplemented
        names = (name for name in self.env if name.startswith(OURS) and not self.env[name]._abstract)
        threads = [self.env[name] for name in names if isinstance(self.env[name], self.pool["mail.thread"])]
        readable = [model for model in threads if model.sudo(False).has_access("read")]

        def to_sql(model, alias, query):
            res_model, res_id = (model._field_to_sql(alias, name, query) for name in ("res_model", "res_id"))
            told = [SQL("%s NOT LIKE %s", res_model, f"{OURS}%")]
            told += [SQL("%s = %s AND %s", res_model, one._name, _is_read(one.sudo(False), res_id)) for one in readable]
            return SQL("(%s)", SQL(" OR ").join(told))

        return Domain.custom(to_sql=to_sql)


def _is_read(model, res_id):
    """Return the SQL of whether the record `res_id` of `model` may be read."""
    query = model.with_context(active_test=False)._search(Domain.TRUE)
    query.add_where(SQL("%s = %s", SQL.identifier(query.table, "id"), res_id))
    # Row by row: as a list of all that may be read PostgreSQL would read every case for a few followers.
    return SQL("EXISTS %s", query.subselect())
