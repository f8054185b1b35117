import re

from odoo import Command
from odoo.exceptions import AccessError

from .common import AN, CRIMINAL_RECORD, KhoDLCase, new_test_user

# What opens something for whoever has it, holds that, or tells whether a guess of it is right.
_SECRET = re.compile("(password|secret|pkcs12|salt|token|account_key|tested_key|^link|^answer)$")

READ, WRITE, CREATE, UNLINK = "read", "write", "create", "unlink"
ALL = {READ, WRITE, CREATE, UNLINK}

# What each real group may do with each model; what is not listed is forbidden.
RIGHTS = {
    "kho_dl.group_clerk": {
        "kho.dl.result.code": {READ},
        "kho.dl.procedure": {READ},
        "kho.dl.procedure.document": {READ},
        "kho.dl.procedure.variant": {READ},
        "kho.dl.sector": {READ},
        "kho.dl.agency": {READ},
        "kho.dl.case": {READ, WRITE, CREATE},
        "kho.dl.case.document": {READ, WRITE, CREATE},
        "kho.dl.case.fee": ALL,
        "kho.dl.case.supplement": {READ, WRITE},
        "kho.dl.case.message": {READ, CREATE},
        "kho.dl.office": {READ},
        "kho.dl.handover": {READ},
        "kho.dl.paper": ALL,
        "kho.dl.paper.file": {READ},
        "kho.dl.outbox": {READ},
        "kho.dl.revoke.paper": {READ, WRITE, CREATE},
        "kho.dl.mandate": {READ},
        "kho.dl.note.representative": {READ, WRITE, CREATE},
        "kho.dl.revoke.mandate": {READ, WRITE, CREATE},
        "kho.dl.withdrawal": {READ},
        "kho.dl.withdraw.consent": {READ, WRITE, CREATE},
        "kho.dl.digitise": {READ, WRITE, CREATE},
        "kho.dl.security.server": {READ},
        "kho.dl.agency.succession": {READ},
        "kho.dl.id.number": {READ},
        "kho.dl.query": {READ},
        "kho.dl.retrieval": {READ},
        "kho.dl.breaker": {READ},
        "kho.dl.file.check": {READ},
        "kho.dl.file.kind": {READ},
        "kho.dl.compare.file": {READ, WRITE, CREATE},
        "kho.dl.decide.file": {READ, WRITE, CREATE},
        "kho.dl.finish.case": {READ, WRITE},
        "kho.dl.lookup": {READ, WRITE},
        "kho.dl.lookup.document": {READ, WRITE},
        "kho.dl.lookup.candidate": {READ, WRITE},
        "kho.dl.retrieve.wizard": {READ, WRITE, CREATE},
        "kho.dl.retrieve.wizard.document": {READ, WRITE},
        "kho.dl.retrieve.wizard.line": {READ, WRITE},
    },
    "kho_dl.group_administrator": {
        "kho.dl.acceptance": {READ, WRITE, CREATE},
        "kho.dl.acceptance.step": {READ},
        "kho.dl.result.code": {READ},
        "kho.dl.procedure": ALL,
        "kho.dl.procedure.document": ALL,
        "kho.dl.procedure.variant": ALL,
        "kho.dl.sector": {READ},
        "kho.dl.agency": {READ},
        "kho.dl.case": ALL,
        "kho.dl.case.document": ALL,
        "kho.dl.case.fee": ALL,
        "kho.dl.case.supplement": {READ, WRITE},
        "kho.dl.case.message": {READ, CREATE},
        "kho.dl.office": {READ},
        "kho.dl.handover": {READ},
        "kho.dl.paper": ALL,
        "kho.dl.paper.file": {READ},
        "kho.dl.outbox": {READ},
        "kho.dl.revoke.paper": {READ, WRITE, CREATE},
        "kho.dl.mandate": {READ},
        "kho.dl.note.representative": {READ, WRITE, CREATE},
        "kho.dl.revoke.mandate": {READ, WRITE, CREATE},
        "kho.dl.withdrawal": {READ},
        "kho.dl.withdraw.consent": {READ, WRITE, CREATE},
        "kho.dl.digitise": {READ, WRITE, CREATE},
        "kho.dl.security.server": {READ},
        "kho.dl.agency.succession": {READ},
        "kho.dl.id.number": {READ},
        "kho.dl.directory.refresh": {READ},
        "kho.dl.query": {READ},
        "kho.dl.retrieval": {READ},
        "kho.dl.serving": {READ},
        "kho.dl.file.decision": {READ},
        "kho.dl.case.decision": {READ},
        "kho.dl.journal.chain": {READ},
        "kho.dl.breaker": {READ, WRITE},
        "kho.dl.file.check": {READ},
        "kho.dl.file.kind": {READ},
        "kho.dl.trust.certificate": ALL,
        "kho.dl.compare.file": {READ, WRITE, CREATE},
        "kho.dl.decide.file": {READ, WRITE, CREATE},
        "kho.dl.finish.case": {READ, WRITE},
        "kho.dl.lookup": {READ, WRITE},
        "kho.dl.lookup.document": {READ, WRITE},
        "kho.dl.lookup.candidate": {READ, WRITE},
        "kho.dl.retrieve.wizard": {READ, WRITE, CREATE},
        "kho.dl.retrieve.wizard.document": {READ, WRITE},
        "kho.dl.retrieve.wizard.line": {READ, WRITE},
        "kho.dl.access.right": {READ, WRITE},
        "kho.dl.reachability": {READ, WRITE, CREATE},
        "kho.dl.reachability.line": {READ},
        "kho.dl.demand": {READ},
        "kho.dl.demand.request": {READ, WRITE, CREATE},
        "kho.dl.catalogue.sync": {READ},
        "kho.dl.catalogue.change": {READ},
        "kho.dl.catalogue.import": {READ, WRITE, CREATE},
        "kho.dl.abbreviation": {READ},
        "kho.dl.mapping.candidate": {READ},
        "kho.dl.mapping.coverage": {READ},
        "kho.dl.mapping.decision": {READ},
        "kho.dl.mapping.proposal": {READ},
        "kho.dl.why": {READ, WRITE, CREATE},
        "kho.dl.why.line": ALL,
        "kho.dl.alarm": {READ},
        "kho.dl.health": {READ},
        "kho.dl.health.agency": {READ},
        "kho.dl.health.failure": {READ},
        "kho.dl.indicator": {READ},
        "kho.dl.indicator.case": {READ},
        "kho.dl.indicator.sheet": {READ, WRITE, CREATE},
        "kho.dl.audit.day": {READ},
        "kho.dl.disclosure": {READ},
        "kho.dl.audit.sheet": {READ, WRITE, CREATE},
        "kho.dl.compare.seal": {READ, WRITE, CREATE},
    },
    "kho_dl.group_auditor": {
        "kho.dl.agency.succession": {READ},
        "kho.dl.id.number": {READ},
        "kho.dl.audit.day": {READ},
        "kho.dl.audit.sheet": {READ, WRITE, CREATE},
        "kho.dl.compare.seal": {READ, WRITE, CREATE},
        "kho.dl.query": {READ},
        "kho.dl.disclosure": {READ},
        "kho.dl.person.page": {READ, WRITE, CREATE},
        "kho.dl.person.page.line": {READ},
        "kho.dl.mandate": {READ},
        "kho.dl.withdrawal": {READ},
        "kho.dl.retrieval": {READ},
        "kho.dl.serving": {READ},
        "kho.dl.file.decision": {READ},
        "kho.dl.case.decision": {READ},
        "kho.dl.journal.chain": {READ},
        "kho.dl.file.kind": {READ},
        "kho.dl.trust.certificate": {READ},
    },
    # What all companies share; whoever works with the rest is an administrator of Kho DL as well.
    "base.group_system": {
        "kho.dl.abbreviation": ALL,
        "kho.dl.agency": ALL,
        "kho.dl.file.kind": {READ},
        "kho.dl.office.import": {READ, WRITE, CREATE},
        "kho.dl.result.code": ALL,
        "kho.dl.sector": ALL,
        "kho.dl.security.server": ALL,
        "kho.dl.agency.succession": ALL,
    },
    "base.group_user": {"kho.dl.file.kind": {READ}},
    "base.group_portal": {},
}


