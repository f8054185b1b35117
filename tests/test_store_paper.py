import base64
import hashlib
from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError

from .common import AN, CRIMINAL_RECORD, new_test_user
from .paper_case import PDF, PaperCase


class TestPaper(PaperCase):
    # Proves III.1-4.
    def test_a_draft_enters_with_the_hash_of_each_file(self):
        paper = self.make_paper()
        self.assertEqual((paper.state, paper.missing), ("draft", ""))
        paper.action_enter()
        self.assertEqual(paper.state, "effective")
        self.assertTrue(paper.entered_on)
        self.assertEqual(paper.file_ids.mapped("sha256"), [hashlib.sha256(PDF).hexdigest()])
        self.assertEqual((paper.file_ids.size, paper.file_ids.mimetype), (len(PDF), "application/pdf"))
        self.assertTrue(paper.file_ids.is_served)
        self.assertEqual((paper.agency_code, paper.agency), ("H46", self.company.name))

    # Proves III.1-4.
    def test_what_is_missing_is_named_and_nothing_enters(self):
        good = self.make_paper(number="1")
        bad = self.make_paper(date_issued=False, attachment_ids=False)
        with self.assertRaisesRegex(UserError, "Files, Issued on"):
            (good + bad).action_enter()
        self.assertEqual(set((good + bad).mapped("state")), {"draft"})

    def test_a_paper_of_which_one_can_hold_several_needs_its_number(self):
        self.codes[CRIMINAL_RECORD].holds_many = True
        with self.assertRaisesRegex(UserError, "Number"):
            self.make_paper(number=False).action_enter()

    def test_what_is_in_the_store_stays_as_it_is(self):
        paper = self.make_paper()
        paper.action_enter()
        for privileged in (paper, paper.sudo(), paper.with_user(self.env.ref("base.user_admin"))):
            with self.assertRaises(UserError):
                privileged.write({"number": "13/2026"})
            with self.assertRaises(UserError):
                privileged.write({"state": "draft"})
            with self.assertRaises(UserError):
                privileged.unlink()
            with self.assertRaises(UserError):
                privileged.attachment_ids.write({"raw": b"%PDF-1.4 another"})
            with self.assertRaises(UserError):
                privileged.attachment_ids.unlink()
            with self.assertRaises(UserError):
                privileged.file_ids.unlink()
        paper.note = "a remark"
        self.assertEqual(paper.number, "12/2026")

    def test_nobody_types_in_what_became_of_a_paper(self):
        paper = self.make_paper()
        for vals in ({"state": "revoked"}, {"version": 7}, {"entered_on": "2020-01-01"}, {"supersedes_id": paper.id}):
            with self.assertRaises(UserError, msg=vals):
                paper.write(vals)
            with self.assertRaises(UserError, msg=vals):
                self.make_paper(**vals)

    def test_the_state_typed_as_in_the_store_enters_through_the_checks(self):
        paper = self.make_paper(state="effective")
        self.assertEqual((paper.state, len(paper.file_ids)), ("effective", 1))
        with self.assertRaises(UserError):
            self.make_paper(state="effective", number="2", date_issued=False)

    def test_the_same_paper_enters_once(self):
        self.make_paper().action_enter()
        twin = self.make_paper()
        self.assertIn("already", twin.missing)
        with self.assertRaisesRegex(UserError, "already"):
            twin.action_enter()

    def test_a_corrected_version_replaces_when_it_enters(self):
        paper = self.make_paper()
        paper.action_enter()
        action = paper.action_supersede()
        draft = self.env["kho.dl.paper"].with_user(self.clerk).browse(action["res_id"])
        self.assertEqual((draft.state, draft.version, draft.number), ("draft", 2, "12/2026"))
        self.assertFalse(draft.attachment_ids)
        self.assertEqual(paper.state, "effective")
        draft.attachment_ids = [Command.create({"name": "corrected.pdf", "raw": PDF + b"2"})]
        draft.action_enter()
        self.assertEqual((paper.state, draft.state), ("superseded", "effective"))
        self.assertEqual(paper.superseded_by_id, draft)
        self.assertFalse(paper.file_ids.is_served)
        with self.assertRaises(UserError):
            paper.action_supersede()

    def test_a_revoked_paper_says_why(self):
        paper = self.make_paper()
        paper.action_enter()
        wizard = self.env["kho.dl.revoke.paper"].with_user(self.clerk)
        wizard.create({"paper_id": paper.id, "reason": "wrong person"}).action_revoke()
        self.assertEqual((paper.state, paper.revoke_reason), ("revoked", "wrong person"))
        self.assertFalse(paper.file_ids.is_served)
        # The same paper may be issued again.
        self.make_paper().action_enter()

    def test_numbers_and_dates_are_checked(self):
        with self.assertRaises(ValidationError):
            self.make_paper(owner_id_number="12")
        tomorrow = fields.Date.today() + timedelta(days=3)
        with self.assertRaises(ValidationError):
            self.make_paper(date_issued=tomorrow)
        self.assertEqual(self.make_paper(owner_id_number="001 190 000 011").owner_id_number, "001190000011")

    def test_a_paper_is_without_end_or_has_a_last_day(self):
        paper = self.make_paper()
        self.assertTrue(paper.is_unlimited)
        paper.date_expiry = fields.Date.today() - timedelta(days=1)
        self.assertEqual((paper.is_unlimited, paper.is_expired), (False, True))
        self.assertIn(paper, self.env["kho.dl.paper"].search([("is_expired", "=", True)]))
        self.assertNotIn(paper, self.env["kho.dl.paper"].search([("is_expired", "=", False)]))
        self.assertIn(self.make_paper(number="9"), self.env["kho.dl.paper"].search([("is_expired", "=", False)]))

    def test_an_error_page_is_no_paper(self):
        with self.assertRaisesRegex(UserError, "not of a kind"):
            self.make_paper(attachment_ids=[Command.create({"name": "x.pdf", "raw": b"<html>error</html>"})])

    def test_a_file_of_another_record_is_copied_if_one_may_read_it(self):
        secret = self.env["ir.attachment"].create(
            {"name": "secret.pdf", "raw": PDF, "res_model": "res.company", "res_id": self.company.id}
        )
        other = new_test_user(self.env, "other", groups="base.group_user")
        private = self.env["ir.attachment"].with_user(other).create({"name": "private.pdf", "raw": PDF})
        with self.assertRaises(AccessError):
            self.make_paper(attachment_ids=[Command.link(private.id)])
        own = self.make_paper(attachment_ids=[Command.link(secret.id)])
        self.assertNotEqual(own.attachment_ids, secret)
        self.assertEqual(own.attachment_ids.raw, PDF)
        self.assertEqual(secret.res_model, "res.company")

    def test_a_file_taken_back_gets_a_new_address(self):
        paper = self.make_paper()
        paper.action_enter()
        file = paper.file_ids
        before = file._address()
        self.assertTrue(before.startswith("https://dvc.example.gov.vn/kho_dl/papers/"))
        self.assertTrue(before.endswith("/result.pdf"))
        file.action_withdraw()
        self.assertFalse(file.is_served)
        file.action_give_again()
        self.assertTrue(file.is_served)
        self.assertNotEqual(file._address(), before)
        with self.assertRaises(AccessError):
            file.token  # noqa: B018 - reading it is the test

    def test_the_address_with_our_own_subsystem_is_composed(self):
        self.company.kho_dl_own_dstcode = "VN:GOV:000.00.00.H46:own01"
        paper = self.make_paper()
        paper.action_enter()
        address = paper.file_ids._address()
        self.assertIn("/VXPAdapter/RestService/forward/kho_dl/papers/", address)
        self.assertIn("dstcode=VN%3AGOV%3A000.00.00.H46%3Aown01&providerurl=https%3A%2F%2Fdvc.example.gov.vn", address)
        self.company.kho_dl_own_providerurl = False
        self.assertEqual(paper.file_ids._address(), "")

    def test_clerks_of_another_company_find_nothing(self):
        paper = self.make_paper()
        paper.action_enter()
        company = self.env["res.company"].create({"name": "B"})
        stranger = new_test_user(
            self.env, "stranger", groups="kho_dl.group_clerk", company_id=company.id, company_ids=[company.id]
        )
        self.assertFalse(self.env["kho.dl.paper"].with_user(stranger).search([]))
        with self.assertRaises(AccessError):
            paper.with_user(stranger).name  # noqa: B018 - reading it is the test
        with self.assertRaises(AccessError):
            paper.attachment_ids.with_user(stranger).raw  # noqa: B018 - reading it is the test
        self.assertEqual(paper.with_user(self.clerk).attachment_ids.raw, PDF)


