from odoo import Command
from odoo.exceptions import UserError

from .common import (
    AN,
    BINH,
    CHAU,
    CITIZEN_CARD,
    CRIMINAL_RECORD,
    DEGREE,
    HEALTH,
    LAND,
    MEDICAL_LICENCE,
    PRACTICE,
    KhoDLCase,
)


class TestWizard(KhoDLCase):
    # Proves II.1-2.
    def test_the_main_job(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        self.assertEqual(wizard.outcome, "found")
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((line.source, line.agency, line.selected), ("national", "UBND tỉnh Hà Giang", True))
        result = wizard.action_attach()
        self.assertEqual(result["params"]["next"]["type"], "ir.actions.act_window_close")
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual((document.status, document.source), ("attached", "national"))
        self.assertEqual(document.attachment_ids.raw[:5], b"%PDF-")
        self.assertEqual(len(self.document(case, CITIZEN_CARD).attachment_ids), 2)
        self.assertEqual(document.provenance_agency, "UBND tỉnh Hà Giang")
        self.assertEqual(document.provenance_result_code_id.code, CRIMINAL_RECORD)
        self.assertTrue(document.provenance_paper_number and document.provenance_time)

    # Proves V.2-3, V.3-2.
    def test_the_question_says_exactly_what_is_needed(self):
        self.make_wizard(self.make_case(AN)).action_search()
        [body] = self.asked()
        self.assertEqual(body["MaThuTuc"], MEDICAL_LICENCE)
        self.assertEqual(body["SoDinhDanhChuSoHuu"], AN)
        self.assertEqual(body["KenhThucHien"], "1")
        self.assertEqual(body["SoDinhDanhNguoiYeuCau"], "000188000077")
        self.assertEqual(body["HoTenNguoiYeuCau"], "Hoa")
        self.assertCountEqual(
            [(row["MaKetQua"], row["SoKyHieu"]) for row in body["DanhSachDanhMucKetQua"]],
            [(code, "") for code in (CRIMINAL_RECORD, DEGREE, PRACTICE, HEALTH, CITIZEN_CARD)],
        )

    # Proves IV.2-1.
    def test_nothing_is_asked_without_consent_at_counter_and_post(self):
        for channel in ("1", "3"):
            wizard = self.make_wizard(self.make_case(channel=channel), consent_given=False)
            with self.assertRaises(UserError):
                wizard.action_search()
        self.assertFalse(self.simulator.requests())
        self.assertFalse(self.env["kho.dl.query"].search([]))

    # Proves V.2-5.
    def test_online_needs_no_consent_and_names_no_officer(self):
        case = self.make_case(channel="2")
        self.make_wizard(case, consent_given=False).action_search()
        [body] = self.asked()
        self.assertEqual(body["KenhThucHien"], "2")
        self.assertFalse(body.get("SoDinhDanhNguoiYeuCau") or body.get("HoTenNguoiYeuCau"))

    def test_a_case_that_nobody_has_received_is_not_asked_about(self):
        wizard = self.make_wizard(self.make_case(officer_id=False))
        with self.assertRaisesRegex(UserError, "no receiving officer. Choose one"):
            wizard.action_search()
        self.assertFalse(self.asked())

    # Proves V.2-5.
    def test_the_officer_needs_an_id_number_at_the_counter(self):
        self.clerk.kho_dl_id_number = False
        with self.assertRaises(UserError):
            self.make_wizard(self.make_case()).action_search()
        self.assertFalse(self.asked())

    # Proves IV.2-1.
    def test_consent_is_on_record_before_the_question_leaves(self):
        self.simulator.order("papers", "server_error")
        self.make_wizard(self.make_case()).action_search()
        query = self.env["kho.dl.query"].search([])
        self.assertTrue(query.consent_given and query.consent_on)
        self.assertEqual(query.consent_user_id, self.clerk)

    def test_three_outcomes_are_told_apart(self):
        found = self.make_wizard(self.make_case(AN))
        found.action_search()
        none = self.make_wizard(self.make_case(CHAU))
        none.action_search()
        self.simulator.order("papers", "server_error", times=None)
        failed = self.make_wizard(self.make_case(AN))
        failed.action_search()
        self.assertEqual([wizard.outcome for wizard in (found, none, failed)], ["found", "none", "failed"])
        self.assertEqual(self.document(none.case_id, DEGREE).status, "none")
        self.assertEqual(self.document(failed.case_id, DEGREE).status, "failed")
        self.assertIn("Medical degree", none.missing_names)
        self.assertFalse(failed.missing_names)
        self.assertTrue(failed.message)
        self.assertFalse(failed.line_ids)

    # Proves IV.2-2.
    def test_only_missing_documents_are_asked_for(self):
        case = self.make_case()
        self.document(case, DEGREE).write(
            {"attachment_ids": [Command.create({"name": "degree.pdf", "raw": b"%PDF-1.4 scan"})]}
        )
        self.make_wizard(case).action_search()
        codes = [row["MaKetQua"] for row in self.asked()[0]["DanhSachDanhMucKetQua"]]
        self.assertNotIn(DEGREE, codes)

    def finished_case(self, owner_id_number, code):
        """Return a finished case that holds one file for `code`."""
        case = self.make_case(owner_id_number)
        self.document(case, code).write(
            {"attachment_ids": [Command.create({"name": "old.pdf", "raw": b"%PDF-1.4 old"})]}
        )
        case.state = "9"
        return case

    # Proves IV-1.
    def test_our_own_store_comes_first(self):
        earlier = self.finished_case(AN, CRIMINAL_RECORD)
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((line.source, line.selected), ("local", True))
        self.assertIn(earlier.name, line.agency)
        self.assertFalse(self.simulator.requests())
        wizard.action_search()
        codes = [row["MaKetQua"] for row in self.asked()[0]["DanhSachDanhMucKetQua"]]
        self.assertNotIn(CRIMINAL_RECORD, codes)
        wizard.line_ids.selected = False
        self.line(wizard, CRIMINAL_RECORD).selected = True
        wizard.action_attach()
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual((document.source, document.attachment_ids.raw), ("local", b"%PDF-1.4 old"))
        self.assertEqual(document.origin_document_id, self.document(earlier, CRIMINAL_RECORD))
        self.assertFalse(self.retrievals(case))
        wizard.action_attach()
        self.assertEqual(len(document.attachment_ids), 1)

    def test_papers_of_our_own_store_need_no_consent(self):
        self.finished_case(AN, CRIMINAL_RECORD)
        case = self.make_case(AN)
        wizard = self.make_wizard(case, consent_given=False)
        wizard.action_attach()
        self.assertEqual(self.document(case, CRIMINAL_RECORD).source, "local")
        self.assertFalse(self.simulator.requests())

    def test_our_own_store_shows_nobody_elses_papers(self):
        self.finished_case(BINH, CRIMINAL_RECORD)
        self.make_case(AN)
        unfinished = self.finished_case(AN, DEGREE)
        unfinished.state = "4"
        self.assertFalse(self.make_wizard(self.make_case(AN)).line_ids)

    # Proves IV-2, V.3-3, W.3-1.
    def test_several_papers_of_one_code_are_the_clerks_choice(self):
        case = self.make_case(BINH)
        wizard = self.make_wizard(case)
        wizard.action_search()
        lines = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual(len(lines), 2)
        self.assertEqual(len(lines.filtered("selected")), 1)
        wizard.line_ids.selected = False
        lines[1].selected = True
        wizard.action_attach()
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual(len(document.attachment_ids), 1)
        self.assertEqual(document.provenance_paper_number, lines[1].number)

    def test_the_same_paper_is_never_attached_twice(self):
        case = self.make_case(AN)
        for _again in range(2):
            wizard = self.make_wizard(case)
            wizard.action_search()
            if not wizard.line_ids:
                break
            wizard.action_attach()
        lines = self.make_wizard(case)
        self.assertFalse(lines.line_ids)
        self.assertEqual(len(self.document(case, CRIMINAL_RECORD).attachment_ids), 1)

    def test_two_forms_with_the_same_paper_attach_it_once(self):
        case = self.make_case(AN)
        wizards = [self.make_wizard(case), self.make_wizard(case)]
        for wizard in wizards:
            wizard.action_search()
        for wizard in wizards:
            wizard.action_attach()
        self.assertEqual(len(self.document(case, CRIMINAL_RECORD).attachment_ids), 1)
        self.assertEqual(self.line(wizards[1], CRIMINAL_RECORD).status, "attached")

    def land_procedure(self):
        land = self.env["kho.dl.result.code"].create({"code": LAND, "name": "Land certificate", "holds_many": True})
        self.procedure.document_ids = [
            Command.create({"name": "Land certificate", "result_code_ids": [Command.set(land.ids)]})
        ]

    # Proves V.2-4.
    def test_a_paper_of_which_there_are_many_is_asked_by_number(self):
        self.land_procedure()
        case = self.make_case(BINH)
        wizard = self.make_wizard(case)
        self.assertEqual(wizard.number_count, 1)
        wizard.action_search()
        self.assertNotIn(LAND, [row["MaKetQua"] for row in self.asked()[0]["DanhSachDanhMucKetQua"]])
        number = self.simulator.world.numbers_of(BINH, LAND)[0]
        self.document(case, LAND).paper_number = number
        wizard.action_search()
        asked = {row["MaKetQua"]: row["SoKyHieu"] for row in self.asked()[1]["DanhSachDanhMucKetQua"]}
        self.assertEqual(asked[LAND], number)
        self.assertEqual(self.line(wizard, LAND).mapped("number"), [number])

    def test_what_nobody_sees_in_a_code_or_a_number_hides_no_paper(self):
        """It is not asked for, so that the answer names the paper without it."""
        self.land_procedure()
        case = self.make_case(BINH)
        land, number = self.document(case, LAND), self.simulator.world.numbers_of(BINH, LAND)[0]
        self.document(case, LAND).paper_number = f"\u202a{number}\u202c"
        self.env.flush_all()
        # As catalogues have it that were typed before codes were cleaned.
        self.env.cr.execute("UPDATE kho_dl_result_code SET code = code || %s", ["\u200b"])
        self.env.invalidate_all()
        wizard = self.make_wizard(case)
        wizard.action_search()
        [line] = wizard.line_ids.filtered(lambda line: line.case_document_id == land)
        self.assertEqual((line.number, line.selected), (number, True))
        self.assertGreater(len(wizard.line_ids.case_document_id), 1)

    def test_only_a_number_is_missing(self):
        self.land_procedure()
        self.procedure.document_ids.filtered(lambda doc: doc.result_code_ids.code != LAND).unlink()
        with self.assertRaises(UserError) as raised:
            self.make_wizard(self.make_case(BINH)).action_search()
        self.assertIn("Land certificate", str(raised.exception))
        self.assertFalse(self.asked())

    def test_nothing_selected_is_said(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        wizard.line_ids.selected = False
        with self.assertRaises(UserError):
            wizard.action_attach()

    def test_a_form_without_a_case_says_so(self):
        for values in ({}, {"case_id": False}, {"consent_given": True}):
            with self.assertRaisesRegex(UserError, "none is named"):
                self.env["kho.dl.retrieve.wizard"].with_user(self.clerk).create(values)

    def test_a_line_of_another_case_is_refused(self):
        stranger = self.make_wizard(self.make_case(BINH))
        stranger.action_search()
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        line = self.line(wizard, CRIMINAL_RECORD)
        line.sudo().write({"query_id": stranger.query_id.id, "paper_index": 0})
        with self.assertRaises(UserError):
            wizard.action_attach()
        self.assertFalse(self.retrievals(wizard.case_id))

    def test_papers_of_the_owner_before_are_refused(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        wizard.case_id.owner_id_number = BINH
        with self.assertRaises(UserError):
            wizard.action_attach()
        self.assertFalse(self.retrievals(wizard.case_id))
        self.assertFalse(self.document(wizard.case_id, CRIMINAL_RECORD).national_outcome)

    def test_a_paper_of_our_own_store_that_is_not_wanted_is_asked_for(self):
        self.finished_case(AN, CRIMINAL_RECORD)
        wizard = self.make_wizard(self.make_case(AN))
        self.line(wizard, CRIMINAL_RECORD).selected = False
        wizard.action_search()
        self.assertIn(CRIMINAL_RECORD, [row["MaKetQua"] for row in self.asked()[0]["DanhSachDanhMucKetQua"]])
        lines = {line.source: line.selected for line in self.line(wizard, CRIMINAL_RECORD)}
        self.assertEqual(lines, {"local": False, "national": True})

    def test_the_same_local_paper_is_attached_once(self):
        for _time in range(2):
            self.finished_case(AN, CRIMINAL_RECORD)
        wizard = self.make_wizard(self.make_case(AN))
        wizard.line_ids.selected = True
        wizard.action_attach()
        wizard.action_attach()
        self.assertEqual(len(self.document(wizard.case_id, CRIMINAL_RECORD).attachment_ids), 1)

    def test_the_paper_of_the_number_asked_is_preselected(self):
        self.land_procedure()
        link = self.simulator.world.link_of(AN, CRIMINAL_RECORD)
        self.simulator.world.set_raw_papers(
            CHAU,
            [
                {
                    "MaKetQua": LAND,
                    "TenGiayTo": "Land",
                    "SoKyHieu": number,
                    "CoQuanChuQuan": "H22",
                    "DanhSachTepDinhKem": [{"TenTep": "gcn.pdf", "DuongDan": link}],
                }
                for number in ("CH 1", "CH 2")
            ],
        )
        case = self.make_case(CHAU)
        self.document(case, LAND).paper_number = "ch2"
        wizard = self.make_wizard(case)
        wizard.action_search()
        self.assertEqual(wizard.line_ids.filtered("selected").mapped("number"), ["CH 2"])

    def test_a_closed_case_gets_no_papers(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        case.state = "9"
        with self.assertRaises(UserError):
            wizard.action_search()

    def test_the_chatter_sums_up(self):
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        wizard.action_search()
        before = case.message_ids
        wizard.action_attach()
        [message] = case.message_ids - before
        self.assertIn("Criminal record certificate", message.body)
        self.assertNotIn(AN, message.body)
