from odoo import Command
from odoo.exceptions import AccessError, UserError

from .clamd import TEST_VIRUS, Clamd
from .common import AN, BINH, CRIMINAL_RECORD, new_test_user
from .paper_case import PDF
from .test_outbox import OutboxCase


class TestStoreEvasion(OutboxCase):
    """Ways past the rules of our own store and of the outbox, each of which stood open once."""

    def stored(self, **values):
        paper = self.make_paper(**values)
        paper.action_enter()
        return paper

    def test_a_default_of_the_context_is_typed_in_too(self):
        original = self.stored()
        context = {
            "default_state": "effective", "default_supersedes_id": original.id, "default_revoke_reason": "x",
            "default_version": 9,
        }  # fmt: skip
        papers = self.env["kho.dl.paper"].with_user(self.clerk).with_context(**context)
        paper = papers.create(self.paper_values(number="2", attachment_ids=False))
        self.assertEqual((paper.state, paper.supersedes_id, paper.version), ("draft", original.browse(), 1))
        self.assertFalse(paper.revoke_reason)

    def test_a_file_of_the_store_is_not_made_public(self):
        paper = self.stored()
        with self.assertRaises(UserError):
            paper.attachment_ids.with_user(self.clerk).write({"public": True})
        with self.assertRaises(UserError):
            paper.attachment_ids.with_user(self.clerk).generate_access_token()

    def test_a_copy_of_a_revoked_paper_is_not_reused(self):
        paper = self.stored()
        case = self.make_case(AN)
        self.make_wizard(case).action_attach()
        case.state = "9"
        self.assertTrue(self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD))
        paper._revoke("x")
        self.assertFalse(self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD))

    def test_a_result_belongs_to_whom_the_case_is_about_now(self):
        case = self.make_case(AN)
        paper = self.make_paper(case_id=case.id)
        case.owner_id_number = BINH
        self.assertEqual(paper.owner_id_number, BINH)
        case.state = "9"
        self.assertEqual((paper.state, paper.owner_id_number), ("effective", BINH))

    def test_a_file_that_names_the_draft_already_is_looked_at_too(self):
        paper = self.make_paper(attachment_ids=False)
        page = {"name": "x.pdf", "raw": b"<html>x</html>", "mimetype": "application/pdf"}
        file = (
            self.env["ir.attachment"]
            .with_user(self.clerk)
            .create({**page, "res_model": paper._name, "res_id": paper.id})
        )
        paper.attachment_ids = [Command.link(file.id)]
        with self.assertRaisesRegex(UserError, "not of a kind"):
            paper.action_enter()

    def test_what_the_scanner_refuses_stays_a_draft_and_holds_up_no_case(self):
        daemon = self.enterContext(Clamd())
        self.company.kho_dl_scanner_address = daemon.address
        case = self.make_case(AN)
        infected = [Command.create({"name": "x.pdf", "raw": PDF + TEST_VIRUS})]
        bad = self.make_paper(case_id=case.id, number="1", attachment_ids=infected)
        good = self.make_paper(case_id=case.id, number="2")
        case.state = "9"
        self.assertEqual((case.state, bad.state, good.state), ("9", "draft", "effective"))
        with self.assertRaisesRegex(UserError, "Eicar"):
            bad.action_enter()

    def test_a_dead_address_does_not_stay_at_the_portal(self):
        case = self.make_case(AN)
        paper = self.make_paper(case_id=case.id)
        case.state = "9"
        self.send()
        paper.file_ids.action_withdraw()
        self.send()
        self.assertEqual(self.at_portal(case)["DanhSachGiayToKetQua"], [])
        paper.file_ids.action_give_again()
        self.send()
        [told] = self.at_portal(case)["DanhSachGiayToKetQua"]
        self.assertEqual(told["DuongDanTepTinKetQua"], paper.file_ids._address())

    def test_a_scan_beside_a_reused_paper_is_no_reused_paper(self):
        self.stored()
        case = self.make_case(AN)
        self.make_wizard(case).action_attach()
        document = self.document(case, CRIMINAL_RECORD).with_user(self.clerk)
        [reused] = document.attachment_ids.mapped("name")
        document.attachment_ids = [Command.create({"name": "scan.pdf", "raw": PDF + b"scan"})]
        self.send()
        told = {row["TenTepDinhKem"]: row for row in self.at_portal(case)["TaiLieuNop"]}
        self.assertEqual((told["scan.pdf"]["DuocTaiSuDung"], told["scan.pdf"]["DuocSoHoa"]), (0, 1))
        self.assertEqual((told[reused]["DuocTaiSuDung"], told[reused]["DuocSoHoa"]), (1, 0))
        document.attachment_ids.filtered(lambda file: file.name == "scan.pdf").sudo().unlink()
        self.send()
        self.assertEqual([row["TenTepDinhKem"] for row in self.at_portal(case)["TaiLieuNop"]], [reused])

    def test_a_revocation_is_not_overwritten(self):
        paper = self.stored()
        draft = self.env["kho.dl.paper"].browse(paper.action_supersede()["res_id"])
        paper._revoke("wrong person")
        draft.attachment_ids = [Command.create({"name": "new.pdf", "raw": PDF})]
        draft.action_enter()
        self.assertEqual((paper.state, paper.revoke_reason), ("revoked", "wrong person"))

    def test_a_correction_enters_by_a_press_only(self):
        case = self.make_case(AN)
        paper = self.make_paper(case_id=case.id)
        case.state = "9"
        draft = self.env["kho.dl.paper"].browse(paper.action_supersede()["res_id"])
        draft.attachment_ids = [Command.create({"name": "new.pdf", "raw": PDF})]
        self.assertEqual((paper.state, draft.state), ("effective", "draft"))
        draft.action_enter()
        self.assertEqual((paper.state, draft.state), ("superseded", "effective"))

    def test_a_step_is_told_once(self):
        case = self.make_case(AN)
        case.write({"owner_id": case.owner_id.id, "state": "2"})
        self.send()
        self.assertEqual([step["TrangThai"] for step in self.at_portal(case)["TienDo"]], ["1", "2"])

    def test_a_paper_stays_with_its_company(self):
        paper = self.make_paper()
        other = self.env["res.company"].create({"name": "B"})
        with self.assertRaises(UserError):
            paper.company_id = other

    def test_a_case_that_the_portal_knows_is_not_deleted(self):
        case = self.make_case(AN)
        self.send()
        with self.assertRaisesRegex(UserError, "portal knows"):
            case.sudo().unlink()

    def test_a_draft_file_that_was_moved_away_comes_back_before_it_enters(self):
        paper = self.make_paper()
        file = paper.attachment_ids.with_user(self.clerk)
        file.write({"res_model": False, "res_id": False})
        paper.action_enter()
        self.assertEqual((file.res_model, file.res_id), ("kho.dl.paper", paper.id))
        for vals in (
            {"raw": b"%PDF-1.4 forged %%EOF"},
            {"res_field": "file"},
            {"mimetype": "text/html"},
            {"name": "x"},
        ):
            with self.subTest(vals), self.assertRaises(UserError):
                file.write(vals)

    def test_what_was_made_public_before_is_not_public_in_the_store(self):
        paper = self.make_paper()
        file = paper.attachment_ids.with_user(self.clerk)
        file.write({"public": True})
        file.generate_access_token()
        paper.action_enter()
        self.assertEqual((file.public, file.access_token), (False, False))

    def test_files_move_to_another_storage(self):
        paper = self.make_paper()
        paper.action_enter()
        self.env["ir.config_parameter"].set_param("ir_attachment.location", "db")
        paper.attachment_ids.sudo()._migrate()
        self.assertTrue(paper.attachment_ids.db_datas)
        self.assertEqual(paper.attachment_ids.raw, PDF)

    def test_a_case_of_another_company_is_not_read_through_a_form(self):
        other = self.env["res.company"].create({"name": "B"})
        stranger = new_test_user(
            self.env, "clerk_b", groups="kho_dl.group_clerk", company_id=other.id, company_ids=[Command.set(other.ids)]
        )
        case = self.make_case(AN)
        for model in ("kho.dl.digitise", "kho.dl.paper"):
            # What one user has read stands in the cache for all of the transaction.
            self.env.flush_all()
            self.env.invalidate_all()
            spec = {name: {} for name in ("case_id", "owner_id", "owner_id_number", "company_id")}
            with self.subTest(model):
                try:
                    found = (
                        self.env[model].with_user(stranger).onchange({"case_id": case.id}, ["case_id"], spec)["value"]
                    )
                except AccessError:
                    found = {}
                self.assertFalse(found.get("owner_id_number") or found.get("owner_id"))

    def test_a_result_waits_for_the_scanner_and_enters_by_itself(self):
        case = self.make_case(AN)
        self.company.kho_dl_scanner_address = "127.0.0.1:1"
        paper = self.make_paper(case_id=case.id)
        case.state = "9"
        self.assertEqual(paper.state, "draft")
        self.assertIn("scanner", paper.entry_problem)
        self.company.kho_dl_scanner_address = False
        self.env["kho.dl.paper"]._cron_enter()
        self.assertEqual((paper.state, paper.entry_problem), ("effective", False))
