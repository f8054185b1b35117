from .common import AN, KhoDLCase
from .sweep_world import add_on_models

NUMBERS = ("owner_id_number", "organisation_number", "person_number")


class TestNumbered(KhoDLCase):
    """Whoever looks for a person by the number finds all there is, however the number is typed."""

    def test_the_journal_of_a_person_is_found_by_a_number_as_it_is_typed(self):
        case = self.make_case(AN)
        query = self.attach_all(case).query_id
        branch = self.make_case("0100109106-001")
        spaced = f"{AN[:3]} {AN[3:6]} {AN[6:9]} {AN[9:]}"
        card = f"{AN}||Nguyễn Thị An|12031990|Nữ|Tổ 3, phường Thử|15062021"
        for number in (AN, card, spaced, spaced.replace(" ", "."), f"\u202a{AN}\u202c"):
            self.assertIn(query, self.env["kho.dl.query"].search([("owner_id_number", "=", number)]))
        self.assertEqual(self.env["kho.dl.case"].search([("owner_id_number", "=", "0100109106001")]), branch)
        self.assertFalse(self.env["kho.dl.case"].search([("owner_id_number", "=", " - ")]))

    def test_also_below_another_record_and_in_a_list_of_numbers(self):
        case, other = self.make_case(AN), self.make_case("0100109106-001")
        spaced, made = f"{AN[:3]} {AN[3:]}", [("id", "in", (case | other).ids)]
        both = [spaced, "0100109106001"]
        # For a superuser Odoo joins the cases, for anybody else it searches them.
        for user in (self.env.user, self.clerk):
            documents, cases = (self.env[name].with_user(user) for name in ("kho.dl.case.document", "kho.dl.case"))
            self.assertEqual(documents.search([("case_id.owner_id_number", "=", spaced)]).case_id, case)
            self.assertEqual(
                documents.search([("case_id", "any", [("owner_id_number", "in", both)])]).case_id, case | other
            )
            self.assertEqual(cases.search([*made, ("owner_id_number", "!=", spaced)]), other)
            self.assertFalse(cases.search([*made, ("owner_id_number", "not in", both)]))
            self.assertEqual(cases.search_count([*made, ("owner_id_number", "!=", False)]), 2)

    def test_in_every_list_that_holds_numbers(self):
        # An acceptance keeps the number of its test person as it was typed.
        forms = ("kho.dl.acceptance",)
        lists = [
            model
            for model in add_on_models(self.env)
            if model._auto and not model._transient and model._name not in forms
        ]
        held = [(model, name) for model in lists for name in NUMBERS if name in model._fields]
        self.assertGreater(len(held), 6)
        for model, name in held:
            with self.subTest(model=model._name, name=name):
                typed, kept = (
                    model._search([(name, "=", number)]).select().params
                    for number in ("0100109106001", "0100109106-001")
                )
                self.assertEqual(typed, kept)
