from datetime import timedelta
from urllib.parse import quote

from odoo import fields
from odoo.exceptions import ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .application_case import ApplicationCase
from .common import AN, BINH, CRIMINAL_RECORD

PAPERS, DATA = "/my/kho-dl/papers", "/my/kho-dl/data"


@tagged("-at_install", "post_install")
class TestPortalFollowing(ApplicationCase):
    """What a citizen does about an own case after it was submitted, and what they have of it."""

    def setUp(self):
        super().setUp()
        self.case = self.own_case(self.an, AN)
        self.withdrawal = f"{self.case_address(self.case)}/withdraw"

    def rows(self, case=None):
        return self.env["kho.dl.withdrawal"].search([("case_id", "=", (case or self.case).id)])

    # Proves I.5-6.
    def test_an_application_is_withdrawn_with_its_reason(self):
        self.company.kho_dl_sync_enabled = True
        self.fetch(self.case, CRIMINAL_RECORD)
        self.case.sudo().date_due = "2026-12-18 03:00:00"
        text = self.text(self.case_address(self.case), self.an)
        self.assertIn("Withdraw the application", text)
        self.assertIn("Result due", text)
        answer = self.post(self.withdrawal, self.an, reason="I found a job", confirmed="1")
        self.assertEqual(answer.status_code, 303)
        self.assertEqual(self.case.state, "7")
        self.assertTrue(self.case.date_stopped)
        row = self.rows()
        self.assertEqual(
            (row.kind, row.reason, row.user_id, row.owner_id_number), ("application", "I found a job", self.an, AN)
        )
        # What rested on the consent ends with it.
        self.assertFalse(self.case.has_consent)
        self.assertFalse(self.env["kho.dl.lookup"].search([("case_id", "=", self.case.id)]).candidate_ids)
        self.assertEqual(self.case.activity_ids.summary, "The applicant withdrew the application")
        self.assertFalse(self.case.message_ids.filtered(lambda note: "job" in (note.body or "")))
        step = self.case.outbox_ids.filtered(lambda told: told.kind == "progress").sorted("id")[-1:]
        self.assertEqual(step.step_state, "7")
        # No officer did it.
        message = self.case.sudo()._prepare_progress_message(step.sudo())
        self.assertEqual((message.officer, message.state), ("", "7"))
        text = self.text(self.case_address(self.case))
        self.assertIn("Withdrawn by the citizen", text)
        self.assertNotIn("Result due", text)
        # Nobody is told that the files which this ended could not be fetched, and to go on.
        self.an.email = "an@example.com"
        mails = self.env["mail.mail"].sudo().search_count([])
        self.case.sudo()._send_all_here(self.an, 5, 5)
        self.assertEqual(self.env["mail.mail"].sudo().search_count([]), mails)
        self.assertNotIn("I do not want this application", text)
        self.assertIn("The whole application was withdrawn", self.text(DATA))
        answer = self.post(self.withdrawal, self.an, reason="Again", confirmed="1")
        self.assertIn("has ended already", answer.text)
        self.assertEqual(len(self.rows()), 1)

    def test_where_nothing_was_asked_the_withdrawal_is_on_record_too(self):
        self.post(self.withdrawal, self.an, reason="A mistake", confirmed="1")
        self.assertEqual(self.rows().kind, "application")
        self.assertFalse(self.case.consent_withdrawn_on)

    def test_what_is_processed_is_not_withdrawn(self):
        for state in ("9", "10", "3", "8"):
            case = self.own_case(self.an, AN, state=state)
            answer = self.post(f"{self.case_address(case)}/withdraw", self.an, reason="Too late", confirmed="1")
            self.assertEqual(answer.status_code, 200)
            self.assertIn("has ended already", answer.text)
            self.assertEqual((case.state, self.rows(case)), (state, self.rows().browse()))

    def test_unconfirmed_without_a_reason_and_by_others_nothing_is_withdrawn(self):
        answer = self.post(self.withdrawal, self.an, reason="Because of An")
        self.assertIn("Tick that you withdraw", answer.text)
        self.assertIn("Because of An", answer.text)
        self.assertIn("Say why", self.post(self.withdrawal, self.an, reason=" ", confirmed="1").text)
        with mute_logger("odoo.http"):
            answer = self.url_open(self.withdrawal, data={"reason": "x", "confirmed": "1"})
        self.assertEqual(answer.status_code, 400)
        self.clerk.password = self.clerk.login
        for user in (self.binh, self.clerk):
            self.assertEqual(self.post(self.withdrawal, user, reason="x", confirmed="1").status_code, 404)
        self.assertEqual((self.case.state, self.rows()), ("1", self.rows().browse()))

    # Proves I.5-7.
    def test_fees_are_shown_with_what_is_paid_and_where(self):
        self.assertNotIn("Fees", self.text(self.case_address(self.case), self.an))
        self.company.kho_dl_pay_where = "Counter 3,\n8 to 11 o'clock"
        self.case.fee_ids = [
            fields.Command.create({"name": "Appraisal", "amount": 135000, "collected": "1"}),
            fields.Command.create({"name": "Licence fee", "amount": 50000, "collected": "4"}),
        ]
        self.case.state = "6"
        text = self.text(self.case_address(self.case))
        for words in ("Appraisal", "135,000 đồng", "Licence fee", "185,000 đồng", "Counter 3,<br>", "Not paid yet"):
            self.assertIn(words, text)
        self.assertNotIn("Pay online", text)
        self.case.fee_ids[0].paid_on = fields.Date.today()
        page = self.env["kho.dl.citizen"].with_user(self.an)._fees(self.case.id)
        self.assertEqual([line.is_paid for line in page.lines], [True, False])
        self.assertEqual(page.due, self.env["kho.dl.citizen"]._money(50000))
        self.case.fee_ids[1].paid_on = fields.Date.today()
        self.assertIn("Everything is paid", self.text(self.case_address(self.case)))

    # Proves I.6-2.
    def test_what_the_national_store_told_lately_is_shown_once_and_without_links(self):
        self.fetch(self.case, CRIMINAL_RECORD)
        again = self.own_case(self.an, AN)
        self.fetch(again, CRIMINAL_RECORD)
        query = self.env["kho.dl.query"].sudo().search([("case_id", "=", again.id)])
        paper = query.answer[0]
        text = self.text(PAPERS, self.an)
        national = text.split("In the national store")[1]
        self.assertEqual(national.count(f"No. {paper['number']}"), 1)
        lines = self.env["kho.dl.citizen"].with_user(self.an)._national_papers()
        self.assertEqual(len([line for line in lines if line.number == paper["number"]]), 1)
        self.assertNotEqual(lines[0].agency, paper["agency_code"])
        for file in paper["files"]:
            self.assertNotIn(file["link"], text)
            self.assertNotIn(file["name"], national)
        self.assertNotIn("In the national store", self.text(PAPERS, self.binh))
        # What our own store has as well stands with its files above.
        stored = {"name": "Criminal record", "number": f" {paper['number'].lower()}", "agency_code": "H99.1"}
        codes = self.env["kho.dl.result.code"].search([("code", "=", paper["result_code"])], limit=1)
        self.stored(self.an, AN, result_code_id=codes.id, **stored)
        self.assertIn("In the national store", self.text(PAPERS, self.an))
        own = self.stored(self.an, AN, result_code_id=codes.id, **{**stored, "agency_code": paper["agency_code"]})
        citizen = self.env["kho.dl.citizen"].with_user(self.an)
        self.assertNotIn(paper["number"], [line.number for line in citizen._national_papers()])
        # Of one that is over by now the national store may have the newer word.
        for state, is_shown in (("revoked", True), ("superseded", True), ("effective", False)):
            self.env.flush_all()
            self.env.cr.execute("UPDATE kho_dl_paper SET state = %s WHERE id = %s", [state, own.id])
            self.env.invalidate_all()
            numbers = [line.number for line in citizen._national_papers()]
            self.assertEqual(paper["number"] in numbers, is_shown, state)
        self.env.cr.execute("UPDATE kho_dl_query SET asked_on = asked_on - interval '91 days'")
        self.env.invalidate_all()
        self.assertNotIn("In the national store", self.text(PAPERS, self.an))

    # Proves I.6-3.
    def test_each_paper_tells_how_to_keep_it_at_the_national_portal(self):
        paper = self.stored(self.an, AN, number="A-1")
        self.assertIn('href="https://dichvucong.gov.vn/"', self.text(PAPERS, self.an))
        paper.file_ids.action_withdraw()
        self.assertNotIn("dichvucong", self.text(PAPERS))
        paper.file_ids.action_give_again()
        self.company.kho_dl_citizen_store_url = False
        self.assertNotIn("Keep it in your own store", self.text(PAPERS))
        with self.assertRaises(ValidationError):
            self.company.kho_dl_citizen_store_url = "javascript:alert(1)"

    def test_a_paper_that_is_not_given_out_stands_so_in_the_list_as_for_whoever_checks_it(self):
        paper = self.stored(self.an, AN)
        paper.file_ids.action_withdraw()
        text = self.text(PAPERS, self.an)
        self.assertNotIn("In force", text)
        self.assertIn("Not given out any more: ask the agency", text)
        self.assertNotIn("/kho-dl/check", text)
        self.company.kho_dl_serve_addresses = "10.9.8.7"
        self.assertIn('href="/kho-dl/check"', self.text(PAPERS))
        [verdict] = self.env["kho.dl.check"]._verdicts_of_hash(paper.file_ids.sha256)
        [line] = self.env["kho.dl.citizen"].with_user(self.an)._papers()
        self.assertEqual((verdict.state, line.state), ("withdrawn", "withdrawn"))

    def test_a_page_that_is_no_number_is_the_first(self):
        for address in ("/my/kho-dl/cases", PAPERS, DATA):
            for odd in ("²", "٣", "-1", "x", "9" * 5000, "", "0"):
                answer = self.get(f"{address}?page={quote(odd)}", self.an)
                self.assertEqual(answer.status_code, 200, (address, odd[:9]))

    def test_my_data_reads_no_more_than_it_shows(self):
        self.fetch(self.case, CRIMINAL_RECORD)
        queries = self.env["kho.dl.query"].sudo().search([("case_id", "=", self.case.id)])
        self.env["kho.dl.disclosure"].sudo().create(
            [
                {
                    "looked_on": fields.Datetime.now() - timedelta(days=day),
                    "closed_on": fields.Datetime.now(),
                    "user_id": self.clerk.id,
                    "kind": "shown",
                    "owner_id_number": AN,
                    "company_id": self.company.id,
                }
                for day in range(1, 61)
            ]
        )
        citizen = self.env["kho.dl.citizen"].with_user(self.an)
        pages = [citizen._entries(offset=offset, limit=20) for offset in (0, 20, 40, 60)]
        total = 60 + len(queries) + 1
        self.assertEqual([is_more for _entries, is_more in pages], [True, True, True, False])
        told = [entry for entries, _is_more in pages for entry in entries]
        self.assertEqual(len(told), total)
        whole, is_cut = citizen._entries()
        self.assertEqual((told, is_cut), (whole, False))
        read = []
        history = self.registry["kho.dl.disclosure"]
        original = history.search

        def search(records, *arguments, **options):
            read.append(options.get("limit"))
            return original(records, *arguments, **options)

        self.patch(history, "search", search)
        self.assertIn("/page/2", self.text(DATA, self.an))
        self.assertEqual(read, [21])
        self.assertIn("Looked up for the person", self.text(f"{DATA}/page/4"))
        self.assertNotIn("/page/5", self.text(f"{DATA}/page/4"))

    def test_of_another_nothing_is_told(self):
        citizen = self.env["kho.dl.citizen"].with_user(self.binh)
        self.own_case(self.binh, BINH)
        self.fetch(self.case, CRIMINAL_RECORD)
        self.case.fee_ids = [fields.Command.create({"name": "Fee of An", "amount": 1})]
        self.assertFalse(citizen._fees(self.case.id).lines)
        self.assertFalse(citizen._national_papers())
