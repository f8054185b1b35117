from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError

from .common import CRIMINAL_RECORD, MEDICAL_LICENCE, KhoDLCase, new_test_user


class CatalogueCase(KhoDLCase):
    """A small national catalogue, and an administrator who synchronises it."""

    users = {
        "administrator": {"login": "kho_admin", "groups": "kho_dl.group_administrator", "lang": "en_US"},
    }

    def prepare(self):
        super().prepare()
        self.simulator.catalogue.generate(12)
        self.syncs = self.env["kho.dl.catalogue.sync"]
        self.procedures = self.env["kho.dl.procedure"].with_context(active_test=False)

    def sync(self):
        """Return a run that went as far as one run of the scheduled action gets."""
        action = self.syncs.with_user(self.administrator).action_sync()
        sync = self.syncs.browse(action["res_id"])
        self.syncs._cron_sync()
        return sync

    def counts(self, sync):
        return [sync[f"{kind}_count"] for kind in ("new", "changed", "gone", "unchanged", "failed")]

    def row(self, code="9.1", **values):
        """Put a procedure into the national catalogue."""
        paper = {"MAGIAYTO": "G1", "TENGIAYTO": "Giấy khai sinh", "TENMAUDON": "", "URL": ""}
        row = {
            "MATTHC": code,
            "TENTTHC": "Một thủ tục",
            "LINHVUCTHUCHIEN": [{"MALINHVUC": "LV001", "TENLINHVUC": "Hộ tịch"}],
            "THANHPHANHOSO": [{"TRUONGHOP": "", "GIAYTO": [paper]}],
            "KETQUATHUCHIEN": [{"MAKETQUA": "KQ.X", "TENKETQUA": "Kết quả X"}],
            "COQUANTHUCHIEN": [{"MADONVI": "H46.01", "TENDONVI": "Sở Tư pháp"}],
            "TRANGTHAI": "1",
            **values,
        }
        self.simulator.catalogue.put(row)
        return row

    def procedure_of(self, code):
        return self.procedures.search([("code", "=", code)])


