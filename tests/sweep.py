"""Calls of models as Odoo's RPC makes them, each undone, with what came back and what changed."""

import json
import re
from contextlib import suppress
from dataclasses import dataclass, field

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tools import SQL, json_default

from .sweep_maker import ADD_ON, swept_models


@dataclass
class Answer:
    """What a call returned as JSON, or the error it ended with, and the tables that it changed."""

    call: str
    text: str = ""
    error: Exception | None = None
    changed: set = field(default_factory=set)
    changed_foreign: set = field(default_factory=set)
    named: set = field(default_factory=set)

    @property
    def is_refused(self):
        """Whether the call ended with words for people."""
        return isinstance(self.error, UserError)

    def faults(self, world, group):
        """Yield what must be in no answer: errors of the program, and what is the foreign company's."""
        if self.error and not self.is_refused:
            yield f"{self.call}: ended in {type(self.error).__name__}: {str(self.error)[:200]}"
        said = world.without_known(group, f"{self.text} {self.error or ''}")
        yield from (
            f"{self.call}: tells {secret!r}: …{_around(said, secret)}…" for secret in world.secrets if secret in said
        )
        ids = {int(number) for number in re.findall(r"\b\d{8,10}\b", self.text)} - self.named
        foreign = {model: ids & found for model, found in world.ids.items() if ids & found}
        if foreign:
            yield f"{self.call}: names foreign records {foreign}"


def _around(text, secret):
    position = text.index(secret)
    return text[max(0, position - 60) : position + 60]


class _Undone(Exception):
    pass


class Sweep:
    """Makes calls as users of the own company; whatever a call does is undone."""

    def __init__(self, env, world):
        self.env, self.world, self.companies = env, world, world.company.ids
        tables = {model._table for model in swept_models(env) if model._auto}
        tables |= {
            one.relation
            for model in swept_models(env)
            for one in model._fields.values()
            if one.type == "many2many" and one.store
        }
        tables |= {"ir_attachment", "res_partner", "mail_message", "mail_followers", "mail_activity"}
        self.tables = sorted(tables)
        env.flush_all()
        env.cr.commit()
        self.counts = self._counts()
        self.before = {table: self._digest(table) for table in self.tables}
        self.foreign_rows = {env[model]._table: list(ids) for model, ids in world.ids.items() if env[model]._auto}
        self.foreign_before = {table: self._digest_foreign(table) for table in self.foreign_rows}

    def as_user(self, user, **context):
        return self.env(user=user, context={"lang": "en_US", "allowed_company_ids": self.companies, **context})

    def call(self, user, model, name, *args, context=None, group="", note="", **kwargs):
        """Return the `Answer` to a call of `model` as `user`; `kwargs` are the method's own."""
        cr = self.env.cr
        cr.commit()
        self.env.invalidate_all()
        # Beneath the savepoints of Odoo's test cursor, which a call that commits releases.
        cr._cursor.execute("SAVEPOINT sweep")
        answer = Answer(f"{group} {model}.{name}{note}", named=_numbers(args, context))
        self._answer(answer, self.as_user(user, **(context or {})), model, name, args, kwargs)
        if answer.error:
            cr.rollback()
        else:
            cr.commit()
        self._put_into_words(answer, model)
        # PostgreSQL counts what was undone as well.
        before, self.counts = self.counts, self._counts()
        touched = [table for table, count in self.counts.items() if before[table] != count]
        answer.changed = {table for table in touched if self._digest(table) != self.before[table]}
        answer.changed_foreign = {
            table
            for table in answer.changed & self.foreign_rows.keys()
            if self._digest_foreign(table) != self.foreign_before[table]
        }
        cr.rollback()
        cr._cursor.execute("ROLLBACK TO SAVEPOINT sweep; RELEASE SAVEPOINT sweep")
        self.env.transaction.clear()
        return answer

    def look(self, user, model, name, *args, context=None, group="", note=""):
        """Return the `Answer` to a call that only reads."""
        self.env.invalidate_all(flush=False)
        answer = Answer(f"{group} {model}.{name}{note}", named=_numbers(args, context))
        with suppress(_Undone), self.env.cr.savepoint(flush=False):
            self._answer(answer, self.as_user(user, **(context or {})), model, name, args)
            if answer.error:
                raise _Undone
        self._put_into_words(answer, model)
        return answer

    def _answer(self, answer, env, model, name, args, kwargs=()):
        try:
            # Odoo takes the context from the call alone.
            value = call_kw(env[model], name, list(args), {**dict(kwargs), "context": dict(env.context)})
            env.flush_all()
            answer.text = json.dumps(value, default=json_default, ensure_ascii=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what the caller would meet
            answer.error = error

    def _put_into_words(self, answer, model):
        if isinstance(answer.error, IntegrityError):
            # As `odoo.service.model.retrying` does.
            answer.error = ValidationError(self.env[model]._sql_error_to_message(answer.error))

    def _counts(self):
        rows = self.env.execute_query(
            SQL(
                """
                SELECT relname,
                       pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid)
                       + pg_stat_get_xact_tuples_deleted(oid)
                  FROM pg_class WHERE relkind = 'r' AND relname = ANY(%s)
                """,
                self.tables,
            )
        )
        return dict(rows)

    def _digest(self, table):
        statement = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %s t"
        return self.env.execute_query(SQL(statement, SQL.identifier(table)))

    def _digest_foreign(self, table):
        """Return a digest of the rows of `table` that are the foreign company's."""
        statement = "SELECT count(*), sum(hashtextextended(t::text, 0)) FROM %s t WHERE id = ANY(%s)"
        return self.env.execute_query(SQL(statement, SQL.identifier(table), self.foreign_rows[table]))


def _numbers(*values):
    return {int(number) for number in re.findall(r"\d{8,10}", repr(values))}


def our_fields(env, model):
    """Return {name: field} of the fields of `model` that the add-on brings and the user of `env` may read."""
    readable = env[model].fields_get(attributes=["type"])
    fields = env[model]._fields
    ours = {name for name, one in fields.items() if ADD_ON in one._modules} - {*MAGIC_COLUMNS}
    if env[model]._original_module == ADD_ON:
        ours.add("display_name")
    return {name: fields[name] for name in readable if name in ours}


def spec(fields):
    """Return the specification with which a form would read `fields`, and the names of what they link."""
    return {one.name: {"fields": {"display_name": {}}} if one.relational else {} for one in fields.values()}
