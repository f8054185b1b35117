import unicodedata

from lxml import etree

from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

from ..models.common.text import plain
from .common import AN, BINH, KhoDLCase, new_test_user

_SCANNED = f"{BINH}||Trần Văn Bình|01021985|Nam|x|01012021"


class TestCaseSearch(KhoDLCase):
    """How a clerk finds cases, applicants and procedures: without marks, by number, by its last digits."""

    def setUp(self):
        super().setUp()
        self.binh = self.env["res.partner"].create({"name": "Trần Văn Bình", "company_id": self.company.id})
        self.case = self.make_case(BINH, owner_id=self.binh.id)
        self.binh.write({"kho_dl_birth": "1985"})

    def found(self, model, words, **context):
        records = self.env[model].with_user(self.clerk).with_context(**context)
        return [one[0] for one in records.name_search(words)]

    def suggested(self, words):
        people = self.env["res.partner"].with_user(self.clerk).with_context(kho_dl_with_number=True)
        return people.web_name_search(words, {"display_name": {}}, [("kho_dl_may_apply", "=", True)])

    def listed(self, field, words):
        """Return who stands in the list of applicants after a search for `words` in `field` of its search view."""
        people = self.env["res.partner"].with_user(self.clerk).with_context(kho_dl_with_number=True)
        view = self.env.ref("kho_dl.view_kho_dl_applicant_search")
        arch = etree.fromstring(people.get_view(view.id, "search")["arch"])
        [node] = arch.iterfind(f".//field[@name='{field}']")
        return people.search(safe_eval(node.get("filter_domain"), {"self": words}))

    # Proves J.1-4.
    def test_a_case_is_found_without_marks_and_by_number(self):
        # Its number ends in no four digits of somebody's by chance.
        other = self.make_case(AN, name="HS-AN")
        for words in (
            "tran van binh",
            "Trần Văn",
            "binh tran",
            "TRẦN VĂN BÌNH",
            BINH,
            BINH[-4:],
            self.case.name,
            _SCANNED,
        ):
            with self.subTest(words):
                found = self.found("kho.dl.case", words)
                self.assertIn(self.case.id, found)
                self.assertNotIn(other.id, found)

    def test_a_branch_is_found_by_its_tax_code(self):
        head, branch = self.env["res.partner"].create([{"name": "Head office"}, {"name": "Branch"}])
        of_head = self.make_case("0100109106", owner_id=head.id)
        of_branch = self.make_case("0100109106-001", owner_id=branch.id)
        for words in ("0100109106-001", "0100109106001", "0100109106 - 001"):
            with self.subTest(words):
                self.assertEqual(self.found("kho.dl.case", words), of_branch.ids)
                self.assertEqual(self.found("res.partner", words), branch.ids)
                self.assertEqual([one["id"] for one in self.suggested(words)], branch.ids)
        for words in ("0100109106-0", "0100109106-00"):
            self.assertEqual(self.found("kho.dl.case", words), of_branch.ids)
        self.assertEqual(self.found("kho.dl.case", "0100109106"), (of_branch | of_head).ids)

    def test_an_applicant_shows_number_and_year(self):
        for words in ("tran van binh", "binh", BINH[-4:], _SCANNED):
            with self.subTest(words):
                [one] = [one for one in self.suggested(words) if one["id"] == self.binh.id]
                self.assertEqual(one["display_name"], "Trần Văn Bình")
                self.assertIn(f"{BINH} · 1985", one["__formatted_display_name"])

    def test_of_many_people_of_one_name_one_is_found_by_the_year_of_birth(self):
        values = {"name": "Trần Văn Bình", "company_id": self.company.id}
        others = self.env["res.partner"].create([{**values, "kho_dl_birth": str(1986 + year)} for year in range(12)])
        for context in ({}, {"kho_dl_with_number": True}):
            self.assertEqual(self.found("res.partner", "tran binh 1985", **context), self.binh.ids)
            self.assertEqual(self.found("res.partner", "tran binh 1990", **context), others[4].ids)
            self.assertFalse(self.found("res.partner", "tran binh 2019", **context))

    def test_an_applicant_is_found_by_how_words_begin_by_the_business_or_by_mail(self):
        business = self.env["res.partner"].create({"name": "Công ty Đại Phát", "is_company": True})
        employee = business.create(
            {"name": "Lê An", "parent_id": business.id, "email": "le.an@dai-phat.example", "ref": "KH-7"}
        )
        for words in ("le a", "an le", "dai phat an", "đại phát", "an@dai-phat", "KH-7"):
            with self.subTest(words):
                self.assertIn(employee.id, [one["id"] for one in self.suggested(words)])
        for words in ("n le", "hat", "hat an", "e.an", "KH-"):
            with self.subTest(words):
                self.assertNotIn(employee.id, [one["id"] for one in self.suggested(words)])
        # Parts of words are looked for where somebody asks for them: in the list of applicants.
        for words in ("e.an", "KH-", "i Ph", "i-phat.ex"):
            with self.subTest(words):
                self.assertIn(employee, self.listed("complete_name", words))
        self.assertNotIn(employee, self.listed("complete_name", "nobody"))
        self.assertNotIn(employee, self.listed("name", "e.an"))
        self.assertIn(employee, self.listed("name", "dai phat"))

    def test_a_name_of_digits_is_found_beside_numbers(self):
        house = self.env["res.partner"].create({"name": "Quán 7391 Phố", "company_id": self.company.id})
        for words in ("7391", "quan 7391", "73 quan"):
            with self.subTest(words):
                self.assertEqual([one["id"] for one in self.suggested(words)], [house.id])
        self.assertEqual(self.suggested("7392"), [])

    def test_number_and_year_are_for_those_who_may_read_them(self):
        other = new_test_user(self.env, "no_clerk", groups="base.group_user,base.group_partner_manager")
        people = self.env["res.partner"].with_user(other).with_context(kho_dl_with_number=True)
        names = people.web_name_search("Trần Văn Bình", {"display_name": {}})
        self.assertTrue(names)
        self.assertNotIn(BINH, str(names))
        self.assertNotIn("1985", str(names))

    def test_the_database_reads_names_as_we_do(self):
        for name in (
            "Đặng  Thị Ơn",
            "NGUYỄN VĂN ĐỨC",
            "Lê Thị Ý",
            "Trần-Văn (Bình) 2",
            unicodedata.normalize("NFD", "Hoàng Phượng"),
        ):
            person = self.env["res.partner"].create({"name": name})
            with self.subTest(name):
                self.assertIn(person, person.search([("kho_dl_search_name", "=", plain(name))]))
                self.assertNotIn(person, person.search([("kho_dl_search_name", "=", plain(name)[1:])]))
                for word in plain(name).split():
                    self.assertIn(person, person.search([("kho_dl_search_name", "ilike", word)]))
        self.assertFalse(person.search([("kho_dl_search_name", "=", False)]))

    def test_staff_and_companies_are_no_applicants(self):
        for contact in (self.clerk.partner_id, self.company.partner_id):
            with self.subTest(contact.name):
                self.assertNotIn(contact.id, [one["id"] for one in self.suggested(contact.name)])
                self.assertFalse(contact.kho_dl_may_apply)
        self.assertTrue(self.binh.kho_dl_may_apply)

    # Proves J.1-5.
    def test_the_procedures_of_most_of_my_cases_come_first(self):
        often = self.procedure.copy({"code": "9.9", "name": "Zebra procedure"})
        for _ in range(3):
            self.make_case(AN, procedure_id=often.id, officer_id=self.clerk.id)
        self.make_case(AN, officer_id=self.clerk.id)
        found = self.found("kho.dl.procedure", "", kho_dl_most_used=True)
        self.assertEqual(found[:2], [often.id, self.procedure.id])
        self.assertEqual(len(found), len(set(found)))
        self.assertEqual(set(found), set(self.found("kho.dl.procedure", "")))
        colleague = new_test_user(self.env, "colleague_p", groups="kho_dl.group_clerk")
        records = self.env["kho.dl.procedure"].with_user(colleague)
        mine = records.with_context(kho_dl_most_used=True).name_search("", limit=3)
        self.assertEqual(mine, records.name_search("", limit=3))
        limited = self.env["kho.dl.procedure"].with_user(self.clerk).with_context(kho_dl_most_used=True)
        self.assertEqual([one[0] for one in limited.name_search("", limit=1)], [often.id])
        self.assertEqual([one[0] for one in limited.name_search("zebra", limit=8)], [often.id])

    def test_a_procedure_is_found_without_marks_in_any_order(self):
        procedure = self.procedure.copy({"code": "9.8", "name": "Đăng ký khai sinh"})
        for words in ("dang ky khai sinh", "khai sinh dang", "Đang ky", "9.8"):
            with self.subTest(words):
                self.assertIn(procedure.id, self.found("kho.dl.procedure", words))

    def test_very_many_words_are_looked_for_by_few_questions(self):
        words = " ".join(f"tran{number}" for number in range(3000))
        for model in ("kho.dl.case", "res.partner", "kho.dl.procedure"):
            with self.subTest(model):
                domain = self.env[model].with_user(self.clerk)._search_display_name("ilike", words)
                self.assertLess(str(domain).count("search_name") + str(domain).count("custom"), 30)
                self.assertEqual(self.found(model, words), [])
        self.assertIn(self.binh.id, self.found("res.partner", "binh " * 3000))

    def test_what_is_no_name_finds_nobody(self):
        people = self.env["res.partner"].with_user(self.clerk)
        for odd in (5, True, " ", "%"):
            with self.subTest(odd):
                self.assertNotIn(self.binh, people.search([("kho_dl_search_name", "in", [odd])]))

    def test_the_birth_of_an_applicant_is_typed_as_on_the_card(self):
        people = self.env["res.partner"].with_user(self.clerk)
        with Form(people, "kho_dl.view_kho_dl_applicant_form") as form:
            form.name = "Born"
            form.kho_dl_birth = "01021990"
            self.assertEqual(form.kho_dl_birth, "01/02/1990")
        person = form.save()
        self.assertEqual((str(person.kho_dl_birth_date), person.kho_dl_birth_year), ("1990-02-01", 1990))
        person.kho_dl_birth = "1991"
        self.assertEqual((person.kho_dl_birth_date, person.kho_dl_birth_year), (False, 1991))
