from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .common import AN, BINH, CHAU, KhoDLCase, new_test_user

OLD = "190000011"


class NumberCase(KhoDLCase):
    users = {
        "auditor": {"login": "auditor", "groups": "kho_dl.group_auditor"},
        "staff": {"login": "staff"},
        "portal": {"login": "citizen", "groups": "base.group_portal"},
    }

    def prepare(self):
        super().prepare()
        self.contact = self.env["res.partner"].create({"name": "Nguyễn Văn An", "company_id": self.company.id})
        self.numbers = self.env["kho.dl.id.number"]

    def as_clerk(self, record):
        return record.with_user(self.clerk)


class TestNumberOfContact(NumberCase):
    """Id numbers live on the contact, once in a group of companies."""

    # Statements are counted.
    keeps_memory = False

    # Proves W.9-5.
    def test_a_number_typed_on_a_case_is_the_contacts_and_not_verified(self):
        self.make_case(AN, owner_id=self.contact.id)
        contact = self.as_clerk(self.contact)
        self.assertEqual((contact.kho_dl_id_number, contact.kho_dl_verified_how), (AN, "none"))
        case = self.env["kho.dl.case"].with_user(self.clerk)
        with Form(case) as form:
            form.procedure_id = self.procedure
            form.owner_id = self.contact
            self.assertEqual(form.owner_id_number, AN)

    def test_another_number_of_the_same_kind_changes_nothing_and_is_said(self):
        self.make_case(AN, owner_id=self.contact.id)
        case = self.make_case(BINH, owner_id=self.contact.id)
        self.assertEqual(self.as_clerk(self.contact).kho_dl_id_number, AN)
        self.assertIn(AN, case.owner_warning)

    def test_what_is_no_number_is_not_noted(self):
        for number in ("000000001", "1099000001"):
            self.make_case(number, owner_id=self.contact.id)
        self.assertFalse(self.contact.kho_dl_id_number)

    def test_the_old_number_and_the_new_one_belong_together(self):
        contact = self.as_clerk(self.contact)
        self.make_case(OLD, owner_id=contact.id)
        self.make_case(AN, owner_id=contact.id)
        self.assertEqual((contact.kho_dl_id_number, contact.kho_dl_old_numbers), (AN, OLD))

    def test_one_of_the_same_length_is_a_correction(self):
        self.contact.kho_dl_id_number = BINH
        self.contact.kho_dl_id_number = f"'{AN} "
        self.assertEqual(self.contact.kho_dl_number_ids.mapped("number"), [AN])
        self.contact.kho_dl_id_number = False
        self.assertFalse(self.contact.kho_dl_number_ids)

    def test_an_old_number_and_a_tax_code_are_corrected_too(self):
        for first, second in ((OLD, "190000022"), (AN, BINH), ("0101243150", "0100109106")):
            self.contact.kho_dl_id_number = first
            self.contact.kho_dl_id_number = second
        self.env.invalidate_all()
        self.assertEqual(set(self.contact.kho_dl_number_ids.mapped("number")), {"190000022", BINH, "0100109106"})
        self.assertIn("was changed", self.contact.message_ids[0].body)
        self.assertNotIn(BINH, str(self.contact.message_ids.mapped("body")))

    def test_numbers_of_many_contacts_are_looked_for_at_once(self):
        contacts = self.env["res.partner"].create([{"name": str(n), "company_id": self.company.id} for n in range(12)])
        values = [
            {"partner_id": contact.id, "number": f"00019000{number:04}"} for number, contact in enumerate(contacts, 100)
        ]
        self.env.flush_all()
        with self.assertQueryCount(3):
            self.numbers.create(values)
            self.env.flush_all()
        with self.assertRaisesRegex(ValidationError, "3 has"):
            self.numbers.create(
                [{**values[3], "partner_id": self.contact.id}, {"partner_id": contacts[4].id, "number": BINH}]
            )

    def test_what_nobody_can_have_is_refused(self):
        for number in ("12", "000000001", "abc"):
            with self.subTest(number=number), self.assertRaises(ValidationError):
                self.contact.kho_dl_id_number = number

    # Proves W.9-5.
    def test_a_number_is_one_contacts_in_a_group_of_companies(self):
        self.contact.kho_dl_id_number = AN
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        other = self.env["res.partner"].create({"name": "Other", "company_id": branch.id})
        with self.assertRaisesRegex(ValidationError, self.contact.name):
            other.with_company(branch).kho_dl_id_number = AN
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"), self.env.cr.savepoint():
            self.env.cr.execute(
                "INSERT INTO kho_dl_id_number (partner_id, company_id, number) VALUES (%s, %s, %s)",
                [other.id, self.company.id, AN],
            )

    def test_another_agency_knows_a_shared_contact_by_itself(self):
        self.contact.company_id = False
        self.contact.kho_dl_id_number = AN
        agency = self.env["res.company"].create({"name": "Other agency"})
        foreign = new_test_user(
            self.env,
            "foreign",
            groups="kho_dl.group_clerk",
            company_id=agency.id,
            company_ids=[Command.set(agency.ids)],
        )
        contact = self.contact.with_user(foreign)
        self.assertFalse(contact.kho_dl_id_number)
        self.assertFalse(self.numbers.with_user(foreign).search([]))
        self.assertFalse(self.env["res.partner"].with_user(foreign).search([("kho_dl_id_number", "=", AN)]))
        # The same number there tells nothing of who has it here.
        elsewhere = self.env["res.partner"].create({"name": "Elsewhere", "company_id": agency.id})
        elsewhere.with_company(agency).kho_dl_id_number = AN

    def test_a_contact_that_is_not_theirs_is_not_named(self):
        self.contact.kho_dl_id_number = AN
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        clerk = new_test_user(
            self.env,
            "in_branch",
            groups="kho_dl.group_clerk",
            company_id=branch.id,
            company_ids=[Command.set(branch.ids)],
        )
        self.contact.company_id = self.env["res.company"].create({"name": "Branch 2", "parent_id": self.company.id})
        own = self.env["res.partner"].with_user(clerk).create({"name": "Own"})
        with self.assertRaises(ValidationError) as caught:
            own.kho_dl_id_number = AN
        self.assertNotIn(self.contact.name, str(caught.exception))
        # Nor is the number found, with which the contact would be.
        self.assertFalse(self.numbers.with_user(clerk).search([("number", "=", AN)]))

    def test_no_way_tells_another_agency(self):
        self.contact.company_id = False
        self.contact.kho_dl_id_number = AN
        self.contact.kho_dl_number_ids._verify("card")
        agency = self.env["res.company"].create({"name": "Other agency"})
        foreign = new_test_user(
            self.env,
            "foreign",
            groups="kho_dl.group_clerk,kho_dl.group_auditor,base.group_partner_manager,base.group_allow_export",
            company_id=agency.id,
            company_ids=[Command.set(agency.ids)],
        )
        numbers, contact = self.numbers.with_user(foreign), self.contact.with_user(foreign)
        own = [("number", "=like", "0001900%")]
        self.assertFalse(numbers.name_search(AN) or numbers.search_count(own))
        self.assertEqual(numbers.formatted_read_group(own, ["partner_id"], ["__count"]), [])
        names = [
            "kho_dl_id_number",
            "kho_dl_old_numbers",
            "kho_dl_verified_how",
            "kho_dl_verified_by",
            "kho_dl_verified_on",
        ]
        self.assertEqual(contact.export_data(names)["datas"], [["", "", "Not verified", "", ""]])
        self.assertNotIn(contact.id, dict(contact.name_search(AN[-6:])))
        for operator, value in (("=", AN), ("ilike", "19"), ("in", [AN]), ("!=", False), ("not ilike", "zz")):
            found = contact.search([("id", "=", contact.id), ("kho_dl_id_number", operator, value)])
            self.assertEqual(bool(found), operator == "not ilike", operator)
        for call in (
            lambda: contact.search([("kho_dl_number_ids.number", "=", AN)]),
            lambda: numbers.browse(self.contact.kho_dl_number_ids.id).action_card_seen(),
            lambda: contact.with_context(allowed_company_ids=self.company.ids).kho_dl_id_number,
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_history_of_a_shared_contact_tells_other_agencies_nothing(self):
        self.contact.company_id = False
        self.env["res.company"].create({"name": "Other agency"})
        before = len(self.contact.message_ids)
        case = self.make_case(AN, owner_id=self.contact.id)
        case.action_card_seen()
        self.contact.kho_dl_id_number = BINH
        self.contact.kho_dl_id_number = False
        self.assertEqual(len(self.contact.message_ids), before)
        # Of one's own contact it does.
        self.contact.company_id = self.company
        self.contact.kho_dl_id_number = AN
        self.contact.kho_dl_id_number = False
        self.assertIn("taken away", self.contact.message_ids[0].body)

    def test_of_merged_contacts_all_numbers_stay(self):
        other = self.env["res.partner"].create({"name": "Nguyễn Văn An", "company_id": self.company.id})
        self.contact.kho_dl_id_number, other.kho_dl_id_number = AN, OLD
        (self.contact | other).kho_dl_number_ids._verify("card")
        case = self.make_case(OLD, owner_id=other.id).sudo()
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.contact | other).ids, self.contact)
        self.env.invalidate_all()
        contact = self.as_clerk(self.contact)
        self.assertEqual((contact.kho_dl_id_number, contact.kho_dl_old_numbers), (AN, OLD))
        self.assertEqual((case.owner_id, case._owner_numbers()[case]), (self.contact, {AN, OLD}))

    def test_an_archived_contact_keeps_its_number_and_is_named_as_such(self):
        self.contact.kho_dl_id_number = AN
        self.contact.active = False
        other = self.env["res.partner"].create({"name": "Other", "company_id": self.company.id})
        with self.assertRaisesRegex(ValidationError, "archived"):
            other.kho_dl_id_number = AN
        self.assertFalse(self.env["res.partner"].with_user(self.clerk).name_search(AN))

    def test_who_has_no_number_is_found_as_such(self):
        other = self.env["res.partner"].create({"name": "Nobody"})
        self.contact.kho_dl_id_number = AN
        both = self.env["res.partner"].with_user(self.clerk)
        domain = [("id", "in", (self.contact | other).ids)]
        self.assertEqual(both.search([*domain, ("kho_dl_id_number", "=", False)]), other)
        self.assertEqual(both.search([*domain, ("kho_dl_id_number", "!=", False)]), self.contact)

    def test_what_was_taken_away_is_in_the_history(self):
        self.contact.kho_dl_id_number = AN
        self.contact.kho_dl_id_number = False
        self.assertIn("taken away", self.contact.message_ids[0].body)

    def test_one_number_that_is_taken_costs_the_others_nothing(self):
        owners = self.env["res.partner"].create([{"name": f"Person {number}"} for number in range(3)])
        self.contact.kho_dl_id_number = BINH
        values = {"procedure_id": self.procedure.id, "company_id": self.company.id}
        self.env["kho.dl.case"].with_user(self.clerk).create(
            [
                {**values, "owner_id": owner.id, "owner_id_number": number}
                for owner, number in zip(owners, (AN, BINH, CHAU), strict=True)
            ]
        )
        self.env.invalidate_all()
        self.assertEqual(owners.mapped("kho_dl_id_number"), [AN, False, CHAU])

    def test_who_sees_numbers(self):
        self.contact.kho_dl_id_number = AN
        for user in (self.clerk, self.auditor):
            self.assertEqual(self.contact.with_user(user).kho_dl_id_number, AN)
        with self.assertRaises(AccessError):
            self.contact.with_user(self.staff).kho_dl_id_number  # noqa: B018
        for user in (self.staff, self.portal):
            with self.assertRaises(AccessError):
                self.numbers.with_user(user).search([])
        with self.assertRaises(AccessError):
            self.numbers.with_user(self.auditor).create({"partner_id": self.contact.id, "number": BINH})
        with self.assertRaises(AccessError):
            self.contact.with_user(self.staff).kho_dl_id_number = BINH
        # Nor does a refusal tell whether somebody has a number.
        for user in (self.staff, self.portal, self.auditor):
            with self.assertRaises(AccessError):
                self.numbers.with_user(user).create({"partner_id": user.partner_id.id, "number": AN})
            with self.assertRaises(AccessError):
                self.contact.kho_dl_number_ids.with_user(user).write({"number": AN})

    def test_a_contact_is_found_by_the_end_of_its_number(self):
        self.contact.kho_dl_id_number = AN
        contacts = self.env["res.partner"]
        for typed in (AN, AN[-4:]):
            self.assertIn(self.contact.id, dict(contacts.with_user(self.clerk).name_search(typed)))
        self.assertNotIn(self.contact.id, dict(contacts.with_user(self.clerk).name_search(AN[-3:])))
        self.assertNotIn(self.contact.id, dict(contacts.with_user(self.staff).name_search(AN[-4:])))

    def test_beside_who_has_a_number_other_numbers_of_contacts_are_found(self):
        self.contact.kho_dl_id_number = AN
        others = self.env["res.partner"].create(
            [
                {"name": "By code", "ref": AN[-4:]},
                {"name": "By tax code", "vat": "0123456789"},
                {"name": f"House {BINH[-4:]}"},
            ]
        )
        search = self.env["res.partner"].with_user(self.clerk).name_search
        for typed, found in ((AN[-4:], self.contact | others[0]), ("0123456789", others[1]), (BINH[-4:], others[2])):
            with self.subTest(typed):
                self.assertEqual(set(dict(search(typed))) & set((self.contact | others).ids), set(found.ids))
        self.contact.active = False
        self.assertNotIn(self.contact.id, dict(search(AN)))
        self.assertIn(
            self.contact.id,
            dict(self.env["res.partner"].with_context(active_test=False).with_user(self.clerk).name_search(AN)),
        )


