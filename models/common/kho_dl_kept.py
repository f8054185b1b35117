import re
from contextlib import contextmanager

from psycopg2.errors import ForeignKeyViolation, RestrictViolation

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .kho_dl_guarded import OURS

_KEPT = (ForeignKeyViolation, RestrictViolation)
# PostgreSQL's detail, in any language, where a row that is pointed at is deleted; our columns are never called id.
_POINTED_AT = re.compile(r"\(id\)=\((\d+)\)")


class KhoDLKept(models.AbstractModel):
    """A record of ours that cases, papers or the journal may point at: who deletes it reads what keeps it, in words."""

    _name = "kho.dl.kept"
    _description = "Record that others point at"

    def unlink(self):
        with _kept_in_words(self):
            return super().unlink()


class Base(models.AbstractModel):
    """Contacts, users and companies are others': deleting them costs nothing here, and Odoo asks for words where it
    puts the refusal of the database before people.
    """

    _inherit = "base"

    @api.model
    def _sql_error_to_message(self, exc):
        if isinstance(exc, _KEPT) and (keeper := _holder(self.env, exc.diag.table_name)):
            kept = _pointed_at(self.env, exc.diag)
            if kept is not None:
                return _words(kept, keeper)
        return super()._sql_error_to_message(exc)


@contextmanager
def _kept_in_words(records):
    """Raise UserError where a record of ours keeps one of `records` from being deleted.

    The database is asked nothing that it does not look at anyway: its own refusal becomes words.
    """
    try:
        with records.env.cr.savepoint():
            yield
    except _KEPT as error:
        keeper = _holder(records.env, error.diag.table_name)
        if keeper is None:
            raise
        raise UserError(_words(records, keeper)) from error


def _pointed_at(env, diag):
    """Return the record that was to be deleted; None where the error of a foreign key is another one."""
    number = _POINTED_AT.search(diag.message_detail or "")
    table = SQL(
        "SELECT confrelid::regclass::text FROM pg_constraint WHERE conname = %s AND conrelid = to_regclass(%s)",
        diag.constraint_name,
        diag.table_name,
    )
    for name in (row[0] for row in env.execute_query(table) if number):
        for model in env.registry.values():
            if model._table == name and not model._abstract:
                return env[model._name].browse(int(number[1]))
    return None


def _holder(env, table):
    """Return the name of our model whose rows, or links, stand in `table`; None for those of others."""
    ours = [model for name, model in env.registry.items() if name.startswith(OURS) and not model._abstract]
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
