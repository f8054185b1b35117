from contextlib import contextmanager

from psycopg2.errors import ForeignKeyViolation, RestrictViolation

from odoo import models
from odoo.exceptions import UserError


class KhoDLKept(models.AbstractModel):
    """A record that cases, papers or the journal may point at: who deletes it reads what keeps it, in words."""

    _name = "kho.dl.kept"
    _description = "Record that others point at"

    def unlink(self):
        with kept_in_words(self):
            return super().unlink()


class ResPartner(models.Model):
    _inherit = "res.partner"

    def unlink(self):
        with kept_in_words(self):
            return super().unlink()


class ResUsers(models.Model):
    _inherit = "res.users"

    def unlink(self):
        with kept_in_words(self):
            return super().unlink()


class ResCompany(models.Model):
    _inherit = "res.company"

    def unlink(self):
        with kept_in_words(self):
            return super().unlink()


@contextmanager
def kept_in_words(records):
    """Raise UserError where a record of ours keeps one of `records` from being deleted.

    The database is asked nothing that it does not look at anyway: its own refusal becomes words.
    """
    try:
        with records.env.cr.savepoint():
            yield
    except (ForeignKeyViolation, RestrictViolation) as error:
        keeper = _holder(records.env, error.diag.table_name)
        if keeper is None:
            raise
        raise UserError(_words(records, keeper)) from error


def _holder(env, table):
    """Return the name of our model whose rows, or links, stand in `table`; None for those of others."""
    ours = [model for name, model in env.registry.items() if name.startswith("kho.dl.") and not model._abstract]
    for model in ours:
        links = (field.relation for field in model._fields.values() if field.type == "many2many" and field.store)
        if table == model._table or table in links:
            return model._name
    return None


def _words(records, keeper):
    env = records.env
    # sudo: the name of a model is no secret.
    names = env["ir.model"].sudo()
    words = env._(
        "“%(name)s” cannot be deleted: records that stay point at it (%(what)s). Nothing was changed.",
        name=records.display_name if len(records) == 1 else names._get(records._name).name,
        what=names._get(keeper).name,
    )
    if "active" in records._fields:
        return env._("%(reason)s Archive it instead.", reason=words)
    return words
