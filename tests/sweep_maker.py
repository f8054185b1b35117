"""Makes a record of any model for one company: what the sweep looks through, and what it calls with."""

import base64

from cryptography.hazmat.primitives.serialization import Encoding

from odoo import fields
from odoo.models import MAGIC_COLUMNS

from ..simulator import authority

ADD_ON = "kho_dl"
# Stands in every text of the foreign company, and nowhere else.
MARK = "ZQX"
PDF = b"%PDF-1.4 a result of the foreign company %%EOF"


def add_on_models(env):
    """Return the models (with a table or a view) that the add-on brings, found in the registry."""
    names = sorted(name for name, model in env.registry.items() if model._original_module == ADD_ON)
    return [env[name] for name in names if not env[name]._abstract]


def swept_models(env):
    """Return these, the models of other applications that inherit ours, and those of Odoo that we add fields to."""
    names = {model._name for model in add_on_models(env)}
    names |= {
        name
        for name, model in env.registry.items()
        if not model._abstract and any(ADD_ON in field._modules for field in model._fields.values())
    }
    return [env[name] for name in sorted(names)]


def is_of_somebody(model):
    """Whether the records of `model` belong to a company, or to the person whose form they are."""
    return "company_id" in model._fields or model._transient


class Maker:
    """Makes a record of any model for one company and person: fills what is required, and every text with `mark`."""

    def __init__(self, env, company, user, mark):
        self.env, self.company, self.user, self.mark = env, company, user, mark
        self.failures = {}
        # One file for all, once nothing more is made: else each look at what could be linked would make another.
        self.file = None

    def fill(self, models):
        """Make one record of each of `models` that has none yet; what is impossible is left."""
        wanted = [model for model in models if model._auto and is_of_somebody(model) and not self.records(model._name)]
        while wanted:
            left = [model for model in wanted if not self._make(model._name)]
            if len(left) == len(wanted):
                return
            wanted = left

    def records(self, name):
        """Return the records of the model `name` that belong to this company, or to this person's forms."""
        model = self.env[name].sudo().with_context(active_test=False)
        domain = []
        if "company_id" in model._fields:
            domain.append(("company_id", "=", self.company.id))
        if model._transient:
            domain.append(("create_uid", "=", self.user.id))
        return model.search(domain) if domain else model

    def _make(self, name):
        try:
            with self.env.cr.savepoint():
                # sudo: also what no user can make; as the user, whose forms are only the own ones.
                record = self.env[name].with_user(self.user).sudo().create(self.values(name))
                record.flush_recordset()
        except Exception as error:  # noqa: BLE001 - tried again when there is more to point at; a test says what is left
            self.failures[name] = repr(error)
            self.env.invalidate_all()
            return False
        return True

    def values(self, name):
        """Return values for a new record of the model `name`."""
        values = {}
        for field in self.env[name]._fields.values():
            if field.store and field.name not in MAGIC_COLUMNS and not field.compute and not field.related:
                value = self.value(field)
                if value is not None:
                    values[field.name] = value
        if "company_id" in self.env[name]._fields and not self.env[name]._fields["company_id"].related:
            values["company_id"] = self.company.id
        return {**values, **_special(name)}

    def value(self, field):
        """Return a value for `field`, or None where none is needed."""
        if ADD_ON not in field._modules:
            return None
        if field.type in ("char", "text"):
            return f"{self.mark} {field.name}" if field.required or not field.readonly else None
        if field.type == "many2one" and (field.required or self._of_company(field.comodel_name)):
            return self.any_record(field.comodel_name).id or None
        if not field.required or field.default:
            return None
        return plausible(field, self.env)

    def _of_company(self, name):
        return self.env.registry[name]._original_module == ADD_ON

    def any_record(self, name):
        """Return a record of the model `name` of this company, else one that all companies share."""
        if name == "res.users":
            return self.user
        if name == "res.company":
            return self.company
        if name == "res.partner":
            partner = self.env[name].search([("company_id", "=", self.company.id), ("user_ids", "=", False)], limit=1)
            return partner or self.env[name].create({"name": f"{self.mark} partner", "company_id": self.company.id})
        if name == "ir.attachment":
            if self.file:
                return self.file
            # sudo: also of people who upload nothing.
            return self.env[name].with_user(self.user).sudo().create({"name": f"{self.mark}.pdf", "raw": PDF})
        model = self.env[name].sudo()
        return self.records(name)[:1] if is_of_somebody(model) else model.search([], limit=1)


def plausible(field, env):
    """Return a value that `field`, which links nothing, could have; None for other types."""
    if field.type == "selection":
        return field.get_values(env)[0]
    return {
        "char": "x",
        "text": "x",
        "boolean": True,
        "date": fields.Date.today(),
        "datetime": fields.Datetime.now(),
        "integer": 1,
        "float": 1.0,
        "binary": base64.b64encode(b"x"),
    }.get(field.type)


def _special(name):
    """Return values of the model `name` that mean something."""
    if name == "kho.dl.alarm":
        return {"kind": "not_set_up"}
    if name == "kho.dl.trust.certificate":
        # Signed anew at each call, so never the same twice.
        return {"certificate": base64.b64encode(authority.root().public_bytes(Encoding.PEM))}
    if name == "kho.dl.mandate":
        return {"until": fields.Date.today()}
    return {}
