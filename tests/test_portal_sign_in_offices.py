from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..hooks import give_contacts_back
from ..models.portal.auth_oauth_provider import Person
from ..models.reporting.person_history import PersonHistory
from .common import AN, BINH, CITIZEN_CARD, new_test_user
from .test_case_received import ReceivedCase

NAME = "Nguyễn Thị An"


class SignInOfficesCase(ReceivedCase):
    def setUp(self):
        super().setUp()
        self.provider = self.env["auth.oauth.provider"].create(
            {
                "name": "VNeID",
                "body": "Sign in",
                "client_id": "client",
                "auth_endpoint": "https://id.example.vn/authorize",
                "validation_endpoint": "https://id.example.vn/userinfo",
                "kho_dl_company_id": self.env.company.id,
                "kho_dl_issuer": "https://id.example.vn",
            }
        )

    def sign_in(self, number=AN, name=NAME):
        return self.env["kho.dl.sign.in"]._account(self.provider, Person(f"of {number}", number, name, ""))

    def readers(self, contact):
        """Return who reads `contact`, or finds it by name or number."""
        found = set()
        for who in ("a", "b", "c", "root"):
            people = self.as_(who, "res.partner")
            accounts = self.as_(who, "res.users").with_context(active_test=False)
            told = accounts.search([("share", "=", True)]).read(["name", "email"])
            self.assertLessEqual(
                contact.user_ids.id in [one["id"] for one in told],
                bool(people.search_count([("id", "=", contact.id)])),
            )
            ways = {
                bool(people.search_count([("id", "=", contact.id)])),
                contact.id in [one for one, _name in people.name_search(NAME)],
                contact.id in people.search([("kho_dl_id_number", "=", AN)]).ids,
            }
            try:
                with mute_logger("odoo.models"):
                    ways.add(bool(self.as_(who, contact).read(["name"])))
            except AccessError:
                ways.add(False)
            self.assertEqual(len(ways), 1, who)
            found |= {who} if ways == {True} else set()
        return found


