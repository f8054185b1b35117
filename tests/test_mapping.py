from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .common import KhoDLCase, new_test_user


class MappingCase(KhoDLCase):
    """Four documents to be mapped, two results, and an administrator."""

    users = {
        "administrator": {"login": "kho_admin", "groups": "kho_dl.group_administrator"},
    }

    def prepare(self):
        super().prepare()
        self.env["kho.dl.procedure.document"].search([("mapping_state", "=", "open")]).is_reusable = False
        self.record, self.second = self.env["kho.dl.result.code"].create(
            [
                {"code": "KQ.M1", "name": "Phiếu lý lịch tư pháp số 1"},
                {"code": "KQ.M2", "name": "Phiếu lý lịch tư pháp số 2"},
            ]
        )
        self.sector = self.env["kho.dl.sector"].create({"code": "S1", "name": "Tư pháp"})
        self.agency = self.env["kho.dl.agency"].create({"code": "A1", "name": "Sở Tư pháp"})
        names = ["Phiếu LLTP số 1", "Đơn đề nghị", "Phiếu lý lịch tư pháp", "Phiếu LLTP số 1 (bản sao)"]
        self.other = self.env["kho.dl.procedure"].create(
            {
                "code": "M.1",
                "name": "Thủ tục",
                "sector_id": self.sector.id,
                "agency_ids": [Command.set(self.agency.ids)],
                "document_ids": [Command.create({"name": name}) for name in names],
            }
        )
        self.first, self.form, self.unclear, self.copy = self.other.document_ids
        self.documents = self.env["kho.dl.procedure.document"].with_user(self.administrator)

    def find(self):
        self.documents.sudo()._cron_find_candidates()

    def desk(self, **filters):
        return self.documents.mapping_worklist(filters)

    def mine(self, document):
        return document.with_user(self.administrator)

    def best(self, document):
        return document.candidate_ids[:1]


