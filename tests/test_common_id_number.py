from odoo.tests import BaseCase

from ..models.common.id_number import (
    ORGANISATION,
    PERSON,
    clean_id_number,
    has_wrong_check_digit,
    id_number_kind,
    is_filler,
    with_lost_zeros,
)


class TestIdNumber(BaseCase):
    def test_what_spreadsheets_put_around_a_number_goes(self):
        for raw in ("'001099000001", "’001099000001", " 001 099 000 001 ", "001\u00a0099000001\t", "001.099.000.001"):
            with self.subTest(raw=raw):
                self.assertEqual(clean_id_number(raw), "001099000001")
        self.assertEqual(clean_id_number(79190000011.0), "79190000011")
        self.assertEqual(clean_id_number("'0100109106001"), "0100109106-001")
        self.assertEqual(clean_id_number("12345678901.0"), "12345678901")
        self.assertEqual(clean_id_number(None), "")

    def test_what_nobody_sees_goes(self):
        # A blank of no width, a mark of byte order, a hyphen that may be, marks of the direction of writing.
        for unseen in "\u200b\ufeff\u00ad\u200e\u202a\u202c\u2060\x00":
            with self.subTest(unseen=unseen):
                self.assertEqual(clean_id_number(f"{unseen}001099{unseen}000001{unseen}"), "001099000001")

    def test_a_tax_code_that_was_cut_is_no_persons_number(self):
        for raw in ("0100109106-01", "0100109106–01", " 0100109106 - 01", "0100109106-1"):
            with self.subTest(raw=raw):
                number = clean_id_number(raw)
                self.assertIsNone(id_number_kind(number))
                self.assertIsNone(with_lost_zeros(number))

    def test_kinds_of_numbers(self):
        for number, kind in (
            ("001099000001", PERSON),
            ("012345678", PERSON),
            ("0100109106", ORGANISATION),
            ("0100109106-001", ORGANISATION),
            # Its check digit is wrong; it exists all the same.
            ("0101234567", ORGANISATION),
            ("79190000011", None),
            ("12345678", None),
            ("", None),
            ("00109900000a", None),
        ):
            with self.subTest(number=number):
                self.assertEqual(id_number_kind(number), kind)

    def test_fillers_are_nobodys(self):
        for number in ("000000001", "000000000", "111111111", "999999999999", "0000000007", "000000000-001"):
            with self.subTest(number=number):
                self.assertTrue(is_filler(number))
                self.assertIsNone(id_number_kind(number))
        for number in ("000000011", "0100109106", "012345678"):
            self.assertFalse(is_filler(number))

    def test_a_wrong_check_digit_is_known(self):
        self.assertTrue(has_wrong_check_digit("0101234567"))
        self.assertFalse(has_wrong_check_digit("0100109106"))
        self.assertFalse(has_wrong_check_digit("001099000001"))

    def test_zeros_that_were_lost_are_guessed_where_nothing_else_fits(self):
        for number, restored in (
            ("79190000011", "079190000011"),
            ("1099000001", "001099000001"),
            # A tax code whose check digit is right, no province, a filler, a whole number.
            ("0100109106", None),
            ("99190000011", None),
            ("11111111111", None),
            ("001099000001", None),
            ("012345678", None),
        ):
            with self.subTest(number=number):
                self.assertEqual(with_lost_zeros(number), restored)
