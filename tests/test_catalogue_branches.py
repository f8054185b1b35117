import base64

from odoo.exceptions import AccessError, UserError

from .common import AN, MEDICAL_LICENCE, new_test_user
from .test_connection_branches import BranchCase
from .test_store_digitise import Authority


class TestBranchesOfACatalogue(BranchCase):
    """A branch works with the procedures, their mapping and the trust of the companies above it."""

    def prepare(self):
        super().prepare()
        self.ward_clerk = self.person("ward_clerk", "kho_dl.group_clerk", self.ward)
        self.ward_administrator = self.person("ward_administrator", "kho_dl.group_administrator", self.ward)

    def person(self, login, groups, company, **values):
        return new_test_user(
            self.env, login, groups=groups, company_id=company.id, company_ids=[(6, 0, company.ids)], **values
        )

    # Proves K.1-3.
    def test_a_case_of_a_branch_is_of_a_procedure_of_the_province(self):
        self.assertEqual(self.procedure.company_id, self.company)
        self.ward_clerk.sudo().kho_dl_id_number = "000188000078"
        owner = self.env["res.partner"].create({"name": "Applicant"})
        case = (
            self.env["kho.dl.case"]
            .with_user(self.ward_clerk)
            .create({"procedure_id": self.procedure.id, "owner_id": owner.id, "owner_id_number": AN})
        )
        self.assertEqual(case.company_id, self.ward)
        wizard = self.env["kho.dl.retrieve.wizard"].with_user(self.ward_clerk)
        form = wizard.create({"case_id": case.id, "consent_given": True})
        form.action_search()
        self.assertTrue(form.line_ids.filtered(lambda line: line.source == "national"))
        asked = self.env["kho.dl.query"].search([("case_id", "=", case.id)])
        self.assertEqual((asked.company_id, asked.outcome), (self.ward, "found"))

    # Proves K.1-3.
    def test_who_works_in_a_branch_reads_and_changes_nothing_of_it(self):
        procedure = self.procedure.with_user(self.ward_administrator)
        self.assertEqual(procedure.code, MEDICAL_LICENCE)
        self.assertTrue(procedure.document_ids.result_code_ids)
        for change in (
            lambda: procedure.write({"name": "Mine"}),
            lambda: procedure.document_ids[0].write({"name": "Mine"}),
            lambda: procedure.document_ids[1].write({"result_code_ids": [(5,)]}),
            lambda: procedure.unlink(),
            lambda: procedure.create({"code": "1.1", "name": "For the province", "company_id": self.company.id}),
        ):
            with self.assertRaises(AccessError):
                change()
        own = procedure.create({"code": "1.1", "name": "Own"})
        self.assertEqual(own.company_id, self.ward)
        self.assertFalse(
            own.with_user(self.clerk).with_context(allowed_company_ids=self.company.ids).has_access("read")
        )

    def test_a_neighbour_and_a_stranger_have_none_of_it(self):
        [stranger] = self.env["res.company"].create([{"name": "Another province"}])
        self.procedure.company_id = self.commune
        self.procedure.document_ids.invalidate_recordset()
        for company in (self.other, stranger):
            clerk = self.person(f"clerk_{company.id}", "kho_dl.group_clerk", company)
            self.assertNotIn(self.procedure, self.env["kho.dl.procedure"].with_user(clerk).search([]))
            self.assertFalse(self.procedure.document_ids.with_user(clerk)._filtered_access("read"))
        self.assertIn(self.procedure, self.env["kho.dl.procedure"].with_user(self.ward_clerk).search([]))

    def test_the_catalogue_is_fetched_where_it_is_kept(self):
        self.company.kho_dl_catalogue_daily = True
        self.assertEqual(set(self.branches.mapped("kho_dl_catalogue_daily")), {True})
        runs = self.env["kho.dl.catalogue.sync"]
        self.env.ref("kho_dl.ir_cron_catalogue").method_direct_trigger()
        self.assertEqual(runs.search([]).company_id, self.company)
        with self.assertRaisesRegex(UserError, self.company.name):
            runs.with_user(self.ward_administrator).with_company(self.ward).action_sync()

    def test_a_table_holds_a_procedure_once(self):
        own = self.env["kho.dl.procedure"].create(
            {"code": MEDICAL_LICENCE, "name": "As the ward has it", "company_id": self.ward.id}
        )
        procedures = self.env["kho.dl.procedure"].with_user(self.ward_administrator)
        text = procedures._catalogue_table("csv").decode("utf-8-sig")
        self.assertIn(own.name, text)
        self.assertNotIn(self.procedure.name, text)
        self.assertNotIn(own.name, self.env["kho.dl.procedure"]._catalogue_table("csv").decode())

    def test_the_directory_is_asked_for_once_an_account(self):
        self.simulator.order("directory", "server_error", times=None)
        servers = self.env["kho.dl.security.server"]
        servers._refresh()
        self.assertEqual(len(self.simulator.requests("directory")), 1)
        self.commune.write({"kho_dl_username": "h22", "kho_dl_password": "h22-demo"})
        self.simulator.clear_requests()
        servers._refresh()
        self.assertEqual(len(self.simulator.requests("directory")), 2)

    def test_a_certificate_of_the_province_is_trusted_in_its_branches(self):
        certificates, authority = self.env["kho.dl.trust.certificate"], Authority()
        trusted = certificates.create(
            {"certificate": base64.b64encode(authority.root.pem), "company_id": self.company.id}
        )
        self.assertEqual(certificates._trust(self.ward).roots, (authority.root.der,))
        read = trusted.with_user(self.ward_administrator)
        self.assertTrue(read.fingerprint)
        with self.assertRaises(AccessError):
            read.active = False
        trusted.company_id = self.commune
        self.assertEqual(certificates._trust(self.ward).roots, (authority.root.der,))
        self.assertFalse(certificates._trust(self.other).roots)
        self.assertFalse(certificates._trust(self.company).roots)