@tagged("-at_install", "post_install")
class TestSignInOffices(SignInOfficesCase):
    """Who signs in before any office of an agency knows them is read by the offices that have a case of them."""

    def test_nobody_reads_who_signed_in_before_there_is_a_case(self):
        user = self.sign_in()
        contact = user.partner_id
        self.assertEqual((contact.company_id, self.readers(contact)), (self.env.company, set()))
        self.assertEqual(contact.with_user(user).read(["name"])[0]["name"], NAME)
        self.assertEqual(user.with_user(user).name, NAME)
        # The next time it is the same account.
        self.assertEqual(self.sign_in(), user)

    def test_nobody_reads_the_addresses_of_who_signed_in_either(self):
        contact = self.sign_in().partner_id
        address = self.env["res.partner"].create(
            {"name": NAME, "parent_id": contact.id, "company_id": contact.company_id.id}
        )
        for who in ("a", "b", "c", "root"):
            with self.subTest(who):
                self.assertFalse(self.as_(who, "res.partner").search_count([("id", "=", address.id)]))
        self.env["kho.dl.case"].create(
            {"procedure_id": self.procedure.id, "owner_id": contact.id, "owner_id_number": AN, "company_id": self.c.id}
        )
        self.assertTrue(self.as_("c", "res.partner").search_count([("id", "=", address.id)]))
        self.assertFalse(self.as_("a", "res.partner").search_count([("id", "=", address.id)]))

    def test_who_administers_accounts_reads_whose_they_are(self):
        account = self.sign_in()
        administrator = new_test_user(self.env, "accounts", groups="base.group_user,base.group_erp_manager")
        for active in (True, False):
            account.active = active
            with self.subTest(active=active):
                self.env.invalidate_all()
                users = self.env["res.users"].with_user(administrator).with_context(active_test=False)
                [read] = users.search([("id", "=", account.id)]).read(["name", "email", "lang", "avatar_128"])
                self.assertEqual(read["name"], NAME)

    def test_a_case_online_tells_the_office_whose_it_is_as_it_is_submitted(self):
        contact = self.sign_in().partner_id
        draft = self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": contact.id,
                "owner_id_number": AN,
                "company_id": self.c.id,
                "channel": "2",
                "is_draft": True,
                "officer_id": False,
            }
        )
        self.assertEqual(self.readers(contact), set())
        draft._submit_draft()
        self.assertEqual(self.readers(contact), {"c"})

    def test_number_and_name_at_a_counter_find_who_signed_in(self):
        contact = self.sign_in().partner_id
        values = {"procedure_id": self.procedure.id, "owner_id_number": AN, "state": "2"}
        other = self.as_("a").create({**values, "person_name": "Trần Văn Khác"})
        self.assertNotEqual(other.owner_id, contact)
        self.assertEqual(self.readers(contact), set())
        case = self.as_("b").create({**values, "person_name": "nguyễn thị an"})
        self.assertEqual((case.owner_id, self.readers(contact)), (contact, {"b"}))
        self.assertEqual(self.receive().owner_id, contact)
        self.assertEqual(self.readers(contact), {"a", "b"})

    def test_the_page_of_a_person_names_who_asked_online(self):
        account = self.sign_in()
        case = self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": account.partner_id.id,
                "owner_id_number": AN,
                "company_id": self.c.id,
                "channel": "2",
            }
        )
        self.env["kho.dl.query"].create(
            {
                "user_id": account.id,
                "case_id": case.id,
                "procedure_id": self.procedure.id,
                "owner_id": account.partner_id.id,
                "owner_id_number": AN,
                "channel": "2",
                "company_id": self.c.id,
                "procedure_code": self.procedure.code,
                "codes": CITIZEN_CARD,
                "outcome": "none",
            }
        )
        auditor = new_test_user(
            self.env,
            "auditor_of_c",
            groups="kho_dl.group_auditor",
            company_id=self.c.id,
            company_ids=[Command.set(self.c.ids)],
        )
        env = self.env(user=auditor.id, context={"allowed_company_ids": self.c.ids})
        entries, _are_older_left_out = PersonHistory(env, [AN]).entries()
        self.assertIn(NAME, " ".join(entry.who for entry in entries))

    def test_to_type_a_number_shows_nobody_who_proves_it(self):
        typed = self.env["res.partner"].create({"name": "Typed", "company_id": self.a.id})
        typed.with_company(self.a).kho_dl_id_number = AN
        contact = self.sign_in().partner_id
        self.assertEqual(self.readers(contact), set())

    def test_whoever_had_a_case_with_the_number_sees_who_proved_it(self):
        typed = self.as_("a").create(
            {"procedure_id": self.procedure.id, "owner_id_number": AN, "person_name": NAME, "state": "2"}
        )
        contact = self.sign_in().partner_id
        self.assertNotEqual(contact, typed.sudo().owner_id)
        self.assertEqual(self.readers(contact), {"a"})

    def test_whom_an_administrator_gives_to_an_office_it_reads(self):
        contact = self.sign_in().partner_id
        contact.user_ids.write({"company_ids": [Command.set(self.c.ids)], "company_id": self.c.id})
        contact.company_id = self.c
        self.assertEqual(self.readers(contact), {"c"})

    def test_an_agency_without_branches_reads_whoever_signs_in(self):
        alone = self.env["res.company"].create({"name": "Agency alone"})
        self.provider.kho_dl_company_id = alone
        contact = self.sign_in(BINH, "Trần Văn Bình").partner_id
        self.assertFalse(contact.kho_dl_offices)

    def test_the_first_branch_reads_nobody_who_signed_in_before_it_was_there(self):
        alone = self.env["res.company"].create({"name": "Agency alone"})
        self.provider.kho_dl_company_id = alone
        contact, applicant = (
            self.sign_in(number, name).partner_id for number, name in ((AN, NAME), (BINH, "Trần Văn Bình"))
        )
        address = self.env["res.partner"].create({"name": NAME, "parent_id": contact.id, "company_id": alone.id})
        self.procedure.company_id = False
        self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": applicant.id,
                "owner_id_number": BINH,
                "company_id": alone.id,
            }
        )
        joined = self.sign_in("000190000066", "Phạm Thị Dung").partner_id
        self.env.flush_all()
        self.env.cr.execute("UPDATE res_partner SET create_date = '2020-01-01' WHERE id = %s", [joined.id])
        self.env.invalidate_all()
        first = self.env["res.company"].create({"name": "First branch", "parent_id": alone.id})
        self.assertEqual((contact | address).mapped("kho_dl_offices"), [["0"], ["0"]])
        # As any contact of the agency above.
        self.assertFalse((applicant | joined).filtered("kho_dl_offices"))
        # While the only branch is out of use there is one office again.
        first.active = False
        self.sign_in("000190000088", "Lê Thị Cúc")
        third = self.env["res.partner"].search([("name", "=", "Lê Thị Cúc"), ("company_id", "=", alone.id)])
        self.assertFalse(third.kho_dl_offices)
        first.active = True
        self.assertEqual(third.kho_dl_offices, ["0"])

    def test_whom_nobody_reads_stays_so_where_two_offices_share(self):
        contact = self.sign_in().partner_id
        contact._kho_dl_share(self.env.company)
        self.assertEqual(self.readers(contact), set())

    def test_who_removes_the_addon_finds_whom_nobody_read_archived(self):
        user, other = self.sign_in(), self.sign_in(BINH, "Trần Văn Bình")
        self.env["kho.dl.case"].create(
            {
                "procedure_id": self.procedure.id,
                "owner_id": other.partner_id.id,
                "owner_id_number": BINH,
                "company_id": self.c.id,
            }
        )
        self.env.flush_all()
        give_contacts_back(self.env.cr)
        self.env.invalidate_all()
        self.assertEqual((user.active, user.partner_id.active), (False, False))
        self.assertEqual((other.active, other.partner_id.active, other.partner_id.company_id), (True, True, self.c))
