"""A foreign company in which everything has happened, an own one with one of everything, and its people."""

import base64

from odoo import Command, fields
from odoo.tools import SQL

from ..simulator import authority
from .common import AN, CHAU, CRIMINAL_RECORD, new_test_user
from .mixin_heir import HEIR, add_heir, let_people_use_heir
from .sweep_maker import ADD_ON, MARK, PDF, Maker, add_on_models, swept_models

# Ids that are nobody else's, a block of them for each table: of the foreign company, of one's own, of nothing at all.
FOREIGN_IDS, OWN_IDS, MISSING_ID = 70_000_000, 80_000_000, 2_000_000_011
_BLOCK = 100_000
# Works in both companies, and has only the own one open.
OF_BOTH = "of both"
CHIEF = "kho_dl.group_administrator"
SYSTEM = "base.group_system"
# Who rules the system rules all its companies and people, and files that are on no record: Odoo lets him read and change
# these, whosever they are.
_GIVEN_BY_ODOO = {SYSTEM: {"auth.oauth.provider", "ir.attachment", "res.company", "res.config.settings", "res.users"}}


class World:
    """A foreign company in which everything has happened, and an own one with one of everything."""

    def __init__(self, test):
        self.test, self.env = test, test.env
        self.foreign_company = test.company
        self.foreign_company.write(
            {"name": f"{MARK} office", "kho_dl_own_providerurl": f"https://{MARK}.example.gov.vn"}
        )
        # Behind a security server of its own, where the other one shares that of the own company.
        branch = self.env["res.company"].create(
            {"name": f"{MARK} branch", "kho_dl_ss_url": "http://branch.example:8080"}
        )
        self.foreign_companies = self.foreign_company | branch
        self.foreign_user = test.clerk
        add_heir(test, test.procedure, [])
        _begin_ids(self.env, FOREIGN_IDS + _BLOCK // 2)
        let_people_use_heir(self.env)
        models = swept_models(self.env)
        self.foreign = Maker(self.env, self.foreign_company, self.foreign_user, MARK)
        self._work_of_foreigners()
        self.foreign.fill(models)
        self.env.flush_all()
        _begin_ids(self.env, OWN_IDS)
        self.company = self.env["res.company"].create({"name": "Own office"})
        test._connect(self.company)
        self.users = self._make_users()
        # Who works in both companies has all rights of an administrator of one, and is nearer to the other one.
        self.strangers = [group for group in self.users if group != CHIEF]
        self.makers = {group: Maker(self.env, self.company, user, "Own") for group, user in self.users.items()}
        self.own = self.makers[CHIEF]
        self._work_of_our_own()
        self.own.fill(models)
        self._forms_of_others(models)
        for maker in self.makers.values():
            maker.file = maker.any_record("ir.attachment")
        self.env.flush_all()
        self.ids = {model._name: set(self.foreign.records(model._name).ids) for model in models}
        self.ids["res.partner"] = set(self.partner_of_foreigners.ids)
        self.ids["ir.attachment"] = set(
            self.env["ir.attachment"]
            .search([("id", ">=", FOREIGN_IDS), ("id", "<", OWN_IDS), ("res_field", "=", False)])
            .ids
        )
        # Not users: Odoo shows those of all companies to everybody who works in one.
        self.ids["res.users"] = set()
        self.ids["res.company"] = set(self.foreign_companies.ids)
        self.ids["kho.dl.breaker"] = set(self.foreign_breaker.ids)
        self.secrets = self._secrets()
        names = self.foreign_companies.mapped("name")
        self.known = {OF_BOTH: names, SYSTEM: [*names, self.foreign_company.kho_dl_own_providerurl]}

    def _forms_of_others(self, models):
        """Give everybody forms of their own: nobody works on another's."""
        for group, user in self.users.items():
            if group != CHIEF:
                with_user = ((model, model.with_user(user)) for model in models if model._transient)
                self.makers[group].fill([model for model, theirs in with_user if theirs.has_access("write")])

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
        test.attach_all(self.case)
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
        # sudo: what is known of far systems is recorded by the system.
        breakers = self.env["kho.dl.breaker"].sudo()
        self.foreign_breaker, _shared = breakers.create(
            [
                {"own_server": company.kho_dl_own_server, "lane": "SWEEP", "opened_on": fields.Datetime.now()}
                for company in self.foreign_companies.sorted("kho_dl_own_server", reverse=True)
            ]
        )
        self.case.state = "9"
        assert paper.state == "effective", paper.missing
        # sudo: what became of a message is recorded by the system.
        self.env["kho.dl.outbox"].sudo().search([("case_id", "=", self.case.id)], limit=1).write(
            {"state": "pending", "error": f"{MARK} error", "error_kind": "unreachable"}
        )
        self.env["kho.dl.trust.certificate"].create(
            {
                "certificate": base64.b64encode(authority.ROOT_FILE.read_bytes()),
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
                "document_ids": [
                    Command.create(
                        {"name": "Own document", "result_code_ids": self.own.any_record("kho.dl.result.code").ids}
                    )
                ],
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
        # Shared by all.
        self.env["kho.dl.sector"].create({"code": "SWEEP", "name": "Sector"})
        self.env["kho.dl.agency"].create({"code": "SWEEP", "name": "Agency"})
        self.spare_document = self.env["kho.dl.procedure.document"].create(
            {"procedure_id": self.procedure.id, "name": "Own spare document"}
        )

    def _make_users(self):
        """Return {group: a user of the own company who is in that group only}, each group of the add-on, below and above.

        Besides, one who works in both companies.
        """
        groups = self.env["ir.model.data"].search([("module", "=", ADD_ON), ("model", "=", "res.groups")])
        names = [f"{ADD_ON}.{group.name}" for group in groups]
        names += ["base.group_user", "base.group_portal", SYSTEM]
        users = {name: self._make_user(name, name, self.company) for name in names}
        users[OF_BOTH] = self._make_user(
            OF_BOTH, f"{CHIEF},kho_dl.group_auditor", self.company | self.foreign_companies
        )
        return users

    def _make_user(self, name, groups, companies):
        # Who may export anything, so that what is refused then is ours.
        export = "" if name == "base.group_portal" else ",base.group_allow_export"
        return new_test_user(
            self.env,
            f"sweep_{name.replace('.', '_').replace(' ', '_')}",
            groups=groups + export,
            company_id=self.company.id,
            company_ids=[Command.set(companies.ids)],
        )

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

    def others(self, name):
        """Return the id of a record of the model `name` that is not the own company's to change, or None."""
        return self.foreign_user.id if name == "res.users" else self.foreign_id(name)

    def shared_id(self, name):
        """Return the id of a record of the model `name` that both companies use, or None."""
        return self.shared_partner.id if name == "res.partner" else None

    def without_known(self, group, text):
        """Return `text` without what Odoo itself tells the user of `group`.

        Who works in two companies reads the name of the other one; who rules the system rules all companies.
        """
        for one in self.known.get(group, ()):
            text = text.replace(one, "…")
        return text

    def is_given(self, group, name):
        """Whether Odoo itself gives the user of `group` the records of the model `name` of all companies."""
        return name in _GIVEN_BY_ODOO.get(group, ())

    def mine(self, group, name):
        """Return a record of the model `name` that the user of `group` would work with; maybe none."""
        maker = self.makers[group]
        if name in ("res.company", "res.partner", "res.users"):
            return maker.any_record(name)
        return maker.records(name)[:1]

    def own_values(self, group, name):
        """Return values with which the user of `group` makes a record of the model `name`, as a form would send them."""
        model = self.env[name]
        values = {
            key: value
            for key, value in self.makers[group].values(name).items()
            if model._fields[key].required or not model._fields[key].readonly
        }
        if name == "kho.dl.case.document":
            values["procedure_document_id"] = self.spare_document.id
        if name == "auth.oauth.provider":
            # What Odoo itself demands; addresses are no words.
            values = {"name": "Own", "body": "Own", "kho_dl_company_id": values.get("kho_dl_company_id")}
        if name == "kho.dl.case.message":
            values = {key: value for key, value in values.items() if key in ("case_id", "body")}
        if name == "kho.dl.retrieve.wizard":
            # Found by the case.
            values.pop("lookup_id", None)
        if name == "kho.dl.procedure.document":
            values["result_code_ids"] = self.own.any_record("kho.dl.result.code").ids
        if name in ("res.company", "res.partner", "res.users"):
            values = {"name": "Own new one", "login": "own_new_one"}
            values = {key: value for key, value in values.items() if key in model._fields}
        return values


def begin_foreign_ids(test):
    """Let new records get ids that are nobody else's, and put the sequences back when `test` is over."""
    for table in _tables(test.env):
        sequence = f"{table}_id_seq"
        before = test.env.execute_query(SQL("SELECT last_value, is_called FROM %s", SQL.identifier(sequence)))[0]
        test.addCleanup(test.env.cr.execute, SQL("SELECT setval(%s, %s, %s)", sequence, *before))
    _begin_ids(test.env, FOREIGN_IDS)


def _begin_ids(env, first):
    for number, table in enumerate(_tables(env)):
        env.cr.execute(SQL("SELECT setval(%s, %s, FALSE)", f"{table}_id_seq", first + number * _BLOCK + 1))


def _tables(env):
    tables = [model._table for model in add_on_models(env) if model._auto] + ["res_partner", "ir_attachment"]
    # Last, as it comes last.
    return [*tables, env[HEIR]._table] if HEIR in env else tables
