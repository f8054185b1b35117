from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .common import AN, BINH, CRIMINAL_RECORD, KhoDLCase, new_test_user
from .test_lookup_counter import CounterTours


class TestApplicant(KhoDLCase):
    """What a clerk may do with contacts: enter applicants and correct them, nothing else."""

    def setUp(self):
        super().setUp()
        self.contacts = self.env["res.partner"].with_user(self.clerk)

    def test_a_clerk_enters_an_applicant_in_the_case_form(self):
        form = Form(self.env["kho.dl.case"].with_user(self.clerk))
        form.procedure_id = self.procedure
        action = self.contacts.with_context(default_company_id=self.company.id)
        owner_id, _name = action.name_create("Nguyễn Thị Mới")
        form.owner_id = self.contacts.browse(owner_id)
        form.owner_id_number = AN
        case = form.save()
        self.assertEqual((case.owner_id.name, case.owner_id.company_id), ("Nguyễn Thị Mới", self.company))
        self.attach_all(case)
        self.assertEqual(self.document(case, CRIMINAL_RECORD).status, "attached")

    def test_a_clerk_gives_and_corrects_what_an_applicant_is_reached_by(self):
        person = self.contacts.create({"name": "New", "phone": "0912345678", "email": "new@example.com"})
        person.write({"name": "Newer", "email": "newer@example.com"})
        organisation = self.contacts.create({"name": "Company", "is_company": True})
        organisation.phone = "02412345678"
        # Entered by a colleague, and an applicant of this agency.
        colleague = new_test_user(self.env, "colleague", groups="kho_dl.group_clerk")
        owner = self.contacts.with_user(colleague).create({"name": "Applicant", "company_id": self.company.id})
        self.make_case(AN, owner_id=owner.id)
        owner.with_user(self.clerk).write({"phone": "0987654321", "street": "1 Trần Phú"})
        self.assertEqual(owner.phone, "0987654321")

    def test_only_how_an_applicant_is_reached_is_corrected(self):
        person = self.contacts.create({"name": "New", "vat": "0100109106", "company_id": self.company.id})
        for name in ("vat", "company_id", "parent_id", "lang", "user_ids", "child_ids", "kho_dl_is_entered", "active"):
            with self.subTest(name), self.assertRaisesRegex(AccessError, "The counter enters applicants"):
                person.write({name: False})
        other = self.env["res.partner"].create({"name": "Of somebody else", "phone": "1"})
        for values in (
            {"parent_id": other.id},
            {"child_ids": [Command.link(other.id)]},
            {"child_ids": [Command.create({"name": "x"})]},
        ):
            with self.subTest(values), self.assertRaisesRegex(AccessError, "The counter enters applicants"):
                self.contacts.create({"name": "New", **values})
        with self.assertRaises(AccessError):
            self.contacts.with_context(default_parent_id=other.id).create({"name": "New"})
        self.assertFalse(other.child_ids)

    def test_no_case_makes_a_contact_ones_own(self):
        """Whoever opens a case with a contact of another agency, or of colleagues, changes it no more than before."""
        other = self.env["res.company"].create({"name": "Other agency"})
        entered_there = self.env["res.partner"].with_user(
            new_test_user(
                self.env,
                "there",
                groups="kho_dl.group_clerk",
                company_id=other.id,
                company_ids=[Command.set(other.ids)],
            )
        )
        contacts = self.env["res.partner"].union(
            self.env["res.partner"].create({"name": "Supplier of all", "company_id": False}),
            self.env["res.partner"].create({"name": "Employee here", "company_id": self.company.id}),
            entered_there.create({"name": "Applicant there", "company_id": False}),
        )
        shared = self.contacts.create({"name": "Entered here, applicant of both", "company_id": False})
        shared.email = "here@example.com"
        procedure = self.procedure.copy({"company_id": other.id, "code": "7.7"})
        self.env["kho.dl.case"].create(
            {
                "procedure_id": procedure.id,
                "owner_id": shared.id,
                "owner_id_number": BINH,
                "company_id": other.id,
                "officer_id": entered_there.env.uid,
            }
        )
        for contact in contacts | shared:
            self.make_case(AN, owner_id=contact.id)
            mine = contact.with_user(self.clerk)
            with self.subTest(contact.name):
                self.assertFalse(mine.has_access("write"))
                with self.assertRaisesRegex(AccessError, "The counter corrects applicants"):
                    mine.email = "mine@example.com"

    def test_an_organisation_whose_person_has_a_login_is_refused_in_words(self):
        organisation = self.contacts.create({"name": "Company", "is_company": True, "company_id": self.company.id})
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal")
        citizen.partner_id.parent_id = organisation
        organisation.phone = "02412345678"
        with self.assertRaisesRegex(AccessError, "citizen"):
            organisation.street = "1 Trần Phú"

    def test_contacts_that_are_no_applicants_stay_as_they_are(self):
        agency = self.env["res.company"].create({"name": "Other agency"})
        foreign = self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.copy({"company_id": agency.id, "code": "7.7"}).id,
                "owner_id": self.env["res.partner"].create({"name": "Of the other agency"}).id,
                "owner_id_number": BINH,
                "company_id": agency.id,
            }
        )
        citizen = new_test_user(self.env, "citizen", groups="base.group_portal")
        self.make_case(AN, owner_id=citizen.partner_id.id)
        colleague = new_test_user(self.env, "colleague", groups="base.group_user")
        self.make_case(AN, owner_id=colleague.partner_id.id)
        for contact in (
            self.env["res.partner"].create({"name": "Supplier", "is_company": True}),
            self.company.partner_id,
            agency.partner_id,
            foreign.owner_id,
            citizen.partner_id,
            colleague.partner_id,
            self.clerk.partner_id,
        ):
            with self.subTest(contact=contact.name), self.assertRaises(AccessError):
                contact.with_user(self.clerk).write({"email": "mine@example.com"})

    def test_nothing_else_of_contacts_comes_with_it(self):
        person = self.contacts.create({"name": "New"})
        with self.assertRaises(AccessError):
            person.unlink()
        with self.assertRaises(AccessError):
            person.write({"bank_ids": [Command.create({"acc_number": "1"})]})
        with self.assertRaises(AccessError):
            self.env["base.partner.merge.automatic.wizard"].with_user(self.clerk).create({})
        self.assertFalse(self.clerk.has_group("base.group_partner_manager"))
        company = self.env["res.company"].create({"name": "Other agency"})
        with self.assertRaises(AccessError):
            self.contacts.create({"name": "New", "company_id": company.id})

    def test_who_changes_contacts_by_another_right_keeps_exactly_it(self):
        contacts = self.env["res.partner"]
        supplier, other = contacts.create([{"name": "Supplier"}, {"name": "Supplier of others", "ref": "others"}])
        group = self.env["res.groups"].create({"name": "Purchase of another application"})
        colleague = new_test_user(self.env, "colleague", groups="kho_dl.group_clerk")
        entered = contacts.with_user(colleague).create({"name": "Entered", "ref": "others"})
        with self.assertRaises(AccessError):
            supplier.with_user(colleague).phone = "0911111111"
        colleague.group_ids |= group
        model = self.env.ref("base.model_res_partner").id
        self.env["ir.model.access"].create(
            {"name": "purchase", "model_id": model, "group_id": group.id, "perm_write": True}
        )
        self.env["ir.rule"].create(
            {
                "name": "purchase",
                "model_id": model,
                "groups": [Command.set(group.ids)],
                "domain_force": [("ref", "=", False)],
                "perm_read": False,
            }
        )
        supplier.with_user(colleague).write({"phone": "0911111111", "vat": "0100109106"})
        for contact in (other, entered):
            with self.subTest(contact.name), self.assertRaises(AccessError):
                contact.with_user(colleague).phone = "0911111111"
        keeper = new_test_user(self.env, "keeper", groups="kho_dl.group_clerk,base.group_partner_manager")
        for contact in (supplier, other, self.company.partner_id):
            contact.with_user(keeper).phone = "0911111111"
        rules = self.env["ir.rule"].search([("model_id", "=", model), ("groups", "!=", False)])
        self.assertFalse([rule.name for rule in rules if (rule.get_external_id()[rule.id] or "").startswith("kho_dl.")])

    def test_an_applicant_of_one_agency_is_not_seen_by_another(self):
        case_form = self.env["kho.dl.case"].with_user(self.clerk).get_views([(False, "form")])["views"]["form"]["arch"]
        self.assertIn("default_company_id", case_form)
        person = self.contacts.with_context(default_company_id=self.company.id).create({"name": "Only here"})
        company = self.env["res.company"].create({"name": "Other agency"})
        stranger = new_test_user(
            self.env,
            "stranger",
            groups="kho_dl.group_clerk",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertNotIn(person, self.env["res.partner"].with_user(stranger).search([]))

    def test_no_list_of_links_tells_of_another_company(self):
        """Odoo asks no rule of what is linked for `in` and `!=`: what such a search finds is what its reader reads."""
        self.attach_all(self.make_case(AN, owner_id=self.clerk.partner_id.id))
        company = self.env["res.company"].create({"name": "Other agency"})
        groups = ("clerk", "administrator", "auditor")
        stranger = new_test_user(
            self.env,
            "stranger",
            groups=",".join(f"kho_dl.group_{group}" for group in groups),
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertIn(self.clerk.partner_id, self.contacts.with_user(stranger).search([]))
        asked = set()
        for name, model in sorted(self.env.registry.items()):
            theirs = self.env[name].with_user(stranger)
            lists = [one for one in model._fields.values() if one.type.endswith("2many") and "kho_dl" in one._modules]
            if model._abstract or not lists or not theirs.has_access("read"):
                continue
            seen = theirs.with_context(active_test=False).search([])
            for one in lists:
                if one.name in theirs.fields_get([one.name]) and one._description_searchable:
                    asked.add(f"{name}.{one.name}")
                    self._check_list(seen, one)
        self.assertGreater(asked, {"kho.dl.case.document_ids", "kho.dl.procedure.document_ids"})

    def _check_list(self, seen, field):
        linked = self.env[field.comodel_name].sudo().with_context(active_test=False).search([])
        readable = linked.with_user(seen.env.user)._filtered_access("read")
        hidden = linked - readable.sudo()
        with self.subTest(f"{seen._name}.{field.name}"):
            self.assertFalse(seen.search([(field.name, "in", hidden.ids)]))
            self.assertEqual(seen.search([(field.name, "!=", False)]), seen.filtered(field.name))


@tagged("-at_install", "post_install")
class TestApplicantTour(CounterTours):
    def test_a_new_applicant_at_the_counter(self):
        self.start("kho_dl_new_applicant")
        case = self.env["kho.dl.case"].search([("owner_id.name", "=", "Trần Văn Mới")])
        self.assertEqual((case.owner_id.phone, case.owner_id.email), ("0912 345 678", "moi@example.com"))
        self.assertEqual((case.owner_id_number, case.owner_id.company_id), (AN, self.company))
