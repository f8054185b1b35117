import re
from contextlib import suppress

from odoo import Command, http
from odoo.addons.http_routing.tests.common import MockRequest
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .citizen_case import CitizenCase
from .common import AN, BINH, CHAU, new_test_user

_HTTP = "odoo.http"


@tagged("-at_install", "post_install")
class TestPortalStrangers(CitizenCase):
    """One citizen against another, by every way that a login opens; and numbers that were never verified, or no more."""

    def setUp(self):
        super().setUp()
        self.case = self.own_case(self.an, AN)
        self.file = self.hand_in(self.case)
        self.paper = self.stored(self.an, AN)
        self.addresses = [
            self.case_address(self.case),
            f"{self.case_address(self.case)}/messages",
            self.case_address(self.case, self.file),
            self.paper_address(self.paper),
            f"/my/kho-dl/cases/{self.case.id}/receipt",
        ]

    def assert_sees(self, user):
        for address in self.addresses:
            self.assertEqual(self.get(address, user).status_code, 200, address)

    def assert_sees_nothing(self, user):
        secrets = (self.case.name, self.paper.number, "own scan.pdf", AN)
        for page in ("/my", "/my/kho-dl/cases", f"/my/kho-dl/cases?search={self.case.name[:3]}", "/my/kho-dl/papers"):
            text = self.text(page, user)
            # What was searched for stands in its own field.
            self.assertFalse([secret for secret in secrets if secret in text], page)
        for address in self.addresses:
            answer = self.get(address, user)
            self.assertEqual(answer.status_code, 404, address)
            self.assertNotIn(self.case.name, answer.text)
        for method in ("HEAD", "POST", "PUT", "DELETE"):
            self.assertIn(self.get(self.addresses[-1], method=method).status_code, (400, 404, 405), method)

    def test_the_owner_sees_it_and_the_other_citizen_does_not(self):
        other = self.own_case(self.binh, BINH)
        scan = self.hand_in(other, "other scan.pdf")
        self.assert_sees(self.an)
        self.assert_sees_nothing(self.binh)
        # Own case and own paper, file of the other.
        for address in (
            self.case_address(other, self.file),
            self.paper_address(self.stored(self.binh, BINH), self.paper.file_ids),
            self.case_address(self.own_case(self.binh, BINH), scan),
        ):
            self.assertEqual(self.get(address, self.binh).status_code, 404, address)

    def test_what_does_not_exist_is_answered_alike(self):
        numbers = (self.case.id, 2147483647)
        answers = [self.get(f"/my/kho-dl/cases/{number}", self.binh) for number in numbers]
        self.assertEqual([answer.status_code for answer in answers], [404, 404])
        texts = [answer.text.replace(f"/cases/{number}", "") for answer, number in zip(answers, numbers, strict=True)]
        self.assertEqual(_without_tokens(texts[0]), _without_tokens(texts[1]))
        for odd in ("/my/kho-dl/cases/99999999999999999999", "/my/kho-dl/papers/0/files/99999999999999999999"):
            self.assertEqual(self.get(odd).status_code, 404, odd)

    def test_without_a_login_nothing(self):
        for address in (*self.addresses, "/my/kho-dl/cases", "/my/kho-dl/papers"):
            answer = self.get(address)
            self.assertEqual(answer.status_code, 303, address)
            self.assertIn("/web/login", answer.headers["Location"])

    def test_no_officer_takes_or_makes_the_account_of_a_person(self):
        """With it all offices' cases of that person would be read; Odoo gives the way in to every officer of the database."""
        self.env["ir.config_parameter"].sudo().set_param("auth_signup.invitation_scope", "b2c")
        person = self.env["res.partner"].create({"name": "Without a login", "company_id": self.company.id})
        self.verify(person, CHAU)
        elsewhere = self.env["res.company"].create({"name": "Another agency"})
        values = {"company_id": elsewhere.id, "company_ids": [Command.set(elsewhere.ids)]}
        stranger = new_test_user(self.env, "stranger", groups="kho_dl.group_clerk", **values)
        contacts = person | self.an.partner_id
        for officer in (stranger, self.clerk):
            self.assertFalse(contacts.with_user(officer).signup_get_auth_param(), officer.login)
        manager = new_test_user(self.env, "manager", groups="base.group_erp_manager")
        self.assertEqual(set(contacts.with_user(manager).signup_get_auth_param()), set(contacts.ids))

    def test_officers_are_no_citizens(self):
        self.clerk.password = "kho_clerk"
        self.verify(self.clerk.partner_id, "000188000077")
        self.assert_sees_nothing(self.clerk)

    # Proves W.9-5.
    def test_a_typed_number_is_not_verified(self):
        typed = new_test_user(self.env, "citizen_typed", groups="base.group_portal", lang="en_US")
        case = self.own_case(typed, "000392000033")
        typed.partner_id.vat = "000392000033"
        self.assertTrue(self.env["kho.dl.id.number"].search([("partner_id", "=", typed.partner_id.id)]))
        text = self.text("/my/kho-dl/cases", typed)
        self.assertIn("not verified yet", text)
        self.assertNotIn(case.name, text)
        self.assertEqual(self.get(self.case_address(case)).status_code, 404)
        self.assertIn("not verified yet", self.text("/my/kho-dl/papers"))

    def test_a_number_that_is_taken_away_or_corrected_shows_nothing_more(self):
        self.assert_sees(self.an)
        contact = self.an.partner_id
        contact.kho_dl_id_number = "000392000033"
        self.assert_sees_nothing(self.an)
        self.verify(contact, AN)
        self.assert_sees(self.an)
        contact.kho_dl_id_number = False
        self.assert_sees_nothing(self.an)

    def test_the_old_number_counts_where_it_was_verified(self):
        case = self.own_case(self.an, "190123456")
        contact = self.an.partner_id
        old = self.env["kho.dl.id.number"].sudo().search([("number", "=", "190123456")])
        self.assertEqual(old.partner_id, self.an.partner_id)
        self.assertEqual(self.get(self.case_address(case), self.an).status_code, 404)
        old.with_user(self.clerk).sudo(False).action_card_seen()
        self.assertEqual(self.get(self.case_address(case)).status_code, 200)
        self.assertEqual(contact.kho_dl_id_number, AN)

    def test_verified_in_one_group_of_companies_says_nothing_in_another(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.clerk.company_ids |= elsewhere | branch
        procedures = {
            company: self.procedure.sudo().copy({"company_id": company.id}) for company in (elsewhere, branch)
        }
        self.an.partner_id.company_id = False
        cases = {
            company: self.env["kho.dl.case"]
            .with_user(self.clerk)
            .with_company(company)
            .create(
                {
                    "procedure_id": procedure.id,
                    "owner_id": self.an.partner_id.id,
                    "owner_id_number": AN,
                    "company_id": company.id,
                }
            )
            for company, procedure in procedures.items()
        }
        self.assertEqual(self.get(self.case_address(cases[elsewhere]), self.an).status_code, 404)
        self.assertEqual(self.get(self.case_address(cases[branch])).status_code, 200)
        self.verify(self.an.partner_id, AN, elsewhere)
        self.assertEqual(self.get(self.case_address(cases[elsewhere])).status_code, 200)

    def test_no_model_of_ours_opens_by_rpc(self):
        env = self.env(user=self.binh.id)
        calls = {
            "search": lambda model: model.search([]),
            "search_read": lambda model: model.search_read([], ["id"]),
            "web_search_read": lambda model: model.web_search_read([], {"id": {}}),
            "name_search": lambda model: model.name_search(""),
            "formatted_read_group": lambda model: model.formatted_read_group([], [], ["__count"]),
            "export_data": lambda model: model.search([]).export_data(["id"]),
            "create": lambda model: model.check_access("create"),
        }
        models = [name for name in self.registry if name.startswith("kho.dl.") and self.registry[name]._auto]
        self.assertIn("kho.dl.case", models)
        for name in models:
            for call, ask in calls.items():
                with self.subTest(model=name, call=call), self.assertRaises(AccessError):
                    ask(env[name])
        for record in (self.case, self.case.document_ids[0], self.paper, self.paper.file_ids):
            own = record.with_user(self.an)
            calls = {
                "read": lambda own=own: own.read(["display_name"]),
                "web_read": lambda own=own: own.web_read({"display_name": {}}),
                "write": lambda own=own: own.check_access("write"),
                "unlink": own.unlink,
            }
            for call, ask in calls.items():
                with self.subTest(model=record._name, call=call), self.assertRaises(AccessError):
                    ask()

    def test_the_own_contact_tells_no_number_and_no_cases(self):
        for name in ("kho_dl_id_number", "kho_dl_verified_by", "kho_dl_number_ids", "kho_dl_case_ids"):
            for user in (self.an, self.binh):
                with self.subTest(field=name), self.assertRaises(AccessError):
                    self.an.partner_id.with_user(user).read([name])
                with self.subTest(field=name), self.assertRaises(AccessError):
                    self.env["res.partner"].with_user(user).search([(name, "!=", False)])
        with self.assertRaises(AccessError):
            self.an.partner_id.with_user(self.an).write({"kho_dl_id_number": BINH})
        with self.assertRaises(AccessError):
            self.an.partner_id.with_user(self.an).action_kho_dl_card_seen()

    def test_a_name_that_was_compared_with_the_card_is_not_changed_online(self):
        contact = self.an.partner_id
        country = self.env.ref("base.vn").id
        form = {"partner_id": contact.id, "email": "an@example.com", "phone": "1", "street": "2", "city": "Huế"}
        self.get("/my", self.an)
        for name, more in (("Somebody Else", {}), ("Somebody Else", {"verify_address_values": ""}), (contact.name, {})):
            data = {**form, "name": name, "country_id": country, "csrf_token": http.Request.csrf_token(self), **more}
            self.url_open("/my/address/submit", data=data)
            self.env.invalidate_all()
            self.assertEqual(contact.name, "Person citizen_an")
        self.assertEqual(contact.street, "2")
        with self.assertRaises(UserError):
            contact.with_user(self.an).sudo().name = "Somebody Else"
        contact.name = "Said by an officer"

    def test_the_name_of_an_organisation_is_not_changed_by_those_who_work_there(self):
        organisation = self.env["res.partner"].create(
            {"name": "Clinic", "is_company": True, "company_id": self.company.id}
        )
        self.verify(organisation, "0101243150")
        contact = self.an.partner_id
        contact.parent_id = organisation
        form = {"partner_id": contact.id, "name": contact.name, "email": "an@example.com", "phone": "1", "street": "2"}
        form |= {"city": "Huế", "country_id": self.env.ref("base.vn").id}
        self.get("/my", self.an)
        form["csrf_token"] = http.Request.csrf_token(self)
        answer = self.url_open("/my/address/submit", data={**form, "company_name": "Another clinic"})
        self.assertIn("company_name", answer.json()["invalid_fields"])
        with mute_logger(_HTTP):
            self.url_open("/my/address/submit", data={**form, "company_name": "Other", "verify_address_values": ""})
        self.env.invalidate_all()
        self.assertEqual(organisation.name, "Clinic")
        self.assertIn(
            "redirectUrl", self.url_open("/my/address/submit", data={**form, "company_name": "Clinic"}).json()
        )

    def test_of_two_people_whose_contacts_were_merged_nothing_is_shown(self):
        namesake = self.env["res.partner"].create({"name": self.an.name})
        self.verify(namesake, CHAU)
        case = self.make_case(CHAU, owner_id=namesake.id)
        self.env.flush_all()
        self.env["base.partner.merge.automatic.wizard"]._merge((self.an.partner_id | namesake).ids, self.an.partner_id)
        self.env.invalidate_all()
        self.assertEqual(case.owner_id, self.an.partner_id)
        self.assertEqual(self.get(self.case_address(case), self.an).status_code, 404)
        self.assert_sees_nothing(self.an)
        # Until an officer has put it right.
        self.env["kho.dl.id.number"].sudo().search([("number", "=", CHAU)]).unlink()
        self.assert_sees(self.an)

    @mute_logger(_HTTP)
    def test_files_open_by_their_own_route_alone(self):
        files = self.file | self.paper.attachment_ids
        for user in (self.an, self.binh):
            for file in files:
                for way in (
                    f"/web/content/{file.id}",
                    f"/web/image/{file.id}",
                    f"/web/content/ir.attachment/{file.id}/raw",
                ):
                    answer = self.get(way, user)
                    self.assertNotIn(b"%PDF", answer.content, way)
                with self.assertRaises(AccessError):
                    file.with_user(user).read(["raw"])
            self.assertFalse(self.env["ir.attachment"].with_user(user).search([("id", "in", files.ids)]))

    @mute_logger(_HTTP)
    def test_the_chatter_and_the_channel_of_a_case_are_closed(self):
        note = self.case.message_post(body="A remark", subtype_xmlid="mail.mt_comment")
        for user in (self.an, self.binh):
            self.authenticate(user.login, user.login)
            messages = self.env["mail.message"].with_user(user)
            self.assertFalse(messages.search([("model", "=", "kho.dl.case"), ("res_id", "=", self.case.id)]))
            with self.assertRaises(AccessError):
                messages.browse(note.id).read(["body"])
            for route, arguments in (
                ("/mail/thread/messages", {"thread_model": "kho.dl.case", "thread_id": self.case.id}),
                ("/mail/chatter_fetch", {"thread_model": "kho.dl.case", "thread_id": self.case.id}),
                (
                    "/mail/message/post",
                    {"thread_model": "kho.dl.case", "thread_id": self.case.id, "post_data": {"body": "Let me in"}},
                ),
            ):
                with suppress(Exception):
                    self.assertNotIn("A remark", str(self.make_jsonrpc_request(route, arguments)))
            with MockRequest(self.env(user=user.id)) as request:
                request.session.uid = user.id
                sockets = self.env["ir.websocket"].with_user(user)
                self.assertNotIn(self.case, sockets._build_bus_channel_list([f"kho_dl.case_{self.case.id}"]))
        self.assertFalse(self.case.message_ids.filtered(lambda message: "Let me in" in (message.body or "")))

    def test_a_citizen_whose_login_ends_sees_nothing(self):
        self.assert_sees(self.an)
        self.an.group_ids = [Command.set(self.env.ref("base.group_public").ids)]
        for address in self.addresses:
            self.assertNotEqual(self.get(address).status_code, 200)


def _without_tokens(text):
    return re.sub(r"[0-9a-f]{40}o\d+", "", text)
