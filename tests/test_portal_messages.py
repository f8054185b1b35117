from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import http
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..models.portal import kho_dl_case_message
from .application_case import ApplicationCase
from .common import AN, BINH, new_test_user


@tagged("-at_install", "post_install")
class TestPortalMessages(ApplicationCase):
    """Applicant and office write to each other about a case, and no officer's name gets out."""

    def setUp(self):
        super().setUp()
        self.case = self.own_case(self.an, AN)
        self.address = f"{self.case_address(self.case)}/messages"
        self.an.partner_id.email = "an@example.com"
        self.clerk.partner_id.email = "hoa@example.com"

    def messages(self):
        return self.env["kho.dl.case.message"].search([("case_id", "=", self.case.id)])

    def answer(self, body="Please bring the original."):
        return self.env["kho.dl.case.message"].with_user(self.clerk).create({"case_id": self.case.id, "body": body})

    def mail(self):
        return self.env["mail.mail"].sudo().search([("model", "=", "kho.dl.case")], order="id desc", limit=1)

    # Proves I.5-1.
    def test_a_message_reaches_the_office_and_its_answer_the_citizen(self):
        self.assertIn("There is no message", self.text(self.case_address(self.case), self.an))
        answer = self.post(self.address, self.an, text="When\r\nis it <b>ready</b>?\0")
        self.assertEqual(answer.status_code, 303)
        message = self.messages()
        self.assertEqual(
            (message.body, message.is_from_applicant, message.user_id), ("When\nis it <b>ready</b>?", True, self.an)
        )
        activity = self.case.activity_ids
        self.assertEqual((activity.user_id, activity.summary), (self.clerk, "The applicant wrote a message"))
        self.assertEqual(self.case.search([("activity_ids.activity_type_id.res_model", "=", "kho.dl.case")]), self.case)
        # Another one is no second activity.
        self.post(self.address, self.an, text="Or tomorrow?")
        self.assertEqual(self.case.activity_ids, activity)
        action = self.case.with_user(self.clerk).action_write_to_applicant()
        self.assertEqual(action["context"], {"default_case_id": self.case.id})
        self.answer()
        self.assertFalse(self.case.activity_ids)
        self.case.message_post(body="An internal remark")
        text = self.text(self.case_address(self.case))
        for words in ("When<br>", "&lt;b&gt;ready", "You", "Please bring the original.", self.company.name):
            self.assertIn(words, text)
        for words in ("Hoa", "hoa@example.com", "000188000077", "internal remark", "<b>ready"):
            self.assertNotIn(words, text)
        # Nothing of it stands among the notes of the office.
        self.assertFalse(self.case.message_ids.filtered(lambda note: "original" in (note.body or "")))

    # Proves I.5-2.
    def test_the_mail_tells_where_to_read_and_nothing_of_the_office(self):
        for email in ("office@example.com", False):
            self.company.email = email
            self.answer("Secret of the message")
            mail = self.mail()
            self.assertEqual(mail.recipient_ids, self.an.partner_id)
            self.assertIn(self.case_address(self.case), mail.body_html)
            headers = " ".join(
                map(str, (mail.email_from, mail.reply_to, mail.author_id.name, mail.headers, mail.subject))
            )
            for words in ("Hoa", "hoa@example.com", "000188000077", AN, "Secret of the message"):
                self.assertNotIn(words, headers + mail.body_html)
            self.assertFalse(mail.attachment_ids)
            if email:
                self.assertIn(email, mail.email_from)
                self.assertIn(email, mail.reply_to)
            mail.unlink()

    def test_what_needs_doing_is_told_by_mail_once(self):
        for state, words in (("5", "asks for more documents"), ("6", "a fee to pay")):
            self.case.state = state
            self.assertIn(words, " ".join(self.mail().body_html.split()))
            count = self.env["mail.mail"].sudo().search_count([])
            self.case.state = state
            self.case.state = "4"
            self.assertEqual(self.env["mail.mail"].sudo().search_count([]), count)

    def test_papers_and_results_are_told_by_the_office_and_not_by_an_officer(self):
        self.company.email = False
        self.stored(self.an, AN, number="of a person")
        paper = self.make_paper(case_id=self.case.id, number="of a case")
        paper.with_user(self.clerk).action_enter()
        mails = self.env["mail.mail"].sudo().search([("recipient_ids", "in", self.an.partner_id.ids)])
        self.assertEqual(set(mails.mapped("model")), {"kho.dl.paper", "kho.dl.case"})
        for mail in mails:
            self.assertNotIn("Hoa", f"{mail.email_from} {mail.reply_to} {mail.author_id.name}")

    def test_who_reads_nothing_online_is_not_written_to(self):
        other = self.make_case(BINH)
        self.assertFalse(other.is_read_online)
        self.assertTrue(self.case.is_read_online)
        self.env["kho.dl.id.number"].sudo().search([("number", "=", AN)]).verified_how = False
        self.case.invalidate_recordset()
        self.assertFalse(self.case.is_read_online)
        self.answer()
        self.assertFalse(self.mail())

    # Proves I.5-3.
    @mute_logger("odoo.sql_db")
    def test_messages_are_bounded_in_length_and_number(self):
        long = "ế" * (kho_dl_case_message.LONGEST + 1)
        answer = self.post(self.address, self.an, text=long)
        self.assertIn("too long", answer.text)
        self.assertIn(long, answer.text)
        self.assertIn("Write your message first", self.post(self.address, self.an, text=" \0 ").text)
        with self.assertRaises(CheckViolation), self.env.cr.savepoint():
            self.answer(long)
        with self.assertRaises(UserError):
            self.answer("  ")
        self.patch(kho_dl_case_message, "_MOST_A_DAY", 2)
        other = self.own_case(self.an, AN)
        self.post(self.address, self.an, text="1")
        self.post(f"{self.case_address(other)}/messages", self.an, text="2")
        answer = self.post(self.address, self.an, text="3")
        self.assertIn("many messages today", answer.text)
        self.assertEqual(self.messages().mapped("body"), ["1"])
        self.messages().sudo().sent_on -= timedelta(days=2)
        self.assertEqual(self.post(self.address, self.an, text="3").status_code, 303)

    def test_older_messages_are_a_page_away(self):
        for number in range(22):
            self.answer(f"Message {number}.")
        text = self.text(self.case_address(self.case), self.an)
        self.assertIn("Message 21.", text)
        self.assertNotIn("Message 16.", text)
        self.assertIn("All messages (22)", " ".join(text.replace("<t>", "").split()))
        self.assertIn("Message 16.", self.text(self.address))
        self.assertIn("Message 0.", self.text(f"{self.address}/page/2"))
        for odd in ("?page=%C2%B2", "/page/99999", "?page=" + "9" * 5000):
            self.assertEqual(self.get(self.address + odd).status_code, 200, odd[:20])

    def test_nobody_forges_changes_or_deletes_a_message(self):
        message = self.answer()
        messages = message.with_user(self.clerk)
        for values in ({"is_from_applicant": True}, {"user_id": self.an.id}, {"sent_on": "2020-01-01 00:00:00"}):
            with self.assertRaises(AccessError):
                messages.create({"case_id": self.case.id, "body": "x", **values})
        with_defaults = messages.with_context(default_is_from_applicant=True, default_user_id=self.an.id)
        forged = with_defaults.create({"case_id": self.case.id, "body": "x"})
        self.assertEqual((forged.is_from_applicant, forged.user_id), (False, self.clerk))
        for attempt in (lambda: messages.write({"body": "y"}), messages.unlink):
            with self.assertRaises(AccessError):
                attempt()
        auditor = new_test_user(self.env, "auditor", groups="kho_dl.group_auditor")
        for user in (self.an, self.binh, auditor):
            with self.assertRaises(AccessError):
                message.with_user(user).read(["body"])
            with self.assertRaises(AccessError):
                messages.with_user(user).create({"case_id": self.case.id, "body": "x"})

    def test_strangers_neither_read_nor_write(self):
        self.answer("For An alone")
        for user in (self.binh, self.clerk):
            self.clerk.password = self.clerk.login
            self.assertEqual(self.get(self.address, user).status_code, 404)
            self.assertEqual(self.post(self.address, user, text="I am An").status_code, 404)
            self.assertFalse(self.env["kho.dl.citizen"].with_user(user)._messages(self.case.id))
        with mute_logger("odoo.http"):
            self.assertEqual(self.url_open(self.address, data={"text": "x"}).status_code, 400)
        self.logout()
        token = http.Request.csrf_token(self)
        answer = self.url_open(self.address, data={"text": "x", "csrf_token": token}, allow_redirects=False)
        self.assertNotEqual(answer.status_code, 200)
        self.assertEqual(len(self.messages()), 1)

    def test_a_case_that_is_nobodys_yet_is_told_to_all_its_clerks(self):
        self.case.officer_id = False
        colleague = new_test_user(
            self.env, "colleague", groups="kho_dl.group_clerk", company_id=self.company.id, company_ids=self.company.ids
        )
        self.post(self.address, self.an, text="Hello?")
        self.assertLessEqual(self.clerk | colleague, self.case.activity_ids.user_id)
        self.assertFalse(self.case.activity_ids.user_id.filtered("share"))
        self.answer()
        self.assertFalse(self.case.activity_ids)
