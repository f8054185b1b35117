import logging
from datetime import timedelta

from markupsafe import escape

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
# So many are sent again, and told of, in one run of a queue that is that of all applications.
_AT_ONCE = 100
# What a server answers for good to a mail, as Odoo keeps what smtplib says; one that refuses us may be set right.
_FOR_GOOD = Domain("failure_reason", "=like", "%(5__, b%") & Domain("failure_reason", "not like", "SMTPSenderRefused")
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
        for name in ("email_from", "reply_to"):
            ours.filtered(lambda mail, name=name: _NOBODY in (mail[name] or "")).write({name: False})
        if ours:
            self._kho_dl_look_soon()
        return mails

    @api.model
    def _kho_dl_look_soon(self):
        """Have Odoo look into its queue as soon as this is committed; by itself it does once an hour."""
        # sudo: whoever has something to send does not rule the scheduler.
        if queue := self.env.ref("mail.ir_cron_mail_scheduler_action", raise_if_not_found=False):
            queue.sudo()._trigger()

    @api.model
    def process_email_queue(self, email_ids=(), batch_size=1000):
        result = super().process_email_queue(email_ids, batch_size)
        # A copy of a database sends nothing again, and tells nobody.
        if not email_ids and self.env["kho.dl.database"]._is_confirmed():
            # After what is new: where a server breaks off at one, Odoo lets those behind it wait.
            sent, told = self._kho_dl_send_again(), self._kho_dl_tell_of_hopeless()
            if sent or told:
                self._kho_dl_look_soon()
        return result

    @api.model
    def _kho_dl_send_again(self):
        """Send again some of those that failed a while ago; return whether there may be more."""
        mails = self._kho_dl_failed(is_hopeless=False)
        for mail in mails:
            # Of whom the server had taken it, when it broke off, nobody knows: from now on that is each one's own.
            mail._kho_dl_leave_to(mail.recipient_ids)
        if mails:
            mails.mark_outgoing()
            self.process_email_queue(mails.ids)
        return len(mails) == _AT_ONCE

    @api.model
    def _kho_dl_tell_of_hopeless(self):
        """Give up some of those that need not be tried again; return whether there may be more."""
        mails = self._kho_dl_failed(is_hopeless=True)
        mails._kho_dl_give_up()
        return len(mails) == _AT_ONCE and any(mails.mapped("kho_dl_is_given_up"))

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
        """Leave this mail to its written addresses, or to the first of `readers`, for whom it was not taken: Odoo stops there.

        Who has it already does not get it once more, and each who comes behind gets a mail of their own.
        """
        is_to_others = bool(self.email_to or self.email_cc)
        if len(self.recipient_ids) + is_to_others > 1:
            own = {"email_to": False, "email_cc": False}
            self.recipient_ids = first = readers[: not is_to_others]
            for reader in readers - first:
                self.copy({**own, "recipient_ids": [Command.set(reader.ids)]})

    @api.model
    def _kho_dl_failed(self, *, is_hopeless):
        """Return some of ours that failed, the longest ago first: those that need not be tried again, or that may be by now."""
        now = fields.Datetime.now()
        failed = (
            Domain("state", "=", "exception")
            & Domain("model", "=like", f"{OURS}%")
            & Domain("is_notification", "=", False)
            & Domain("kho_dl_is_given_up", "=", False)
            & Domain("create_date", ">", now - _TOLD_WITHIN)
        )
        hopeless = _FOR_GOOD | Domain("create_date", "<=", now - _TRIED_FOR)
        wanted = hopeless if is_hopeless else ~hopeless & Domain("write_date", "<=", now - _TRIED_AGAIN)
        return self.search(failed & wanted, order="write_date, id", limit=_AT_ONCE)

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
                # Behind the others: its time is what they are looked at by.
                mail.kho_dl_is_given_up = False

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
            subject=escape(self.subject or ""),
        )
