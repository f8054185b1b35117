from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command

from .common import CRIMINAL_RECORD, KhoDLCase, new_test_user
from .sweep_maker import add_on_models


class TestShared(KhoDLCase):
    """What all companies share, only a system administrator changes (rule 11 of the house)."""

    def prepare(self):
        super().prepare()
        self.other = self.env["res.company"].create({"name": "Other agency"})
        self._connect(self.other)
        self.administrator = self.make_user("other_admin", "kho_dl.group_administrator")
        self.system = self.make_user("other_system", "kho_dl.group_administrator,base.group_system")
        self.national = self.env["kho.dl.procedure"].create(
            {
                "code": "9.1",
                "name": "National procedure",
                "company_id": False,
                "document_ids": [Command.create({"name": "National document"})],
                "variant_ids": [Command.create({"name": "National circumstances"})],
            }
        )
        self.env["kho.dl.sector"].create({"code": "S9", "name": "Field"})
        self.env["kho.dl.agency"].create({"code": "A9", "name": "Agency"})

    def make_user(self, login, groups):
        companies = [Command.set(self.other.ids)]
        return new_test_user(self.env, login, groups=groups, company_id=self.other.id, company_ids=companies)

    def shared(self):
        """Return one record of each model in which something is for all companies and that somebody may write."""
        found = {}
        for model in add_on_models(self.env):
            records = model.with_user(self.system)
            if model._auto and not model._transient and records.has_access("write"):
                domain = [("company_id", "=", False)] if "company_id" in model._fields else []
                if record := records.search(domain, limit=1):
                    found[model._name] = record
        return found

    def test_one_companys_administrator_changes_nothing_that_all_share(self):
        shared = self.shared()
        self.assertGreaterEqual(
            shared.keys(),
            {
                "kho.dl.abbreviation",
                "kho.dl.agency",
                "kho.dl.procedure",
                "kho.dl.procedure.document",
                "kho.dl.procedure.variant",
                "kho.dl.result.code",
                "kho.dl.sector",
                "kho.dl.security.server",
            },
        )
        for name, record in shared.items():
            text = next(one for one in record._fields.values() if one.type == "char" and one.store and not one.readonly)
            mine = record.with_user(self.administrator)
            # A procedure is made one's own by it.
            copy = (lambda: mine.copy({"company_id": False})) if name == "kho.dl.procedure" else mine.copy  # noqa: B023
            for change in (lambda: mine.write({text.name: mine[text.name]}), mine.unlink, copy):  # noqa: B023
                with self.subTest(name), self.assertRaises(AccessError), self.env.cr.savepoint():
                    change()
            record.write({text.name: record[text.name]})

    def test_nothing_becomes_or_joins_what_all_share(self):
        procedures = self.env["kho.dl.procedure"].with_user(self.administrator)
        own = procedures.create({"code": "9.2", "name": "Own", "document_ids": [Command.create({"name": "Form"})]})
        self.assertEqual(own.company_id, self.other)
        for change in (
            lambda: own.write({"company_id": False}),
            lambda: own.write({"company_id": self.company.id}),
            lambda: own.document_ids.write({"procedure_id": self.national.id}),
            lambda: procedures.create({"code": "9.3", "name": "All", "company_id": False}),
            lambda: own.document_ids.create({"procedure_id": self.national.id, "name": "More"}),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                change()
        own.write({"name": "Renamed"})
        own.document_ids.write({"result_code_ids": [Command.set(self.codes[CRIMINAL_RECORD].ids)]})

    def test_an_administrator_duplicates_it_for_the_own_company(self):
        own = self.national.with_user(self.administrator).copy()
        self.assertEqual((own.company_id, own.document_ids.name), (self.other, "National document"))
        # As was said, or as it is for who may change it.
        for user, default, company in (
            (self.system, {}, self.env["res.company"]),
            (self.system, {"company_id": self.other.id, "code": "9.8"}, self.other),
            (self.administrator, {"company_id": self.other.id, "code": "9.9"}, self.other),
        ):
            self.assertEqual(self.national.with_user(user).copy(default).company_id, company)
        with self.assertRaises(AccessError):
            self.national.with_user(self.administrator).copy({"company_id": False, "code": "9.0"})
        self.assertEqual(own.copy().company_id, self.other)

    def test_a_system_administrator_changes_it(self):
        national = self.national.with_user(self.system)
        national.write({"name": "Renamed", "document_ids": [Command.create({"name": "More"})]})
        national.document_ids[0].mapping_accept(self.codes[CRIMINAL_RECORD].ids)
        self.codes[CRIMINAL_RECORD].with_user(self.system).active = False

    def test_the_desk_leaves_it_and_says_so(self):
        documents = self.env["kho.dl.procedure.document"].with_user(self.administrator)
        national = documents.browse(self.national.document_ids.ids)
        own = self.env["kho.dl.procedure"].with_user(self.administrator)
        own.create({"code": "9.2", "name": "Own", "document_ids": [Command.create({"name": "National document"})]})
        worklist = documents.mapping_worklist({"text": "National document"})
        self.assertEqual([one["namesakes"] for one in worklist["documents"]], [0])
        self.assertNotIn(national.id, [one["id"] for one in worklist["documents"]])
        for decide in (
            lambda: national.mapping_accept(self.codes[CRIMINAL_RECORD].ids),
            national.mapping_not_reusable,
            national.mapping_skip,
        ):
            with self.assertRaisesRegex(AccessError, "procedure of all companies"):
                decide()
        self.assertEqual(worklist["of_others"], 1)
        self.assertEqual(documents.mapping_worklist({"text": "nothing is called so"})["of_others"], 0)
        seen = (
            self.env["kho.dl.procedure.document"].with_user(self.system).mapping_worklist({"text": "National document"})
        )
        self.assertIn(national.id, [one["id"] for one in seen["documents"]])
        self.assertEqual(seen["of_others"], 0)

    def test_the_clerks_thanks_tell_who_decides(self):
        clerk = self.make_user("other_clerk", "kho_dl.group_clerk")
        own = self.env["kho.dl.procedure"].create(
            {
                "code": "9.2",
                "name": "Own",
                "company_id": self.other.id,
                "document_ids": [Command.create({"name": "Own document"})],
            }
        )
        owner = self.env["res.partner"].create({"name": "Applicant"})
        for procedure, who in ((own, "An administrator decides"), (self.national, "a system administrator decides")):
            case = self.env["kho.dl.case"].with_user(clerk).create({"procedure_id": procedure.id, "owner_id": owner.id})
            answer = case.document_ids.action_propose_result(self.codes[CRIMINAL_RECORD].id)
            self.assertIn(who, answer["params"]["message"])

    def test_another_companys_mapping_steers_nobody(self):
        """What a company decided for its own procedures counts there only, and is not told elsewhere."""
        own = {"name": "Invented document", "result_code_ids": [Command.set(self.codes[CRIMINAL_RECORD].ids)]}
        procedures = self.env["kho.dl.procedure"]
        there = {"code": "9.3", "name": "There", "company_id": self.company.id, "document_ids": [Command.create(own)]}
        here = {"code": "9.4", "name": "Here", "company_id": self.other.id}
        named = [Command.create({"name": own["name"]})]
        procedures.create(there)
        document = procedures.create({**here, "document_ids": named}).document_ids
        again = procedures.create({**there, "code": "9.5", "document_ids": named}).document_ids
        self.national.document_ids.name = own["name"]
        code = self.codes[CRIMINAL_RECORD].id
        documents = document | again | self.national.document_ids
        self.assertEqual(
            documents._mapped_elsewhere(), {document: {}, again: {code: 1}, self.national.document_ids: {}}
        )
        self.env["kho.dl.procedure.document"]._cron_find_candidates()
        self.assertTrue(again.candidate_ids)
        self.assertFalse((document | self.national.document_ids).candidate_ids)
        desk = self.env["kho.dl.procedure.document"].with_user(self.administrator)
        self.assertEqual(desk.mapping_accept_above(90, {"text": own["name"]}, is_trial=True), 0)
        # What is mapped for all counts everywhere.
        self.national.copy({"code": "9.6", "company_id": False}).document_ids.write(
            {"name": own["name"], "result_code_ids": own["result_code_ids"]}
        )
        self.assertEqual(
            documents._mapped_elsewhere(),
            {document: {code: 1}, again: {code: 2}, self.national.document_ids: {code: 1}},
        )

    def test_the_directory_is_refreshed_by_who_may_not_write_it(self):
        servers = self.env["kho.dl.security.server"]
        servers.search([]).unlink()
        servers.with_user(self.administrator).action_refresh()
        self.assertTrue(servers.search_count([]))
        for group in ("kho_dl.group_clerk", "base.group_portal"):
            user = self.make_user(f"refresh_{group}", group)
            with self.assertRaises(AccessError):
                servers.with_user(user).action_refresh()

    def test_what_is_known_of_an_agency_is_pressed_and_not_written(self):
        now = fields.Datetime.now()
        breaker = self.env["kho.dl.breaker"].create(
            {"own_server": self.company.kho_dl_own_server, "lane": "VN/X", "opened_on": now, "next_trial_on": now}
        )
        mine = breaker.with_user(self.administrator)
        with self.assertRaises(AccessError):
            mine.write({"opened_on": False})
        mine.action_try_now()
        self.assertFalse(breaker.opened_on)

    def test_agencies_are_found_by_ones_own_companies_only(self):
        servers = [self.company.kho_dl_own_server, "elsewhere"]
        shared, elsewhere = self.env["kho.dl.breaker"].create(
            [{"own_server": server, "lane": "VN/X"} for server in servers]
        )
        self.assertEqual(self.env["kho.dl.breaker"].sudo().search([("company_ids", "in", self.company.ids)]), shared)
        clerk = self.make_user("other_clerk", "kho_dl.group_clerk")
        for user in (self.administrator, clerk):
            found = self.env["kho.dl.breaker"].with_user(user).search
            self.assertEqual(found([("company_ids", "in", self.other.ids)]), shared)
            self.assertEqual(found([("company_ids", "!=", False)]), shared)
            for hidden in (self.company.ids, False, [False]):
                self.assertFalse(found([("company_ids", "in", hidden)]))
        self.assertFalse(elsewhere.company_ids)

    def test_a_mapped_code_is_archived_and_not_deleted(self):
        code = self.codes[CRIMINAL_RECORD].with_user(self.system)
        with self.assertRaisesRegex(UserError, "1 required documents are mapped"):
            code.unlink()
        code.active = False
        self.assertIn(code, self.procedure.with_context(active_test=False).document_ids.result_code_ids)
        spare = self.env["kho.dl.result.code"].with_user(self.system).create({"code": "KQ.9", "name": "Spare"})
        spare.unlink()


class TestCompanySettings(KhoDLCase):
    """Who reads what on a company: portal users read theirs."""

    def test_no_setting_of_ours_is_for_portal_users(self):
        portal = new_test_user(self.env, "portal", groups="base.group_portal")
        for name in ("res.company", "res.users", "res.partner"):
            model = self.env[name]
            ours = [
                one.name for one in model._fields.values() if "kho_dl" in one._modules and one.name.startswith("kho_dl")
            ]
            record = {"res.company": self.company, "res.users": portal}.get(name, portal.partner_id).with_user(portal)
            for field_name in ours:
                if name == "res.users" and field_name in record.SELF_READABLE_FIELDS:
                    continue
                with self.subTest(field_name), self.assertRaises(AccessError):
                    record.read([field_name])

    def test_a_clerk_reads_the_unit_code_and_no_account(self):
        company = self.company.with_user(self.clerk)
        self.assertEqual(company.read(["kho_dl_unit_code"])[0]["kho_dl_unit_code"], "H46")
        with self.assertRaises(AccessError):
            company.read(["kho_dl_username"])

    def test_who_may_not_read_settings_still_makes_companies(self):
        manager = new_test_user(self.env, "manager", groups="base.group_erp_manager,base.group_partner_manager")
        company = self.env["res.company"].with_user(manager).create({"name": "New agency"})
        company.name = "Renamed agency"
        self.assertEqual(company.sudo().kho_dl_timeout, 30)
