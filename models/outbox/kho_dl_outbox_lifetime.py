from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools import SQL

# So many messages are looked at in one transaction; of each case the few before them go.
_GC_BATCH = 1000


class ResCompany(models.Model):
    _inherit = "res.company"

    # The last of each kind stays with every case: without this all of them would be looked at every day.
    kho_dl_messages_gone_to = fields.Datetime(
        "Old messages are removed up to",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What took the place of others before this moment was seen to: those are gone.",
    )


class KhoDLOutbox(models.Model):
    """How long accepted messages are kept: until another one has stood in their place for the time that is set.

    The last one of each kind stays: by it the portal's knowledge of the case, its last step and its links are known.
    """

    _inherit = "kho.dl.outbox"

    @api.autovacuum
    def _gc_replaced(self):
        """Remove accepted messages of whose case a later one of the same kind was accepted long ago.

        A batch of them, over all companies in as many statements as for one; return how many, and whether there may be more.
        """
        # sudo: of all companies; the outbox is written by this code only.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        now = fields.Datetime.now()
        spans = {
            company: (
                company.kho_dl_messages_gone_to or datetime.min,
                now - timedelta(days=company.kho_dl_message_days),
            )
            for company in companies.search([("kho_dl_message_days", ">", 0)])
        }
        self.flush_model()
        batch, has_more = self._batch_of({company: span for company, span in spans.items() if span[0] < span[1]})
        rows = self.sudo().browse(self._replaced_ids(batch))
        rows.unlink()
        for last, gone_to in companies.concat(*batch).grouped(lambda company: batch[company][1]).items():
            gone_to.kho_dl_messages_gone_to = last
        return len(rows), has_more

    @api.model
    def _batch_of(self, spans):
        """Return ({company: (since, last moment)} of what is looked at now, whether more follows) of `spans`.

        `spans` are {company: (since, until)}; of each company so many messages, and of all together not much more.
        """
        batch, looked_at = {}, 0
        for company_id, count, last in self._ends_of_batches(spans):
            if looked_at >= _GC_BATCH:
                return batch, True
            company = self.env["res.company"].sudo().browse(company_id)
            since, until = spans[company]
            batch[company] = (since, last if count > _GC_BATCH else until)
            looked_at += count
        # Whose messages were more than a batch: the rest the next time.
        return batch, any(last < spans[company][1] for company, (_since, last) in batch.items())

    @api.model
    def _ends_of_batches(self, spans):
        """Return [(company id, messages that were answered in its span, at most one more than a batch, the last moment)]."""
        return self.env.execute_query(
            SQL(
                """
                SELECT span.company_id, count(message.closed_on), max(message.closed_on)
                  FROM %(spans)s
                  LEFT JOIN LATERAL (
                       SELECT closed_on FROM kho_dl_outbox
                        WHERE company_id = span.company_id AND closed_on > span.since AND closed_on < span.until
                        ORDER BY closed_on LIMIT %(most)s
                  ) AS message ON TRUE
                 GROUP BY span.company_id
                 ORDER BY span.company_id
                """,
                spans=_spans_sql(spans),
                most=_GC_BATCH + 1,
            )
        )

    @api.model
    def _replaced_ids(self, spans):
        """Return the ids of the messages that others have replaced which were accepted in `spans`, {company: (since, last)}."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT DISTINCT earlier.id
                  FROM %(spans)s
                  JOIN kho_dl_outbox AS later
                    ON later.company_id = span.company_id AND later.state = 'accepted'
                   AND later.closed_on >= span.since AND later.closed_on <= span.until
                  JOIN kho_dl_outbox AS earlier
                    ON earlier.case_id = later.case_id AND earlier.id < later.id AND earlier.kind = later.kind
                   AND earlier.state = 'accepted'
                   -- What the portal was given addresses by is known as long as nothing else gives them.
                   AND (later.has_links OR earlier.has_links IS NOT TRUE)
                 ORDER BY earlier.id
                """,
                spans=_spans_sql(spans),
            )
        )
        return [row_id for (row_id,) in found]


def _spans_sql(spans):
    """Return {company: (since, until)} as rows that a statement joins, `span`."""
    rows = [(company.id, since, until) for company, (since, until) in spans.items()]
    columns = [[row[place] for row in rows] for place in range(3)]
    return SQL("unnest(%s::integer[], %s::timestamp[], %s::timestamp[]) AS span (company_id, since, until)", *columns)
