"""What the sweep looks through: every model of the add-on with records of a foreign company, and with one's own."""

import base64
from pathlib import Path

from odoo import Command, fields
from odoo.models import MAGIC_COLUMNS
from odoo.tests import new_test_user
from odoo.tools import SQL

from .common import AN, CHAU, CRIMINAL_RECORD

ADD_ON = "kho_dl"
# Stands in every text of the foreign company, and nowhere else.
MARK = "ZQX"
# Ids that are nobody else's, a block of them for each table: of the foreign company, of one's own, of nothing at all.
FOREIGN_IDS, OWN_IDS, MISSING_ID = 70_000_000, 80_000_000, 2_000_000_011
_BLOCK = 100_000
# Texts that are names of something.
_SPECIAL = {"kho.dl.alarm": {"kind": "not_set_up"}}
PDF = b"%PDF-1.4 a result of the foreign company %%EOF"


def add_on_models(env):
    """Return the models (with a table or a view) that the add-on brings, found in the registry."""
    names = sorted(name for name, model in env.registry.items() if model._original_module == ADD_ON)
    return [env[name] for name in names if not env[name]._abstract]


def is_of_somebody(model):
    """Whether the records of `model` belong to a company, or to the person whose form they are."""
    return "company_id" in model._fields or model._transient


class Maker:
    """Makes a record of any model for one company: fills what is required, and every text with `mark`."""

    def __init__(self, env, company, user, mark):
        self.env, self.company, self.user, self.mark = env, company, user, mark
        self.failures = {}

    def fill(self):
        """Make one record of each model that has none yet; what is impossible is left."""
        models = [model for model in add_on_models(self.env) if model._auto and is_of_somebody(model)]
        wanted = [model for model in models if not self.records(model._name)]
        while wanted:
            left = [model for model in wanted if not self._make(model._name)]
            if len(left) == len(wanted):
                return
            wanted = left

    def records(self, name):
        """Return the records of the model `name` that belong to this company, or to its people's forms."""
        model = self.env[name].sudo().with_context(active_test=False)
        if "company_id" in model._fields:
            return model.search([("company_id", "=", self.company.id)])
        return model.search([("create_uid", "=", self.user.id)]) if model._transient else model

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
                value = self._value(field)
                if value is not None:
                    values[field.name] = value
        if "company_id" in self.env[name]._fields and not self.env[name]._fields["company_id"].related:
            values["company_id"] = self.company.id
        return {**values, **_SPECIAL.get(name, {})}

    def _value(self, field):
        if ADD_ON not in field._modules:
            return None
        if field.type in ("char", "text"):
            return f"{self.mark} {field.name}" if field.required or not field.readonly else None
        if field.type == "many2one" and (field.required or self._of_company(field.comodel_name)):
            return self.any_record(field.comodel_name).id or None
        if not field.required or field.default:
            return None
        if field.type == "selection":
            return field.get_values(self.env)[0]
        return {
            "date": fields.Date.today(),
            "datetime": fields.Datetime.now(),
            "integer": 1,
            "float": 1.0,
            "binary": base64.b64encode(b"x"),
        }.get(field.type)

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
            return self.env[name].with_user(self.user).create({"name": f"{self.mark}.pdf", "raw": PDF})
        model = self.env[name].sudo()
        return self.records(name)[:1] if is_of_somebody(model) else model.search([], limit=1)


