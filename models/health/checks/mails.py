"""Whether citizens get the mails that are written to them."""

from datetime import timedelta

from ..health_check import Check, Place, _lt, of_all, one_row


@of_all
def _mail_facts(env):
    """Return how many are neither sent nor given up, and since when the oldest is due."""
    # Not alarms: an office without a mail server would have one alarm after the other of its own.
    return one_row(
        env,
        """
        SELECT COUNT(*) AS mails_waiting, MIN(GREATEST(mail.create_date, mail.scheduled_date)) AS mails_waiting_since
          FROM mail_mail mail
          JOIN mail_message message ON message.id = mail.mail_message_id
         WHERE mail.state IN ('outgoing', 'exception') AND mail.kho_dl_is_given_up IS NOT TRUE
           AND mail.is_notification IS NOT TRUE
           AND message.model IN ('kho.dl.case', 'kho.dl.paper')
           AND mail.create_date > now() AT TIME ZONE 'UTC' - INTERVAL '7 days'
        """,
    )


class MailsWaiting(Check):
    kind, sequence, place = "mails_waiting", 125, Place("mail.action_view_mail_mail", _lt("Outgoing mails"))
    title = _lt("Mails to applicants do not go out since %(time)s (%(count)s in all)")
    advice = _lt(
        "A system administrator sees the reason beside them, and tests Odoo's outgoing mail server. They are tried again by "
        "themselves for a day; then their officers are told."
    )
    measures = (_mail_facts,)
    is_for_all = True

    def judge(self, facts, company, now):
        since = facts.mails_waiting_since
        if since and now - since >= timedelta(hours=company.kho_dl_alarm_waiting_hours):
            return self.danger(since=since, count=facts.mails_waiting)
        return None
