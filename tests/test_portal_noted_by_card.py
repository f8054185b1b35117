from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..wizard.kho_dl_note_representative import MOST_CARDS
from .common import AN, BINH
from .test_portal_sign_in_offices import NAME, SignInOfficesCase


@tagged("-at_install", "post_install")
class TestNotedByCard(SignInOfficesCase):
    """Who represents a business is noted by number and name on the card, and nobody is found out by trying."""

    def note(self, who, business, **values):
        today = self.env["kho.dl.mandate"]._today()
        values = {"organisation_id": business.id, "paper_seen": "Certificate", "until": today, **values}
        return self.as_(who, "kho.dl.note.representative").create(values).action_note()

    def shop(self):
        business = self.env["res.partner"].create({"name": "Shop", "is_company": True, "company_id": self.a.id})
        business.with_company(self.a).kho_dl_id_number = "0012345672"
        business.with_company(self.a)._kho_dl_verify("card")
        return business

    def test_an_officer_notes_whom_nobody_reads_by_number_and_name_on_the_card(self):
        contact, business = self.sign_in().partner_id, self.shop()
        for values in (
            {},
            {"person_number": AN},
            {"person_name": NAME},
            {"person_number": AN, "person_name": "Trần Văn Khác"},
            {"person_number": BINH, "person_name": NAME},
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, "Nobody with this number and this name"):
                self.note("a", business, **values)
        self.note("a", business, person_number=f" {AN}", person_name="nguyễn thị an ")
        [row] = self.env["kho.dl.mandate"].search([("organisation_number", "=", "0012345672")])
        self.assertEqual((row.person_name, row.person_number), (NAME, AN))
        self.assertEqual(self.readers(contact), set())

    def test_by_number_and_name_nobody_is_noted_whose_number_was_not_seen(self):
        business, card = self.shop(), {"person_number": BINH, "person_name": "Trần Văn Bình"}
        self.receive(person_name="Trần Văn Bình", owner_id_number=BINH)
        with self.assertRaisesRegex(UserError, "that of Trần Văn Bình is not verified"):
            self.note("a", business, **card)

    def test_of_whom_the_user_may_not_read_it_is_not_told_whether_the_number_was_seen(self):
        contact, business = self.sign_in().partner_id, self.shop()
        card = {"person_number": AN, "person_name": NAME}
        contact.kho_dl_number_ids.verified_how = False
        with self.assertRaisesRegex(UserError, "Nobody with this number and this name"):
            self.note("a", business, **card)

    def test_nobody_is_looked_up_for_what_may_not_be_noted(self):
        self.sign_in()
        business, card = self.shop(), {"person_number": AN, "person_name": NAME}
        counted = self.env["kho.dl.upload"].search_count([])
        unseen = self.env["res.partner"].create({"name": "Unseen", "is_company": True, "company_id": self.a.id})
        another = self.env["res.partner"].create({"name": "Of C", "is_company": True, "company_id": self.c.id})
        self.patch(self.registry["res.partner"], "_kho_dl_of_card", lambda *_arguments: self.fail("looked up"))
        for organisation, values in (
            (unseen, {}),
            (business, {"paper_seen": " "}),
            (business, {"until": "2020-01-01"}),
        ):
            with self.subTest(organisation=organisation.name, **values), self.assertRaises(UserError):
                self.note("a", organisation, **card, **values)
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.note("a", another, **card)
        self.assertEqual(self.env["kho.dl.upload"].search_count([]), counted)

    def test_whom_a_rule_of_another_addon_hides_is_nobody(self):
        business = self.shop()
        self.receive(person_name="Trần Văn Bình", owner_id_number=BINH)
        self.env["ir.rule"].create(
            {
                "name": "Of another add-on",
                "model_id": self.env["ir.model"]._get_id("res.partner"),
                "domain_force": "[('name', '!=', 'Trần Văn Bình')]",
            }
        )
        with self.assertRaisesRegex(UserError, "Nobody with this number"), mute_logger("odoo.models"):
            self.note("a", business, person_number=BINH, person_name="Trần Văn Bình")

    def test_numbers_are_not_tried_out(self):
        contact, business = self.sign_in().partner_id, self.shop()
        card = {"person_number": AN, "person_name": NAME}
        form = "odoo.addons.kho_dl.wizard.kho_dl_note_representative"
        counted = self.env["kho.dl.upload"].search_count([])
        for number in range(MOST_CARDS):
            with self.subTest(number), self.assertRaisesRegex(UserError, "Nobody"):
                self.note("a", business, **{**card, "person_number": f"0001900011{number:02d}"})
        with self.assertLogs(form, "WARNING") as told, self.assertRaisesRegex(UserError, "within an hour"):
            self.note("a", business, **card)
        self.assertNotIn(AN, str(told.output))
        # Whom the user may read is chosen as ever; others count for themselves.
        self.receive()
        self.note("a", business, person_id=contact.id)
        self.assertEqual(self.env["kho.dl.upload"].search_count([]) - counted, MOST_CARDS)