class TestCatalogue(CatalogueCase):
    # Proves II.2-1.
    def test_the_first_run_brings_everything(self):
        sync = self.sync()
        # The guideline's second example stands here already, typed by hand.
        self.assertEqual((sync.state, self.counts(sync)), ("done", [19, 1, 0, 0, 0]))
        self.assertEqual((sync.progress, sync.summary), (100, "19 new, 1 changed, 0 gone"))
        self.assertEqual(len(self.env["kho.dl.sector"].search([])), 20)
        self.assertEqual(len(self.env["kho.dl.agency"].search([("level", "=", "Cấp tỉnh")])), 5)
        procedure = self.procedure_of("1.500009")
        self.assertEqual(procedure.variant_ids.mapped("name"), ["Nộp trực tiếp", "Nộp qua người được ủy quyền"])
        self.assertEqual(len(procedure.document_ids), 6)
        self.assertEqual(procedure.document_ids[-1].variant_ids.mapped("name"), ["Nộp qua người được ủy quyền"])
        self.assertTrue(procedure.result_code_ids and procedure.agency_ids and procedure.sector_id)

    def test_a_second_run_writes_nothing(self):
        self.sync()
        before = {record: record.write_date for record in self.procedures.search([])}
        self.env.cr.commit()
        sync = self.sync()
        self.assertEqual(self.counts(sync), [0, 0, 0, 20, 0])
        self.assertFalse(sync.change_ids)
        self.procedures.invalidate_model()
        self.assertEqual({record: record.write_date for record in before}, before)

    def test_what_people_typed_and_mapped_survives(self):
        sync = self.sync()
        change = sync.change_ids.filtered(lambda change: change.code == MEDICAL_LICENCE)
        self.assertIn("Name: changed here by hand and kept, “First medical licence”", change.details_text)
        self.assertEqual(self.procedure.name, "First medical licence")
        document = self.document_of(CRIMINAL_RECORD)
        self.assertTrue(document.active and not document.catalogue_key)
        self.assertEqual(len(self.procedure.document_ids), 6 + 7)

    def test_a_document_typed_before_is_known_by_its_code_or_else_its_name(self):
        paper = {"TENMAUDON": "", "URL": ""}
        papers = [
            {**paper, "MAGIAYTO": "G1", "TENGIAYTO": "Giấy khai sinh"},
            {**paper, "MAGIAYTO": "G2", "TENGIAYTO": "Khác"},
        ]
        self.row(THANHPHANHOSO=[{"TRUONGHOP": "", "GIAYTO": papers}])
        procedure = self.procedures.create({"code": "9.1", "name": "Một thủ tục", "company_id": self.company.id})
        by_name, by_code = self.env["kho.dl.procedure.document"].create(
            [
                {"procedure_id": procedure.id, "code": "TP01", "name": "GIẤY  khai sinh"},
                {"procedure_id": procedure.id, "code": "G2", "name": "Giấy khai sinh"},
            ]
        )
        self.sync()
        self.assertEqual(procedure.document_ids, by_name + by_code)
        self.assertEqual((by_name.catalogue_key and by_name.code, by_code.code), ("TP01", "G2"))

    def document_of(self, code):
        return self.procedure.document_ids.filtered(lambda document: document.result_code_ids.code == code)

    def test_changes_follow_where_nobody_changed_them_here(self):
        self.row()
        self.sync()
        procedure = self.procedure_of("9.1")
        document = procedure.document_ids
        document.write({"result_code_ids": [Command.set(self.codes[CRIMINAL_RECORD].ids)], "form_name": "Mẫu của ta"})
        local = self.env["kho.dl.procedure.document"].create({"procedure_id": procedure.id, "name": "Local"})
        own_agency = self.env["kho.dl.agency"].create({"code": "X1", "name": "Our own"})
        procedure.agency_ids += own_agency
        papers = [
            {"MAGIAYTO": "G1", "TENGIAYTO": "Bản sao giấy khai sinh", "TENMAUDON": "Mẫu 2"},
            {"MAGIAYTO": "G2", "TENGIAYTO": "Thẻ căn cước"},
        ]
        self.row(
            TENTTHC="Một thủ tục mới", THANHPHANHOSO=[{"GIAYTO": papers}], KETQUATHUCHIEN=[],
            COQUANTHUCHIEN=[{"MADONVI": "H46.02", "TENDONVI": "Sở Y tế"}], LINHVUCTHUCHIEN=[{"MALINHVUC": "LV002"}],
        )  # fmt: skip
        sync = self.sync()
        self.assertEqual(self.counts(sync), [0, 1, 0, 20, 0])
        self.assertEqual(procedure.name, "Một thủ tục mới")
        self.assertEqual((document.name, document.form_name), ("Bản sao giấy khai sinh", "Mẫu của ta"))
        self.assertEqual(document.result_code_ids, self.codes[CRIMINAL_RECORD])
        self.assertEqual(procedure.document_ids.mapped("name"), ["Bản sao giấy khai sinh", "Local", "Thẻ căn cước"])
        self.assertTrue(local.active)
        self.assertEqual(set(procedure.agency_ids.mapped("code")), {"X1", "H46.02"})
        self.assertFalse(procedure.result_code_ids)
        self.assertEqual(procedure.sector_code, "LV002")
        words = sync.change_ids.details_text
        for part in ("Name: “Một thủ tục” is now “Một thủ tục mới”", "Mẫu của ta", "New document: Thẻ căn cước"):
            self.assertIn(part, words)

    def test_a_document_that_is_asked_for_no_more_is_archived_with_its_mapping(self):
        self.row()
        self.sync()
        document = self.procedure_of("9.1").document_ids
        document.result_code_ids = self.codes[CRIMINAL_RECORD]
        self.row(THANHPHANHOSO=[])
        self.sync()
        self.assertFalse(document.active)
        self.row()
        self.sync()
        self.assertTrue(document.active)
        self.assertEqual(document.result_code_ids, self.codes[CRIMINAL_RECORD])

    def test_what_an_administrator_archived_stays_archived(self):
        self.row()
        self.sync()
        procedure = self.procedure_of("9.1")
        document = procedure.document_ids
        document.active = procedure.active = False
        self.row(TENTTHC="Tên khác")
        self.sync()
        self.assertEqual((procedure.active, procedure.name), (False, "Tên khác"))
        self.assertFalse(document.active)

    def test_removed_and_ended_procedures_are_archived_and_come_back(self):
        self.row("9.1")
        self.row("9.2")
        self.sync()
        gone = self.procedure_of("9.1") + self.procedure_of("9.2")
        self.simulator.catalogue.remove("9.1")
        self.row("9.2", TRANGTHAI="Hết hiệu lực")
        sync = self.sync()
        self.assertEqual((sync.gone_count, gone.mapped("active")), (2, [False, False]))
        self.assertEqual(set(sync.change_ids.mapped("kind")), {"gone"})
        self.assertTrue(self.procedure.active)
        self.row("9.2")
        sync = self.sync()
        self.assertEqual(gone.mapped("active"), [False, True])
        self.assertEqual(sync.change_ids.details_text, "In force again")

    def test_a_list_of_codes_only_is_completed_one_by_one(self):
        self.simulator.catalogue.generate(30, with_parts=False)
        self.simulator.clear_requests()
        sync = self.sync()
        self.assertEqual((sync.state, self.counts(sync)), ("done", [37, 1, 0, 0, 0]))
        asked = [request["body"]["service"] for request in self.simulator.requests("catalogue")]
        self.assertEqual(asked.count("LayThuTuc"), 38)
        self.assertEqual(len(self.procedure_of("1.500000").document_ids), 5)

    def test_a_procedure_that_cannot_be_read_spoils_no_other(self):
        self.simulator.catalogue.generate(3, with_parts=False)
        self.sync()
        self.simulator.catalogue.put({"MATTHC": "1.500001"})
        sync = self.sync()
        self.assertEqual(self.counts(sync), [0, 0, 0, 10, 1])
        self.assertTrue(sync.change_ids.error)
        self.assertTrue(self.procedure_of("1.500001").active)

    def test_a_run_that_was_interrupted_goes_on_where_it_was(self):
        self.simulator.catalogue.generate(60, with_parts=False)
        sync = self.syncs._start(self.company)
        self.simulator.order("catalogue", "server_error", times=1, match="")
        self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.error_kind, sync.is_listed), ("pending", "answer_not_understood", False))
        self.assertTrue(sync.next_try_on)
        sync.next_try_on = False
        sync._go_on(0)
        self.assertEqual((sync.state, sync.is_listed, sync.done_count), ("pending", True, 0))
        # As a worker leaves it that was killed.
        sync.write({"state": "running", "worker_key": "1", "lease_until": fields.Datetime.now() + timedelta(hours=1)})
        self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.interruptions, self.counts(sync)), ("done", 1, [67, 1, 0, 0, 0]))

    def test_an_account_that_is_refused_ends_the_run_and_says_so(self):
        self.company.kho_dl_password = "wrong"
        self.env["kho.dl.token"].sudo().search([]).unlink()
        sync = self.sync()
        self.assertEqual((sync.state, sync.error_kind), ("failed", "account_refused"))
        self.assertEqual(sync.summary, sync.error)
        self.company.kho_dl_password = "h46-demo"
        sync.with_user(self.administrator).action_go_on()
        self.syncs._cron_sync()
        self.assertEqual(sync.state, "done")

    def test_an_empty_catalogue_archives_nothing(self):
        self.sync()
        self.simulator.catalogue.generate(0)
        for code in ("2.000488", MEDICAL_LICENCE, *(f"1.40000{number}" for number in range(1, 7))):
            self.simulator.catalogue.remove(code)
        sync = self.sync()
        self.assertEqual(sync.state, "failed")
        self.assertTrue(self.procedure_of("1.500000").active)

    def test_an_answer_that_was_cut_off_archives_nothing_before_somebody_says_so(self):
        self.simulator.catalogue.generate(60)
        self.sync()
        self.simulator.catalogue.generate(30)
        sync = self.sync()
        self.assertEqual((sync.state, sync.error_kind, sync.gone_count), ("failed", "too_many_gone", 0))
        self.assertIn("does not name 30 of 68 procedures", sync.summary)
        self.assertTrue(self.procedure_of("1.500059").active)
        sync.with_user(self.administrator).action_archive_missing()
        self.syncs._cron_sync()
        self.assertEqual((sync.state, sync.gone_count), ("done", 30))
        self.assertFalse(self.procedure_of("1.500059").active)

    def test_one_run_at_a_time(self):
        first = self.syncs.with_user(self.administrator).action_sync()
        second = self.syncs.with_user(self.administrator).action_sync()
        self.assertEqual(first["res_id"], second["res_id"])

    def test_daily_where_it_is_wanted(self):
        self.syncs._cron_sync()
        self.assertFalse(self.syncs.search([]))
        self.company.kho_dl_catalogue_daily = True
        self.syncs._cron_sync()
        self.syncs._cron_sync()
        self.assertEqual(self.syncs.search([]).state, "done")
        self.syncs.search([]).started_on -= timedelta(days=1)
        self.syncs._cron_sync()
        self.assertEqual(len(self.syncs.search([])), 2)

    def test_names_changed_by_hand_stay(self):
        self.sync()
        sector = self.env["kho.dl.sector"].search([("code", "=", "LV001")])
        agency = self.env["kho.dl.agency"].search([("code", "=", "H46.01")])
        sector.name = "Ours"
        names = self.env["kho.dl.sector"]._follow_names({"LV001": {"name": "New"}})
        self.assertEqual((names["LV001"].name, sector.catalogue_name), ("Ours", "New"))
        self.env["kho.dl.agency"]._follow_names({"H46.01": {"name": "Sở mới", "level": "Cấp tỉnh"}})
        self.assertEqual(agency.name, "Sở mới")

    def test_who_may(self):
        for user in (self.clerk, new_test_user(self.env, "kho_auditor", groups="kho_dl.group_auditor")):
            with self.assertRaises(AccessError):
                self.syncs.with_user(user).action_sync()
        sync = self.sync()
        with self.assertRaises(AccessError):
            sync.with_user(self.administrator).write({"state": "pending"})
        company = self.env["res.company"].create({"name": "B"})
        stranger = new_test_user(
            self.env,
            "other_admin",
            groups="kho_dl.group_administrator",
            company_id=company.id,
            company_ids=[company.id],
        )
        self.assertFalse(self.syncs.with_user(stranger).search([]))
        self.assertFalse(self.env["kho.dl.catalogue.change"].with_user(stranger).search([]))
        with self.assertRaises(UserError):
            self.syncs.with_user(stranger).with_company(company).action_sync()
        self.assertTrue(sync.started_on <= sync.ended_on <= fields.Datetime.now())
