from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form

from .common import KhoDLCase


class TestOddOwnerNumber(KhoDLCase):
    """Id numbers as real systems hold them, and as spreadsheets spoil them."""

    def ask(self, case):
        wizard = self.make_wizard(case)
        wizard.action_search()
        return wizard

    # Proves W.0-9.
    def test_a_filler_is_kept_and_nobody_is_asked_about_it(self):
        for number in ("000000001", "111111111", "0000000001"):
            with self.subTest(number=number):
                case = self.make_case(number)
                self.assertIn("only fills the field", case.number_words)
                with self.assertRaisesRegex(UserError, "only fills the field"):
                    self.ask(case)
        self.assertFalse(self.asked())

    # Proves W.0-10.
    def test_a_tax_code_with_a_wrong_check_digit_is_a_warning(self):
        case = self.make_case("0101234567")
        self.assertIn("check digit", case.number_words)
        self.assertFalse(case.number_restored)
        self.ask(case)
        self.assertEqual(self.asked()[0]["SoDinhDanhChuSoHuu"], "0101234567")

    # Proves W.0-11.
    def test_a_number_that_lost_its_zeros_is_asked_about_when_somebody_has_said_which_it_is(self):
        for number, restored in (("1099000001", "001099000001"), ("79190000011", "079190000011")):
            with self.subTest(number=number):
                case = self.make_case(number)
                self.assertEqual((case.number_restored, case.may_be_tax_code), (restored, len(number) == 10))
                with self.assertRaisesRegex(UserError, restored):
                    self.ask(case)
                self.assertFalse(self.asked())
                case.with_user(self.clerk).action_restore_number()
                self.assertEqual((case.owner_id_number, case.number_words), (restored, ""))
        case = self.make_case("1099000001")
        case.with_user(self.clerk).action_confirm_number()
        self.assertFalse(case.number_restored)
        self.ask(case)
        self.assertEqual(self.asked()[0]["SoDinhDanhChuSoHuu"], "1099000001")
        case.owner_id_number = "2099000001"
        self.assertFalse(case.is_number_right)

    def test_the_form_asks_as_soon_as_it_is_typed(self):
        with Form(self.make_case(), "kho_dl.view_kho_dl_case_form") as form:
            form.owner_id_number = "79190000011"
            self.assertIn("079190000011", form.number_words)
            form.owner_id_number = "'079190000011 "
            self.assertFalse(form.number_words)
        self.assertEqual(form.record.owner_id_number, "079190000011")

    # Proves W.0-11.
    def test_a_row_of_a_table_is_refused_with_the_number_that_it_would_be(self):
        for model, values in (
            ("kho.dl.case", {"procedure_id": self.procedure.id, "owner_id": self.env.user.partner_id.id}),
            ("kho.dl.paper", {"result_code_id": self.procedure.document_ids.result_code_ids[0].id}),
        ):
            rows = self.env[model].with_context(import_file=True)
            for number, restored in (("1099000001", "001099000001"), ("79190000011", "079190000011")):
                with self.subTest(model=model, number=number):
                    with self.assertRaisesRegex(ValidationError, restored), self.env.cr.savepoint():
                        rows.create({**values, "owner_id_number": number})
                    came = rows.create({**values, "owner_id_number": f"'{restored}"})
                    self.assertEqual(came.owner_id_number, restored)
            came = rows.create({**values, "owner_id_number": "1099000001", "is_number_right": True})
            self.assertEqual(came.owner_id_number, "1099000001")

    def test_a_paper_of_our_own_is_about_somebody(self):
        code = self.procedure.document_ids.result_code_ids[0]
        for number in ("000000001", "79190000011", "1099000001", "12"):
            with self.subTest(number=number), self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.env["kho.dl.paper"].create({"result_code_id": code.id, "owner_id_number": number})
        for values in ({"owner_id_number": "0101234567"}, {"owner_id_number": "1099000001", "is_number_right": True}):
            self.env["kho.dl.paper"].create({"result_code_id": code.id, **values})
