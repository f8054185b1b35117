from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import AN, BINH, CHAU, CRIMINAL_RECORD, DEGREE, KhoDLCase, new_test_user
from .test_lookup_counter import CounterTours
from .test_migrations import migrate

ORGANISATION = "0101243150"
OLD = "190000011"


class OwnerCase(KhoDLCase):
    def setUp(self):
        super().setUp()
        self.people = self.env["res.partner"].create([{"name": "Nguyễn Thị An"}, {"name": "Trần Văn Bình"}])
        self.an, self.binh = self.people

    def case_of(self, owner, number, **values):
        return self.make_case(number, owner_id=owner.id, **values)

    def fetched(self, owner, number, *codes):
        """Return a case with the papers of `codes` from the national store."""
        case = self.case_of(owner, number)
        wizard = self.make_wizard(case)
        wizard.action_search()
        for line in wizard.line_ids:
            line.selected = line.selected and line.case_document_id.result_code_ids.code in codes
        wizard.action_attach()
        return case

    def other_company_clerk(self):
        company = self.env["res.company"].create({"name": "Other agency"})
        return new_test_user(
            self.env,
            "stranger",
            groups="kho_dl.group_clerk",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )


class TestOwnerWarning(OwnerCase):
    """The number of one person and the name of another are said before anything is asked."""

    # Statements are counted.
    keeps_memory = False

    def test_both_are_said_where_the_system_knows_both(self):
        first, second = self.case_of(self.an, AN), self.case_of(self.binh, BINH)
        case = self.case_of(self.binh, AN)
        self.assertEqual(
            case.owner_warning.split("\n"),
            [
                f"This number is known here as that of Nguyễn Thị An ({first.name}).",
                f"Trần Văn Bình is known here with another number: {BINH} ({second.name}).",
            ],
        )
        wizard = self.make_wizard(case, consent_given=False)
        self.assertEqual(wizard.owner_warning, case.owner_warning)
        self.assertFalse(self.asked())
        # Which of the two is wrong nobody knows.
        self.assertIn("Trần Văn Bình", first.owner_warning)
        case.owner_id = self.an
        self.env.invalidate_all()
        self.assertFalse(first.owner_warning or case.owner_warning)

    def test_it_is_said_in_the_form_while_it_is_filled_in(self):
        self.case_of(self.an, AN)
        form = Form(self.env["kho.dl.case"].with_user(self.clerk))
        form.procedure_id = self.procedure
        form.owner_id = self.binh
        self.assertFalse(form.owner_warning)
        form.owner_id_number = "000 190 000 011"
        self.assertIn("Nguyễn Thị An", form.owner_warning)
        form.owner_id_number = BINH
        self.assertFalse(form.owner_warning)
        form.owner_id = self.an
        self.assertFalse(form.owner_id_number == BINH)

    def test_papers_and_tax_codes_are_known_too(self):
        self.env["kho.dl.paper"].create(
            {"result_code_id": self.codes[DEGREE].id, "owner_id": self.an.id, "owner_id_number": AN, "name": "Degree"}
        )
        self.assertIn("Nguyễn Thị An", self.case_of(self.binh, AN).owner_warning)
        company = self.env["res.partner"].create({"name": "Company", "is_company": True, "vat": ORGANISATION})
        self.assertFalse(self.case_of(company, ORGANISATION).owner_warning)
        self.assertIn(
            "Company", self.case_of(self.env["res.partner"].create({"name": "Z"}), ORGANISATION).owner_warning
        )
        self.assertIn(ORGANISATION, self.case_of(company, "0100109106").owner_warning)

    def test_what_is_no_contradiction_is_not_said(self):
        self.case_of(self.an, AN)
        for owner, number in (
            (self.an, AN),
            # An old card, and the same person entered twice.
            (self.an, "123456789"),
            (self.env["res.partner"].create({"name": "nguyễn thị  an"}), AN),
            (self.binh, BINH),
            (self.binh, False),
        ):
            with self.subTest(owner=owner.name, number=number):
                self.assertFalse(self.case_of(owner, number).owner_warning)

    def test_other_companies_tell_nothing(self):
        self.case_of(self.an, AN)
        stranger = self.other_company_clerk()
        procedure = self.procedure.copy({"company_id": stranger.company_id.id, "code": "7.7"})
        values = {"procedure_id": procedure.id, "owner_id": self.binh.id, "owner_id_number": AN}
        case = self.env["kho.dl.case"].with_user(stranger).create(values)
        self.assertFalse(case.owner_warning)
        # Nor to code that may read everything, nor where the company is named.
        self.assertFalse(case.sudo().owner_warning)
        values = {**values, "company_id": self.company.id, "name": "/"}
        with self.assertRaises(AccessError):
            self.env["kho.dl.case"].with_user(stranger).onchange(
                values, [], {"owner_warning": {}, **dict.fromkeys(values, {})}
            )
        # Nor what a contact of another company is known by.
        hidden = {"name": "Hidden", "vat": ORGANISATION, "company_id": self.company.id}
        values = {"owner_id": self.env["res.partner"].create(hidden).id, "owner_id_number": "0100109106"}
        with self.assertRaises(AccessError):
            self.env["kho.dl.case"].with_user(stranger).onchange(
                values, [], {"owner_warning": {}, **dict.fromkeys(values, {})}
            )

    def test_many_cases_take_no_more_questions_than_one(self):
        cases = self.env["kho.dl.case"]
        for owner, number in ((self.an, AN), (self.binh, BINH), (self.an, BINH), (self.binh, AN)) * 3:
            cases |= self.case_of(owner, number)
        counts = []
        for some in (cases[-1:], cases):
            self.env.flush_all()
            self.env.invalidate_all()
            some.mapped("name")
            before = self.env.cr.sql_log_count
            some.mapped("owner_warning")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)