class TestVerified(NumberCase):
    """Verified is what an officer or a sign-in has seen, and never what somebody typed."""

    # Proves W.9-5.
    def test_an_officer_has_seen_the_card(self):
        case = self.make_case(AN, owner_id=self.contact.id)
        self.assertTrue(case.can_verify_number)
        case.action_card_seen()
        self.assertIn("Card seen", case.number_verified)
        self.assertFalse(case.can_verify_number)
        contact = self.as_clerk(self.contact)
        self.assertEqual((contact.kho_dl_verified_how, contact.kho_dl_verified_by), ("card", self.clerk.name))
        self.assertTrue(contact.kho_dl_verified_on)
        message = self.contact.message_ids[0]
        self.assertEqual(message.author_id, self.clerk.partner_id)
        self.assertNotIn(AN, message.body)

    def test_a_company_has_a_certificate_and_no_card(self):
        business = self.env["res.partner"].create({"name": "Công ty An", "is_company": True})
        case = self.make_case("0100109106", owner_id=business.id)
        self.assertTrue(case.can_verify_number and case.is_owner_company)
        case.action_card_seen()
        self.assertIn("Registration certificate seen", case.number_verified)
        business.is_company = False
        self.assertIn("Card seen", case.number_verified)

    def test_a_number_that_changed_since_it_was_shown_was_not_seen(self):
        case = self.make_case(AN, owner_id=self.contact.id)
        for record, press in ((case, "action_card_seen"), (self.as_clerk(self.contact), "action_kho_dl_card_seen")):
            with self.subTest(press), self.assertRaises(UserError):
                getattr(record.with_context(kho_dl_number_shown=BINH), press)()
        self.assertFalse(self.contact.kho_dl_number_ids.verified_how)
        case.with_context(kho_dl_number_shown=AN).action_card_seen()
        self.assertEqual(self.contact.kho_dl_number_ids.verified_how, "card")

    # Proves W.9-5.
    def test_the_old_card_is_seen_by_itself(self):
        contact = self.as_clerk(self.contact)
        for number in (OLD, AN):
            self.contact.kho_dl_id_number = number
        # What was typed last is not what holds.
        self.contact.kho_dl_id_number = "190000099"
        self.assertEqual((contact.kho_dl_id_number, contact.kho_dl_old_numbers), (AN, "190000099"))
        self.contact.kho_dl_id_number = OLD
        contact.action_kho_dl_card_seen()
        old = self.contact.kho_dl_number_ids.filtered(lambda number: number.number == OLD)
        self.assertEqual((old.verified_how, contact.kho_dl_is_old_unseen), (False, True))
        with self.assertRaises(AccessError):
            self.contact.with_user(self.auditor).action_kho_dl_old_card_seen()
        with self.assertRaises(UserError):
            contact.with_context(kho_dl_number_shown="190000099").action_kho_dl_old_card_seen()
        self.contact.kho_dl_id_number = "0101243150"
        contact.with_context(kho_dl_number_shown=contact.kho_dl_old_numbers).action_kho_dl_old_card_seen()
        self.assertEqual((old.verified_how, contact.kho_dl_is_old_unseen), ("card", False))

    def test_another_number_is_not_the_one_that_was_seen(self):
        self.contact.kho_dl_id_number = AN
        self.as_clerk(self.contact).action_kho_dl_card_seen()
        number = self.contact.kho_dl_number_ids
        number.number = AN
        self.assertEqual(number.verified_how, "card")
        number.number = BINH
        self.assertFalse(number.verified_how or number.verified_by or number.verified_on)

    def test_nobody_says_so_by_a_call(self):
        self.contact.kho_dl_id_number = AN
        number = self.contact.kho_dl_number_ids
        forged = {"verified_how": "vneid", "verified_by": self.clerk.id}
        for user in (self.clerk, self.env.ref("base.user_admin")):
            mine = number.with_user(user)
            with self.assertRaises(AccessError):
                mine.write(forged)
            with self.assertRaises(AccessError):
                mine.write({"partner_id": self.env.user.partner_id.id})
            with self.assertRaises(AccessError):
                mine.create({"partner_id": self.contact.id, "number": BINH, **forged})
            with self.assertRaises(AccessError):
                mine.create({"partner_id": self.contact.id, "number": BINH})
        with self.assertRaises(AccessError):
            self.contact.with_user(self.auditor).action_kho_dl_card_seen()
        self.assertFalse(number.verified_how)

    def test_a_number_is_typed_first(self):
        with self.assertRaises(UserError):
            self.as_clerk(self.contact).action_kho_dl_card_seen()

    def test_a_sign_in_verifies_by_code_only(self):
        with self.assertRaises(UserError):
            self.contact._kho_dl_verify("vneid")
        self.contact.kho_dl_id_number = AN
        self.contact._kho_dl_verify("vneid")
        self.assertEqual(self.contact.kho_dl_verified_how, "vneid")
        self.assertNotIn(AN, self.contact.message_ids[0].body)

    def test_a_verified_number_is_what_a_new_case_begins_with(self):
        self.make_case(AN, owner_id=self.contact.id).action_card_seen()
        self.make_case(BINH, owner_id=self.contact.id)
        case = (
            self.env["kho.dl.case"]
            .with_user(self.clerk)
            .new({"procedure_id": self.procedure.id, "owner_id": self.contact.id, "company_id": self.company.id})
        )
        self.assertEqual(case.owner_id_number, AN)