class TestResultsOfCases(PaperCase):
    def add_result(self, case, **values):
        return (
            self.env["kho.dl.paper"]
            .with_user(self.clerk)
            .create(
                {
                    "case_id": case.id,
                    "result_code_id": self.codes[CRIMINAL_RECORD].id,
                    "number": "77/2026",
                    "date_issued": "2026-01-15",
                    "attachment_ids": [Command.create({"name": "result.pdf", "raw": PDF})],
                    **values,
                }
            )
        )

    # Proves III.1-2.
    def test_results_enter_when_the_case_is_processed(self):
        case = self.make_case(AN)
        result = self.add_result(case)
        self.assertEqual(result.state, "draft")
        self.assertEqual((result.owner_id, result.owner_id_number), (case.owner_id, AN))
        case.state = "9"
        self.assertEqual((result.state, case.paper_count), ("effective", 1))

    def test_a_result_added_to_a_processed_case_enters_at_once(self):
        self.procedure.result_code_ids = self.codes[CRIMINAL_RECORD]
        case = self.make_case(AN)
        case.state = "10"
        self.assertTrue(case.awaits_result)
        result = self.add_result(case, attachment_ids=False)
        self.assertEqual(result.state, "draft")
        result.attachment_ids = [Command.create({"name": "result.pdf", "raw": PDF})]
        self.assertEqual(result.state, "effective")
        self.assertFalse(case.awaits_result)

    def test_a_case_is_not_held_up_by_a_result_that_lacks_something(self):
        case = self.make_case(AN)
        self.add_result(case, number="1")
        self.add_result(case, number="2", date_issued=False)
        self.make_paper(number="3").action_enter()
        self.add_result(case, number="3")
        case.state = "9"
        self.assertEqual(case.state, "9")
        self.assertEqual(
            {paper.number: paper.state for paper in case.paper_ids},
            {"1": "effective", "2": "draft", "3": "draft"},
        )

    # Proves III.1-3.
    def test_the_applicant_is_told_once_without_numbers(self):
        case = self.make_case(AN)
        case.owner_id.sudo().email = "applicant@example.com"
        self.add_result(case)
        self.add_result(case, number="78/2026")
        case.state = "9"
        mail = self.env["mail.mail"].sudo().search([("model", "=", "kho.dl.case"), ("res_id", "=", case.id)])
        self.assertEqual(len(mail), 1)
        self.assertIn("77/2026", mail.body_html)
        self.assertIn("78/2026", mail.body_html)
        self.assertNotIn(AN, mail.body_html + mail.subject)
        self.assertEqual(mail.recipient_ids, case.owner_id)

    def test_nobody_is_written_to_where_the_company_does_not_want_it(self):
        self.company.kho_dl_tell_applicant = False
        case = self.make_case(AN)
        case.owner_id.sudo().email = "applicant@example.com"
        self.add_result(case)
        case.state = "9"
        self.assertFalse(self.env["mail.mail"].sudo().search([("res_id", "=", case.id), ("model", "=", case._name)]))

    def test_a_case_with_drafts_can_be_deleted_and_one_with_papers_not(self):
        admin = new_test_user(self.env, "boss", groups="kho_dl.group_administrator")
        case = self.make_case(AN)
        self.add_result(case)
        case.with_user(admin).unlink()
        case = self.make_case(AN)
        self.add_result(case)
        case.state = "9"
        with self.assertRaises(UserError):
            case.with_user(admin).unlink()


