from datetime import timedelta

from lxml import html

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time

from ..models.reporting import person_history
from ..models.store.kho_dl_serving import Call
from .common import AN, BINH, CRIMINAL_RECORD, new_test_user
from .paper_case import PaperCase

OLD_NUMBER = "190123456"


class TestPersonPage(PaperCase):
    """A person learns who asked about them, when, why, and what became of it (Law 91/2025)."""

    users = {
        "auditor": {"login": "auditor", "groups": "kho_dl.group_auditor", "name": "Auditor Lan"},
    }

    def prepare(self):
        super().prepare()
        self.auditor.lang = "en_US"
        self.server = self.env["kho.dl.security.server"].search([("dstcode", "!=", False)], limit=1)
        self.caller = self.server.dstcode.replace(":", "/")

    def page(self, numbers=AN, user=None, **values):
        page = self.env["kho.dl.person.page"].with_user(user or self.auditor)
        return page.create({"numbers": numbers, "reason": "Letter no. 12", **values})

    def looked(self, numbers=AN, user=None, **values):
        page = self.page(numbers, user, **values)
        page.action_look()
        return page

    def fetched(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        for line in wizard.line_ids:
            line.selected = line == self.line(wizard, CRIMINAL_RECORD)[:1]
        wizard.action_attach()
        return wizard.case_id

    def serve(self, paper):
        paper.action_enter()
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.env.flush_all()
        servings = self.env["kho.dl.serving"]
        served = servings._admitted(paper.file_ids.sudo().token, "10.9.8.7", self.caller)
        servings._note(served, Call(self.caller, "10.9.8.7", "GET", ""), 200, served.size)

    def printed(self, page, user=None):
        report = self.env["ir.actions.report"].with_user(user or self.auditor)
        return report._render_qweb_html("kho_dl.person_page", page.ids)[0].decode()

    def test_the_card_of_who_asks_is_scanned(self):
        form = Form(self.env["kho.dl.person.page"].with_user(self.auditor))
        form.numbers = f"{AN}|{OLD_NUMBER}|Nguyễn Thị An|12031990|Nữ|Tổ 3, phường Thử|15062021"
        self.assertEqual((form.numbers, form.person_name), (f"{AN} {OLD_NUMBER}", "Nguyễn Thị An"))

    # Proves W.9-2.
    def test_all_that_happened_is_told_in_order_of_time(self):
        case = self.fetched()
        document = self.document(case, CRIMINAL_RECORD).with_context(kho_dl_reason="Wrong paper")
        document.write({"attachment_ids": [Command.clear()]})
        self.serve(self.make_paper())
        case.withdraw_consent("Brings it in person")
        self.make_wizard(self.make_case(BINH)).action_search()
        lines = self.looked().line_ids
        self.assertEqual(lines.mapped("moment"), sorted(lines.mapped("moment")))
        kinds = dict(zip(lines.mapped("kind"), lines, strict=True))
        self.assertEqual(set(kinds), {"asked", "attached", "taken_off", "served", "withdrawn"})
        asked = kinds["asked"]
        self.assertIn("Hoa", asked.who)
        self.assertIn(case.name, asked.about)
        self.assertIn(case.procedure_id.name, asked.about)
        self.assertIn("At the counter", asked.why)
        self.assertIn("The person agreed; confirmed by Hoa", asked.why)
        self.assertIn("Criminal record certificate no. 1", asked.what)
        self.assertIn("Papers found:", asked.what)
        self.assertIn("Wrong paper", kinds["taken_off"].why)
        self.assertEqual((kinds["served"].who, kinds["served"].what), (self.server.name, "result.pdf"))
        self.assertEqual(kinds["withdrawn"].why, "Brings it in person")
        self.assertNotIn(BINH, str(lines.read()))

    def test_the_page_itself_says_whose_it_is(self):
        # Its letterhead does not come out of every printer's program.
        page = html.fromstring(self.printed(self.looked())).find_class("page")[0].text_content()
        self.assertIn(self.company.name, page)

    # Proves W.9-2.
    def test_what_came_from_our_own_store_is_told_too(self):
        self.make_paper().action_enter()
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_attach()
        [line] = self.looked().line_ids
        self.assertEqual((line.kind, line.who), ("attached", f"Hoa, {self.company.name}"))
        self.assertIn(wizard.case_id.name, line.about)
        self.assertIn("our agency keeps", line.why)
        [file] = wizard.case_id.document_ids.attachment_ids
        self.assertIn(file.name, line.what)
        # What was fetched is told once.
        kinds = self.looked(BINH).line_ids.mapped("kind")
        self.fetched()
        self.assertEqual(
            self.looked().line_ids.filtered(lambda one: one.kind == "attached").mapped("who")[1:], [line.who]
        )
        self.assertFalse(kinds)

    # Proves W.9-5.
    def test_the_other_number_of_the_same_person_is_found(self):
        contact = self.env["res.partner"].create({"name": "Person", "company_id": self.company.id})
        for number in (OLD_NUMBER, AN):
            self.make_wizard(self.make_case(number, owner_id=contact.id)).action_search()
        self.assertEqual(self.looked(OLD_NUMBER).looked_numbers, OLD_NUMBER)
        contact.kho_dl_number_ids._verify("card")
        for typed, other in ((OLD_NUMBER, AN), (AN, OLD_NUMBER)):
            page = self.looked(typed)
            self.assertEqual(page.looked_numbers, f"{typed} {other}")
            self.assertEqual(page.line_ids.mapped("kind").count("asked"), 2)
        self.assertEqual(len(self.env["kho.dl.disclosure"].search([("owner_id_number", "=", AN)])), 2)

    def test_files_of_somebody_else_are_not_told(self):
        wizard = self.attach_all(self.make_case(BINH))
        case = wizard.case_id
        # The number was another person's.
        case.owner_id_number = AN
        document = case.document_ids.filtered("attachment_ids")[:1].with_context(kho_dl_reason="Binh's degree")
        document.write({"attachment_ids": [Command.clear()]})
        self.assertFalse(self.looked().line_ids)
        self.assertIn("taken_off", self.looked(BINH).line_ids.mapped("kind"))

    def test_each_agency_has_the_look_in_its_own_journal(self):
        branch, agency = self.env["res.company"].create(
            [{"name": "Branch", "parent_id": self.company.id}, {"name": "Other agency"}]
        )
        self.auditor.company_ids = [Command.link(branch.id), Command.link(agency.id)]
        everywhere = [self.company.id, branch.id, agency.id]
        page = self.env["kho.dl.person.page"].with_user(self.auditor).with_context(allowed_company_ids=everywhere)
        page = page.create({"numbers": AN, "reason": "Letter"})
        page.action_look()
        # Whatever is open as it is printed.
        page.with_context(allowed_company_ids=branch.ids).action_print()
        for kind in ("shown", "printed"):
            rows = self.env["kho.dl.disclosure"].search([("kind", "=", kind)])
            self.assertEqual(rows.company_id, self.company | agency, kind)
            self.assertEqual(len(rows), 2)

    def test_a_page_is_not_looked_up_by_what_a_caller_says(self):
        self.fetched()
        forged = {
            "default_looked_numbers": AN,
            "default_looked_on": fields.Datetime.now(),
            "default_looked_companies": self.company.ids,
        }
        page = self.env["kho.dl.person.page"].with_user(self.auditor).with_context(**forged)
        page = page.create({"numbers": BINH, "reason": "None of their business"})
        self.assertFalse(page.looked_numbers or page.looked_on)
        with self.assertRaises(UserError):
            page._entries()
        # Who has lost the agency since reads nothing of it, nor of another one.
        page = self.looked()
        agency = self.env["res.company"].create({"name": "Other agency"})
        self.auditor.write({"company_id": agency.id, "company_ids": [Command.set(agency.ids)]})
        self.assertEqual(page._entries(), ([], False))

    # Proves W.3-7.
    def test_who_goes_on_as_another_is_named_as_that(self):
        self.serve(self.make_paper())
        later = self.env["kho.dl.security.server"].search([("code", "!=", self.server.code)], limit=1)
        self.env["kho.dl.agency.succession"].create({"old_code": self.server.code, "new_code": later.code})
        [line] = self.looked().line_ids
        self.assertEqual(line.who, f"{later.name} (formerly {self.server.name})")

    def test_the_look_itself_is_on_record_and_sealed(self):
        self.fetched()
        page = self.looked(f"{AN}, {OLD_NUMBER}")
        rows = self.env["kho.dl.disclosure"].with_user(self.auditor).search([])
        self.assertEqual(sorted(rows.mapped("owner_id_number")), sorted([AN, OLD_NUMBER]))
        self.assertEqual((rows.user_id, set(rows.mapped("kind"))), (self.auditor, {"shown"}))
        self.assertEqual((set(rows.mapped("reason")), rows[0].entry_count), ({"Letter no. 12"}, 2))
        page.action_print()
        self.env["kho.dl.journal"]._seal_closed(self.company)
        self.env.invalidate_all()
        rows = self.env["kho.dl.disclosure"].search([])
        self.assertEqual((len(rows), len(rows.filtered("chain_position"))), (4, 4))
        self.assertFalse(self.env["kho.dl.journal.chain"]._verify(self.company).fault)
        with self.assertRaises(UserError):
            rows.unlink()
        again = self.looked()
        self.assertEqual(again.line_ids.mapped("kind"), ["asked", "attached", "shown", "printed"])
        self.company.kho_dl_retention_days = 30
        self.env.flush_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=31)):
            self.env.ref("kho_dl.ir_cron_empty_payloads").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(any(rows.mapped("owner_id_number")))

    def test_nothing_is_told_that_was_not_looked_up(self):
        self.fetched()
        page = self.page()
        for ask in (page.action_print, page._entries):
            with self.assertRaises(UserError):
                ask()
        with self.assertRaises(AccessError):
            page.looked_numbers = AN
        with self.assertRaises(AccessError):
            self.page(looked_numbers=AN)
        page.numbers = BINH
        page.action_look()
        page.numbers = AN
        self.assertNotIn("Criminal record", self.printed(page))

    def test_it_is_printed_for_the_person_in_plain_words(self):
        self.fetched()
        self.clerk.kho_dl_id_number = "000188000077"
        page = self.looked(person_name="Applicant An")
        text = self.printed(page)
        for words in (
            "To:",
            "Applicant An",
            AN,
            "What was asked about you",
            "Hoa",
            "Criminal record",
            "91/2025",
            "Asked",
        ):
            self.assertIn(words, text)
        for words in ("000188000077", "KQ.G15", "http://", "dstcode", "sha256"):
            self.assertNotIn(words, text.split('class="page"')[1])
        # Whose name nobody typed is not written to as nobody.
        page.person_name = False
        self.assertNotIn("To:", self.printed(page))

    def test_what_was_emptied_is_told_by_its_case(self):
        wizard = self.make_wizard(self.make_case(AN))
        wizard.action_search()
        self.env.flush_all()
        with freeze_time(fields.Datetime.now() + timedelta(days=91)):
            self.env.ref("kho_dl.ir_cron_empty_payloads").method_direct_trigger()
        self.env.invalidate_all()
        self.assertFalse(wizard.query_id.sudo().owner_id_number)
        [line] = self.looked().line_ids
        self.assertEqual(line.kind, "asked")
        self.assertIn("Hoa", line.who)
        self.assertIn("removed from our records", line.what)
        self.assertFalse(self.looked(BINH).line_ids)

    def test_numbers_are_taken_as_people_type_them_and_others_refused(self):
        self.fetched()
        self.assertEqual(self.looked(f" {AN[:3]}{AN[3:]} ;{OLD_NUMBER}").looked_numbers, f"{AN} {OLD_NUMBER}")
        many = " ".join(f"00019000{number:04}" for number in range(6))
        for wrong in ("abc", "000000000000", f"{AN} 12", many, "; ,"):
            with self.subTest(numbers=wrong), self.assertRaises(UserError):
                self.looked(wrong)
        self.assertEqual(len(self.env["kho.dl.disclosure"].search([])), 2)

    def test_more_than_fits_is_cut_and_said(self):
        self.fetched()
        self.fetched()
        self.patch(person_history, "MOST_ENTRIES", 3)
        page = self.looked()
        self.assertEqual(len(page.line_ids), 3)
        self.assertIn("more than fits", page.cut_words)
        self.assertIn("more on record than fits", self.printed(page))
        today = fields.Date.context_today(page)
        self.assertFalse(self.looked(BINH, date_from=today, date_to=today).cut_words)
        earlier = self.looked(date_to=today - timedelta(days=2))
        self.assertFalse(earlier.line_ids or earlier.cut_words)

    def test_the_first_and_the_last_day_of_the_calendar_are_days(self):
        self.fetched()
        self.assertTrue(self.looked(date_from="0001-01-01", date_to="9999-12-31").line_ids)

    def test_an_auditor_sees_the_own_companies_only(self):
        self.fetched()
        self.serve(self.make_paper())
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        other = new_test_user(
            self.env,
            "other_auditor",
            groups="kho_dl.group_auditor",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        page = self.looked(user=other)
        self.assertFalse(page.line_ids)
        self.assertNotIn("Criminal record", self.printed(page, other))
        disclosures = self.env["kho.dl.disclosure"]
        self.assertEqual(disclosures.with_user(other).search([]).company_id, elsewhere)
        self.assertFalse(disclosures.with_user(self.auditor).search([]))
        both = new_test_user(
            self.env,
            "both",
            groups="kho_dl.group_auditor",
            company_id=elsewhere.id,
            company_ids=[Command.set((elsewhere | self.company).ids)],
        )
        one = self.env["kho.dl.person.page"].with_user(both).with_context(allowed_company_ids=elsewhere.ids)
        page = one.create({"numbers": AN, "reason": "Letter"})
        page.action_look()
        self.assertEqual(page.line_ids.mapped("kind"), ["shown"])
        kinds = self.looked(user=both).line_ids.mapped("kind")
        self.assertEqual(kinds, ["asked", "attached", "served", "shown", "shown"])

    def test_only_auditors_open_it(self):
        self.fetched()
        page = self.looked()
        groups = ("kho_dl.group_clerk", "kho_dl.group_administrator", "base.group_system", "base.group_user")
        menu = self.env.ref("kho_dl.menu_kho_dl_person_page")
        for number, group in enumerate(groups):
            user = new_test_user(self.env, f"other{number}", groups=group)
            with self.subTest(group=group):
                with self.assertRaises(AccessError):
                    self.page(user=user)
                for call in (page.with_user(user).action_look, page.with_user(user).action_print):
                    with self.assertRaises(AccessError):
                        call()
                with self.assertRaises(AccessError):
                    self.printed(page, user)
                self.assertNotIn(menu.id, self.env["ir.ui.menu"].with_user(user)._visible_menu_ids())
        self.assertIn(menu.id, self.env["ir.ui.menu"].with_user(self.auditor)._visible_menu_ids())
        colleague = new_test_user(self.env, "colleague", groups="kho_dl.group_auditor")
        with self.assertRaises(AccessError):
            page.with_user(colleague).read(["numbers"])
