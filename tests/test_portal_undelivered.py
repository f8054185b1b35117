from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command, fields
from odoo.addons.base.models.ir_mail_server import IrMail_Server
from odoo.tools import config, mute_logger

from ..models.health.health_check import examine
from .common import AN, KhoDLCase
from .smtp_server import CUT_OFF, PUT_OFF, REFUSED, TAKEN, SmtpServer

_LOGS = ("odoo.addons.mail.models.mail_mail", "odoo.addons.base.models.ir_mail_server")


class TestUndelivered(KhoDLCase):
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

    def taken(self):
        return [address for addresses, _message in self.server.taken for address in addresses]

    def told(self):
        activities = self.case.sudo().activity_ids
        return activities.filtered(lambda activity: "did not arrive" in activity.summary)

    def test_it_leaves_at_once(self):
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action")
        triggers = self.env["ir.cron.trigger"].sudo()
        before = triggers.search_count([("cron_id", "=", queue.id)])
        self.slip()
        self.assertGreater(triggers.search_count([("cron_id", "=", queue.id)]), before)
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
        self.run_queue()
        self.assertTrue(self.told())

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
