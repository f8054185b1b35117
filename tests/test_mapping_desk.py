from odoo import Command
from odoo.exceptions import AccessError

from .common import CRIMINAL_RECORD
from .test_mapping import MappingCase
from .test_migrations import migrate


class TestMappingDesk(MappingCase):
    """What is first on the worklist, what is mapped in bulk and what is not, and what undo takes back."""

    def propose(self, document, code):
        owner = self.env["res.partner"].create({"name": "An"})
        cases = self.env["kho.dl.case"].with_user(self.clerk)
        case = cases.create({"procedure_id": self.other.id, "owner_id": owner.id})
        case.document_ids.filtered(lambda one: one.procedure_document_id == document).action_propose_result(code.id)

    # -- the worklist ------------------------------------------------------------------------------

    def test_documents_that_were_never_counted_come_last(self):
        owner = self.env["res.partner"].create({"name": "An"})
        case = self.env["kho.dl.case"].create({"procedure_id": self.other.id, "owner_id": owner.id})
        case.document_ids.filtered(lambda one: one.procedure_document_id != self.copy).unlink()
        # Rows that SQL made.
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_procedure_document SET waiting_count = NULL")
        self.find()
        self.assertEqual([row["waiting"] for row in self.desk()["documents"]], [1, 0, 0, 0])
        self.assertEqual(self.desk()["documents"][0]["id"], self.copy.id)

    def test_the_upgrade_gives_earlier_documents_a_value(self):
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_procedure_document SET waiting_count = NULL, is_mapping_skipped = NULL")
        migrate(self.env.cr, "19.0.1.3.1")
        self.env.cr.execute(
            "SELECT DISTINCT waiting_count, is_mapping_skipped FROM kho_dl_procedure_document",
        )
        self.assertEqual(self.env.cr.fetchall(), [(0, False)])

    def test_whether_candidates_were_looked_for(self):
        self.assertEqual([row["is_looked_for"] for row in self.desk()["documents"]], [False] * 4)
        self.find()
        self.assertEqual([row["is_looked_for"] for row in self.desk()["documents"]], [True] * 4)

    def test_names_are_found_without_marks_and_procedures_by_their_code(self):
        self.copy.name = "Bản sao Phiếu lý lịch tư pháp"
        for text in ("ly lich tu phap", "LÝ LỊCH", "phieu lý lich", self.other.code):
            found = [row["id"] for row in self.documents.mapping_worklist({"text": text})["documents"]]
            self.assertIn(self.copy.id, found, text)
        self.assertFalse(self.documents.mapping_worklist({"text": "khong co"})["documents"])
        code = self.codes[CRIMINAL_RECORD]
        code.name = "Phiếu lý lịch tư pháp số 1"
        self.assertIn(code.id, dict(self.env["kho.dl.result.code"].name_search("ly lich tu phap so 1")))

    # -- what changes ------------------------------------------------------------------------------

    def test_a_result_renamed_or_archived_is_looked_for_anew(self):
        code = self.env["kho.dl.result.code"].create({"code": "KQ.R", "name": "KQ.R"})
        self.find()
        self.assertFalse(self.form.candidate_ids)
        code.name = "Đơn đề nghị"
        self.find()
        self.assertEqual(self.form.candidate_ids.result_code_id, code)
        code.active = False
        self.assertFalse(self.desk(text=self.form.name)["documents"][0]["candidates"])
        self.find()
        self.assertFalse(self.form.candidate_ids)
        code.active = True
        self.find()
        self.assertEqual(self.form.candidate_ids.result_code_id, code)
        code.write({"name": "Đơn đề nghị", "holds_many": True})
        self.assertFalse(self.desk()["waiting_for_candidates"])

    def test_a_renamed_document_has_no_candidates_of_its_old_name(self):
        self.find()
        self.first.name = "Bản vẽ thiết kế"
        self.assertFalse(self.first.candidate_ids)
        self.copy.name = str(self.copy.name)
        self.assertTrue(self.copy.candidate_ids and self.copy.candidates_on)

    # -- in bulk -----------------------------------------------------------------------------------

    def test_bulk_leaves_what_a_clerk_sees_otherwise(self):
        self.propose(self.first, self.second)
        self.find()
        self.assertEqual(self.best(self.first).result_code_id, self.record)
        self.assertEqual(self.documents.mapping_accept_above(90), 1)
        self.assertFalse(self.first.result_code_ids)
        self.assertEqual(self.copy.result_code_ids, self.record)

    def test_bulk_leaves_what_is_to_be_looked_for_anew(self):
        self.find()
        self.documents._forget_candidates()
        self.assertEqual(self.documents.mapping_accept_above(90), 0)
        self.find()
        self.assertEqual(self.documents.mapping_accept_above(90), 2)

    def test_bulk_never_maps_to_an_archived_result(self):
        self.find()
        self.record.active = False
        self.other.document_ids.candidates_on = "2026-01-01"
        self.assertEqual(self.documents.mapping_accept_above(90), 0)
        self.assertFalse(self.first.with_context(active_test=False).result_code_ids)

    def test_bulk_leaves_what_was_mapped_elsewhere_and_is_no_more(self):
        again = self.unclear.copy(
            {"procedure_id": self.procedure.id, "result_code_ids": [Command.set(self.second.ids)]}
        )
        self.find()
        self.assertEqual(self.documents.mapping_accept_above(99, {"text": self.unclear.name}, is_trial=True), 1)
        again.active = False
        self.assertEqual(self.documents.mapping_accept_above(99, {"text": self.unclear.name}, is_trial=True), 0)

    # -- undo --------------------------------------------------------------------------------------

    def test_undo_leaves_no_trace_at_namesakes(self):
        again = self.unclear.copy({"procedure_id": self.procedure.id})
        self.mine(self.unclear).mapping_accept(self.second.ids)
        self.find()
        self.assertEqual(self.best(again).score, 99)
        self.documents.mapping_undo()
        self.assertFalse(again.candidates_on)
        self.assertFalse(again.candidate_ids.filtered(lambda candidate: candidate._is_because("elsewhere")))
        self.find()
        self.assertLess(self.best(again).score, 90)
        self.documents.mapping_accept_above(98)
        self.assertFalse(again.result_code_ids)

    def test_a_mapping_that_others_built_upon_does_not_block_undo(self):
        self.mine(self.copy).mapping_skip()
        self.mine(self.first).mapping_accept(self.record.ids)
        self.first.substitute_code_ids = self.record
        self.assertEqual(self.documents.mapping_undo(), 0)
        self.assertEqual(self.first.result_code_ids, self.record)
        self.assertEqual(self.documents.mapping_undo(), 1)
        self.assertFalse(self.copy.is_mapping_skipped)

    def test_undo_passes_over_what_is_no_longer_there(self):
        stranger = self.env["res.company"].create({"name": "B"})
        gone = self.other.copy({"code": "M.2"})
        for reason, values in (
            ("archived", {"active": False}),
            ("of another company", {"active": True, "company_id": stranger.id}),
        ):
            with self.subTest(reason):
                gone.write({"active": True, "company_id": self.company.id})
                self.mine(self.form).mapping_skip()
                self.mine(gone.document_ids[0]).mapping_skip()
                gone.write(values)
                self.assertEqual(self.documents.mapping_undo(), 1)
                self.assertFalse(self.form.is_mapping_skipped)
                self.assertTrue(gone.document_ids[0].is_mapping_skipped)

    def test_undo_is_for_those_who_decide(self):
        with self.assertRaises(AccessError):
            self.documents.with_user(self.clerk).mapping_undo()

    # -- coverage ----------------------------------------------------------------------------------

    def test_coverage_names_procedures_without_field_and_agency(self):
        self.env["kho.dl.procedure"].create(
            {"code": "M.3", "name": "Không lĩnh vực", "document_ids": [Command.create({"name": "A"})]}
        )
        self.env.flush_all()
        rows = self.env["kho.dl.mapping.coverage"].with_user(self.administrator).search([])
        of_kind = {kind: rows.filtered(lambda row, kind=kind: row.kind == kind) for kind in ("all", "sector", "agency")}
        self.assertIn("No field", of_kind["sector"].mapped("name"))
        self.assertIn("No agency", of_kind["agency"].mapped("name"))
        for count in ("procedure_count", "mapped_count", "open_count", "not_reusable_count"):
            counts = {kind: sum(found.mapped(count)) for kind, found in of_kind.items()}
            self.assertEqual(len(set(counts.values())), 1, (count, counts))

    def test_where_nothing_can_be_reused_all_is_covered(self):
        self.other.document_ids.is_reusable = False
        self.env.flush_all()
        row = self.env["kho.dl.mapping.coverage"].search([("name", "=", "Tư pháp")])
        self.assertEqual((row.open_count, row.percent), (0, 100))
