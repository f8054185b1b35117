import logging
import time
from collections import deque
from datetime import timedelta
from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain

from ..common.transactions import commit_or_retry, locked_worker_keys
from ..common.unforeseen import apart

_logger = logging.getLogger(__name__)

# So many files of a company are ended in one transaction: half a second, as each has words on its case.
PIECE = 100


class KhoDLRetrieval(models.Model):
    """What happens once files have ended, well or not: the case says so, people and other applications are told."""

    _inherit = "kho.dl.retrieval"

    is_told = fields.Boolean(readonly=True, copy=False, help="Who selected the file knows what became of it.")
    is_summed_up = fields.Boolean(readonly=True, copy=False, help="The history of the case says what became of it.")
    is_announced = fields.Boolean(readonly=True, copy=False, help="Other applications were told of the file.")

    # What a worker that died at its very end has left; written as Odoo asks for it.
    _not_summed_up_idx = models.Index("(id) WHERE closed_on IS NOT NULL AND is_summed_up IS NOT TRUE")
    _not_announced_idx = models.Index("(id) WHERE state = 'done' AND is_announced IS NOT TRUE")

    @api.model
    def _close_up(self, until):
        """End files that waited too long, and do for ended ones what dead workers left, until `until` (monotonic).

        Some of each company at a time; each piece is committed. One that fails in an unforeseen way is logged, and keeps no
        other from its end.
        """
        # sudo: the queue is one for all companies.
        queue = self.sudo()
        for find, step in (
            (queue._overdue, "_give_up"),
            (queue._not_summed_up, "_sum_up"),
            (queue._not_announced, "_announce"),
        ):
            companies, failed = deque(company for (company,) in queue._read_group(find(), ["company_id"])), []
            while companies and time.monotonic() < until:
                company = companies.popleft()
                among = Domain("company_id", "=", company.id) & Domain("id", "not in", failed)
                ended = queue._end_apart(find, step, among)
                if ended is None:
                    for row in queue.search(find() & among, limit=PIECE, order="id"):
                        if queue._end_apart(find, step, Domain("id", "=", row.id)) is None:
                            failed.append(row.id)
                if ended in (None, PIECE):
                    companies.append(company)

    @api.model
    def _end_apart(self, find, step, among):
        """Call `step` of up to PIECE rows of the domains `find()` and `among`, and commit; return how many, or None."""
        what = f"files of {list(among)} were not ended ({step})"
        return apart(self.env, _logger, what, partial(commit_or_retry, self.env, partial(self._end, find, step, among)))

    @api.model
    def _end(self, find, step, among):
        rows = self.search(find() & among, limit=PIECE, order="id").try_lock_for_update()
        getattr(rows, step)()
        return len(rows)

    @api.model
    def _overdue(self):
        """Return the domain of what has been waiting for longer than the settings allow."""
        # An office that was archived has its files waiting, too.
        companies = self.env["res.company"].with_context(active_test=False).search([])  # pylint: disable=no-search-all
        now = fields.Datetime.now()
        return Domain("state", "=", "pending") & Domain.OR(
            self._of_offices(own) & Domain("requested_on", "<", now - timedelta(hours=hours))
            for hours, own in companies.grouped("kho_dl_give_up_hours").items()
        )

    @api.model
    def _left(self):
        """Return the domain of closed rows whose workers died."""
        alive = [str(key) for key in locked_worker_keys(self.env)]
        return Domain("closed_on", "!=", False) & Domain("worker_key", "not in", alive)

    @api.model
    def _not_summed_up(self):
        return self._left() & Domain("is_summed_up", "=", False)

    @api.model
    def _not_announced(self):
        return self._left() & Domain("state", "=", "done") & Domain("is_announced", "=", False)

    def _give_up(self):
        """Close these rows with the reason of their last failure."""
        for row in self:
            words = row._in_language_of_user().env._(
                "The file could not be fetched in the time that is set for it. Ask the applicant for the paper."
            )
            row._close_failed(row.error_kind or "overdue", " ".join(filter(None, [row.error, words])))
        self.case_id._send_progress()
        self._sum_up()

    def _announce(self):
        """Tell other applications which of these closed rows have brought a file."""
        arrived = self.filtered(lambda row: row.attachment_id and not row.is_announced)
        arrived.case_id._documents_attached(arrived.case_document_id)
        self._write_below_the_guard({"is_announced": True})

    def _sum_up(self, is_awaited=False):
        """Write on each case what became of these closed rows, and tell their users once nothing is on its way.

        `is_awaited`: this user looks at the result.
        """
        # Another worker may have been here since.
        closed = self.filtered(lambda row: not row.is_summed_up)
        # Each under the name of who selected it.
        for (case, user), rows in closed.grouped(lambda row: (row.case_id, row.user_id)).items():
            case.with_user(user).sudo()._message_log(body=rows._summary())
        closed._write_below_the_guard({"is_summed_up": True})
        if is_awaited:
            closed._note_answered()
        # sudo: also the files that a colleague selected.
        rows = self.sudo().search(Domain("case_id", "in", closed.case_id.ids) & Domain("is_told", "=", False))
        waiting = rows.filtered(lambda row: not row._is_closed())
        untold = rows.filtered(lambda row: row.case_id not in waiting.case_id)
        for (case, user), rows in untold.grouped(lambda row: (row.case_id, row.user_id)).items():
            case._send_all_here(user, len(rows), len(rows.filtered(lambda row: row.state == "failed")))
        untold._write_below_the_guard({"is_told": True})

    def _note_answered(self):
        """Note that this user, who has the answer, knows what became of what they selected; a colleague's may be among these."""
        own = self.filtered(lambda row: row.user_id == self.env.user)
        own._write_below_the_guard({"is_told": True})