class World:
    """A foreign company in which everything has happened, and an own one with one of everything."""

    def __init__(self, test):
        self.test, self.env = test, test.env
        self.foreign_company = test.company
        self.foreign_company.write(
            {"name": f"{MARK} office", "kho_dl_own_providerurl": f"https://{MARK}.example.gov.vn"}
        )
        self.foreign_user = test.clerk
        self.foreign = Maker(self.env, self.foreign_company, self.foreign_user, MARK)
        self._work_of_foreigners()
        self.foreign.fill()
        self.env.flush_all()
        _begin_ids(self.env, OWN_IDS)
        self.company = self.env["res.company"].create({"name": "Own office"})
        test._connect(self.company)
        self.users = self._make_users()
        self.own = Maker(self.env, self.company, self.users["kho_dl.group_administrator"], "Own")
        self._work_of_our_own()
        self.own.fill()
        self.env.flush_all()
        self.ids = {model._name: set(self.foreign.records(model._name).ids) for model in add_on_models(self.env)}
        self.ids["res.partner"] = set(self.partner_of_foreigners.ids)
        self.ids["ir.attachment"] = set(
            self.env["ir.attachment"]
            .search([("id", ">=", FOREIGN_IDS), ("id", "<", OWN_IDS), ("res_field", "=", False)])
            .ids
        )
        # Not users: Odoo shows those of all companies to everybody who works in one.
        self.ids["res.company"] = {self.foreign_company.id}
        self.secrets = self._secrets()

    def _work_of_foreigners(self):
        test = self.test
        partner = self.env["res.partner"].create({"name": f"{MARK} applicant", "company_id": self.foreign_company.id})
        self.partner_of_foreigners = partner
        test.procedure.name = f"{MARK} procedure"
        for document in test.procedure.document_ids:
            document.name = f"{MARK} {document.name}"
        self.env["kho.dl.procedure.variant"].create({"procedure_id": test.procedure.id, "name": f"{MARK} variant"})
        self.foreign_company.kho_dl_sync_enabled = True
        self.case = test.make_case(AN, owner_id=partner.id, name=f"{MARK}-0001")
        wizard = test.make_wizard(self.case)
        wizard.action_search()
        wizard.action_attach()
        # A contact of all companies, whose number the foreign one knows.
        self.shared_partner = self.env["res.partner"].create({"name": "Shared applicant", "company_id": False})
        test.make_case(AN, owner_id=self.shared_partner.id, name=f"{MARK}-0002")
        paper = (
            self.env["kho.dl.paper"]
            .with_user(test.clerk)
            .create(
                {
                    "case_id": self.case.id,
                    "result_code_id": test.codes[CRIMINAL_RECORD].id,
                    "name": f"{MARK} paper",
                    "number": f"{MARK}/2026",
                    "date_issued": "2026-01-15",
                    "attachment_ids": [Command.create({"name": f"{MARK}.pdf", "raw": PDF})],
                }
            )
        )
        self.case.state = "9"
        assert paper.state == "effective", paper.missing
        # sudo: what became of a message is recorded by the system.
        self.env["kho.dl.outbox"].sudo().search([("case_id", "=", self.case.id)], limit=1).write(
            {"state": "pending", "error": f"{MARK} error", "error_kind": "unreachable"}
        )
        self.env["kho.dl.trust.certificate"].create(
            {
                "certificate": base64.b64encode(_authority()),
                "note": f"{MARK} note",
                "company_id": self.foreign_company.id,
            }
        )

    def _work_of_our_own(self):
        """Make a case, and a document of its procedure that is not on it yet."""
        self.partner = self.env["res.partner"].create({"name": "Own applicant", "company_id": self.company.id})
        self.procedure = self.env["kho.dl.procedure"].create(
            {
                "code": "1.777",
                "name": "Own procedure",
                "company_id": self.company.id,
                "document_ids": [Command.create({"name": "Own document"})],
            }
        )
        self.own_case = self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": self.partner.id,
                "owner_id_number": CHAU,
                "company_id": self.company.id,
                "officer_id": self.users["kho_dl.group_clerk"].id,
            }
        )
        self.spare_document = self.env["kho.dl.procedure.document"].create(
            {"procedure_id": self.procedure.id, "name": "Own spare document"}
        )

    def _make_users(self):
        """Return {group: a user of the own company who is in that group only}, each group of the add-on and below."""
        groups = self.env["ir.model.data"].search([("module", "=", ADD_ON), ("model", "=", "res.groups")])
        names = [f"{ADD_ON}.{group.name}" for group in groups] + ["base.group_user", "base.group_portal"]
        return {
            name: new_test_user(
                self.env,
                f"sweep_{name.replace('.', '_')}",
                groups=name,
                company_id=self.company.id,
                company_ids=[Command.set(self.company.ids)],
            )
            for name in names
        }

    def _secrets(self):
        """Return what may stand in no answer: the mark, and what the foreign company's records got by themselves."""
        # sudo: links, tokens and numbers, which few people read.
        retrievals = self.env["kho.dl.retrieval"].sudo().browse(self.ids["kho.dl.retrieval"])
        files = self.env["kho.dl.paper.file"].sudo().browse(self.ids["kho.dl.paper.file"])
        found = {MARK, AN, self.foreign_user.kho_dl_id_number}
        found.update(
            retrievals.mapped("link"), retrievals.mapped("link_key"), files.mapped("token"), files.mapped("sha256")
        )
        return found - {False, "", None}

    def foreign_id(self, name):
        """Return the id of a foreign record of the model `name`, or None where all companies share them."""
        return min(self.ids.get(name) or [None])

    def shared_id(self, name):
        """Return the id of a record of the model `name` that both companies use, or None."""
        return self.shared_partner.id if name == "res.partner" else None

    def own_values(self, name):
        """Return values with which a user of the own company could make a record of the model `name`."""
        values = self.own.values(name)
        if name == "kho.dl.case.document":
            values["procedure_document_id"] = self.spare_document.id
        return values


def begin_foreign_ids(test):
    """Let new records get ids that are nobody else's, and put the sequences back when `test` is over."""
    _begin_ids(test.env, FOREIGN_IDS, test.addCleanup)


def _begin_ids(env, first, add_cleanup=None):
    tables = [model._table for model in add_on_models(env) if model._auto] + ["res_partner", "ir_attachment"]
    for number, table in enumerate(tables):
        sequence = f"{table}_id_seq"
        if add_cleanup:
            before = env.execute_query(SQL("SELECT last_value, is_called FROM %s", SQL.identifier(sequence)))[0]
            add_cleanup(env.cr.execute, SQL("SELECT setval(%s, %s, %s)", sequence, *before))
        env.cr.execute(SQL("SELECT setval(%s, %s, FALSE)", sequence, first + number * _BLOCK + 1))


def _authority():
    return (Path(__file__).parent.parent / "simulator" / "authority.pem").read_bytes()