class TestMapping(MappingCase):
    """The desk at which required documents are mapped."""

    def test_candidates_have_a_score_and_reasons(self):
        self.find()
        best = self.best(self.first)
        self.assertEqual((best.result_code_id, best.score), (self.record, 100))
        self.assertEqual(best.reason_text, "the same name; abbreviation: LLTP = lý lịch tư pháp")
        self.assertFalse(self.form.candidate_ids)
        scores = self.unclear.candidate_ids.mapped("score")
        self.assertEqual(scores, sorted(scores, reverse=True))

    def test_the_most_wanted_first(self):
        self.find()
        self.assertEqual([row["id"] for row in self.desk()["documents"]], self.other.document_ids.ids)
        owner = self.env["res.partner"].create({"name": "An"})
        cases = self.env["kho.dl.case"].create([{"procedure_id": self.other.id, "owner_id": owner.id}] * 3)
        cases[0].document_ids[:3].unlink()
        cases[1].state = cases[2].state = "10"
        self.env.flush_all()
        old = fields.Datetime.now() - timedelta(days=100)
        self.env.cr.execute("UPDATE kho_dl_case SET date_submitted = %s WHERE id = %s", [old, cases[2].id])
        self.find()
        self.assertEqual(self.other.document_ids.mapped("waiting_count"), [1, 1, 1, 2])
        self.assertEqual(self.desk()["documents"][0]["name"], self.copy.name)
        self.assertEqual(self.desk()["documents"][0]["waiting"], 2)
        # One that is closed was recent demand, until it is old; then it counts no more.
        cases.state = "10"
        self.find()
        self.assertEqual(self.other.document_ids.mapped("waiting_count"), [1, 1, 1, 2])
        self.env.flush_all()
        self.env.cr.execute("UPDATE kho_dl_case SET date_submitted = %s WHERE id IN %s", [old, cases._ids])
        self.find()
        self.assertEqual(set(self.other.document_ids.mapped("waiting_count")), {0})

    def test_who_waits_for_what_is_mapped_is_not_counted(self):
        owner = self.env["res.partner"].create({"name": "An"})
        self.env["kho.dl.case"].create({"procedure_id": self.other.id, "owner_id": owner.id})
        first, *others = self.other.document_ids
        first.result_code_ids = self.record
        self.find()
        self.assertEqual((first.waiting_count, {document.waiting_count for document in others}), (0, {1}))
        first.result_code_ids = False
        self.find()
        self.assertEqual(first.waiting_count, 1)

    # Proves II.2-2.
    def test_accept_and_undo(self):
        self.find()
        self.mine(self.first).mapping_accept(self.record.ids)
        self.assertEqual((self.first.mapping_state, self.first.result_code_ids), ("mapped", self.record))
        self.assertNotIn(self.first.id, [row["id"] for row in self.desk()["documents"]])
        decision = self.env["kho.dl.mapping.decision"].search([], limit=1)
        self.assertEqual((decision.user_id, decision.score), (self.administrator, 100))
        self.assertEqual(self.documents.mapping_undo(), 1)
        self.assertEqual(self.first.mapping_state, "open")
        with self.assertRaises(UserError):
            self.documents.mapping_undo()

    def test_what_was_changed_since_is_not_taken_back(self):
        self.mine(self.first).mapping_accept(self.record.ids)
        self.first.result_code_ids += self.second
        self.assertEqual(self.documents.mapping_undo(), 0)
        self.assertEqual(self.first.result_code_ids, self.record + self.second)

    def test_the_same_decision_of_a_colleague_later_is_not_taken_back(self):
        self.mine(self.first).mapping_accept(self.record.ids)
        self.first.result_code_ids = False
        self.first.with_user(self.env.ref("base.user_admin")).mapping_accept(self.record.ids)
        self.assertEqual(self.documents.mapping_undo(), 0)
        self.assertEqual(self.first.result_code_ids, self.record)

    def test_two_administrators_at_once(self):
        self.mine(self.first).mapping_accept(self.record.ids)
        with self.assertRaisesRegex(UserError, "meanwhile"):
            self.mine(self.first).mapping_not_reusable()
        with self.assertRaisesRegex(UserError, "Choose"):
            self.mine(self.form).mapping_accept([])

    def test_all_of_one_name_at_once(self):
        again = self.first.copy({"procedure_id": self.procedure.id})
        self.assertEqual(self.desk(text="Phiếu LLTP số 1")["documents"][0]["namesakes"], 1)
        self.assertEqual(self.mine(self.first).mapping_accept(self.record.ids, True), 2)
        self.assertEqual((self.first + again).result_code_ids, self.record)
        self.assertFalse(self.copy.result_code_ids)
        self.assertEqual(self.documents.mapping_undo(), 2)
        self.assertEqual(self.mine(again).mapping_not_reusable(True), 2)
        self.assertEqual(self.first.mapping_state, "not_reusable")

    def test_not_reusable_and_skip(self):
        self.mine(self.form).mapping_not_reusable()
        self.assertEqual(self.form.mapping_state, "not_reusable")
        self.mine(self.first).mapping_skip()
        self.assertEqual([row["id"] for row in self.desk()["documents"]][-1], self.first.id)
        self.assertEqual(self.documents.mapping_undo() + self.documents.mapping_undo(), 2)
        self.assertEqual(self.desk()["documents"][0]["id"], self.first.id)
        self.assertEqual(self.form.mapping_state, "open")

    def test_many_at_once_and_all_of_it_back(self):
        self.find()
        self.assertEqual(self.documents.mapping_accept_above(90, {}, is_trial=True), 2)
        self.assertFalse(self.first.result_code_ids)
        self.assertEqual(self.documents.mapping_accept_above(90), 2)
        self.assertEqual((self.first + self.copy).result_code_ids, self.record)
        self.assertFalse(self.unclear.result_code_ids)
        self.assertEqual(self.documents.mapping_undo(), 2)
        self.assertFalse((self.first + self.copy).result_code_ids)

    def test_equally_good_candidates_are_left_to_a_person(self):
        self.env["kho.dl.result.code"].create({"code": "KQ.M3", "name": "Phiếu lý lịch tư pháp số 1"})
        self.find()
        self.assertEqual(self.documents.mapping_accept_above(90), 0)

    def test_what_is_mapped_elsewhere_counts(self):
        self.unclear.copy({"procedure_id": self.procedure.id, "result_code_ids": [Command.set(self.second.ids)]})
        self.find()
        self.assertEqual(self.best(self.unclear).result_code_id, self.second)
        self.assertIn("1 documents of this name", self.best(self.unclear).reason_text)

    def test_what_changes_is_looked_for_anew(self):
        self.find()
        self.assertEqual(self.desk()["waiting_for_candidates"], 0)
        code = self.env["kho.dl.result.code"].create({"code": "KQ.M9", "name": "Đơn đề nghị"})
        self.find()
        self.assertEqual(self.best(self.form).result_code_id, code)
        self.unclear.name = "Phiếu LL tư pháp loại 2"
        self.env["kho.dl.abbreviation"].create({"short": "LL", "full": "lý lịch"})
        self.find()
        self.assertIn("LL = lý lịch", self.best(self.unclear).reason_text)
        self.assertTrue(self.documents.action_find_candidates())
        self.assertEqual(self.desk()["waiting_for_candidates"], 1)

    def test_a_clerks_pick_is_a_proposal(self):
        owner = self.env["res.partner"].create({"name": "An"})
        case = (
            self.env["kho.dl.case"].with_user(self.clerk).create({"procedure_id": self.other.id, "owner_id": owner.id})
        )
        document = case.document_ids.filtered(lambda one: one.procedure_document_id == self.form)
        document.action_propose_result(self.second.id)
        document.action_propose_result(self.second.id)
        self.find()
        self.assertEqual(self.form.mapping_state, "open")
        self.assertEqual(self.best(self.form).result_code_id, self.second)
        self.assertIn("clerks proposed it: 1", self.best(self.form).reason_text)
        # What a clerk says is no decision that falls with a hundred others.
        self.documents.mapping_accept_above(90)
        self.assertFalse(self.form.result_code_ids)
        with self.assertRaises(UserError):
            document.action_propose_result(0)

    def test_coverage_by_field_and_agency(self):
        self.first.result_code_ids = self.record
        self.form.is_reusable = False
        self.env.flush_all()
        rows = (
            self.env["kho.dl.mapping.coverage"]
            .with_user(self.administrator)
            .search([("name", "in", ("Tư pháp", "Sở Tư pháp"))])
        )
        self.assertEqual(rows.mapped("kind"), ["agency", "sector"])
        for row in rows:
            self.assertEqual((row.mapped_count, row.open_count, row.not_reusable_count, row.percent), (1, 2, 1, 33.3))

    def test_filters(self):
        self.assertEqual(len(self.desk(sector_id=self.sector.id)["documents"]), 4)
        self.assertEqual(len(self.desk(agency_id=self.agency.id, text="đơn đề")["documents"]), 1)
        self.assertFalse(self.desk(sector_id=self.sector.id + 1000)["documents"])

    def test_who_may(self):
        self.find()
        for user in (self.clerk, new_test_user(self.env, "kho_auditor", groups="kho_dl.group_auditor")):
            documents = self.first.with_user(user)
            for call in (
                lambda documents=documents: documents.mapping_worklist(),
                lambda documents=documents: documents.mapping_accept(self.record.ids),
                lambda documents=documents: documents.mapping_skip(),
                lambda documents=documents: documents.mapping_accept_above(50),
                lambda documents=documents: documents.action_find_candidates(),
            ):
                with self.assertRaises(AccessError):
                    call()
        company = self.env["res.company"].create({"name": "B"})
        stranger = new_test_user(
            self.env,
            "other_admin",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[company.id],
        )
        self.assertFalse(self.documents.with_user(stranger).mapping_worklist()["documents"])
        with self.assertRaises(AccessError):
            self.first.with_user(stranger).mapping_accept(self.record.ids)
        self.assertFalse(self.env["kho.dl.mapping.coverage"].with_user(stranger).search([]))
