from datetime import date

from odoo.tests import BaseCase, freeze_time, tagged

from ..models.common.citizen_card import Birth, is_scan, read_birth, read_card, write_birth

WHOLE = "001090000013|012345678|Trần Văn Mới|01021990|Nam|Số 1, Trần Phú, Hà Nội|01012021"
BORN = Birth(date(1990, 2, 1), 1990)


@tagged("-at_install", "post_install")
class TestCardText(BaseCase):
    """What scanners type of a card."""

    # Proves J.1-2.
    def test_a_card_is_read(self):
        card = read_card(WHOLE)
        self.assertEqual(card, ("001090000013", "012345678", "Trần Văn Mới", BORN, "Số 1, Trần Phú, Hà Nội", False))

    def test_what_scanners_and_keyboards_make_of_it(self):
        for name, text in {
            "line ends": f"{WHOLE}\r\n",
            "a tab before and behind": f"\t{WHOLE}\t",
            "a byte order mark": f"\ufeff{WHOLE}",
            "newer cards say more": f"{WHOLE}|||Trần Văn Cha|Lê Thị Mẹ",
            "another separator": WHOLE.replace("|", "~"),
            "a bar that is broken": WHOLE.replace("|", "¦"),
            "the key without shift": WHOLE.replace("|", "\\"),
            "tabs between": WHOLE.replace("|", "\t"),
            "a Telex ơ": WHOLE.replace("|", "}"),
            "a date with slashes": WHOLE.replace("01021990", "01/02/1990"),
            "a date the other way round": WHOLE.replace("01021990", "1990-02-01"),
            "blanks about": WHOLE.replace("|", " | "),
            "marks apart": WHOLE.replace("ầ", "a\u0302\u0300"),
            "read in a wrong encoding": WHOLE.encode().decode("latin-1"),
        }.items():
            with self.subTest(name):
                card = read_card(text)
                self.assertEqual((card.number, card.name, card.birth), ("001090000013", "Trần Văn Mới", BORN))
                self.assertFalse(card.is_doubtful)
                self.assertTrue(is_scan(text))

    def test_the_digits_of_the_vietnamese_layout(self):
        row = dict(zip("1234567890", "ăâêô\u0300\u0309\u0303\u0301\u0323đ", strict=True))
        typed = "|".join("".join(row[char] for char in part) if part.isdigit() else part for part in WHOLE.split("|"))
        self.assertEqual(read_card(typed), read_card(WHOLE))

    def test_parts_that_are_empty_or_not_there(self):
        card = read_card("001090000013||Trần Văn Mới|1990|Nam||01012021")
        self.assertEqual((card.old_number, card.birth, card.address), ("", Birth(None, 1990), ""))
        card = read_card("001090000013|Trần Văn Mới|00001990|Nam|Hà Nội|01012021")
        self.assertEqual((card.old_number, card.name, card.birth), ("", "Trần Văn Mới", Birth(None, 1990)))
        card = read_card("001090000013|012345678||")
        self.assertEqual((card.name, card.birth, card.is_doubtful), ("", None, False))
        self.assertEqual(read_card(WHOLE.replace("012345678", "001090000013")).old_number, "")

    def test_a_name_that_lost_letters_is_to_be_looked_at(self):
        for name in (
            "Tran Van Moi",
            "Tr?n V?n M?i",
            "Tr\ufffdn V\ufffdn M\ufffdi",
            "Tra62n Va8n Mo71i",
            "Tra^`n Va(n Mo*'i",
        ):
            with self.subTest(name):
                self.assertTrue(read_card(WHOLE.replace("Trần Văn Mới", name)).is_doubtful)

    def test_what_is_no_card(self):
        for text in (
            "",
            "001090000013",
            "https://example.com/a?b=001090000013|x",
            "000000000000|012345678|Trần Văn Mới|01021990",
            "01090000013||Trần Văn Mới|01021990",
            "|" * 5000,
            "0" * 5000,
        ):
            with self.subTest(text[:40]):
                self.assertIsNone(read_card(text))
        self.assertFalse(is_scan("001090000013|"))
        long = read_card(WHOLE.replace("Mới", "M" * 4000))
        self.assertLessEqual(len(long.name), 100)

    def test_dates_of_birth(self):
        for text, written in {
            "01021990": "01/02/1990",
            "1/2/1990": "01/02/1990",
            "1990": "1990",
            " 1990-02-01 ": "01/02/1990",
            "00001990": "1990",
            "": "",
        }.items():
            with self.subTest(text):
                self.assertEqual(write_birth(read_birth(text)), written)
        for text in ("31/02/1990", "1880", "9999", "yesterday", "1/2/90", "²²²²", "01021990" * 9):
            with self.subTest(text), self.assertRaises(ValueError):
                read_birth(text)

    def test_nobody_is_born_later_than_today_in_vietnam(self):
        with freeze_time("2026-12-31 18:00"):
            self.assertEqual([write_birth(read_birth(text)) for text in ("2027", "01/01/2027")], ["2027", "01/01/2027"])
            for text in ("2028", "02/01/2027"):
                with self.subTest(text), self.assertRaises(ValueError):
                    read_birth(text)
