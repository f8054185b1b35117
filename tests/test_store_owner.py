from odoo.tests import Form

from .common import AN, BINH
from .paper_case import PaperCase

CARD = f"{AN}||Nguyễn Thị An|12031990|Nữ|Tổ 3, phường Thử|15062021"
UNKNOWN = "000188000091"
FORMS = ("kho.dl.digitise", "kho.dl.paper")


class TestStoreOwner(PaperCase):
    """Who enters an old result names its owner once: by name, by number, or with the card."""

    def setUp(self):
        super().setUp()
        self.an, self.binh = (
            self.env["res.partner"].create({"name": name, "kho_dl_id_number": number})
            for name, number in (("Nguyễn Thị An", AN), ("Trần Văn Bình", BINH))
        )

    def forms(self):
        for model in FORMS:
            with self.subTest(model):
                yield Form(self.env[model].with_user(self.clerk))

    def assertOwner(self, form, owner, number):
        self.assertEqual((form.owner_id, form.owner_id_number), (owner, number))

    def test_the_owner_brings_the_number(self):
        for form in self.forms():
            form.owner_id = self.an
            self.assertOwner(form, self.an, AN)
            # The number of the one who was chosen before would make it a paper of theirs.
            form.owner_id = self.binh
            self.assertOwner(form, self.binh, BINH)

    def test_the_number_brings_the_owner(self):
        for form in self.forms():
            form.owner_id_number = f"{AN[:4]} {AN[4:]}"
            self.assertOwner(form, self.an, AN)

    def test_a_card_scanned_into_the_number_is_read(self):
        for form in self.forms():
            form.owner_id_number = CARD
            self.assertOwner(form, self.an, AN)
            # The next card is somebody's who is not known yet.
            form.owner_id_number = CARD.replace(AN, UNKNOWN).replace("An", "Mười")
            self.assertOwner(form, self.env["res.partner"], UNKNOWN)

    def test_a_card_that_cannot_be_read_leaves_no_half_of_it(self):
        for form in self.forms():
            with self.assertLogs("odoo.tests.form.onchange", "WARNING") as said:
                form.owner_id_number = "IDVNM1900000119000190000011<<4"
            self.assertIn("Scan it again, or type the number", said.output[0])
            self.assertFalse(form.owner_id_number)

    def test_a_number_that_nobody_is_known_by_stays(self):
        stranger = self.env["res.partner"].create({"name": "Vũ Thị Mười"})
        for form in self.forms():
            form.owner_id_number = UNKNOWN
            form.owner_id = stranger
            self.assertOwner(form, stranger, UNKNOWN)

    def test_of_a_case_both_stay_as_the_case_has_them(self):
        case = self.make_case(AN)
        case.owner_id_number = BINH
        form = Form(self.env["kho.dl.digitise"].with_user(self.clerk).with_context(default_case_id=case.id))
        self.assertOwner(form, case.owner_id, BINH)