class TestReuse(PaperCase):
    def test_the_form_looks_here_first_and_asks_nobody(self):
        paper = self.make_paper()
        paper.action_enter()
        case = self.make_case(AN)
        wizard = self.make_wizard(case)
        line = self.line(wizard, CRIMINAL_RECORD)
        self.assertEqual((line.source, line.selected, line.number), ("local", True, "12/2026"))
        self.assertFalse(self.simulator.requests())
        wizard.action_search()
        codes = [row["MaKetQua"] for row in self.asked()[0]["DanhSachDanhMucKetQua"]]
        self.assertNotIn(CRIMINAL_RECORD, codes)
        wizard.line_ids.filtered(lambda other: other != self.line(wizard, CRIMINAL_RECORD)).selected = False
        wizard.action_attach()
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual((document.source, document.attachment_ids.raw), ("local", PDF))
        self.assertEqual(document.origin_paper_id, paper)
        self.assertEqual(document.provenance_paper_number, "12/2026")
        self.assertEqual(document.provenance_sha256, paper.file_ids.sha256)
        # The next case has it from there, however its number is typed.
        later = self.document(self.make_case(), CRIMINAL_RECORD)
        for number, is_it in (("12 / 2026", True), ("13/2026", False)):
            later.paper_number = number
            self.assertEqual(later._is_satisfied_by(document, {case.owner_id_number}), is_it, number)

    def test_only_what_is_valid_is_offered(self):
        yesterday = fields.Date.today() - timedelta(days=1)
        drafts = self.make_paper(number="draft")
        expired = self.make_paper(number="expired", date_expiry=yesterday, date_issued="2020-01-01")
        revoked = self.make_paper(number="revoked")
        other = self.make_paper(number="other", owner_id_number="000188000077")
        (expired + revoked + other).action_enter()
        revoked._revoke("x")
        self.assertEqual(drafts.state, "draft")
        self.assertFalse(self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD))

    def test_the_newest_is_ticked(self):
        for number, day in (("old", "2020-01-01"), ("new", "2025-01-01"), ("middle", "2023-01-01")):
            self.make_paper(number=number, date_issued=day).action_enter()
        lines = self.line(self.make_wizard(self.make_case(AN)), CRIMINAL_RECORD)
        self.assertEqual(lines.mapped("number"), ["new", "middle", "old"])
        self.assertEqual(lines.mapped("selected"), [True, False, False])

    def test_a_paper_revoked_meanwhile_is_not_attached(self):
        paper = self.make_paper()
        paper.action_enter()
        wizard = self.make_wizard(self.make_case(AN))
        paper._revoke("x")
        with self.assertRaisesRegex(UserError, "look again"):
            wizard.action_attach()