class TestOtherNumber(OwnerCase):
    """Files that were fetched under another number are marked at once, and leave only by a decision."""

    def setUp(self):
        super().setUp()
        self.case = self.fetched(self.binh, AN, CRIMINAL_RECORD, DEGREE)
        self.record = self.document(self.case, CRIMINAL_RECORD)

    def warnings(self, document):
        return [warning for badge in document.file_badges.values() for warning in badge["warnings"]]

    def decide(self, files, reason="Compared with the person"):
        return (
            self.env["kho.dl.decide.file"]
            .with_user(self.clerk)
            .create({"file_ids": [Command.set(files.ids)], "reason": reason})
        )

    def test_they_are_marked_as_the_number_is_corrected(self):
        self.assertEqual((self.record.status, self.case.other_number_count), ("attached", 0))
        scan = Command.create({"name": "scan.pdf", "raw": b"%PDF-1.4 scan"})
        handed_in = self.case.document_ids[0]
        handed_in.write({"attachment_ids": [scan]})
        self.case.owner_id_number = BINH
        self.assertEqual(self.record.status, "other_number")
        self.assertEqual(handed_in.status, "attached")
        self.assertNotIn("number", "".join(self.warnings(handed_in)))
        self.assertEqual((self.case.other_number_count, self.case.attached_count), (2, 1))
        self.assertIn(self.record.attachment_ids.name, self.case.other_number_files)
        self.assertIn("another number", self.warnings(self.record)[0])
        marked = self.env["kho.dl.case"].with_user(self.clerk).search([("check_ids.is_for_other_number", "=", True)])
        self.assertEqual(marked, self.case)
        # The way back is as short.
        self.case.owner_id_number = AN
        self.assertEqual((self.record.status, self.case.other_number_count), ("attached", 0))
        self.case.owner_id_number = False
        self.assertEqual(self.record.status, "other_number")

    def test_the_case_is_not_finished_with_them(self):
        self.case.owner_id_number = BINH
        for state in ("9", "10"):
            with self.assertRaises(UserError) as raised:
                self.case.state = state
            self.assertIn(self.record.attachment_ids.name, str(raised.exception))
            self.env.invalidate_all()
        self.case.state = "5"

    def test_a_processed_case_is_no_dead_end(self):
        self.case.state = "9"
        case = self.case.with_user(self.clerk)
        case.owner_id_number = BINH
        with self.assertRaises(UserError):
            case.state = "10"
        [(_command, _zero, ids)] = case.action_decide_files()["context"]["default_file_ids"]
        form = self.decide(self.env["ir.attachment"].browse(ids))
        self.assertEqual((form.can_stay, form.can_take_off, form.can_replace), (True, False, False))
        with self.assertRaises(UserError) as raised:
            form.action_take_off()
        self.assertIn("In process", str(raised.exception))
        form.action_stay()
        case.state = "10"
        rows = self.env["kho.dl.file.decision"].search([("case_id", "=", case.id)])
        self.assertEqual(set(rows.mapped("kind")), {"stays"})

    def test_a_returned_case_stays_with_its_applicant(self):
        self.case.state = "10"
        case = self.case.with_user(self.clerk)
        for values in ({"owner_id_number": BINH}, {"owner_id_number": False}, {"owner_id": self.an.id}):
            with self.subTest(values=values), self.assertRaises(UserError):
                case.write(values)
        case.write({"owner_id_number": f" {AN} ", "owner_id": self.binh.id, "channel": "3"})
        self.assertEqual(case.other_number_count, 0)
        case.write({"state": "4", "owner_id_number": BINH})
        self.assertEqual(case.other_number_count, 2)
        with self.assertRaises(UserError):
            case.state = "10"

    def test_a_number_that_was_missing_is_typed_on_a_returned_case(self):
        """The portal takes no case without it, and we ask for it then."""
        case = self.case_of(self.an, False)
        case.state = "10"
        self.assertFalse(case.has_number)
        with self.assertRaises(UserError):
            case.write({"owner_id_number": AN, "owner_id": self.binh.id})
        form = Form(case)
        form.owner_id_number = BINH
        # Whoever mistypes corrects it before saving.
        form.owner_id_number = AN
        form.save()
        self.assertEqual((case.owner_id_number, case.has_number), (AN, True))
        with self.assertRaises(AssertionError):
            Form(case).owner_id_number = BINH
        with self.assertRaises(UserError):
            case.owner_id_number = BINH

    def test_they_are_not_asked_for_again_before_that(self):
        self.case.owner_id_number = BINH
        wizard = self.make_wizard(self.case)
        self.assertIn(self.record.attachment_ids.name, wizard.other_number_files)
        wizard.action_search()
        asked = [row["MaKetQua"] for row in self.asked()[-1]["DanhSachDanhMucKetQua"]]
        self.assertNotIn(CRIMINAL_RECORD, asked)
        plans = {document.name: document.plan for document in wizard.document_ids}
        self.assertEqual(plans["Criminal record certificate no. 1"], "other_number")

    def test_taken_off_they_can_be_fetched_for_the_right_person(self):
        self.case.owner_id_number = BINH
        action = self.case.action_decide_files()
        [(_command, _zero, ids)] = action["context"]["default_file_ids"]
        files = self.env["ir.attachment"].browse(ids)
        form = self.decide(files)
        self.assertTrue(form.can_stay)
        form.action_take_off()
        self.assertEqual((self.case.other_number_count, self.record.status), (0, "not_asked"))
        self.attach_all(self.case)
        self.assertEqual((self.record.status, self.record.check_ids.fetched_for), ("attached", BINH))
        self.case.state = "9"

    def test_with_a_reason_they_stay_and_say_so(self):
        self.case.owner_id_number = BINH
        with self.assertRaises(UserError):
            self.decide(self.record.attachment_ids, "  ").action_stay()
        self.decide(self.record.attachment_ids, "Number of the old card").action_stay()
        self.assertEqual((self.record.status, self.case.other_number_count), ("attached", 1))
        self.assertIn("Number of the old card", self.warnings(self.record)[0])
        row = self.env["kho.dl.file.decision"].search([("case_id", "=", self.case.id)])
        self.assertEqual((row.kind, row.user_id, row.reason), ("stays", self.clerk, "Number of the old card"))
        self.assertEqual((row.fetched_for, row.retrieval_id.case_document_id), (AN, self.record))
        self.assertFalse(row.attachment_id)
        self.decide(self.document(self.case, DEGREE).attachment_ids).action_stay()
        self.case.state = "9"
        # The reason was about that number.
        self.case.state = "4"
        self.case.owner_id_number = CHAU
        self.assertEqual(self.record.status, "other_number")

    def test_a_file_of_the_right_number_needs_no_reason(self):
        form = self.decide(self.record.attachment_ids)
        self.assertFalse(form.can_stay)
        with self.assertRaises(UserError):
            form.action_stay()

    def test_what_stayed_is_nobody_elses_paper_later(self):
        self.case.owner_id_number = BINH
        self.decide(self.case.document_ids.attachment_ids).action_stay()
        self.case.state = "9"
        for number in (AN, BINH):
            self.assertFalse(self.make_wizard(self.case_of(self.binh, number)).line_ids)

    def test_papers_of_our_own_store_are_marked_too(self):
        self.case.state = "9"
        case = self.case_of(self.binh, AN)
        self.make_wizard(case).action_attach()
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual(document.source, "local")
        case.owner_id_number = BINH
        self.assertEqual(document.status, "other_number")

    # Proves W.9-5.
    def test_two_verified_numbers_are_one_persons(self):
        self.case.owner_id_number = OLD
        self.assertEqual(self.record.status, "other_number")
        numbers = self.case.owner_id.sudo().kho_dl_number_ids
        self.assertEqual(set(numbers.mapped("number")), {AN, OLD})
        numbers[0]._verify("card")
        self.assertEqual(self.record.status, "other_number")
        numbers[1]._verify("card")
        self.assertEqual((self.record.status, self.case.other_number_count), ("attached", 0))
        self.case.state = "9"
        wizard = self.make_wizard(self.case_of(self.case.owner_id, AN))
        self.assertEqual(self.line(wizard, CRIMINAL_RECORD).origin_document_id, self.record)
        self.case.state = "4"
        numbers[0].number = "000190000099" if numbers[0].number == AN else "190000099"
        self.assertEqual(self.record.status, "other_number")

    def test_files_of_before_are_marked_by_the_upgrade(self):
        self.case.owner_id_number = BINH
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE kho_dl_file_check SET fetched_for = NULL, is_for_other_number = NULL WHERE case_id = %s",
            [self.case.id],
        )
        migrate(self.env.cr, "19.0.1.4.0")
        self.env.invalidate_all()
        self.assertEqual(self.record.check_ids.fetched_for, AN)
        self.assertEqual((self.record.status, self.case.other_number_count), ("other_number", 2))

    def test_the_upgrade_marks_only_where_somebody_can_still_decide(self):
        self.case.owner_id_number = BINH
        self.env.flush_all()
        for state, count in (("10", 0), ("3", 0), ("9", 2)):
            self.env.cr.execute(
                "UPDATE kho_dl_file_check SET is_for_other_number = NULL WHERE case_id = %s", [self.case.id]
            )
            self.env.cr.execute("UPDATE kho_dl_case SET state = %s WHERE id = %s", [state, self.case.id])
            migrate(self.env.cr, "19.0.1.4.0")
            self.env.invalidate_all()
            with self.subTest(state=state):
                self.assertEqual(self.case.other_number_count, count)

    def test_a_clerk_forges_nothing_of_it(self):
        self.case.owner_id_number = BINH
        for values in ({"stays_because": "x", "stays_for": BINH}, {"fetched_for": BINH}):
            with self.assertRaises(AccessError):
                self.record.check_ids.with_user(self.clerk).write(values)
        with self.assertRaises(AccessError):
            self.env["kho.dl.file.decision"].with_user(self.clerk).create({"kind": "stays"})


@tagged("-at_install", "post_install")
class TestOwnerTour(CounterTours):
    def test_a_wrong_number_is_seen_and_its_files_are_dealt_with(self):
        an, binh = self.env["res.partner"].create([{"name": "Nguyễn Thị An"}, {"name": "Trần Văn Bình"}])
        self.make_case(AN, owner_id=an.id)
        case = self.make_case(AN, owner_id=binh.id)
        self.start("kho_dl_wrong_number", case)
        self.assertEqual(case.owner_id_number, BINH)
        rows = self.env["kho.dl.file.decision"].search([("case_id", "=", case.id)])
        self.assertEqual(set(rows.mapped("kind")), {"taken_off"})
        self.assertEqual(set(rows.mapped("reason")), {"Fetched for An"})
        self.assertFalse(case.document_ids.attachment_ids)
