from datetime import timedelta
from unittest.mock import ANY

from odoo import fields
from odoo.tests import tagged

from ..models.store.kho_dl_serving import Call
from .citizen_case import CitizenCase
from .common import AN, BINH, CITIZEN_CARD, CRIMINAL_RECORD
from .paper_case import PDF


@tagged("-at_install", "post_install")
class TestPortalPages(CitizenCase):
    """What a citizen is told of the own verified number, without a script."""

    keeps_memory = False

    # Proves I.1-1.
    def test_the_home_page_has_both_cards_with_their_counts(self):
        for _each in range(3):
            self.own_case(self.an, AN)
        self.stored(self.an, AN)
        text = self.text("/my", self.an)
        for words in ("My cases", "My papers", 'href="/my/kho-dl/cases"', 'href="/my/kho-dl/papers"'):
            self.assertIn(words, text)
        cards = text.split("o_portal_index_card")[1:3]
        self.assertFalse([card for card in cards if card.startswith(" d-none")])
        self.assertRegex(cards[0], r">\s*3\s*<span>My cases")
        self.assertRegex(cards[1], r">\s*1\s*<span>My papers")
        counted = self.make_jsonrpc_request("/my/counters", {"counters": ["kho_dl_case_count"]})
        self.assertEqual(counted, {"kho_dl_case_count": 3})

    def test_odoo_has_nothing_to_say_about_our_addresses(self):
        """It warns where one that extends another reads only and the other does not."""
        with self.assertNoLogs("odoo.http", "WARNING"):
            rules = list(self.env["ir.http"]._generate_routing_rules(sorted(self.env.registry._init_modules), {}))
        self.assertTrue(any("/my/kho-dl/cases" in rule[0] for rule in rules))

    def test_officers_have_no_cards(self):
        self.clerk.password = "kho_clerk"
        self.assertNotIn("/my/kho-dl", self.text("/my", self.clerk))

    def test_cases_are_listed_searched_sorted_and_paged(self):
        now = fields.Datetime.now()
        cases = [
            self.own_case(self.an, AN, date_submitted=now - timedelta(days=day), date_due=now + timedelta(days=day))
            for day in range(22)
        ]
        first = self.text("/my/kho-dl/cases", self.an)
        self.assertIn(cases[0].name, first)
        self.assertIn("First medical licence", first)
        self.assertNotIn(cases[21].name, first)
        self.assertIn(cases[21].name, self.text("/my/kho-dl/cases/page/2"))
        self.assertLess(first.index(cases[0].name), first.index(cases[5].name))
        found = self.text(f"/my/kho-dl/cases?search={cases[7].name}&sortby=number")
        self.assertIn(f"/cases/{cases[7].id}", found)
        self.assertNotIn(f"/cases/{cases[8].id}", found)
        for odd in (
            "?sortby=owner_id_number",
            "?search=%25%27%22%3C&sortby=",
            "?search=%00H46",
            "/page/99999999",
            "?page=x&search=" + "9" * 999,
        ):
            self.assertEqual(self.get(f"/my/kho-dl/cases{odd}").status_code, 200, odd)

    def test_a_case_tells_how_it_stands_and_what_is_asked(self):
        due = fields.Datetime.now() + timedelta(days=9)
        case = self.own_case(self.an, AN, date_due=due)
        case.state = "2"
        case.message_post(body="An internal remark about the applicant")
        file = self.hand_in(case)
        text = self.text(self.case_address(case), self.an)
        for words in (
            case.name,
            "First medical licence",
            "Received",
            "Result due",
            "Citizen card",
            "own scan.pdf",
            "Handed in",
        ):
            self.assertIn(words, text)
        for words in ("Hoa", "000188000077", "internal remark", AN, "access_token", "http://127.0.0.1:1"):
            self.assertNotIn(words, text)
        self.assertNotIn("asks you for more", text)
        case.state = "5"
        text = self.text(self.case_address(case))
        self.assertIn("The office asks you for more documents", text)
        asked = text.split('role="status"')[1].split("</ul>")[0]
        self.assertIn("Health certificate", asked)
        self.assertNotIn("Citizen card", asked)
        self.assertIn(self.env["kho.dl.citizen"].with_user(self.an)._moment(case.supplement_on), asked)
        answer = self.get(self.case_address(case, file))
        self.assertEqual((answer.status_code, answer.content), (200, PDF + b"own scan.pdf"))
        self.assertIn("attachment", answer.headers["Content-Disposition"])

    def test_what_came_from_another_office_names_it(self):
        case = self.own_case(self.an, AN)
        self.fetch(case, CRIMINAL_RECORD)
        document = self.document(case, CRIMINAL_RECORD)
        self.assertEqual(document.source, "national")
        text = self.text(self.case_address(case), self.an)
        self.assertIn(f"issued by {document.provenance_agency}", text)
        self.assertNotIn(document.sudo().retrieval_ids.link, text)
        file = document.attachment_ids
        self.assertEqual(self.get(self.case_address(case, file)).content, file.raw)

    def test_what_was_fetched_for_another_number_is_not_shown(self):
        case = self.own_case(self.an, BINH)
        self.fetch(case, CRIMINAL_RECORD)
        case.owner_id_number = AN
        document = self.document(case, CRIMINAL_RECORD)
        file = document.attachment_ids
        self.assertTrue(file)
        for reason in (None, "Both are about the application"):
            if reason:
                document._let_stay(file, reason)
            text = self.text(self.case_address(case), self.an)
            self.assertIn("The office is checking it", text)
            self.assertNotIn(file.name, text)
            self.assertNotIn("From the national store", text)
            self.assertEqual(self.get(self.case_address(case, file)).status_code, 404)

    def test_what_names_somebody_else_is_not_shown(self):
        case = self.own_case(self.an, AN)
        file = self.hand_in(case, "someone.pdf")
        check = self.document(case, "000.00.00.G01-KQ0301").check_ids
        check.sudo().identity_state = "mismatch"
        self.assertNotIn("someone.pdf", self.text(self.case_address(case), self.an))
        self.assertEqual(self.get(self.case_address(case, file)).status_code, 404)

    def test_what_another_applicant_handed_in_is_not_shown(self):
        case = self.own_case(self.an, AN)
        file = self.hand_in(case, "of An.pdf")
        case.write({"owner_id": self.binh.partner_id.id, "owner_id_number": BINH})
        text = self.text(self.case_address(case), self.binh)
        self.assertIn("The office is checking it", text)
        self.assertNotIn("of An.pdf", text)
        self.assertEqual(self.get(self.case_address(case, file)).status_code, 404)
        case.write({"owner_id": self.an.partner_id.id, "owner_id_number": AN})
        self.assertEqual(self.get(self.case_address(case, file), self.an).status_code, 200)

    def test_what_was_handed_in_under_another_number_is_not_shown(self):
        for first in (BINH, AN):
            case = self.own_case(self.an, first)
            file = self.hand_in(case, "of whom.pdf")
            case.owner_id_number = AN
            text = self.text(self.case_address(case), self.an)
            self.assertEqual("of whom.pdf" in text, first == AN)
            self.assertEqual("The office is checking it" in text, first != AN)
            self.assertEqual(self.get(self.case_address(case, file)).status_code, 200 if first == AN else 404)
            # Nor is it offered to another case of the person.
            self.assertEqual(bool(self.document(case, CITIZEN_CARD).check_ids._of_another_person()), first != AN)

    # Proves I.6-1.
    def test_papers_in_force_and_over_are_marked(self):
        paper = self.stored(self.an, AN, number="A-1")
        self.stored(self.an, AN, number="A-2", date_expiry="2026-02-01")
        self.stored(self.an, AN, number="A-3")._revoke("A mistake of Hoa")
        self.make_paper(owner_id=self.an.partner_id.id, number="A-draft")
        text = self.text("/my/kho-dl/papers", self.an)
        items = {number: next(item for item in text.split("<li") if number in item) for number in ("A-1", "A-2", "A-3")}
        self.assertIn("In force", items["A-1"])
        self.assertIn("No longer valid", items["A-2"])
        self.assertIn("Revoked", items["A-3"])
        for words in ("A-draft", "A mistake", paper.file_ids.sudo().token):
            self.assertNotIn(words, text)

    # Proves I.6-1.
    def test_who_received_a_paper_is_told_by_agency_and_day(self):
        paper = self.stored(self.an, AN)
        server = self.env["kho.dl.security.server"].search([("dstcode", "!=", False)], limit=1)
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.env.flush_all()
        servings = self.env["kho.dl.serving"]
        for caller in (server.dstcode.replace(":", "/"), "10.9.8.7"):
            served = servings._admitted(paper.file_ids.sudo().token, "10.9.8.7", caller)
            for _part in range(2):
                servings._note(served, Call(caller, "10.9.8.7", "GET", ""), 206, served.size)
        text = self.text("/my/kho-dl/papers", self.an)
        self.assertEqual((text.count(server.name), text.count("Another agency")), (1, 1))
        self.assertNotIn("10.9.8.7", text)
        lines = self.env["kho.dl.citizen"].with_user(self.an)._papers()
        self.assertCountEqual(lines[0].given, [("Another agency", ANY), (server.name, ANY)])

    def test_who_fetched_a_paper_in_many_parts_hides_nobody(self):
        whole, in_parts = (self.stored(self.an, AN, number=number) for number in ("whole", "in parts"))
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.env.flush_all()
        servings = self.env["kho.dl.serving"]
        for paper, parts in ((whole, 1), (in_parts, 101)):
            served = servings._admitted(paper.file_ids.sudo().token, "10.9.8.7", "10.9.8.7")
            for _part in range(parts):
                servings._note(served, Call("10.9.8.7", "10.9.8.7", "GET", ""), 206, served.size)
            self.env.cr.execute("UPDATE kho_dl_serving SET served_on = served_on - interval '1 minute'")
        lines = self.env["kho.dl.citizen"].with_user(self.an)._papers()
        self.assertEqual([len(line.given) for line in lines], [1, 1])

    # Proves I.6-1.
    def test_a_result_stands_on_its_case_and_comes_whole_or_in_part(self):
        case = self.own_case(self.an, AN)
        paper = self.make_paper(case_id=case.id)
        paper.action_enter()
        self.assertIn(self.paper_address(paper), self.text(self.case_address(case), self.an))
        self.assertEqual(self.get(self.paper_address(paper)).content, PDF)
        answer = self.get(self.paper_address(paper), Range="bytes=5-9")
        self.assertEqual((answer.status_code, answer.content), (206, PDF[5:10]))
        answer = self.get(self.paper_address(paper), method="HEAD")
        self.assertEqual((answer.status_code, answer.content), (200, b""))
        self.assertEqual(answer.headers["Content-Length"], str(len(PDF)))
        self.assertEqual(answer.headers["Cache-Control"], "private, no-cache")
        self.assertEqual(self.get(self.paper_address(paper), Range="bytes=999999-").status_code, 416)
        # To the person it was not given as to another agency.
        self.assertFalse(self.env["kho.dl.serving"].search([]))

    def test_a_page_costs_the_same_for_many_as_for_few(self):
        citizen = self.env["kho.dl.citizen"].with_user(self.an)

        def statements(ask):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            ask()
            return self.env.cr.sql_log_count - before

        self.own_case(self.an, AN)
        self.stored(self.an, AN, number="B-0")
        few = statements(citizen._cases), statements(citizen._papers)
        for number in range(1, 8):
            self.own_case(self.an, AN)
            self.stored(self.an, AN, number=f"B-{number}")
        statements(citizen._cases)
        self.assertLessEqual((statements(citizen._cases), statements(citizen._papers)), few)

    def test_a_number_of_another_person_on_the_own_case_shows_nothing(self):
        mistyped = self.own_case(self.an, BINH)
        of_another = self.own_case(self.binh, AN)
        for user in (self.an, self.binh):
            text = self.text("/my/kho-dl/cases", user)
            for case in (mistyped, of_another):
                self.assertNotIn(case.name, text)
                self.assertEqual(self.get(self.case_address(case)).status_code, 404)