class TestAccess(KhoDLCase):
    def test_each_group_may_do_what_the_table_says(self):
        models = [name for name in self.env if name.startswith("kho.dl.") and not self.env[name]._abstract]
        self.assertIn("kho.dl.token", models)
        for number, (group, rights) in enumerate(RIGHTS.items()):
            user = new_test_user(self.env, f"access{number}", groups=group)
            for name in models:
                allowed = {op for op in ALL if self.env[name].with_user(user).has_access(op)}
                self.assertEqual(allowed, rights.get(name, set()), f"{group} on {name}")

    def test_a_clerk_does_the_whole_job(self):
        case = self.make_case(AN)
        self.attach_all(case)
        document = self.document(case, CRIMINAL_RECORD).with_user(self.clerk)
        self.assertEqual(document.attachment_ids.raw[:5], b"%PDF-")

    def test_an_auditor_reads_the_journal_and_no_file(self):
        case = self.make_case(AN)
        wizard = self.attach_all(case)
        auditor = new_test_user(self.env, "auditor", groups="kho_dl.group_auditor")
        self.assertTrue(wizard.query_id.with_user(auditor).read())
        self.assertTrue(wizard.query_id.with_user(auditor).answer)
        row = self.retrievals(case)[0].with_user(auditor)
        self.assertTrue(row.link)
        with self.assertRaises(AccessError):
            row.attachment_id.read(["raw"])
        with self.assertRaises(AccessError):
            case.with_user(auditor).read(["name"])

    def test_a_clerk_cannot_forge_where_a_paper_came_from(self):
        document = self.document(self.make_case(AN), CRIMINAL_RECORD).with_user(self.clerk)
        other = self.make_case(AN)
        for values in (
            {"source": "national"},
            {"provenance_agency": "Somebody"},
            {"case_id": other.id},
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                document.write(values)
        recorded = self.fetched()
        with self.assertRaises(AccessError):
            (document | recorded).write({"source": "upload"})
        with self.assertRaises(AccessError):
            document.create(
                {
                    "case_id": other.id,
                    "procedure_document_id": document.procedure_document_id.id,
                    "provenance_agency": "Somebody",
                }
            )

    def other_company(self):
        company = self.env["res.company"].create({"name": "Other agency"})
        self._connect(company)
        clerk = new_test_user(
            self.env,
            "other_clerk",
            groups="kho_dl.group_clerk",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        return company, clerk

    def test_companies_do_not_see_each_other(self):
        case = self.make_case(AN)
        wizard = self.attach_all(case)
        _company, stranger = self.other_company()
        for record in (
            self.procedure,
            self.procedure.document_ids[0],
            case,
            case.document_ids[0],
            wizard.query_id,
            self.retrievals(case)[0],
        ):
            with self.subTest(model=record._name), self.assertRaises(AccessError):
                record.with_user(stranger).read(["display_name"])
        self.assertTrue(self.env["kho.dl.security.server"].with_user(stranger).search_count([]))

    def test_who_follows_what_another_company_has_is_told_to_nobody_there(self):
        case = self.make_case(AN)
        case.message_subscribe(partner_ids=case.owner_id.ids)
        _company, stranger = self.other_company()
        with self.assertRaises(AccessError):
            case.with_user(stranger).message_get_followers()
        self.assertIn(case.owner_id.name, str(case.with_user(self.clerk).message_get_followers()))

    def test_another_companys_papers_are_no_local_ones(self):
        case = self.make_case(AN)
        self.document(case, CRIMINAL_RECORD).write(
            {"attachment_ids": [Command.create({"name": "old.pdf", "raw": b"%PDF-1.4 old"})]}
        )
        case.state = "9"
        company, stranger = self.other_company()
        self.procedure.company_id = False
        other = self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": case.owner_id.id,
                "owner_id_number": AN,
                "company_id": company.id,
                "officer_id": stranger.id,
            }
        )
        wizard = self.env["kho.dl.retrieve.wizard"].with_user(stranger).create({"case_id": other.id})
        self.assertFalse(wizard.line_ids)

    def test_a_form_is_its_clerks_own(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        colleague = new_test_user(self.env, "colleague", groups="kho_dl.group_clerk")
        for records in (wizard, wizard.line_ids, wizard.document_ids):
            self.assertFalse(records.with_user(colleague).search([]))
            with self.subTest(model=records._name), self.assertRaises(AccessError):
                records[0].with_user(colleague).read()

    def test_only_choices_of_a_form_can_be_changed(self):
        case, other = self.make_case(AN), self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        line = wizard.line_ids[0]
        for record, values in (
            (wizard, {"case_id": other.id}),
            (wizard.document_ids[0], {"case_document_id": other.document_ids[0].id}),
            (line, {"agency": "Somebody"}),
            (line, {"paper_index": 99}),
            (line, {"case_document_id": other.document_ids[0].id}),
        ):
            with self.subTest(values=values), self.assertRaises(AccessError):
                record.write(values)
        line.write({"selected": False})
        with self.assertRaises(AccessError):
            wizard.create({"case_id": case.id, "query_id": wizard.query_id.id})

    def fetched(self):
        """Return a document as the clerk, with one file from the national store."""
        case = self.make_case(AN)
        self.attach_all(case)
        return self.document(case, CRIMINAL_RECORD).with_user(self.clerk)

    def test_a_fetched_file_stays_as_it_came(self):
        attachment = self.fetched().attachment_ids
        for values in ({"raw": b"%PDF-1.4 other"}, {"res_id": 1}, {"datas": False}):
            with self.subTest(values=values), self.assertRaises(AccessError):
                attachment.write(values)
        attachment.write({"name": "Renamed.pdf"})

    def test_what_takes_a_fetched_files_place_is_handed_in(self):
        for replace in (
            lambda document, own: document.write({"attachment_ids": [Command.clear(), own]}),
            lambda document, own: (document.attachment_ids.unlink(), document.write({"attachment_ids": [own]})),
        ):
            document = self.fetched().with_context(kho_dl_reason="The other side is missing")
            replace(document, Command.create({"name": "own.pdf", "raw": b"%PDF-1.4 own"}))
            self.assertEqual((document.source, document.attachment_ids.name), ("upload", "own.pdf"))
            self.assertFalse(document.provenance_agency or document.provenance_sha256)

    def test_officers_numbers_are_not_for_everybody(self):
        stranger = new_test_user(self.env, "stranger", groups="base.group_user")
        with self.assertRaises(AccessError):
            self.clerk.with_user(stranger).read(["kho_dl_id_number"])
        with self.assertRaises(AccessError):
            self.env["res.users"].with_user(stranger).search([("kho_dl_id_number", "like", "0001")])
        self.assertTrue(self.clerk.with_user(self.clerk).read(["kho_dl_id_number"]))

    def test_a_spreadsheet_that_is_exported_takes_no_secret_along(self):
        models = [name for name in self.env if name.startswith("kho.dl.")]
        secrets = {
            (model, name)
            for model in ("res.company", "auth.oauth.provider", *models)
            for name, field in self.env[model]._fields.items()
            if _SECRET.search(name)
            and field.type in ("char", "binary", "json")
            and ("kho_dl" in name or model in models)
        }
        self.assertGreater(len(secrets), 10)
        for model, name in secrets:
            # Odoo offers everybody what they may read, and this all to whoever runs the system.
            with self.subTest(model=model, name=name):
                self.assertFalse(self.env[model].fields_get([name], ["exportable"])[name]["exportable"])

    def test_a_wizard_on_a_foreign_case_is_refused(self):
        case = self.make_case(AN)
        _company, stranger = self.other_company()
        with self.assertRaises(AccessError):
            self.env["kho.dl.retrieve.wizard"].with_user(stranger).create({"case_id": case.id})
