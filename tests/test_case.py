from datetime import datetime

from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from .common import AN, BINH, CRIMINAL_RECORD, KhoDLCase


class TestCase(KhoDLCase):
    def test_documents_are_made_from_the_procedure(self):
        case = self.make_case()
        self.assertEqual(case.document_ids.mapped("name"), self.procedure.document_ids.mapped("name"))
        self.assertEqual(case.document_ids[0].status, "hand_in")
        # Nobody was asked, so nobody knows.
        self.assertEqual(self.document(case, CRIMINAL_RECORD).status, "not_asked")
        self.assertEqual((case.document_count, case.attached_count, case.fetchable_count), (6, 0, 0))
        self.assertEqual((case.unasked_count, case.to_bring_count), (5, 1))

    def test_cases_made_in_a_batch_are_numbered_one_by_one(self):
        owner = self.env["res.partner"].create({"name": "Applicant"})
        values = {"procedure_id": self.procedure.id, "owner_id": owner.id}
        cases = self.env["kho.dl.case"].create([values] * 3)
        self.assertEqual(len(set(cases.mapped("name"))), 3)
        self.assertTrue(all(name.startswith("H46-") for name in cases.mapped("name")))

    def test_case_number_is_unique_in_a_company(self):
        case = self.make_case()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.make_case(name=case.name)

    def test_id_number_is_cleaned_and_checked(self):
        case = self.make_case("000 190 000 011")
        self.assertEqual(case.owner_id_number, AN)
        for valid in ("013419012", "0100109106", "0100109106-001", "0100109106001"):
            case.owner_id_number = valid
        self.assertEqual(case.owner_id_number, "0100109106-001")
        for wrong in ("123", "00019000001A", "01001091079999"):
            with self.assertRaises(ValidationError):
                case.owner_id_number = wrong

    def test_id_number_comes_from_the_last_case_of_the_owner(self):
        first = self.make_case(BINH)
        second = self.env["kho.dl.case"].create({"procedure_id": self.procedure.id, "owner_id": first.owner_id.id})
        self.assertEqual(second.owner_id_number, BINH)

    def test_tax_code_of_an_organisation_comes_from_the_partner(self):
        owner = self.env["res.partner"].create({"name": "Company", "is_company": True, "vat": "0100109106"})
        case = self.env["kho.dl.case"].create({"procedure_id": self.procedure.id, "owner_id": owner.id})
        self.assertEqual(case.owner_id_number, "0100109106")

    def test_state_fills_its_date_once(self):
        case = self.make_case()
        case.state = "9"
        finished = case.date_finished
        self.assertTrue(finished)
        case.write({"date_finished": "2020-01-01 00:00:00", "state": "9"})
        self.assertEqual(str(case.date_finished), "2020-01-01 00:00:00")

    def test_procedure_changes_only_while_nothing_is_attached(self):
        other = self.env["kho.dl.procedure"].create(
            {"code": "9.9", "name": "Other", "document_ids": [(0, 0, {"name": "Only one"})]}
        )
        case = self.make_case()
        case.procedure_id = other
        self.assertEqual(case.document_ids.mapped("name"), ["Only one"])
        self.upload(case.document_ids)
        with self.assertRaises(UserError):
            case.procedure_id = self.procedure
        self.assertEqual(case.document_ids.mapped("name"), ["Only one"])

    def upload(self, document, name="scan.pdf"):
        document.write({"attachment_ids": [Command.create({"name": name, "raw": b"%PDF-1.4 scan"})]})
        return document.attachment_ids

    def test_an_uploaded_file_follows_the_document(self):
        document = self.make_case().document_ids[0]
        attachment = self.upload(document)
        self.assertEqual((attachment.res_model, attachment.res_id), (document._name, document.id))
        self.assertEqual((document.source, document.status), ("upload", "attached"))
        self.assertTrue(document.provenance_time)

    def test_a_file_taken_off_is_gone_and_so_is_its_provenance(self):
        document = self.make_case().document_ids[0]
        attachment = self.upload(document)
        reason = {"kho_dl_reason": "Unreadable"}
        document.with_context(**reason).write({"attachment_ids": [Command.unlink(attachment.id)]})
        self.assertFalse(attachment.exists())
        self.assertFalse(document.source or document.provenance_time)
        self.assertEqual(document.status, "hand_in")

    def test_a_foreign_file_is_not_claimed(self):
        other = self.make_case()
        foreign = self.upload(other.document_ids[0])
        # Only what runs as superuser may link it.
        document = self.make_case().document_ids[0].sudo()
        document.write({"attachment_ids": [Command.link(foreign.id)]})
        self.assertEqual(foreign.res_id, other.document_ids[0].id)
        document.write({"attachment_ids": [Command.unlink(foreign.id)]})
        self.assertTrue(foreign.exists())

    def test_an_asked_case_is_kept_for_the_journal(self):
        case = self.make_case()
        self.make_wizard(case).action_search()
        with self.assertRaises(UserError):
            case.with_user(self.env.ref("base.user_admin")).unlink()

    def test_a_case_never_asked_about_can_be_deleted_by_an_administrator(self):
        case = self.make_case()
        case.with_user(self.env.ref("base.user_admin")).unlink()
        self.assertFalse(case.exists())

    def test_procedure_code_is_unique_in_a_company_and_among_shared_ones(self):
        for company in (self.company, self.env["res.company"]):
            self.env["kho.dl.procedure"].create({"code": "7.7", "name": "One", "company_id": company.id})
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                # As it is copied out of a page, with a blank of no width behind it.
                self.env["kho.dl.procedure"].create({"code": " 7.7\u200b ", "name": "Two", "company_id": company.id})

    def test_a_document_belongs_to_the_procedure_once(self):
        case = self.make_case()
        other = self.env["kho.dl.procedure"].create(
            {"code": "9.9", "name": "Other", "document_ids": [(0, 0, {"name": "Only one"})]}
        )
        with self.assertRaises(ValidationError):
            case.document_ids.create({"case_id": case.id, "procedure_document_id": other.document_ids.id})
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            case.document_ids.create(
                {"case_id": case.id, "procedure_document_id": case.document_ids[0].procedure_document_id.id}
            )

    def test_a_case_stays_with_its_company(self):
        case = self.make_case()
        with self.assertRaises(UserError):
            case.company_id = self.env["res.company"].create({"name": "Other"})

    def test_another_owner_means_another_number(self):
        case = self.make_case(AN)
        case.owner_id = self.env["res.partner"].create({"name": "Unknown"})
        self.assertFalse(case.owner_id_number)
        known = self.make_case(BINH).owner_id
        case.owner_id = known
        self.assertEqual(case.owner_id_number, BINH)

    def test_the_same_owner_again_keeps_the_number(self):
        cases = self.make_case(AN) | self.make_case(BINH)
        owner = cases[0].owner_id
        cases.write({"owner_id": owner.id, "channel": "2"})
        self.assertEqual(cases.mapped("owner_id_number"), [AN, AN])
        self.assertEqual(cases.mapped("channel"), ["2", "2"])

    def test_a_case_that_begins_as_received_was_received_when_submitted(self):
        noon = datetime(2026, 4, 10, 5)
        self.assertEqual(self.make_case(state="2", date_submitted=noon).date_received, noon)
        self.assertTrue(self.make_case(state="9").date_received)
        self.assertEqual(self.make_case(state="2", date_received=noon).date_received, noon)
        self.assertFalse(self.make_case(date_submitted=noon).date_received)
        # As a form sends it, and a column of the board.
        self.assertTrue(self.make_case(state="2", date_received=False).date_received)
        begun = self.env["kho.dl.case"].with_user(self.clerk).with_context(default_state="4")
        owner = self.env["res.partner"].create({"name": "Applicant"})
        self.assertTrue(begun.create({"procedure_id": self.procedure.id, "owner_id": owner.id}).date_received)

    def test_a_case_that_is_processed_was_received(self):
        case = self.make_case()
        case.state = "4"
        self.assertTrue(case.date_received)

    def test_a_returned_result_was_processed_too(self):
        case = self.make_case()
        case.state = "10"
        self.assertTrue(case.date_finished and case.date_returned)

    def test_codes_are_not_blank(self):
        for model in ("kho.dl.procedure", "kho.dl.result.code"):
            with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                self.env[model].create({"code": " \u200b ", "name": "Blank"})

    def test_a_copied_procedure_gets_another_code(self):
        copy = self.procedure.copy()
        self.assertNotEqual(copy.code, self.procedure.code)
        self.assertEqual(len(copy.document_ids), len(self.procedure.document_ids))
