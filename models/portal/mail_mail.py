import logging
import re
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.fields import Domain

from ..common.kho_dl_guarded import OURS
from ..common.office_language import in_office_language
from ..common.transactions import LOST_RACES
from ..common.unforeseen import log_unforeseen

_logger = logging.getLogger(__name__)

# A server that is down, or that has strangers come again, mostly takes a mail within a day.
_TRIED_FOR, _TRIED_AGAIN = timedelta(days=1), timedelta(minutes=10)
# Of what failed before, nobody was told then, nor wants to hear now.
_TOLD_WITHIN = timedelta(days=7)
# What a server answers for good, as Odoo keeps what smtplib says of it.
_FOR_GOOD = re.compile(r"\(5\d\d, b")
# Odoo's own user, until somebody gives it an address: answers of citizens would go to strangers.
_NOBODY = "odoobot@example.com"
_WARNING = "mail.mail_activity_data_warning"


class MailMail(models.Model):
    """A mail of ours leaves at once, is tried again for a day, and is not lost in silence.

    What goes to the owner of an account stays in the mail itself: it may hold the way into the account.
    """

    _inherit = "mail.mail"

    kho_dl_is_given_up = fields.Boolean("Given up, and told", readonly=True, copy=False)

    _kho_dl_unsent = models.Index("(create_date) WHERE state IN ('outgoing', 'exception')")

    @api.model_create_multi
    def create(self, vals_list):
        # Until it could be sent, whoever may read the account reads the message, and so does its sender.
        mails = super().create(
            [{**vals, "body": False} if vals.get("model") == "res.users" else vals for vals in vals_list]
        )
        ours = mails._kho_dl_ours()
        # As they leave they get the address that the server's configuration names, or stay with that reason.
        ours.filtered(lambda mail: _NOBODY in (mail.email_from or "")).write({"email_from": False, "reply_to": False})
        queue = self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False)
        if queue and ours:
            # Odoo looks into its queue once an hour. sudo: whoever has something to send does not rule the scheduler.
            queue.sudo()._trigger()
        return mails

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        # A copy of a database sends nothing again, and tells nobody.
        if email_ids or not self.env["kho.dl.database"]._is_confirmed():
            return super().process_email_queue(email_ids, batch_size)
        lately = fields.Datetime.now() - _TRIED_AGAIN
        failed = self._kho_dl_failed().filtered(lambda mail: mail.write_date <= lately)
        failed.filtered(lambda mail: not mail._kho_dl_is_hopeless()).mark_outgoing()
        result = super().process_email_queue(email_ids, batch_size)
        self._kho_dl_failed().filtered(lambda mail: mail._kho_dl_is_hopeless())._kho_dl_give_up()
        return result

    def _postprocess_sent_message(self, success_pids, success_emails, failure_reason=False, failure_type=None):
        ours = self._kho_dl_ours()
        if failure_type in ("mail_email_invalid", "mail_email_missing"):
            # Odoo deletes these, as if they had been sent.
            ours._kho_dl_give_up()
        elif failure_type and failure_type != "mail_smtp":
            served = self.env["res.partner"].concat(*success_pids)
            for mail in ours:
                mail._kho_dl_leave_to(mail.recipient_ids - served)
        return super()._postprocess_sent_message(success_pids, success_emails, failure_reason, failure_type)

    def _kho_dl_ours(self):
        """Return those about records of ours; not what a person wrote beside one: there Odoo tells the writer, who sends it again."""
        return self.filtered(lambda mail: (mail.model or "").startswith(OURS) and not mail.is_notification)

    def _kho_dl_leave_to(self, readers):
        """Leave this mail to the first of `readers`, for whom it was not taken: Odoo stops there.

        Who has it already does not get it once more, and who comes behind gets a mail of their own.
        """
        if len(self.recipient_ids) > 1:
            self.recipient_ids = readers[:1]
            if behind := readers[1:]:
                self.copy({"recipient_ids": [Command.set(behind.ids)]})

    @api.model
    def _kho_dl_failed(self):
        return self.search(
            Domain("state", "=", "exception")
            & Domain("model", "=like", f"{OURS}%")
            & Domain("is_notification", "=", False)
            & Domain("kho_dl_is_given_up", "=", False)
            & Domain("create_date", ">", fields.Datetime.now() - _TOLD_WITHIN)
        )

    def _kho_dl_is_hopeless(self):
        """Whether trying again helps nobody; a server that refuses all of us, which leaves no kind of failure, may be set right."""
        self.ensure_one()
        is_refused = self.failure_type and _FOR_GOOD.search(self.failure_reason or "")
        return bool(is_refused) or self.create_date <= fields.Datetime.now() - _TRIED_FOR

    def _kho_dl_give_up(self):
        """Tell of each, once; of one of which nobody can be told the next ones are nevertheless."""
        for mail in self:
            try:
                with self.env.cr.savepoint():
                    mail._kho_dl_tell()
            except LOST_RACES:
                raise
            except Exception as problem:  # noqa: BLE001 - the queue is that of all applications
                log_unforeseen(_logger, f"nobody was told that mail {mail.id} did not arrive", problem)

    def _kho_dl_tell(self):
        """Tell whoever works on the case; of a paper without one it is noted there."""
        self.kho_dl_is_given_up = True
        if self.model not in ("kho.dl.case", "kho.dl.paper"):
            return
        # sudo: as the queue itself, whoever runs it.
        record = self.env[self.model].sudo().browse(self.res_id).exists()
        if case := record.case_id if self.model == "kho.dl.paper" else record:
            case._tell_officer(
                lambda case: case.env._("A mail to the applicant did not arrive"), _WARNING, self._kho_dl_told_on
            )
        elif record:
            record._message_log(body=self._kho_dl_told_on(in_office_language(record)))

    def _kho_dl_told_on(self, record):
        """Return what is told of this on `record`, in its language; no address, which may be another person's."""
        return record.env._(
            "“%(subject)s” could not be delivered and is not sent any more. All else is as it was. Look whether the mail address "
            "is right, and send it again or tell them in another way.",
            subject=self.subject,
        )
