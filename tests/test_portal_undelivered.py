from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.tools import config, mute_logger

from ..models.health.health_check import examine
from ..models.portal import mail_mail
from .common import AN
from .paper_case import PaperCase
from .smtp_server import CUT_OFF, PUT_OFF, REFUSED, TAKEN, SmtpServer

_LOGS = ("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")


class TestUndelivered(PaperCase):
    """Mails of ours, given to a real mail server: each arrives once, or somebody is told that it does not."""

    def prepare(self):
        super().prepare()
        # Odoo sends nothing while it is tested.
        self.enterContext(patch.object(IrMail_Server, "_disable_send", lambda self: False))
        self.server = SmtpServer()
        self.addCleanup(self.server.close)
        self.env["ir.mail_server"].search([]).active = False
        self.way = self.env["ir.mail_server"].create(
            {"name": "ours", "smtp_host": "127.0.0.1", "smtp_port": self.server.port, "smtp_encryption": "none"}
        )
        self.company.email = "agency@example.com"
        self.env["mail.mail"].search([]).unlink()
        self.case = self.make_case(AN)
        self.case.sudo().officer_id = self.clerk
        self.case.owner_id.sudo().write({"email": "an@example.com", "lang": "en_US"})

    def slip(self):
        self.case.action_send_slip()

    def run_queue(self, **after):
        with freeze_time(fields.Datetime.now() + timedelta(**after)), mute_logger(*_LOGS):
            self.env["mail.mail"].process_email_queue()
        self.env.invalidate_all()

    def runs(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        return self.env["ir.cron.trigger"].sudo().search_count([("cron_id", "=", queue.id)])

    def taken(self):
        return [address for addresses, _message in self.server.taken for address in addresses]

    def told(self):
        activities = self.case.sudo().activity_ids
        return activities.filtered(lambda activity: "did not arrive" in activity.summary)

    def test_it_leaves_at_once(self):
        before = self.runs()
        self.slip()
        self.assertGreater(self.runs(), before)
        self.run_queue()
        self.assertEqual(self.taken(), ["an@example.com"])
        self.assertFalse(self.told())

    def test_what_was_put_off_or_broken_off_is_sent_again_and_arrives_once(self):
        for answer in (PUT_OFF, CUT_OFF):
            self.server.taken.clear()
            self.server.answer = answer
            self.slip()
            self.run_queue()
            self.server.answer = TAKEN
            # Not at once: whoever puts off wants to be left alone for some minutes.
            self.run_queue(minutes=1)
            self.assertEqual(self.taken(), [])
            self.run_queue(minutes=15)
            self.run_queue(minutes=30)
            self.assertEqual(self.taken(), ["an@example.com"])
            self.assertFalse(self.told())

    def test_a_server_that_is_down_is_waited_for_and_after_a_day_the_officer_is_told(self):
        self.way.smtp_port = 1
        self.slip()
        self.run_queue()
        self.run_queue(hours=20)
        self.assertFalse(self.told())
        self.run_queue(hours=25)
        [activity] = self.told()
        self.assertEqual(activity.user_id, self.clerk)
        self.way.smtp_port = self.server.port
        self.run_queue(hours=30)
        self.assertEqual((self.taken(), len(self.told())), ([], 1))

    def test_of_an_address_that_is_refused_the_officer_is_told_once(self):
        self.server.answer = REFUSED
        self.slip()
        self.run_queue()
        [activity] = self.told()
        self.assertEqual(activity.user_id, self.clerk)
        self.assertIn(f"Documents for your case {self.case.name}", activity.note)
        self.server.answer = TAKEN
        self.run_queue(hours=1)
        self.assertEqual((self.taken(), len(self.told())), ([], 1))

    def test_what_failed_long_ago_is_neither_sent_nor_told(self):
        self.way.smtp_port = 1
        self.slip()
        with mute_logger(*_LOGS):
            self.env["mail.mail"].search([("state", "=", "outgoing")]).send()
        self.way.smtp_port = self.server.port
        self.run_queue(days=8)
        self.assertEqual((self.taken(), self.told().ids), ([], []))

    def test_a_copy_of_the_database_sends_nothing_again(self):
        self.server.answer = PUT_OFF
        self.slip()
        self.run_queue()
        self.env["ir.config_parameter"].set_param("database.uuid", "that of a copy")
        self.server.answer = TAKEN
        self.run_queue(hours=1)
        self.run_queue(hours=25)
        self.assertEqual((self.taken(), self.told().ids), ([], []))

    def test_of_an_address_that_is_none_the_officer_is_told(self):
        self.case.owner_id.sudo().email = "an at home"
        self.slip()
        self.env["mail.mail"].search([]).subject = "Case <i>1"
        self.run_queue()
        self.assertIn("“Case &lt;i&gt;1”", self.told().note)

    def test_a_refused_reader_keeps_the_mail_from_nobody_and_nobody_gets_it_twice(self):
        people = self.env["res.partner"].create(
            [{"name": name, "email": f"{name}@example.com"} for name in ("a", "b", "c", "d")]
        )
        self.server.answers = {"b@example.com": REFUSED, "c@example.com": PUT_OFF}
        template = self.env.ref("kho_dl.mail_template_news").sudo()
        template.send_mail(self.case.id, email_values={"recipient_ids": [Command.set(people.ids)]})
        self.run_queue()
        self.run_queue()
        self.run_queue()
        self.server.answers.pop("c@example.com")
        self.run_queue(hours=1)
        self.assertEqual(sorted(self.taken()), ["a@example.com", "c@example.com", "d@example.com"])
        self.assertTrue(self.told())

    def test_who_has_a_mail_is_not_written_to_until_the_server_takes_it_for_all(self):
        people = self.env["res.partner"].create(
            [{"name": name, "email": f"{name}@example.com"} for name in ("a", "b", "c")]
        )
        self.server.answers = {"a@example.com": CUT_OFF}
        template = self.env.ref("kho_dl.mail_template_news").sudo()
        values = {"recipient_ids": [Command.set(people.ids)], "email_cc": "archive@example.com"}
        template.send_mail(self.case.id, email_values=values)
        self.run_queue()
        for hours in range(1, 6):
            self.run_queue(hours=hours)
        # Of whom it had taken the mail when it broke off nobody knows.
        twice, *once = ("archive@example.com", "b@example.com", "c@example.com")
        self.assertEqual(sorted(self.taken()), [twice, twice, *once])

    def test_mails_of_other_applications_leave_before_what_failed(self):
        self.server.answers = {"an@example.com": CUT_OFF}
        self.slip()
        self.run_queue()
        other = {"email_from": "shop@example.com", "email_to": "other@example.com", "subject": "Order"}
        self.env["mail.mail"].create({**other, "body_html": "<p>Here</p>"})
        self.run_queue(hours=1)
        self.assertEqual(self.taken(), ["other@example.com"])

    def test_a_server_that_refuses_whoever_writes_may_be_set_right(self):
        self.slip()
        for number, verb in enumerate((b"", b"MAIL"), start=1):
            self.server.said = {verb: b"554 5.7.1 Not from you"}
            self.run_queue(hours=number)
            self.assertFalse(self.told())
        self.server.said = {}
        self.run_queue(hours=3)
        self.assertEqual((self.taken(), self.told().ids), (["an@example.com"], []))

    def test_of_many_the_queue_sends_and_tells_some_and_goes_on_at_once(self):
        mails = self.env["mail.mail"]
        self.enterContext(patch.object(mail_mail, "_AT_ONCE", 1))
        self.way.smtp_port = 1
        self.slip()
        self.slip()
        self.run_queue()
        self.way.smtp_port = self.server.port
        self.server.answer = PUT_OFF
        before = self.runs()
        self.run_queue(hours=1)
        self.assertGreater(self.runs(), before)
        self.assertEqual(len(mails.search([("failure_type", "=", "unknown")])), 1)
        for count in (1, 2):
            before = self.runs()
            self.run_queue(hours=25)
            self.assertEqual(mails.search_count([("kho_dl_is_given_up", "=", True)]), count)
            self.assertGreater(self.runs(), before)

    def test_of_a_paper_without_a_case_it_is_noted_there(self):
        paper = self.make_paper(owner_id=self.case.owner_id.id).sudo()
        self.server.answer = REFUSED
        template = self.env.ref("kho_dl.mail_template_papers").sudo()
        mail = self.env["mail.mail"].browse(template.send_mail(paper.id))
        mail.subject = "Papers <1>"
        self.run_queue()
        [note] = paper.message_ids.filtered(lambda message: "could not be delivered" in message.body)
        self.assertIn("“Papers &lt;1&gt;”", note.body)

    def test_an_office_without_an_address_has_no_answers_sent_to_strangers(self):
        self.company.email = False
        with patch.dict(config.options, email_from=False):
            self.slip()
            self.run_queue()
        self.assertEqual(self.taken(), [])
        with patch.dict(config.options, email_from="portal@example.gov.vn"):
            self.run_queue(hours=1)
        [(_addresses, message)] = self.server.taken
        self.assertEqual((message["From"], message["Reply-To"]), ("portal@example.gov.vn", "portal@example.gov.vn"))
        self.env.ref("kho_dl.mail_template_slip").sudo().reply_to = "counter@example.gov.vn"
        self.slip()
        self.assertEqual(self.env["mail.mail"].search([], limit=1).reply_to, "counter@example.gov.vn")

    def test_what_an_officer_wrote_to_a_colleague_is_no_mail_to_the_applicant(self):
        self.server.answer = REFUSED
        colleague = self.env["res.partner"].create({"name": "Ha", "email": "ha@example.com"})
        with mute_logger(*_LOGS):
            self.case.sudo().message_post(
                body="Please look", subtype_xmlid="mail.mt_comment", partner_ids=colleague.ids
            )
        self.run_queue()
        self.assertFalse(self.told())
        self.server.answer = TAKEN
        self.run_queue(hours=1)
        self.assertEqual(self.taken(), [])
        [notification] = self.case.sudo().message_ids.notification_ids
        self.assertEqual(notification.notification_status, "exception")

    def test_while_mails_do_not_go_out_administrators_read_since_when(self):
        def kinds(**after):
            troubles = examine(self.env, self.company, fields.Datetime.now() + timedelta(**after), ["mails_waiting"])[1]
            return [(trouble.kind, trouble.values["count"]) for trouble in troubles]

        self.way.smtp_port = 1
        self.slip()
        self.run_queue()
        self.assertEqual(kinds(), [])
        self.assertEqual(kinds(hours=self.company.kho_dl_alarm_waiting_hours + 1), [("mails_waiting", 1)])
        self.run_queue(hours=25)
        # Now the officer knows.
        self.assertEqual(kinds(hours=26), [])

    def test_of_which_nobody_can_be_told_keeps_the_queue_of_nobody(self):
        self.server.answer = REFUSED
        self.slip()
        self.slip()
        with patch.object(type(self.env["kho.dl.case"]), "_tell_officer", side_effect=ZeroDivisionError):
            with self.assertLogs("odoo.addons.kho_dl.models.portal.mail_mail", "ERROR") as logged:
                self.run_queue()
        self.assertEqual(len(logged.output), 2)
        self.run_queue()
        self.assertTrue(self.told())
