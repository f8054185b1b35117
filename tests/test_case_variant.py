from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import sql

from .common import AN, KhoDLCase
from .test_migrations import migrate


class TestCaseVariant(KhoDLCase):
    """Documents that only some applicants bring."""

    def prepare(self):
        super().prepare()
        self.variants = self.env["kho.dl.procedure.variant"].create(
            [{"procedure_id": self.procedure.id, "name": name} for name in ("In person", "Through another")]
        )
        self.common = self.procedure.document_ids
        self.own, self.foreign = self.env["kho.dl.procedure.document"].create(
            [
                {"procedure_id": self.procedure.id, "name": variant.name, "variant_ids": variant.ids}
                for variant in self.variants
            ]
        )

    def asked(self, case):
        return case.document_ids.procedure_document_id

    def test_a_case_asks_for_what_its_circumstances_ask(self):
        case = self.make_case(AN)
        self.assertEqual((case.variant_id, case.has_variants), (self.variants[0], True))
        self.assertEqual(self.asked(case), self.common + self.own)

    def test_other_circumstances_change_the_documents_but_lose_no_file(self):
        case = self.make_case(AN)
        case.with_user(self.clerk).variant_id = self.variants[1]
        self.assertEqual(self.asked(case), self.common + self.foreign)
        case.document_ids[-1].attachment_ids = [Command.create({"name": "form.pdf", "raw": b"%PDF-1.4 %%EOF"})]
        case.with_user(self.clerk).variant_id = self.variants[0]
        self.assertEqual(self.asked(case), self.common + self.own + self.foreign)

    def test_circumstances_are_those_of_the_procedure(self):
        other = self.procedure.copy({"company_id": self.procedure.company_id.id})
        case = self.make_case(AN)
        with self.assertRaises(ValidationError):
            case.variant_id = other.variant_ids[0]
        with self.assertRaises(ValidationError):
            self.own.variant_ids = other.variant_ids[0]
        case.procedure_id = other
        self.assertEqual(case.variant_id, other.variant_ids[0])
        self.assertEqual(
            self.asked(case), other.document_ids.filtered(lambda document: document.variant_ids != other.variant_ids[1])
        )

    def test_a_copy_of_a_procedure_has_circumstances_of_its_own(self):
        copied = self.procedure.copy()
        self.assertEqual(copied.variant_ids.mapped("name"), self.variants.mapped("name"))
        self.assertEqual(copied.document_ids.variant_ids, copied.variant_ids)

    def test_the_typed_field_of_a_procedure_becomes_a_record(self):
        self.env.cr.execute("ALTER TABLE kho_dl_procedure ADD sector_code varchar, ADD sector_name varchar")
        self.env.cr.execute(
            "UPDATE kho_dl_procedure SET sector_code = ' LV9 ', sector_name = 'Y tế' WHERE id = %s", [self.procedure.id]
        )
        migrate(self.env.cr, "19.0.1.3.0")
        self.procedure.invalidate_recordset()
        self.assertEqual((self.procedure.sector_code, self.procedure.sector_name), ("LV9", "Y tế"))
        self.assertFalse(sql.column_exists(self.env.cr, "kho_dl_procedure", "sector_code"))
        migrate(self.env.cr, "19.0.1.3.0")

    def test_procedures_of_a_company_that_is_gone_are_nobody_elses(self):
        agency = self.env["res.company"].create({"name": "Other agency"})
        procedure = self.env["kho.dl.procedure"].create({"name": "A", "code": "9.009", "company_id": agency.id})
        self.env.flush_all()
        agency.unlink()
        self.assertFalse(procedure.exists())
