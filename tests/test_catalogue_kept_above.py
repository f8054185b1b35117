import base64

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .common import MEDICAL_LICENCE, new_test_user
from .test_catalogue_sheet import ROW, table
from .test_connection_branches import BranchCase


class TestKeptAbove(BranchCase):
    """What a company above keeps is not made a second time in its branches, and not changed from there."""

    def prepare(self):
        super().prepare()
        self.keeper = new_test_user(
            self.env,
            "ward_keeper",
            groups="kho_dl.group_administrator",
            company_id=self.ward.id,
            company_ids=[(6, 0, self.ward.ids)],
        )
        self.procedures = self.env["kho.dl.procedure"].with_user(self.keeper)

    def bring_in(self, content, name="t.xlsx"):
        form = self.procedures.env["kho.dl.catalogue.import"].create({"file": content, "file_name": name})
        form.action_check()
        return form

    # Proves K.1-3.
    def test_a_table_that_names_a_procedure_of_the_province_changes_nothing_of_it(self):
        form = self.bring_in(base64.b64encode(self.procedures._catalogue_table("csv")), "t.csv")
        self.assertFalse(form.faults)
        self.assertIn(" 0 new, 0 changed, ", form.summary)
        changed = {**ROW, "procedure_code": MEDICAL_LICENCE, "procedure_name": "As the ward wants it", "sector": "",
                   "agencies": "", "results_issued": ""}  # fmt: skip
        form = self.bring_in(table(changed))
        self.assertIn(f"is that of {self.company.name}", form.faults)
        with self.assertRaises(UserError):
            form.action_import()
        self.assertEqual(self.procedures.search([("code", "=", MEDICAL_LICENCE)]), self.procedure)

    def test_an_office_with_a_catalogue_of_its_own_makes_its_own(self):
        self.ward._kho_dl_differ("catalogue")
        stored = self.procedures._stored(self.ward, [MEDICAL_LICENCE])
        self.assertFalse(stored)
        own = self.procedures.create({"code": MEDICAL_LICENCE, "name": "Own"})
        self.assertEqual(self.procedures._stored(self.ward, [MEDICAL_LICENCE]), {MEDICAL_LICENCE: own})
        self.assertEqual(
            self.env["kho.dl.procedure"]._stored(self.hamlet, [MEDICAL_LICENCE]), {MEDICAL_LICENCE: self.procedure}
        )

    def test_what_all_share_is_gone_where_the_one_catalogue_names_it_no_more(self):
        shared = self.env["kho.dl.procedure"].create(
            {"code": "1.9", "name": "Shared", "company_id": False, "in_catalogue": True}
        )
        self.env["res.company"].search([]).filtered(lambda one: one.root_id != self.company).kho_dl_ss_url = False
        gone = self.env["kho.dl.procedure"]._not_named(self.company, ["1.1"])
        self.assertIn(shared, gone)
        self.commune._kho_dl_differ("catalogue")
        self.assertNotIn(shared, self.env["kho.dl.procedure"]._not_named(self.company, ["1.1"]))

    def test_the_desk_says_whose_document_it_is(self):
        document = self.procedure.document_ids[0].with_user(self.keeper)
        code = document.result_code_ids or self.env["kho.dl.result.code"].search([], limit=1)
        with self.assertRaisesRegex(AccessError, f"a procedure of {self.company.name}"):
            document.mapping_accept(code.ids)

    def test_what_the_province_mapped_is_a_hint_in_its_branches_only(self):
        code = self.env["kho.dl.result.code"].search([], limit=1)
        mapped = self.env["kho.dl.procedure"].create(
            {
                "code": "2.1",
                "name": "Of the commune",
                "company_id": self.commune.id,
                "document_ids": [Command.create({"name": "A rare paper", "result_code_ids": code.ids})],
            }
        )
        self.assertTrue(mapped)
        open_documents = (
            self.env["kho.dl.procedure"]
            .create(
                [
                    {
                        "code": "2.2",
                        "name": "Of an office",
                        "company_id": office.id,
                        "document_ids": [Command.create({"name": "A rare paper"})],
                    }
                    for office in (self.ward, self.other)
                ]
            )
            .document_ids
        )
        found = open_documents._mapped_elsewhere()
        self.assertEqual([found[document] for document in open_documents], [{code.id: 1}, {}])
