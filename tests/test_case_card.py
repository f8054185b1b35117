from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form

from .common import AN, KhoDLCase, new_test_user

CARD = "001090000013|012345678|Trần Văn Mới|01021990|Nam|Số 1, Trần Phú, Hà Nội|01012021"
NUMBER, OLD = "001090000013", "012345678"


class TestCaseCard(KhoDLCase):
    """A case begins with the number, typed or scanned."""

    def setUp(self):
        super().setUp()
        self.cases = self.env["kho.dl.case"].with_user(self.clerk)

    def form(self):
        form = Form(self.cases)
        form.procedure_id = self.procedure
        return form

    def person(self, number=None, **values):
        person = self.env["res.partner"].create({"name": "Trần Văn Mới", "company_id": self.company.id, **values})
        if number:
            person.kho_dl_id_number = number
        return person

    # Proves J.1-1.
    def test_a_scanned_card_makes_the_person_with_the_case(self):
        form = self.form()
        form.owner_id_number = CARD
        self.assertTrue(form.is_new_person)
        self.assertEqual((form.owner_id_number, form.person_name), (NUMBER, "Trần Văn Mới"))
        form.person_phone, form.person_email = "0912 345 678", "moi@example.com"
        case = form.save()
        owner = case.owner_id
        self.assertEqual(
            (owner.name, owner.kho_dl_birth, owner.phone, owner.email, owner.street, owner.company_id),
            ("Trần Văn Mới", "01/02/1990", "0912 345 678", "moi@example.com", "Số 1, Trần Phú, Hà Nội", self.company),
        )
        self.assertEqual((owner.kho_dl_id_number, owner.kho_dl_old_numbers), (NUMBER, OLD))
        self.assertEqual(owner.kho_dl_verified_how, "none")
        self.assertTrue(owner.kho_dl_is_entered)
        again = self.form()
        again.owner_id_number = NUMBER
        self.assertEqual(again.owner_id, owner)
        self.assertFalse(again.is_new_person)

    def test_who_is_entered_is_written_to_in_the_language_of_the_office(self):
        """Not in that of the server, which may have been set up in English."""
        self.env["res.lang"]._activate_lang("vi_VN")
        self.env["res.users"].with_context(active_test=False).search([]).lang = "vi_VN"
        self.env["ir.default"].set("res.partner", "lang", "en_US")
        form = self.form()
        form.owner_id_number = CARD
        people = self.env["res.partner"].with_user(self.clerk).with_context(default_company_id=self.company.id)
        typed = people.with_context(default_kho_dl_is_entered=True).create({"name": "Lê Văn Mới"})
        named = people.browse(people.name_create("Lê Văn Tên")[0])
        self.assertEqual((form.save().owner_id | typed | named).mapped("lang"), ["vi_VN"] * 3)
        head = self.env["res.partner"].create({"name": "Another", "kho_dl_is_entered": True, "lang": "en_US"})
        of_head = head.create({"name": "Who works there", "kho_dl_is_entered": True, "parent_id": head.id})
        self.assertEqual((head | of_head).mapped("lang"), ["en_US"] * 2)
        self.assertEqual(self.env["res.partner"].create({"name": "A supplier"}).lang, "en_US")

    def test_a_person_known_by_the_old_number_is_found_by_the_card(self):
        person = self.person(OLD)
        form = self.form()
        form.owner_id_number = CARD
        self.assertEqual((form.owner_id, form.owner_id_number), (person, NUMBER))
        self.assertFalse(form.card_words)
        case = form.save()
        self.assertEqual((case.owner_id, case.owner_id_number), (person, NUMBER))
        typed = self.form()
        typed.owner_id_number = OLD
        self.assertEqual((typed.owner_id, typed.owner_id_number), (person, NUMBER))

    def test_who_the_card_names_differs_from_whom_the_number_finds(self):
        person = self.person(NUMBER, name="Lê Thị Khác")
        form = self.form()
        form.owner_id_number = CARD
        self.assertEqual(form.owner_id, person)
        self.assertIn("Trần Văn Mới · 01/02/1990", form.card_words)
        self.assertIn("Lê Thị Khác", form.card_words)

    def test_whom_the_number_found_goes_with_it_and_who_was_chosen_stays(self):
        found, chosen = self.person(AN, name="Found"), self.person(name="Chosen")
        form = self.form()
        form.owner_id_number = AN
        self.assertEqual(form.owner_id, found)
        form.owner_id_number = NUMBER
        self.assertFalse(form.owner_id)
        self.assertTrue(form.is_new_person)
        # One field takes the name, not two: who is chosen instead is chosen without the number.
        form.owner_id_number = False
        form.owner_id = chosen
        form.owner_id_number = NUMBER
        self.assertEqual(form.owner_id, chosen)
        form.owner_id_number = AN
        self.assertEqual(form.owner_id, chosen)
        self.assertIn("Found", form.owner_warning)

    def test_another_companys_contact_is_not_found(self):
        other = self.env["res.company"].create({"name": "Other"})
        there = self.env["res.partner"].with_company(other).create({"name": "There", "company_id": other.id})
        there.kho_dl_id_number = NUMBER
        form = self.form()
        form.owner_id_number = CARD
        self.assertFalse(form.owner_id)
        case = form.save()
        self.assertNotEqual(case.owner_id, there)

    def test_an_organisation_is_known_by_its_tax_code(self):
        known = self.person(name="Known company", vat="0100109106", is_company=True)
        form = self.form()
        form.owner_id_number = "0100109106"
        self.assertEqual(form.owner_id, known)
        form = self.form()
        form.owner_id_number = "0101243150"
        self.assertTrue(form.is_new_organisation)
        form.person_name = "UBND xã Mới"
        owner = form.save().owner_id
        self.assertTrue(owner.is_company)
        self.assertEqual(owner.kho_dl_organisation_kind, self.env["res.partner"]._kho_dl_kind_of("UBND xã Mới"))

    def test_a_number_with_lost_zeros_is_asked_about_before_anybody_is_looked_for(self):
        person = self.person(NUMBER)
        form = self.form()
        form.owner_id_number = NUMBER[1:]
        self.assertFalse(form.owner_id)
        self.assertFalse(form.is_new_person)
        self.assertEqual(form.number_restored, NUMBER)
        form.owner_id_number = form.number_restored
        self.assertEqual(form.owner_id, person)

    def test_two_people_of_one_name(self):
        namesake = self.person(kho_dl_birth="1985")
        form = self.form()
        form.owner_id_number = CARD
        self.assertIn("without an id number", form.card_words)
        made = form.save().owner_id
        self.assertNotEqual(made, namesake)

    def test_who_has_a_login_is_found_and_not_changed(self):
        citizen = new_test_user(self.env, "citizen_x", groups="base.group_portal", name="Trần Văn Mới")
        citizen.partner_id.kho_dl_id_number = NUMBER
        form = self.form()
        form.owner_id_number = CARD
        self.assertEqual(form.owner_id, citizen.partner_id)
        form.save()
        self.assertFalse(citizen.partner_id.street)

    def test_a_colleague_enters_the_same_person_at_the_same_moment(self):
        values = {"procedure_id": self.procedure.id, "owner_id_number": NUMBER, "person_name": "Trần Văn Mới"}
        first = self.cases.create(values)
        second, third = self.cases.create([values, {**values, "person_name": "tran van moi"}])
        self.assertEqual(second.owner_id, first.owner_id)
        self.assertEqual(third.owner_id, first.owner_id)

    def test_a_card_that_cannot_be_read_is_said_so(self):
        form = self.form()
        for text in ("000000000000|" + "x" * 40, "Full name: Tran Van Moi 0901"):
            form.owner_id_number = text
            self.assertIn("could not be read", form.card_words)
            self.assertFalse(form.owner_id_number)

    def test_another_card_is_scanned_on_a_case_that_stands(self):
        case = self.make_case(AN)
        with Form(case) as form:
            form.owner_id_number = CARD
            self.assertFalse(form.owner_id)
            self.assertTrue(form.is_new_person)
        self.assertEqual((case.owner_id.name, case.owner_id_number), ("Trần Văn Mới", NUMBER))
        self.assertEqual(case.owner_id.kho_dl_id_number, NUMBER)

    def test_a_card_scanned_into_the_field_of_the_name(self):
        people = self.env["res.partner"].with_user(self.clerk).with_context(default_company_id=self.company.id)
        owner_id, name = people.name_create(CARD)
        self.assertEqual(name, "Trần Văn Mới")
        form = self.form()
        form.owner_id = people.browse(owner_id)
        self.assertEqual((form.owner_id_number, form.owner_birth), (NUMBER, "01/02/1990"))

    def test_a_date_of_birth_that_is_none_is_said_beside_it(self):
        form = self.form()
        form.owner_id_number = NUMBER
        form.person_name, form.person_birth = "Trần Văn Mới", "31/02/1990"
        self.assertIn("01/02/1990", form.card_words)
        with self.assertRaises(ValidationError):
            form.save()

    def test_what_is_no_mail_address_is_said_as_it_is_typed(self):
        form = self.form()
        form.owner_id_number = CARD
        for wrong in ("moi@gmail", "moi.gmail.com", "a@example.com, b@example.com"):
            form.person_email = wrong
            self.assertIn(f"“{wrong}” is no mail address", form.mail_words)
        form.person_email = "moi@example.com"
        self.assertFalse(form.mail_words)
        self.assertEqual(form.save().owner_id.email, "moi@example.com")

    def test_who_is_another_agencys_by_now_closes_no_case(self):
        case = self.make_case(AN)
        other = self.env["res.company"].create({"name": "Other"})
        self.env.cr.execute("UPDATE res_partner SET company_id = %s WHERE id = %s", [other.id, case.owner_id.id])
        self.env.invalidate_all()
        # All that its form reads.
        case = case.with_user(self.clerk)
        shown = set(case.get_view(view_type="form")["models"]["kho.dl.case"])
        [values] = case.read(shown.intersection(case.fields_get()))
        self.assertEqual((values["owner_birth"], values["is_owner_company"]), (False, False))

    def test_a_case_by_rpc_is_as_it_was(self):
        owner = self.person()
        case = self.cases.create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": owner.id,
                "owner_id_number": AN,
                "fee_ids": [Command.clear()],
            }
        )
        self.assertEqual((case.owner_id, case.owner_id_number), (owner, AN))

    def test_who_writes_no_case_keeps_no_number_at_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        known = self.person(name="Hợp tác xã Mới", company_id=False, is_company=True, vat="0100109106")
        said = {
            "person_name": known.name,
            "owner_id_number": known.vat,
            "person_old_number": OLD,
            "company_id": other.id,
        }
        self.cases.browse().write(said)
        self.assertFalse(self.env["kho.dl.id.number"].search([("company_id", "=", other.id)]))
