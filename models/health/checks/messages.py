"""Whether the portal hears of our cases."""

from datetime import timedelta

from odoo import fields, models

from ...connection.kho_dl_breaker import OWN_SERVER
from ..health_check import Check, Place, _lt, each_row, oldest_and_sum
from .breakers import WAS_TOLD

_PLACE = Place("kho_dl.action_kho_dl_outbox", _lt("Messages to the portal"))


class KhoDLHealth(models.Model):
    _inherit = "kho.dl.health"

    messages_waiting = fields.Integer(compute="_compute_facts")
    messages_rejected = fields.Integer(compute="_compute_facts")


def message_facts(env, companies):
    """Return how many wait in each company, since when the oldest that nothing known holds up, and how many wait for a person."""
    # What stands behind a refused message of its case waits for a person, as that one does.
    rows = each_row(
        env,
        companies,
        """
        SELECT COUNT(*) FILTER (WHERE state != 'rejected') AS messages_waiting,
               -- As of files, what waited for the portal waits for us once it answers.
               MIN(GREATEST(COALESCE(waiting_since, create_date), (
                   SELECT MAX(outage_until) FROM kho_dl_breaker breaker
                    WHERE %(was_told)s AND breaker.lane IN (company.kho_dl_portal_lane, %(own)s)))) FILTER (
                   WHERE state != 'rejected'
                     AND NOT EXISTS (SELECT FROM kho_dl_outbox earlier
                                      WHERE earlier.case_id = message.case_id
                                        AND earlier.id < message.id
                                        AND earlier.state = 'rejected')
                     AND NOT EXISTS (SELECT FROM kho_dl_breaker breaker
                                      WHERE breaker.own_server = company.kho_dl_own_server
                                        AND breaker.opened_on IS NOT NULL
                                        AND breaker.lane IN (company.kho_dl_portal_lane, %(own)s))
               ) AS messages_waiting_since,
               COUNT(*) FILTER (WHERE state = 'rejected') AS messages_rejected,
               COUNT(*) FILTER (WHERE state = 'pending' AND lacks_right) AS messages_lack_right
          FROM kho_dl_outbox message
         WHERE message.company_id = company.id AND state != 'accepted'
        """,
        own=OWN_SERVER,
        was_told=WAS_TOLD,
    )
    # Where nothing is told, nothing waits for anybody.
    none = {"messages_waiting_since": None, "messages_rejected": 0, "messages_lack_right": 0}
    return {
        company.id: rows[company.id] if company.kho_dl_sync_enabled else {**rows[company.id], **none}
        for company in companies
    }


class MessagesWaiting(Check):
    kind, sequence, place = "messages_waiting", 110, _PLACE
    is_common = True
    title = _lt("The portal was not told of our cases since %(time)s (%(count)s messages)")
    advice = _lt("See the reason beside the waiting messages. They are sent by themselves once it is gone.")
    measures = (message_facts,)
    counts = {"messages_waiting": "Messages that wait to be sent to the portal."}
    times = {"messages_waiting_since": "Since when the oldest message waits that nothing known holds up."}

    def judge(self, facts, company, now):
        since = facts.messages_waiting_since
        if since and now - since >= timedelta(hours=company.kho_dl_alarm_waiting_hours):
            return self.danger(since=since, count=facts.messages_waiting)
        return None

    def together(self, trouble, other):
        return self.danger(**oldest_and_sum(trouble.values, other.values))


class MessagesRejected(Check):
    kind, sequence, place = "messages_rejected", 120, _PLACE
    is_common = True
    title = _lt("The portal has not taken %(count)s messages about our cases")
    advice = _lt("Read the reason beside each message, have the cases corrected, and send the messages again.")
    measures = (message_facts,)
    counts = {"messages_rejected": "Messages that the portal refused, or that could not be sent."}

    def judge(self, facts, company, now):
        count = facts.messages_rejected
        return self.warning(count=count) if count >= company.kho_dl_alarm_rejected else None

    def together(self, trouble, other):
        return self.warning(count=trouble.values["count"] + other.values["count"])
