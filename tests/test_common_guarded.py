from odoo.exceptions import AccessError, MissingError, UserError, ValidationError
from odoo.fields import Command

from .common import AN, BINH, KhoDLCase, new_test_user
from .sweep_maker import add_on_models
from .sweep_world import MISSING_ID

# Related fields that are read as superuser, each for a reason: lists are grouped by them, which Odoo does in SQL.
_READ_AS_SUPERUSER = {
    # The procedure of a row that its reader may read is the own company's, or of all companies.
    "kho.dl.indicator.agency_ids",
    "kho.dl.indicator.case.agency_ids",
    # Only who reads the directory itself has it.
    "kho.dl.retrieval.present_server_id",
}


class TestGuarded(KhoDLCase):
    """Who links a record must be allowed to read it, before anything is shown of it."""

    def prepare(self):
        super().prepare()
        self.other = self.env["res.company"].create({"name": "Other agency"})
        companies = [Command.set(self.other.ids)]
        self.stranger = new_test_user(
            self.env, "stranger", groups="kho_dl.group_clerk", company_id=self.other.id, company_ids=companies
        )
        self.case = self.make_case(AN)

    def onchange(self, model, values, spec, **context):
        records = self.env[model].with_user(self.stranger).with_context(**context)
        return records.onchange(values, list(values), {name: {} for name in spec})

    def test_forms_show_nothing_of_a_foreign_case(self):
        document = self.case.document_ids[0]
        for model, name, number, shown in (
            ("kho.dl.retrieve.wizard", "case_id", self.case.id, ["owner_id", "owner_id_number", "outcome"]),
            ("kho.dl.digitise", "case_id", self.case.id, ["owner_id", "owner_id_number", "agency"]),
            ("kho.dl.paper", "case_id", self.case.id, ["owner_id", "owner_id_number"]),
            ("kho.dl.case.document", "procedure_document_id", document.procedure_document_id.id, ["name"]),
            ("kho.dl.case.document", "case_id", self.case.id, ["national_outcome", "company_id"]),
            ("kho.dl.case", "procedure_id", self.procedure.id, ["variant_id", "result_code_ids"]),
        ):
            with self.subTest(model=model, name=name):
                with self.assertRaises(AccessError):
                    self.onchange(model, {name: number}, [name, *shown])
                with self.assertRaises(AccessError):
                    self.onchange(model, {}, [name, *shown], **{f"default_{name}": number})

    def test_no_way_of_writing_a_link_goes_round_it(self):
        number, document = self.case.id, self.case.document_ids[0]
        for values in (
            {"case_id": str(number)},
            {"case_id": (number, "name")},
            {"case_id": {"id": number}},
            {"case_id": float(number)},
            {"document_ids": [Command.link(document.id)]},
            {"document_ids": [Command.set(document.ids)]},
            {"document_ids": [Command.update(document.id, {})]},
            {"document_ids": [Command.create({"origin_document_id": document.id})]},
            {"document_ids": [document.id]},
        ):
            model = "kho.dl.retrieve.wizard" if "case_id" in values else "kho.dl.case"
            with self.subTest(values), self.assertRaises(AccessError):
                self.onchange(model, values, list(values))

    def test_what_does_not_exist_is_said_to_be_missing(self):
        with self.assertRaises(MissingError):
            self.onchange("kho.dl.retrieve.wizard", {"case_id": MISSING_ID}, ["owner_id"])
        with self.assertRaises(MissingError):
            self.env["kho.dl.digitise"].with_user(self.stranger).create({"case_id": MISSING_ID})

    def test_a_number_that_another_company_noted_is_not_told(self):
        owner = self.env["res.partner"].create({"name": "Shared", "company_id": False})
        self.make_case(BINH, owner_id=owner.id)
        procedure = self.env["kho.dl.procedure"].create({"code": "1", "name": "Own", "company_id": self.other.id})
        shown = self.onchange("kho.dl.case", {"owner_id": owner.id}, ["owner_id", "owner_id_number"])
        self.assertFalse(shown["value"].get("owner_id_number"))
        values = {"owner_id": owner.id, "procedure_id": procedure.id, "company_id": self.other.id}
        cases = self.env["kho.dl.case"]
        made = cases.with_user(self.stranger).create(values)
        self.assertFalse(made.owner_id_number)
        self.assertFalse(cases.sudo().create(values).owner_id_number)
        made.owner_id_number = AN
        self.assertEqual(cases.with_user(self.stranger).create(values).owner_id_number, AN)

    def two_companies(self):
        """Return a clerk who works in both companies, and a procedure of the other one."""
        clerk = new_test_user(self.env, "of_both", groups="kho_dl.group_clerk")
        clerk.company_ids |= self.other
        procedure = self.env["kho.dl.procedure"].create({"code": "1", "name": "Own", "company_id": self.other.id})
        return self.env["kho.dl.case"].with_user(clerk).with_context(
            allowed_company_ids=[self.company.id, self.other.id]
        ), procedure

    def test_who_works_in_both_companies_carries_no_number_over(self):
        cases, procedure = self.two_companies()
        owner = self.env["res.partner"].create({"name": "Shared", "company_id": False})
        self.make_case(BINH, owner_id=owner.id)
        values = {"owner_id": owner.id, "procedure_id": procedure.id, "company_id": self.other.id}
        shown = cases.onchange(values, ["owner_id"], {name: {} for name in [*values, "owner_id_number"]})
        self.assertFalse(shown["value"].get("owner_id_number"))
        here = {"owner_id": owner.id, "procedure_id": self.procedure.id, "company_id": self.company.id}
        there, own = cases.create([values, here])
        self.assertEqual((there.owner_id_number, own.owner_id_number), (False, BINH))

    def test_an_officer_is_of_the_company_of_the_case(self):
        cases, procedure = self.two_companies()
        administrator = new_test_user(
            self.env,
            "there",
            groups="kho_dl.group_administrator",
            company_id=self.other.id,
            company_ids=[Command.set(self.other.ids)],
        )
        owner = self.env["res.partner"].create({"name": "Shared", "company_id": False})
        values = {"owner_id": owner.id, "procedure_id": procedure.id, "company_id": self.other.id}
        case = cases.with_user(administrator).with_context(allowed_company_ids=self.other.ids).create(values)
        with self.assertRaisesRegex(ValidationError, "does not work for Other agency"):
            case.officer_id = self.clerk
        with self.assertRaisesRegex(ValidationError, "does not work for Other agency"):
            case.create({**values, "officer_id": self.clerk.id})
        case.officer_id = cases.env.user
        # Of before, and what is brought in as superuser.
        case.sudo().officer_id = self.clerk
        case.state = "2"

    def test_a_case_whose_officer_moved_is_duplicated_and_asks_under_nobody_elses_name(self):
        case, there = self.make_case(AN), Command.set(self.other.ids)
        self.clerk.copy({"login": "stays", "name": "Stays", "kho_dl_id_number": "000188000078"})
        colleague = self.env["res.users"].search([("login", "=", "stays")])
        self.clerk.write({"company_id": self.other.id, "company_ids": [there]})
        mine = case.with_user(colleague)
        self.assertEqual(mine.copy().officer_id, colleague)
        wizard = self.env["kho.dl.retrieve.wizard"].with_user(colleague)
        wizard = wizard.create({"case_id": case.id, "consent_given": True})
        with self.assertRaisesRegex(UserError, "not asked: Hoa does not work for"):
            wizard.action_search()
        self.assertFalse(self.asked())
        mine.officer_id = colleague
        wizard.action_search()
        self.assertEqual(self.asked()[0]["SoDinhDanhNguoiYeuCau"], "000188000078")

    def test_whoever_has_only_a_login_of_the_portal_receives_no_case(self):
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal", kho_dl_id_number=AN)
        self.assertIn(self.company, citizen.company_ids)
        case = self.make_case(AN)
        for change in (lambda: case.write({"officer_id": citizen.id}), lambda: self.make_case(officer_id=citizen.id)):
            with self.assertRaisesRegex(ValidationError, "does not work for"), self.env.cr.savepoint():
                change()
        case.sudo().officer_id = citizen
        with self.assertRaisesRegex(UserError, "does not work for"):
            self.make_wizard(case).action_search()
        self.assertFalse(self.asked())

    def test_a_kept_default_that_is_not_readable_any_more_is_left_out(self):
        documents = self.env["kho.dl.retrieve.wizard"].with_user(self.stranger)
        defaults = self.env["ir.default"]
        for number in (self.case.id, MISSING_ID):
            defaults.set("kho.dl.retrieve.wizard", "case_id", number, user_id=self.stranger.id)
            self.assertNotIn("case_id", documents.default_get(["case_id", "consent_given"]))
            self.assertFalse(documents.onchange({}, [], {"case_id": {}})["value"].get("case_id"))
        with self.assertRaises(AccessError):
            documents.with_context(default_case_id=self.case.id).default_get(["case_id"])
        wizards = documents.with_user(self.clerk)
        defaults.set("kho.dl.retrieve.wizard", "case_id", self.case.id, user_id=self.clerk.id)
        self.assertEqual(wizards.default_get(["case_id"]), {"case_id": self.case.id})

    def test_a_call_without_records_is_answered_in_words(self):
        cases = self.env["kho.dl.case"].with_user(self.stranger)
        with self.assertRaisesRegex(UserError, "one record at a time"):
            cases.action_kho_dl_retrieve()
        with self.assertRaisesRegex(UserError, "one record at a time"):
            self.env["res.config.settings"].action_kho_dl_test_connection()

    def test_days_that_do_not_exist_are_missing(self):
        auditor = new_test_user(self.env, "auditor", groups="kho_dl.group_auditor")
        for number in (MISSING_ID, MISSING_ID - 1):
            day = self.env["kho.dl.audit.day"].with_user(auditor).browse(number)
            for action in (day.action_open_files, day.action_open_questions):
                with self.assertRaises(MissingError):
                    action()

    def test_related_fields_are_read_with_the_rights_of_the_reader(self):
        as_superuser = {
            f"{model._name}.{one.name}"
            for model in add_on_models(self.env)
            for one in model._fields.values()
            if one.related and not one.store and one.compute_sudo and "kho_dl" in one._modules
        }
        self.assertEqual(as_superuser, _READ_AS_SUPERUSER)

    def test_every_model_that_people_write_is_guarded(self):
        unguarded = [
            model._name
            for model in add_on_models(self.env)
            if model._name not in self.registry.descendants(["kho.dl.guarded"], "_inherit")
            and self.env["ir.model.access"].search_count(
                [("model_id.model", "=", model._name), "|", ("perm_write", "=", True), ("perm_create", "=", True)]
            )
        ]
        self.assertFalse(unguarded, "inherit kho.dl.guarded")
