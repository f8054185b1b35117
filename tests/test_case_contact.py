from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..hooks import give_contacts_back
from .common import AN, BINH, new_test_user
from .test_case_received import ReceivedCase


@tagged("-at_install", "post_install")
class TestContactOfOffices(ReceivedCase):
    """A contact is read in the offices that have or had a case of it, and in no other one of their agency."""

    def setUp(self):
        super().setUp()
        self.province = new_test_user(
            self.env,
            "of_the_province",
            "kho_dl.group_clerk",
            company_id=self.env.company.id,
            company_ids=[Command.set([self.env.company.id, *self._office_ids])],
        )
        self._staff = {**self._staff, "province": self.province.id}

    def found_by(self, who, contact):
        """Return whether `who` finds `contact`: by every way alike."""
        people = self.as_(who, "res.partner")
        name, number = contact.sudo().name, contact.sudo().kho_dl_number_ids.number
        found = {
            "search": contact.id in people.search([("name", "=", name)]).ids,
            "group": bool(people._read_group([("id", "=", contact.id)], ["company_id"])),
            "name": contact.id in [one for one, _name in people.name_search(name)],
            "without marks": contact.id in [one for one, _name in people.name_search("nguyen thi an")],
            "number": contact.id in [one for one, _name in people.name_search(number)],
            "field": contact.id in people.search([("kho_dl_id_number", "=", number)]).ids,
            "list": contact.id
            in [one["id"] for one in people.web_search_read([("name", "=", name)], {"name": {}})["records"]],
            "number itself": bool(self.as_(who, "kho.dl.id.number").search_count([("number", "=", number)])),
            "parent": bool(people.search_count([("id", "child_of", contact.id)])),
        }
        for way, read in {
            "read": lambda one: one.read(["name", "phone", "street"]),
            "web_read": lambda one: one.web_read({"name": {}, "kho_dl_id_number": {}}),
            "messages": lambda one: one.message_ids.read(["body"]),
        }.items():
            try:
                with mute_logger("odoo.models"):
                    found[way] = bool(read(self.as_(who, contact)))
            except AccessError:
                found[way] = False
        self.assertEqual(len(set(found.values())), 1, f"{who}: {found}")
        return found["read"]

    def readers(self, contact):
        return {who for who in ("a", "b", "c", "root", "province") if self.found_by(who, contact)}

    def account(self, contact):
        """Return the account of a citizen whose contact this is."""
        company = contact.company_id
        return new_test_user(
            self.env,
            "an",
            "base.group_portal",
            name=contact.name,
            partner_id=contact.id,
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )

    def test_a_contact_is_read_where_a_case_of_it_is_or_was(self):
        case = self.receive(person_phone="0912 000 111")
        contact = case.sudo().owner_id
        for _time in ("before", "after"):
            self.assertEqual(self.readers(contact), {"a", "b", "province"})
            if case.sudo().held_by_id:
                self.as_("a", case).action_hand_over()
        self.assertEqual(self.as_("b", case).owner_id.phone, "0912 000 111")
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.as_("c").create({"procedure_id": self.procedure.id, "owner_id": contact.id})

    def test_with_each_case_its_offices_are_more(self):
        contact = self.receive().sudo().owner_id
        self.receive(owner_id=contact.id, person_name=False, office_id=self.c.id)
        self.assertEqual(self.readers(contact), {"a", "b", "c", "province"})

    def test_the_company_above_offices_that_know_a_contact_is_none_of_them(self):
        district, other = self.env["res.company"].create(
            [{"name": f"District {number}", "parent_id": self.env.company.id} for number in (1, 2)]
        )
        one, two = self.env["res.company"].create([{"name": f"Ward {at}", "parent_id": district.id} for at in (1, 2)])
        far = self.env["res.company"].create({"name": "Ward 3", "parent_id": other.id})
        self.env["kho.dl.id.number"].flush_model()
        contact = self.env["res.partner"].create({"name": "Nguyễn Thị An", "company_id": one.id})
        contact.with_company(one).kho_dl_id_number = AN
        cases = self.env["kho.dl.case"]
        for office, above in ((two, district), (far, self.env.company)):
            cases._share_applicant(contact.id, office.id, one.id)
            contact._kho_dl_keep_to(office)
            self.assertEqual((contact.company_id, district in contact._kho_dl_known_to()), (above, False))
        self.assertEqual(contact._kho_dl_known_to(), one | two | far)

    def test_who_belongs_to_a_contact_stays_where_the_own_cases_are(self):
        business = self.env["res.partner"].create(
            {"name": "Nguyễn Thị An", "company_id": self.a.id, "is_company": True}
        )
        business.with_company(self.a).kho_dl_id_number = "0100109106"
        child = self.env["res.partner"].create({"name": "Her son", "parent_id": business.id, "company_id": self.a.id})
        child.with_company(self.a).kho_dl_id_number = AN
        self.receive(owner_id=child.id, person_name=False)
        self.receive(owner_id=business.id, owner_id_number="0100109106", person_name=False, office_id=self.c.id)
        self.assertEqual(set(child._kho_dl_known_to()), set(self.a | self.b | self.c))
        self.assertEqual(set(business._kho_dl_known_to()), set(self.a | self.c))

    def test_accounts_below_a_contact_go_with_it_and_officers_are_everybodys(self):
        business = self.env["res.partner"].create({"name": "Nguyễn Thị An", "company_id": self.a.id})
        child = self.env["res.partner"].create({"name": "Her son", "parent_id": business.id, "company_id": self.a.id})
        account = self.account(child)
        self.receive(owner_id=business.id, person_name=False)
        self.assertEqual((child.company_id, account.company_id), (self.env.company, self.env.company))
        officer = self.env["res.users"].browse(self._staff["a"]).partner_id
        officer.company_id = self.a
        case = self.receive(owner_id=officer.id, owner_id_number=BINH, person_name=False)
        self.assertFalse(officer.company_id)
        self.assertEqual(self.as_("b", case).owner_id.name, officer.name)

    def test_who_has_somebody_at_the_counter_whom_other_offices_know_finds_that_contact(self):
        contact = self.receive().sudo().owner_id
        values = {"procedure_id": self.procedure.id, "owner_id_number": AN, "state": "2"}
        other = self.as_("c").create({**values, "person_name": "Trần Văn Khác"})
        self.assertNotEqual(other.owner_id, contact)
        self.assertFalse(self.found_by("c", contact))
        case = self.as_("c").create({**values, "person_name": "nguyễn thị an"})
        self.assertEqual(case.owner_id, contact)
        self.assertEqual(self.readers(contact), {"a", "b", "c", "province"})

    def test_who_works_in_several_offices_takes_a_contact_along(self):
        contact = self.receive().sudo().owner_id
        self.as_("province").with_company(self.c).create({"procedure_id": self.procedure.id, "owner_id": contact.id})
        self.assertEqual(self.readers(contact), {"a", "b", "c", "province"})

    def test_another_applicant_of_a_case_is_known_to_its_offices(self):
        case = self.receive()
        other = self.as_("a", "res.partner").create(
            {"name": "Nguyễn Thị An", "company_id": self.a.id, "kho_dl_id_number": BINH}
        )
        self.assertEqual(self.readers(other), {"a", "province"})
        case.owner_id = other
        self.assertEqual(self.readers(other), {"a", "b", "province"})

    def test_whose_cases_there_were_before_goes_on_reading_it(self):
        branch = self.env["res.company"].create({"name": "Branch of A", "parent_id": self.a.id})
        contact = self.env["res.partner"].create({"name": "Nguyễn Thị An", "company_id": self.a.id})
        contact.with_company(self.a).kho_dl_id_number = AN
        self.env["kho.dl.case"].with_company(branch).create(
            {"procedure_id": self.procedure.id, "owner_id": contact.id, "company_id": branch.id}
        )
        self.receive(owner_id=contact.id, person_name=False)
        self._staff = {
            **self._staff,
            "branch": new_test_user(
                self.env,
                "branch_clerk",
                "kho_dl.group_clerk",
                company_id=branch.id,
                company_ids=[Command.set(branch.ids)],
            ).id,
        }
        self.assertTrue(self.found_by("branch", contact))

    def test_a_draft_of_the_applicant_tells_nobody_before_it_is_submitted(self):
        contact = self.receive().sudo().owner_id
        values = {"company_id": self.c.id, "channel": "2", "is_draft": True, "officer_id": False}
        draft = self.env["kho.dl.case"].create(
            {"procedure_id": self.procedure.id, "owner_id": contact.id, "owner_id_number": AN, **values}
        )
        self.assertFalse(self.found_by("c", contact))
        draft._submit_draft()
        self.assertTrue(self.found_by("c", contact))

    def test_who_signs_in_reads_the_own_contact_wherever_it_is_known(self):
        contact = self.receive().sudo().owner_id
        account = self.account(contact)
        self.assertTrue(self.env["res.partner"].browse(contact.id).with_user(account).read(["name"]))

    def test_an_account_of_one_office_goes_where_its_contact_goes(self):
        contact = self.env["res.partner"].create({"name": "Nguyễn Thị An", "company_id": self.a.id})
        contact.with_company(self.a).kho_dl_id_number = AN
        account = self.account(contact)
        self.receive(owner_id=contact.id, person_name=False)
        self.assertEqual(self.readers(contact), {"a", "b", "province"})
        self.assertTrue(contact.with_user(account).read(["name"]))
        # As this add-on is removed, and its rule with it.
        self.env.flush_all()
        give_contacts_back(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual((contact.company_id, account.company_id), (self.a, self.a))

    def test_people_who_work_with_a_contact_are_seen_as_before(self):
        contact = self.receive().sudo().owner_id
        officer = new_test_user(self.env, "officer", "base.group_user", name=contact.name, partner_id=contact.id)
        self.assertEqual(officer.partner_id, contact)
        self.assertTrue(self.as_("c", contact).read(["name"]))

    def test_a_copy_is_of_who_makes_it_and_who_belongs_to_a_contact_goes_with_it(self):
        contact = self.receive().sudo().owner_id
        manager = new_test_user(
            self.env,
            "manager_a",
            "base.group_partner_manager,kho_dl.group_clerk",
            company_id=self.a.id,
            company_ids=[Command.set(self.a.ids)],
        )
        self._staff = {**self._staff, "manager": manager.id}
        copy = self.as_("a", contact).copy()
        child = self.as_("manager", "res.partner").create({"name": "Her son", "parent_id": contact.id})
        for new, offices in ((copy, "a"), (child, "ab")):
            for who in "abc":
                found = self.as_(who, "res.partner").search([("id", "=", new.id)])
                self.assertEqual(bool(found), who in offices, f"{new.sudo().name} {who}")

    def test_of_merged_contacts_all_offices_read_what_stays(self):
        contact = self.receive().sudo().owner_id
        other = self.as_("c", "res.partner").create({"name": "Nguyễn Thị An", "company_id": self.c.id}).sudo()
        self.as_("c").create({"procedure_id": self.procedure.id, "owner_id": other.id})
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((contact | other).ids, contact)
        self.env.invalidate_all()
        self.assertEqual(self.readers(contact), {"a", "b", "c", "province"})

    def test_one_that_goes_into_the_contact_of_an_office_is_that_offices(self):
        contact = self.receive().sudo().owner_id
        other = self.env["res.partner"].create({"name": "Nguyễn Thị An", "company_id": self.a.id})
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((contact | other).ids, other)
        self.env.invalidate_all()
        # Nor is it hidden from where its cases are.
        self.assertEqual(self.readers(other), {"a", "b", "province"})

    def test_who_gives_a_contact_to_an_office_lets_it_read_it(self):
        contact = self.receive().sudo().owner_id
        contact.company_id = self.c
        self.assertEqual(self.readers(contact), {"c", "province"})

    def test_what_all_read_and_what_nobody_shares_stays_as_it_is(self):
        values = {"name": "Nguyễn Thị An"}
        everybodys, above = self.env["res.partner"].create([values, {**values, "company_id": self.env.company.id}])
        for contact, number in ((everybodys, AN), (above, BINH)):
            self.receive(owner_id=contact.id, person_name=False, owner_id_number=number)
            company = contact.company_id
            self.assertEqual(self.readers(contact), {"a", "b", "c", "root", "province"})
            self.assertEqual(contact.company_id, company)

    def test_nobody_is_told_nor_writes_which_offices_they_are(self):
        contact = self.receive().sudo().owner_id
        for name, value in {"kho_dl_offices": [str(self.c.id)], "kho_dl_is_known_here": True}.items():
            for forbidden in (
                lambda name=name: self.as_("a", contact).read([name]),
                lambda name=name: self.as_("a", "res.partner").search([(name, "!=", False)]),
                lambda name=name, value=value: self.as_("a", contact).write({name: value}),
            ):
                with self.assertRaises(AccessError):
                    forbidden()
            self.assertNotIn(name, self.as_("a", "res.partner").fields_get())

    def test_either_counter_corrects_how_the_applicant_is_reached(self):
        case = self.receive()
        contact = case.sudo().owner_id
        for _time in ("before", "after"):
            for who in "ab":
                for name, value in {"phone": f"0912 000 11{who}", "email": f"{who}@example.vn", "street": who}.items():
                    # As Odoo's form of contacts saves, which shows the company; and as the one beside the case.
                    shown = {name: {}, "company_id": {"fields": {"display_name": {}}}}
                    [saved] = self.as_(who, contact).web_save({name: value}, shown)
                    self.assertEqual((saved[name], contact[name]), (value, value), (who, name))
                forms = self.as_(who, "res.partner").browse(contact.id)
                with Form(forms, "kho_dl.view_kho_dl_applicant_form") as form:
                    form.phone = f"0912 000 22{who}"
                self.assertEqual(contact.phone, f"0912 000 22{who}")
                [saved] = self.as_(who, contact).web_save({"name": f"Nguyễn Thị An {who}"}, {"name": {}})
                self.assertEqual(contact.name, f"Nguyễn Thị An {who}")
            with self.assertRaises(AccessError), mute_logger("odoo.models"):
                self.as_("c", contact).write({"phone": "0"})
            self.assertEqual((contact.company_id, contact._kho_dl_known_to()), (self.env.company, self.a | self.b))
            if case.sudo().held_by_id:
                self.as_("a", case).action_hand_over()

    def test_the_other_offices_read_that_the_applicant_was_corrected_and_not_where(self):
        contact = self.receive().sudo().owner_id
        self.env.cr.flush()
        before = contact.message_ids
        self.as_("b", contact).write({"street": "12 Lê Lợi", "phone": contact.phone, "email": "b@example.vn"})
        self.env.cr.flush()
        told = (self.as_("a", contact).message_ids - before).filtered("body")
        words = "Corrected at one of the offices that know this person: Email, Street."
        self.assertEqual([str(one.body) for one in told], [f"<span>{words}</span>"])
        # Odoo's own note of the mail, before and after, too.
        self.assertEqual(len(contact.message_ids - before), 2)
        self.assertEqual((contact.message_ids - before).author_id, self.env.ref("base.partner_root"))
        before = contact.message_ids
        contact.write({"street": "1 Hai Bà Trưng"})
        self.as_("a", contact).sudo().write({"street": "2 Hai Bà Trưng"})
        self.assertFalse((contact.message_ids - before).filtered("body"))
        own = self.as_("c", "res.partner").create({"name": "Of C alone"})
        before = own.message_ids
        own.write({"street": "1 Hai Bà Trưng"})
        self.assertEqual(own.message_ids, before)

    def test_what_a_card_proved_of_a_contact_of_several_offices_no_counter_changes(self):
        contact = self.receive().sudo().owner_id
        refused = {"company_id": self.a.id, "kho_dl_id_number": BINH, "is_company": True}
        for who in "ab":
            for name, value in refused.items():
                with self.assertRaises(AccessError, msg=(who, name)), mute_logger("odoo.models"):
                    self.as_(who, contact).write({name: value})
        self.as_("b", contact).action_kho_dl_card_seen()
        for who in "ab":
            with self.assertRaisesRegex(AccessError, "Several offices know this person.*compared with a card"):
                self.as_(who, contact).write({"name": "Somebody else"})
            self.as_(who, contact).write({"phone": f"0912 {who}"})
        self.account(contact)
        with self.assertRaises(AccessError), mute_logger("odoo.models"):
            self.as_("b", contact).write({"phone": "0"})

    def test_who_reads_contacts_pays_no_statement_for_it(self):
        contact = self.receive().sudo().owner_id
        others = self.env["res.partner"].create([{"name": f"Of another application {at}"} for at in range(10)])
        rule = self.env.ref("kho_dl.rule_contact_offices")
        costs = []
        for is_kept in (True, False) * 2:
            rule.active = is_kept
            people = self.as_("a", contact | others)
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            people.read(["name", "phone"])
            people.search([("id", "in", people.ids)]).mapped("name")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[2], costs[3])
