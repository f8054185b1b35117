from .common import AN, CRIMINAL_RECORD, KhoDLCase

# Who issued a paper and whose it is are known by a name and a code or number: who gives one of the two means somebody, of
# whom the other one is not known.
_TOGETHER = ({"agency", "agency_code"}, {"owner_id", "owner_id_number"})


class TestDefaults(KhoDLCase):
    """A form that is opened with several defaults works out what is left.

    Odoo works out none of the fields of one method where one of them is given.
    """

    def test_fields_of_one_method_are_given_together(self):
        for name, model in self.registry.items():
            for field in model._fields.values():
                if field._module == "kho_dl" and field.compute and field.store and not field.readonly:
                    group = {other.name for other in self.registry.field_computed[field]}
                    with self.subTest(model=name, field=field.name):
                        self.assertTrue(len(group) == 1 or group in _TOGETHER, group)

    def test_a_form_opened_on_a_case_for_one_result_knows_the_rest(self):
        codes = self.env["kho.dl.result.code"].search([("code", "=", CRIMINAL_RECORD)])
        case = self.make_case(AN)
        for model in ("kho.dl.digitise", "kho.dl.paper"):
            names = ["case_id", "owner_id", "owner_id_number", "agency", "agency_code", "name", "result_code_id"]
            given = {"case_id": case.id, "result_code_id": codes.id}
            records = self.env[model].with_user(self.clerk)
            opened = records.with_context(**{f"default_{name}": number for name, number in given.items()})
            for shown in (
                opened.onchange({}, [], {name: {} for name in names})["value"],
                records.create(given).read(names, load=False)[0],
            ):
                with self.subTest(model):
                    self.assertEqual((shown["owner_id"], shown["owner_id_number"]), (case.owner_id.id, AN))
                    self.assertEqual((shown["agency"], shown["agency_code"]), (self.company.name, "H46"))
                    self.assertEqual((shown["result_code_id"], shown["name"]), (codes.id, codes.name))