class TestImport(PaperCase):
    COLUMNS = ["name", "result_code_id", "number", "owner_name", "owner_id_number", "date_issued", "kind", "file"]

    def import_rows(self, *rows, dryrun=False):
        table = "\n".join(",".join(row) for row in (self.COLUMNS, *rows))
        wizard = (
            self.env["base_import.import"]
            .with_user(self.clerk)
            .create(
                {"res_model": "kho.dl.paper", "file": table.encode(), "file_type": "text/csv", "file_name": "old.csv"}
            )
        )
        options = {
            "has_headers": True, "quoting": '"', "separator": ",", "date_format": "%Y-%m-%d", "encoding": "utf-8",
        }  # fmt: skip
        return wizard.execute_import(self.COLUMNS, self.COLUMNS, options, dryrun=dryrun)

    def row(self, **values):
        row = {
            "name": "Old result", "result_code_id": CRIMINAL_RECORD,
            "number": "1/1999", "owner_name": "Old Person", "owner_id_number": "000155000099",
            "date_issued": "1999-05-06", "kind": "copy", "file": "1.pdf", **values,
        }  # fmt: skip
        return [row[column] for column in self.COLUMNS]

    def test_rows_come_in_and_enter_with_their_file(self):
        result = self.import_rows(self.row(), self.row(number="2/1999", file="2.pdf"))
        self.assertFalse(result["messages"])
        papers = self.env["kho.dl.paper"].browse(result["ids"])
        self.assertEqual(papers.mapped("state"), ["draft", "draft"])
        self.assertEqual(result["binary_filenames"]["file"], ["1.pdf", "2.pdf"])
        self.assertEqual(papers.mapped("owner_name"), ["Old Person"] * 2)
        self.import_file(papers[0], PDF)
        self.assertEqual(papers.mapped("state"), ["effective", "draft"])
        self.assertEqual(papers[0].attachment_ids.raw, PDF)
        self.assertEqual(papers[0].attachment_ids.name, "Old result · 1_1999.pdf")
        self.assertFalse(papers[0].file)

    def import_file(self, paper, content):
        """Do what Odoo's import page does with a file beside the table."""
        papers = self.env["kho.dl.paper"].with_user(self.clerk).with_context(import_file=True)
        data = [[paper.id, base64.b64encode(content).decode()]]
        self.assertFalse(papers.load([".id", "file"], data)["messages"])

    def test_a_file_that_is_no_paper_is_named_on_its_row(self):
        paper = self.env["kho.dl.paper"].browse(self.import_rows(self.row())["ids"])
        self.import_file(paper, b"<html>404</html>")
        self.assertEqual((paper.state, len(paper.attachment_ids)), ("draft", 0))
        self.assertIn("not of a kind", paper.note)
        self.import_file(paper, PDF)
        self.assertEqual(paper.state, "effective")

    def test_a_dry_run_names_the_fault_of_each_row_and_keeps_nothing(self):
        result = self.import_rows(
            self.row(),
            self.row(number="2", owner_id_number="12"),
            self.row(number="3", date_issued="2999-01-01"),
            self.row(number="4", result_code_id="nothing"),
            dryrun=True,
        )
        faults = {}
        for message in result["messages"]:
            faults.setdefault(message["record"], message["message"])
        self.assertEqual(set(faults), {1, 2, 3})
        self.assertIn("id number is not valid", faults[1])
        self.assertIn("in the future", faults[2])
        self.assertIn("nothing", faults[3])
        self.assertFalse(self.env["kho.dl.paper"].search([("name", "=", "Old result")]))

    def test_owners_who_are_known_are_not_made_anew(self):
        case = self.make_case("000155000099")
        result = self.import_rows(self.row())
        self.assertEqual(self.env["kho.dl.paper"].browse(result["ids"]).owner_id, case.owner_id)

    def test_who_may_make_contacts_gets_one_for_each_new_owner(self):
        self.clerk.group_ids += self.env.ref("base.group_partner_manager")
        result = self.import_rows(self.row(), self.row(number="2/1999"))
        self.assertEqual(self.env["kho.dl.paper"].browse(result["ids"]).owner_id.mapped("name"), ["Old Person"])
