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
        """Remove accepted messages of whose case a later one of the same kind was accepted long ago."""
        # sudo: of all companies; the outbox is written by this code only.
        companies = self.env["res.company"].sudo().with_context(active_test=False)
        gone, has_more = 0, False
        for company in companies.search([("kho_dl_message_days", ">", 0)]):
            removed, is_full = self.sudo()._remove_replaced(company)
            gone, has_more = gone + removed, has_more or is_full
        return gone, has_more

    @api.model
    def _remove_replaced(self, company):
        """Remove what a batch of messages of `company` has replaced; return how many, and whether there may be more."""
        until = fields.Datetime.now() - timedelta(days=company.kho_dl_message_days)
        since = company.kho_dl_messages_gone_to or datetime.min
        if since >= until:
            return 0, False
        self.flush_model()
        last, is_full = self._end_of_batch(company, since, until)
        rows = self.browse(
            row_id
            for (row_id,) in self.env.execute_query(
                SQL(
                    """
                    SELECT DISTINCT earlier.id
                      FROM kho_dl_outbox AS later
                      JOIN kho_dl_outbox AS earlier
                        ON earlier.case_id = later.case_id AND earlier.id < later.id AND earlier.kind = later.kind
                       AND earlier.state = 'accepted'
                       -- What the portal was given addresses by is known as long as nothing else gives them.
                       AND (later.has_links OR earlier.has_links IS NOT TRUE)
                     WHERE later.company_id = %(company)s AND later.state = 'accepted'
                       AND later.closed_on >= %(since)s AND later.closed_on <= %(last)s
                     ORDER BY earlier.id
                    """,
                    company=company.id,
                    since=since,
                    last=last,
                )
            )
        )
        rows.unlink()
        company.kho_dl_messages_gone_to = last
        return len(rows), is_full

    @api.model
    def _end_of_batch(self, company, since, until):
        """Return the last moment of a batch of messages that were answered after `since`, and whether more follow."""
        found = self.env.execute_query(
            SQL(
                """
                SELECT closed_on FROM kho_dl_outbox
                 WHERE company_id = %s AND closed_on > %s AND closed_on < %s
                 ORDER BY closed_on LIMIT 1 OFFSET %s
                """,
                company.id,
                since,
                until,
                _GC_BATCH,
            )
        )
        return (found[0][0], True) if found else (until, False)
